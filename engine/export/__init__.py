"""Trained models as files that other programs open, each checked after writing."""
