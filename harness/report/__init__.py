"""Reports, made from a journal alone: results.json, junit.xml, summary.md, and HTML that people act on."""

from harness.report.build import build_report

__all__ = ["build_report"]
