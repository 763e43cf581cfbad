"""The training thread and the pump that hands its events to the window.

One Qt signal a batch makes the event loop several times laggier than batches at 15 Hz; so events go through a queue.
A sample of a probe hands everything over: samples are the frames of all live views.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from typing import TypeAlias

from PySide6.QtCore import QMetaObject, QObject, Qt, QTimer, Signal

from app import failures
from app.live.event_batches import merged
from engine.training.live.control import TrainingControl
from engine.training.live.events import RunEnded, RunId, Sampled, TrainingEvent

_LOG = logging.getLogger(__name__)
PUMP_INTERVAL_MS = 66  # fifteen times a second: as often as live views draw
# For the next sample: they come in that rhythm, and each is shown when it comes.
_PATIENCE_MS = 100

# After a sample the training prepares its next steps in Python, then leaves it for TensorFlow. Drawing holds Python's
# lock and would keep it from that, and all processors idle.
_TURN_MS = 4

Emit: TypeAlias = Callable[[TrainingEvent], None]
Run: TypeAlias = Callable[[Emit, TrainingControl], None]


class TrainingWorker(QObject):
    """Runs one training at a time; all methods are for the window's thread.

    Attributes
    ----------
    control
        Requests for the running training; None when idle.
    run
        Id of the running or last training.

    Signals
    -------
    events_ready(events)
        A tuple of events of the current run in their order, `merged`, about 15 times a second. The last one of a run
        is a `RunEnded`; the thread is over by then.
    """

    events_ready = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.control: TrainingControl | None = None
        self.run: RunId = ""
        self._thread: threading.Thread | None = None
        self._events: queue.SimpleQueue[TrainingEvent] = queue.SimpleQueue()
        self._pump = QTimer(self)
        self._pump.timeout.connect(self._on_pump)
        self._turn = QTimer(self)
        self._turn.setSingleShot(True)
        self._turn.setInterval(_TURN_MS)
        self._turn.setTimerType(Qt.TimerType.PreciseTimer)
        self._turn.timeout.connect(self._on_turn)

    @property
    def is_running(self) -> bool:
        """True from `start` until the run's `RunEnded` was handed over."""
        return self._thread is not None

    def start(self, run: RunId, work: Run) -> bool:
        """Start a training on its own thread; False, and nothing happens, while another one runs."""
        if self._thread is not None:
            return False
        self.run = run
        self.control = TrainingControl()
        self._thread = threading.Thread(
            target=_train,
            args=(run, work, self._put, self.control),
            name=f"training-{run}",
            daemon=True,
        )
        self._pump.start(PUMP_INTERVAL_MS)
        self._thread.start()
        return True

    def wait(self, timeout_s: float) -> bool:
        """Wait for the thread and hand over what is left; False if it is still running after that time."""
        if self._thread is not None:
            self._thread.join(timeout_s)
            self._hand_over()
        return self._thread is None

    def _put(self, event: TrainingEvent) -> None:
        """Take an event, on the training's thread."""
        self._events.put(event)
        if isinstance(event, Sampled):
            # Qt starts it without Python, which the window's thread would have to run for this alone.
            QMetaObject.invokeMethod(self._turn, "start", Qt.ConnectionType.QueuedConnection)

    def _on_turn(self) -> None:
        """Hand over what led to a sample: the training is in TensorFlow again."""
        self._hand_over()
        if self._thread is not None:
            self._pump.start(_PATIENCE_MS)

    def _on_pump(self) -> None:
        self._hand_over()
        if self._thread is not None and self._pump.interval() != PUMP_INTERVAL_MS:
            self._pump.start(PUMP_INTERVAL_MS)

    def _hand_over(self) -> None:
        waiting = [self._events.get() for _ in range(self._events.qsize())]
        current = [event for event in waiting if event.run == self.run]
        if not current:
            return
        if isinstance(current[-1], RunEnded) and self._thread is not None:
            self._thread.join()
            self._thread = None
            self.control = None
            self._pump.stop()
        self.events_ready.emit(merged(current))


def _train(run: RunId, work: Run, emit: Emit, control: TrainingControl) -> None:
    """Run ``work``; whatever it does, the last event is a `RunEnded`."""
    ended = False

    def pass_on(event: TrainingEvent) -> None:
        nonlocal ended
        if not ended:  # nothing may follow the end
            ended = isinstance(event, RunEnded)
            emit(event)

    try:
        work(pass_on, control)
    except Exception as error:  # noqa: BLE001 - the top of a thread: every failure becomes words
        pass_on(
            RunEnded(run, "failed", epochs=0, steps=0, seconds=0.0, error=failures.sentence(error))
        )
    if not ended:
        _LOG.error("run %s ended without saying so", run)
        pass_on(
            RunEnded(
                run,
                "failed",
                epochs=0,
                steps=0,
                seconds=0.0,
                error="the training ended without a result",
            )
        )
