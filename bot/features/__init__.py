"""Features: each folder is one, and none knows of another."""
