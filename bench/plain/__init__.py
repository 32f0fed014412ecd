"""Twelve of our scenarios as people write them by hand: sync Playwright, toxiproxy-python, real waits, one after the other."""
