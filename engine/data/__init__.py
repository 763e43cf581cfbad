"""Data sets: reading, splitting, previewing and preparing samples."""
