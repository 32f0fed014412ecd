"""The engine: many labs at once, a slot each; what it learns goes to the journal and to whoever listens."""
