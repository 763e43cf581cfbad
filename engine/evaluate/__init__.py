"""Figures and predictions of a trained model."""
