"""The journal: a run's evidence and verdicts on disk. Every report, merge, diff and resume is derived from it alone."""
