"""Which platform, how many rows, how sure, and when."""
