"""The one fork: a verb runs headless, none (or a project's folder) opens the window."""

from __future__ import annotations

from pathlib import Path


def run(arguments: list[str]) -> int:
    """Do what the command line says; return the exit status."""
    from app.cli import VERBS

    if arguments and (
        arguments[0] in VERBS or arguments[0].startswith("-") or not Path(arguments[0]).exists()
    ):
        from app.cli.verbs import run_verb

        return run_verb(arguments)
    from app.bootstrap import open_window

    return open_window(Path(arguments[0]) if arguments else None)
