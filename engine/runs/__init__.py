"""The history of runs: every run's settings and figures, in one SQLite file a project."""
