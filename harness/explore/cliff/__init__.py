"""How strong a fault on a link may get before a flow degrades, and before it breaks."""
