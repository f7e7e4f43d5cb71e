"""The worker process and its recurring jobs."""
