"""Base data: what every installation needs, created if it is missing, never overwritten."""
