"""Data: which sets there are, how they are read, split, previewed and prepared."""
