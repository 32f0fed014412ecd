"""Find or install what a run needs: the Toxiproxy server and a browser."""
