"""Faults: what is done to a link. One file each; each registers itself and names the two places where it must be seen."""
