"""Training and its settings."""
