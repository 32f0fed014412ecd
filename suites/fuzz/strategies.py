"""Which of the public strategies the suite holds its claims against."""

from __future__ import annotations

from harness import strategies
from harness.strategies import CLIENT_CODES, Recipe, fallback_recipes, worthless_recipes

__all__ = ["CODES", "Recipe", "lookalikes", "worthless"]

# The documented codes, and some that nobody has documented.
CODES = (*strategies.CODES, 1000, 1015, 9999)

# What cannot be told from an honest user's ticket: of the client's documented codes, for our app, of now.
lookalikes = fallback_recipes(codes=CLIENT_CODES)

# Every ticket that nobody honest has while the provider is healthy.
worthless = worthless_recipes()
