"""Makes the program for `main.py`, for tests and for scripts."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import cast

from PySide6.QtCore import QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

import resources
from app import failures
from app.program import Program
from app.shell.main_window import MainWindow
from app.system import scheduling
from app.system.endings import Endings
from engine.errors import NetsmithError

_SWITCH_S = 0.001  # of Python's lock: the training waits no longer for a window that is drawing


def build(project: Path | None = None) -> MainWindow:
    """Return the window of a whole program, not shown yet; its ``program`` attribute leads to the rest.

    Needs a QApplication. TensorFlow starts loading when the event loop runs, after a window that is shown is painted.

    Raises
    ------
    BadInput
        If ``project`` cannot be opened.
    """
    sys.setswitchinterval(_SWITCH_S)
    scheduling.take_long_turns()
    program = Program(project)
    window = program.window
    window.program = program  # type: ignore[attr-defined] # keeps it alive as long as its window
    QTimer.singleShot(0, program.load_tensorflow_soon)
    gc.enable()  # see `app.start.load_window`
    return window


def open_window(project: Path | None) -> int:
    """Show the window and run until it is closed; return the exit status."""
    if _has_no_screen():
        _complain("there is no screen to open a window on: set DISPLAY, or use a verb (see --help)")
        return 2
    with failures.logged():
        application = make_application()
        try:
            window = build(project)
        except NetsmithError as error:
            _complain(failures.sentence(error))
            return 2
        program = window.program  # type: ignore[attr-defined]
        endings = Endings(application)
        endings.asked.connect(program.leave_now)
        endings.session_ending.connect(program.keep_all)
        sys.excepthook = partial(_on_unexpected, program)
        window.show()
        status = application.exec()
    # A job may still be inside TensorFlow's import or a graph call, which cannot be interrupted; everything of the
    # user's is on disk by now, so the process ends without waiting for it.
    with contextlib.suppress(OSError, ValueError, AttributeError):  # nobody reads them any more
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status)


def make_application() -> QApplication:
    """Return the QApplication with Netsmith's name and style."""
    application = cast("QApplication", QApplication.instance() or QApplication(sys.argv[:1]))
    application.setApplicationName("Netsmith")
    application.setApplicationDisplayName("Netsmith")
    application.setStyle("Fusion")
    application.setWindowIcon(QIcon(str(resources.path("icons/netsmith.svg"))))
    return application


def _on_unexpected(
    program: Program,
    _kind: type[BaseException],
    error: BaseException,
    _trace: TracebackType | None,
) -> None:
    """Say what went wrong inside a slot and go on: everything of the user's is on disk."""
    program.say(failures.sentence(error))


def _has_no_screen() -> bool:
    chosen = os.environ.get("QT_QPA_PLATFORM", "")
    return sys.platform.startswith("linux") and not (
        chosen or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )


def _complain(sentence: str) -> None:
    print(f"netsmith: {sentence}", file=sys.stderr)  # noqa: T201 - there is no window to say it in
