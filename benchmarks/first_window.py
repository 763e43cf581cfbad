"""How long from the command to a window that answers, beside a bare window of PySide6 and pyqtgraph.

Run it with a screen, or under one made for it::

    xvfb-run -a .venv/bin/python benchmarks/first_window.py

Starts both in turn, in processes of their own. A window answers once it is on screen and has obeyed a click: a button
of the bare one, the Data page of the program's. Compiled modules are at hand, as at every start but the first.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

ROOT = Path(__file__).resolve().parent.parent
PAIRS = 5


class Start(NamedTuple):
    """What one start took until its answer: seconds, and seconds of the processors, which other work hardly changes."""

    passed_s: float
    busy_s: float


def main() -> None:
    """Measure some pairs and print their medians."""
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("bare", "program"):
            _started(kind, folder)  # compiles
        pairs = [(_started("bare", folder), _started("program", folder)) for _ in range(PAIRS)]
    for name in Start._fields:
        bare, program = (
            [getattr(start, name) for start in kind] for kind in zip(*pairs, strict=True)
        )
        medians = statistics.median(bare), statistics.median(program)
        times = ", ".join(f"{b:.2f} {p:.2f}" for b, p in zip(bare, program, strict=True))
        print(
            f"{name}: bare {medians[0]:.3f}, program {medians[1]:.3f}, {medians[1] / medians[0]:.2f} times ({times})"
        )


def _started(kind: str, folder: str) -> Start:
    """Start one of both in a process of its own."""
    environment = {
        **os.environ, "PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": f"{folder}/compiled",
        "PYTHONDONTWRITEBYTECODE": "", "NETSMITH_HOME": tempfile.mkdtemp(dir=folder),
    }  # fmt: skip
    begun, before = time.time(), os.times()
    done = subprocess.run(
        [sys.executable, __file__, kind],
        env=environment, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        sys.exit(done.stderr)
    after = os.times()
    busy_s = sum(after[2:4]) - sum(before[2:4])  # of children that have ended
    return Start(float(done.stdout.splitlines()[-1]) - begun, busy_s)


def _bare() -> None:
    import pyqtgraph as pg
    from PySide6.QtWidgets import QApplication, QMainWindow, QPushButton, QVBoxLayout, QWidget

    application = QApplication(sys.argv[:1])
    window, centre, button = QMainWindow(), QWidget(), QPushButton("Press")
    column = QVBoxLayout(centre)
    column.addWidget(pg.PlotWidget())
    column.addWidget(button)
    window.setCentralWidget(centre)
    pressed = []
    button.clicked.connect(lambda: pressed.append(True))
    _show_until_answered(application, window, button, lambda: bool(pressed))


def _program() -> None:
    sys.argv = ["main.py"]
    from app.environment import enter

    enter()
    from PySide6.QtWidgets import QToolButton

    from app.start import load_window

    bootstrap = load_window()
    application = bootstrap.make_application()
    window = bootstrap.build(None)
    button = window.findChild(QToolButton, "rail.data")
    _show_until_answered(application, window, button, lambda: window.page == "data")


def _show_until_answered(
    application: QApplication,
    window: QWidget,
    button: QAbstractButton,
    has_answered: Callable[[], bool],
) -> None:
    """Show the window, click once it is on screen, and print when it has answered."""
    from PySide6.QtCore import Qt, QTimer
    from PySide6.QtTest import QTest

    window.show()

    def click() -> None:
        if not window.windowHandle().isExposed():
            return
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        if not has_answered():
            sys.exit("the window did not answer the click")
        print(time.time(), flush=True)
        os._exit(0)

    timer = QTimer()
    timer.timeout.connect(click)
    timer.start(0)
    application.exec()


if __name__ == "__main__":
    if sys.argv[1:]:
        {"bare": _bare, "program": _program}[sys.argv[1]]()
    else:
        main()
