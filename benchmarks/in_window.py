"""Training under the open window, loss plot and weights live, and how long the event loop is ever silent."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEventLoop, QMetaObject, Qt, QTimer

from app import bootstrap
from app.program import Program
from app.settings import SettingsFile
from app.shell.main_window import MainWindow
from app.training_worker import Emit, Run
from benchmarks.cases import Case
from benchmarks.laps import Lap, Pacer
from benchmarks.ways import ENDLESS
from engine.data.loaded import LoadedData
from engine.errors import JobFailed
from engine.machine.user_folder import home
from engine.runs.project_folder import ProjectFolder
from engine.training.live.control import TrainingControl
from engine.training.live.events import RunId, StepsEnded, TrainingEvent

BEAT_MS = 20
_WINDOW = (1280, 800)
_READY_S = 120.0
_RUN_S = 300.0


class InWindow:
    """The whole program in its window: its own way from the Train button on, nothing left out.

    See `benchmarks.laps.Racer` for its laps.

    Attributes
    ----------
    gaps_ms
        By how much each beat of the event loop came later than it should, while it was watched.
    views_hz
        How often in a second the slower of loss plot and heatmap was painted, a figure for each `watch`.
    """

    def __init__(self, case: Case, data: LoadedData) -> None:
        self.gaps_ms: list[float] = []
        self.views_hz: list[float] = []
        self._data = data
        self._pacer = Pacer()
        self._pacer.let_go()
        bootstrap.make_application()
        self._window = _opened(case)
        self._program: Program = self._window.program  # type: ignore[attr-defined]
        self._show_case()
        self._start = self._program.worker.start
        self._program.worker.start = self._start_paced  # type: ignore[method-assign]

    def start(self) -> None:
        """Press Train."""
        self._pacer = Pacer()
        self._program.actions["train.start"].trigger()
        _run_until(self._pacer.waits.is_set, _RUN_S)
        self._pacer.lap()  # fails if the run did

    def lap(self, seconds: float) -> Lap:
        """Let the run train under the window; nothing but the program runs in the event loop."""
        loop = QEventLoop()

        def over() -> None:
            QMetaObject.invokeMethod(loop, "quit", Qt.ConnectionType.QueuedConnection)

        self._pacer.begin(seconds, over)
        loop.exec()
        return self._pacer.lap()

    def watch(self, seconds: float) -> None:
        """Let the run train, and note gaps and rate of the views.

        The beats wake a thread as often as the program itself does, which costs the training as much again: no speed
        is measured meanwhile.
        """
        frames, started = self._frames(), time.perf_counter()
        self._pacer.begin(seconds, lambda: None)
        self.gaps_ms += _beats_until(self._pacer.waits.is_set, _RUN_S)
        self._pacer.lap()
        painted = min(now - before for now, before in zip(self._frames(), frames, strict=True))
        self.views_hz.append(painted / (time.perf_counter() - started))

    def stop(self) -> None:
        """Press Stop."""
        self._pacer.let_go()
        self._program.actions["train.stop"].trigger()
        _run_until(lambda: not self._program.app_model.training, _RUN_S)

    def milestones(self, steps: Iterable[int]) -> Iterator[int]:
        """Train on, and yield each number of steps as soon as so many were taken."""
        program, taken = self._program, 0

        def note(events: tuple[TrainingEvent, ...]) -> None:
            nonlocal taken
            chunks = [event for event in events if isinstance(event, StepsEnded)]
            taken = chunks[-1].first_step + len(chunks[-1].losses) - 1 if chunks else taken

        program.worker.events_ready.connect(note)
        program.actions["train.start"].trigger()
        for milestone in steps:
            _run_until(partial(lambda wanted: taken >= wanted, milestone), _RUN_S)
            yield milestone
        self.stop()

    def close(self) -> None:
        """End the program; its window goes without a question."""
        self._program.end()
        self._window.may_close = lambda: True
        self._window.close()

    def _frames(self) -> tuple[int, int]:
        """Return how often loss plot and weights were painted so far."""
        panels = self._window.panels
        return panels.loss_plot.frames, panels.weights.frames

    def _show_case(self) -> None:
        """Put the case's samples into the program and select the layer with the most weights."""
        app_model = self._program.app_model
        _run_until(lambda: app_model.engine is not None and app_model.data is not None, _READY_S)
        app_model.set_info(self._data.info)
        app_model.set_data(self._data)
        _run_until(lambda: any(fact.parameters for fact in app_model.facts.values()), _READY_S)
        if app_model.errors:
            raise JobFailed(app_model.errors[0].sentence)
        largest = max(app_model.facts, key=lambda name: app_model.facts[name].parameters)
        self._window.show_page("studio")
        self._window.panels.canvas.set_selected((largest,))
        app_model.set_selection((largest,))

    def _start_paced(self, run: RunId, work: Run) -> bool:
        """Start a run as the program does, with the pacer in its thread."""
        return self._start(run, partial(_paced, work, self._pacer))


def _opened(case: Case) -> MainWindow:
    folder = ProjectFolder(Path(home(), "benchmark"))
    folder.create(case.project(ENDLESS))
    settings = SettingsFile()
    settings.write(settings.read().but(watchable=False))  # what is measured runs at full speed
    window = bootstrap.build(folder.path)
    window.resize(*_WINDOW)
    window.show()
    return window


def _paced(work: Run, pacer: Pacer, emit: Emit, control: TrainingControl) -> None:
    def pace_and_emit(event: TrainingEvent) -> None:
        pacer(event)
        emit(event)

    work(pace_and_emit, control)


def _run_until(condition: Callable[[], bool], timeout_s: float) -> None:
    """Run the event loop until the condition holds."""
    _beats_until(condition, timeout_s)


def _beats_until(condition: Callable[[], bool], timeout_s: float) -> list[float]:
    """Run the event loop until the condition holds; return by how many ms each beat was late.

    Raises
    ------
    JobFailed
        If it does not hold in time.
    """
    loop, timer = QEventLoop(), QTimer()
    late_ms: list[float] = []
    deadline_s = time.perf_counter() + timeout_s
    last_s = time.perf_counter()

    def beat() -> None:
        nonlocal last_s
        now = time.perf_counter()
        late_ms.append(max(0.0, 1000 * (now - last_s) - BEAT_MS))
        last_s = now
        if condition() or now > deadline_s:
            loop.quit()

    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.setInterval(BEAT_MS)
    timer.timeout.connect(beat)
    timer.start()
    loop.exec()
    timer.stop()
    if not condition():
        raise JobFailed(f"The window was not ready within {timeout_s:.0f} seconds.")
    return late_ms
