"""The project's figures, as ratios of one run: ``python -m bench`` (docs/figures.md explains each)."""
