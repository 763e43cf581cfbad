"""Views that follow a running training."""
