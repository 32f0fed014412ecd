"""The application under test: what its owner wrote about it, how it is started, and where its signals are read."""
