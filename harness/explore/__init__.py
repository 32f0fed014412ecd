"""Searches for failures that nobody listed: examples are drawn, the target is asked, and what breaks a rule is made small."""
