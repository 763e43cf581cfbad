"""Trials before a training and findings after it."""
