"""What the pytest plugin does once a test asks for an outcome; nothing here is imported before."""
