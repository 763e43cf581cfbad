"""Descriptions as Python scripts, and scripts as descriptions; a script is read, never run."""
