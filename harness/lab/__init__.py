"""Everything one scenario needs, isolated."""
