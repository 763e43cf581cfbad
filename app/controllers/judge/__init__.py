"""Trying and judging the trained model."""
