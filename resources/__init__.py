"""Files that ship with the program, found by name and in no other way."""

from pathlib import Path

_FOLDER = Path(__file__).resolve().parent


def path(name: str) -> Path:
    """Return the file ``name`` (with forward slashes) below this folder; FileNotFoundError if it is missing."""
    found = _FOLDER / name
    if not found.exists():
        raise FileNotFoundError(name)
    return found
