"""How fast the editor is on a large network: an edit on screen, the shapes after it, frames of a pan.

Run it with a screen, or under one made for it::

    xvfb-run -a .venv/bin/python benchmarks/editor.py [layers]

Opens the real window on a network of 300 layers with branches (or as many as told), edits it as the canvas does,
and prints, in ms, the time from the edit to the window painted, from the edit to the last shape below it known, and
of each frame while the view moves: near by, in between, from afar, with the whole network in view. Limits: an edit
100 ms, shapes 500 ms, a frame 33 ms.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.program import Program
    from app.shell.main_window import MainWindow
    from engine.spec.network import NetworkSpec

ROOT = Path(__file__).resolve().parent.parent
LAYERS = 300
ROUNDS = 7
FRAMES = 40
STEP_PX = 9
# Layers that give what they take, so that one width decides all shapes.
_KINDS: tuple[tuple[str, dict[str, object]], ...] = (
    ("Add", {}),
    ("BatchNormalization", {}),
    ("Dropout", {"rate": 0.1}),
    ("Activation", {"activation": "relu"}),
)
ZOOMS = (1.0, 0.5, 0.25)
STARTING_S = 60.0


def main() -> None:
    """Measure and print."""
    sys.path.insert(0, str(ROOT))
    from app.environment import enter

    enter()
    count = int(sys.argv[1]) if len(sys.argv) > 1 else LAYERS
    with tempfile.TemporaryDirectory() as home:
        os.environ["NETSMITH_HOME"] = home
        _measure(count)


def ladder(count: int) -> NetworkSpec:
    """Return ``count`` layers in which three of four have a way around them; all widths hang on "first"."""
    from engine.spec.network import LayerSpec, NetworkSpec, WireSpec

    layers = [
        LayerSpec(id="input", kind="InputLayer"),
        LayerSpec(id="flatten", kind="Flatten"),
        LayerSpec(id="first", kind="Dense", parameters={"units": 16}),
    ]
    wires = [
        WireSpec(source="input", target="flatten"),
        WireSpec(source="flatten", target="first"),
    ]
    last = before = "first"
    for number in range(1, count - len(layers)):
        kind, parameters = _KINDS[number % len(_KINDS)]
        layers.append(LayerSpec(id=f"l{number}", kind=kind, parameters=parameters))
        wires.append(WireSpec(source=last, target=f"l{number}"))
        if kind == "Add":
            wires.append(WireSpec(source=before, target=f"l{number}", port=1))
            before = f"l{number}"
        last = f"l{number}"
    layers.append(LayerSpec(id="answer", kind="Dense", parameters={"units": 10}))
    wires.append(WireSpec(source=last, target="answer"))
    return NetworkSpec(layers=tuple(layers), wires=tuple(wires))


def _measure(count: int) -> None:
    from PySide6.QtTest import QTest

    from app import bootstrap

    application = bootstrap.make_application()
    window = bootstrap.build(None)
    window.resize(1280, 800)
    window.show()
    window.show_page("studio")
    program = _program(window)
    program.load_tensorflow()
    _wait(lambda: program.app_model.engine is not None)
    spec = program.document.spec.but(network=ladder(count), canvas={})
    started = time.perf_counter()
    program.document.edit("Open", spec)
    application.processEvents()
    _print("open, painted", [time.perf_counter() - started])
    program.arranging.arrange()
    if not _wait(lambda: _known(program, "answer")):
        sys.exit("the shapes did not come")
    _print("open, all shapes", [time.perf_counter() - started])
    QTest.qWait(500)
    _measure_edits(program)
    _measure_frames(window)
    program.end()
    os._exit(0)  # a job inside TensorFlow cannot be interrupted


def _program(window: MainWindow) -> Program:
    from app.program import Program

    return next(child for child in window.children() if isinstance(child, Program))


def _measure_edits(program: Program) -> None:
    """Change the units of a layer in the middle, drag a block, add and delete one, undo."""
    network = program.document.spec.network
    middle = network.layers[len(network.layers) // 2 | 1].id
    canvas, form = program.window.panels.canvas, program.window.panels.layer_form
    canvas.select((middle,))
    canvas.zoom_reset()
    canvas.centerOn(canvas.graph.content((middle,)).center())
    x, y = canvas.graph.positions[middle]
    units = iter(range(11, 1000))
    edits: dict[str, Callable[[], object]] = {
        "set units": lambda: form.parameter_changed.emit("first", "units", next(units)),
        "move a block": lambda: canvas.move_requested.emit(((middle, x + next(units), y),)),
        "add a layer": lambda: canvas.add_requested.emit("Dropout", 0.0, 0.0, middle),
        "undo": program.document.undo_stack.undo,
        "duplicate": program.network.duplicate,
        "delete": program.network.delete,
    }
    for name, edit in edits.items():
        shown, shapes = [], []
        for _round in range(ROUNDS):
            program.document.end_visit()
            checks = _Counter(program)
            started = time.perf_counter()
            edit()
            canvas.viewport().repaint()
            shown.append(time.perf_counter() - started)
            _wait(lambda checks=checks: checks.settled())
            if checks.last:
                shapes.append(checks.last - started)
            canvas.select((middle,) if middle in program.document.spec.network.ids else ())
        _print(f"{name}: painted", shown)
        _print(f"{name}: shapes", shapes)


class _Counter:
    """Notes when the check of a description came in."""

    def __init__(self, program: Program) -> None:
        self.last = 0.0
        self._since = time.perf_counter()
        program.app_model.facts_changed.connect(self._note)
        self._jobs = program.jobs

    def _note(self) -> None:
        self.last = time.perf_counter()

    def settled(self) -> bool:
        """Tell whether nothing has come in for a while, or nothing will."""
        quiet = time.perf_counter() - max(self.last, self._since)
        return quiet > 0.7


def _known(program: Program, layer_id: str) -> bool:
    fact = program.app_model.facts.get(layer_id)
    return fact is not None and fact.output_shape is not None


def _measure_frames(window: MainWindow) -> None:
    from PySide6.QtCore import QPoint

    canvas = window.panels.canvas
    for zoom in (*ZOOMS, 0.0):
        if zoom:
            canvas.zoom_to(zoom)
        else:
            canvas.fit()
        frames = []
        for number in range(FRAMES):
            started = time.perf_counter()
            canvas.scroll_by(QPoint(STEP_PX if number % 2 else -STEP_PX, STEP_PX))
            canvas.viewport().repaint()
            frames.append(time.perf_counter() - started)
        words = f"zoom {zoom:g}" if zoom else f"whole network, zoom {canvas.zoom:.3f}"
        _print(f"a frame of a pan, {words}", frames)


def _wait(ready: Callable[[], bool]) -> bool:
    from PySide6.QtCore import QCoreApplication, QEventLoop

    end = time.perf_counter() + STARTING_S
    while not ready():
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 20)
        if time.perf_counter() > end:
            return False
    return True


def _print(words: str, seconds: list[float]) -> None:
    ms = [1000 * value for value in seconds]
    if ms:
        print(f"{words:40} median {statistics.median(ms):8.1f}   worst {max(ms):8.1f}", flush=True)


if __name__ == "__main__":
    main()
