"""Model files made elsewhere, opened without running anything they hold."""
