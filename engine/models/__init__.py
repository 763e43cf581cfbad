"""Trained models: what one means, whether a file is this user's, and weights that carry over to another network."""
