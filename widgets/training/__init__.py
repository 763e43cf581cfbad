"""Training controls and progress."""
