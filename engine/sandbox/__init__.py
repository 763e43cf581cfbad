"""Model files from strangers, opened without running anything they hold."""
