"""The user's data folder: settings, logs, projects without a place of their own, and measurements."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def home() -> Path:
    """Return the user's data folder of Netsmith; ``NETSMITH_HOME`` moves it (tests, portable installations)."""
    chosen = os.environ.get("NETSMITH_HOME")
    return Path(chosen) if chosen else Path(platformdirs.user_data_dir("Netsmith", appauthor=False))


def cache() -> Path:
    """Return the folder of what can be made again, such as decoded pictures; it may be deleted at any time."""
    return home() / "cache"


def measurements() -> Path:
    """Return the folder that holds what was measured on this computer."""
    return home() / "measurements"
