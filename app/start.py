"""The one fork: a verb runs headless, none (or a project's folder) opens the window."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType


def run(arguments: list[str]) -> int:
    """Do what the command line says; return the exit status."""
    from app.cli import VERBS

    if arguments and (
        arguments[0] in VERBS or arguments[0].startswith("-") or not Path(arguments[0]).exists()
    ):
        from app.cli.verbs import run_verb

        return run_verb(arguments)
    status: int = load_window().open_window(Path(arguments[0]) if arguments else None)
    return status


def load_window() -> ModuleType:
    """Import and return `app.bootstrap`; garbage is collected again once that has made a window.

    What is loaded until then lives as long as the program: to look through it for garbage, hundreds of times, took a
    tenth of the start.
    """
    gc.disable()
    from app import bootstrap

    return bootstrap
