"""How long the window takes to answer, and how long it ever stays silent.

Run it with a screen, or under one made for it::

    xvfb-run -a .venv/bin/python benchmarks/startup.py

Starts the real program several times as a user does (``main.py``'s own path), clicks a page as soon as the window
is shown, lets TensorFlow load, presses Train on the ready project and measures every pause of the event loop.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 3
BEAT_MS = 5


def main() -> None:
    """Measure some starts and print the figures."""
    results = [_one_start() for _ in range(ROUNDS)]
    for result in results:
        print(json.dumps(result))
    for name in results[0]:
        values = [result[name] for result in results]
        print(f"{name:28} median {statistics.median(values):9.3f}   worst {max(values):9.3f}")


def _one_start() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "NETSMITH_HOME": home, "PYTHONPATH": str(ROOT)}
        started = time.time()
        done = subprocess.run(
            [sys.executable, __file__, "--child", repr(started)],
            env=environment, cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
    if done.returncode:
        sys.exit(done.stderr)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def _child(started: float) -> None:
    sys.argv = ["main.py"]
    from app.environment import enter

    enter()
    from PySide6.QtCore import QTimer
    from PySide6.QtTest import QTest

    from app import bootstrap

    application = bootstrap.make_application()
    window = bootstrap.build(None)
    window.show()
    program = window.program
    gaps: dict[str, list[float]] = {"loading": [], "idle": [], "training": []}
    figures: dict[str, float] = {}
    last = [time.perf_counter(), "loading"]
    idle_beats = [0]

    def beat() -> None:
        now = time.perf_counter()
        gaps[last[1]].append(now - last[0] - BEAT_MS / 1000)
        if "window_answers_s" not in figures:
            _click_a_page(window, QTest)
            figures["window_answers_s"] = time.time() - started
        last[:] = [time.perf_counter(), _stage(program)]
        if "tensorflow_ready_s" not in figures and program.app_model.engine is not None:
            figures["tensorflow_ready_s"] = time.time() - started
        if (
            program.app_model.engine is not None
            and program.app_model.data is not None
            and not program.app_model.training
        ):
            idle_beats[0] += 1
            if idle_beats[0] == 100:  # half a second of calm, then train
                window.panels.canvas.set_selected(("conv2d",))
                program.app_model.set_selection(("conv2d",))
                program.actions["train.start"].trigger()
            elif program.app_model.trained is not None:
                application.quit()

    timer = QTimer()
    timer.setInterval(BEAT_MS)
    timer.timeout.connect(beat)
    timer.start()
    application.exec()
    for stage, values in gaps.items():
        figures |= _spread(stage, sorted(values) or [0.0])
    figures["test_accuracy"] = program.app_model.trained.figures.get("test_accuracy", 0.0)
    print(json.dumps({name: round(value, 4) for name, value in figures.items()}), flush=True)
    os._exit(0)


def _spread(stage: str, gaps_s: list[float]) -> dict[str, float]:
    """Return the median, 99th percentile and maximum of sorted pauses, in milliseconds."""
    return {
        f"gap_{stage}_p50_ms": 1000 * statistics.median(gaps_s),
        f"gap_{stage}_p99_ms": 1000 * gaps_s[int(0.99 * (len(gaps_s) - 1))],
        f"gap_{stage}_max_ms": 1000 * gaps_s[-1],
    }


def _stage(program: object) -> str:
    app_model = program.app_model  # type: ignore[attr-defined]
    if app_model.engine is None:
        return "loading"
    return "training" if app_model.training else "idle"


def _click_a_page(window: object, test: object) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QToolButton

    button = window.findChild(QToolButton, "rail.data")  # type: ignore[attr-defined]
    test.mouseClick(button, Qt.MouseButton.LeftButton)  # type: ignore[attr-defined]
    if window.page != "data":  # type: ignore[attr-defined]
        sys.exit("the window did not answer the click")
    window.show_page("studio")  # type: ignore[attr-defined]


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        _child(float(sys.argv[2]))
    else:
        main()
