"""Trained models: their cards, the signing of folders, and the transfer of weights to an edited network."""
