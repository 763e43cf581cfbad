"""The history of runs: every run's settings, figures and notes, in one SQLite file a project."""
