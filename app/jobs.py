"""Work that must not run on the window's thread: shapes, data, classifying, exporting.

Each lane is one thread that works its requests off in order; a new request with the same key replaces the one
before, whose result is then dropped.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from PySide6.QtCore import QObject, Signal

from app import failures

Lane = Literal["engine", "data", "trial", "answers", "export"]
LANES: tuple[Lane, ...] = ("engine", "data", "trial", "answers", "export")


@dataclass(frozen=True, eq=False)
class Job:
    """One request.

    Attributes
    ----------
    key
        What it is about; the latest of a key wins.
    words
        What the status bar says while it runs, "" for nothing.
    work
        Runs on the lane's thread; is given this job to report progress and to see that it is no longer wanted.
    done, failed
        Run on the window's thread with the result or with the sentence for the user.
    """

    key: str
    words: str
    work: Callable[[Job], Any]
    done: Callable[[Any], None]
    failed: Callable[[str], None]
    progress: Callable[[str, int, int], None] = lambda _text, _done, _total: None
    unwanted: threading.Event = field(default_factory=threading.Event)

    @property
    def cancelled(self) -> bool:
        """True once nobody waits for the result."""
        return self.unwanted.is_set()


class JobRunner(QObject):
    """Runs jobs; made, called and answered on the window's thread.

    Signals
    -------
    words_changed(words)
        What is being done now, "" when idle.
    """

    words_changed = Signal(str)
    # A callable to run on the window's thread; Qt queues it across threads.
    _arrived = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._latest: dict[str, Job] = {}
        self._running: list[Job] = []
        self._queues: dict[Lane, queue.SimpleQueue[Job | None]] = {
            lane: queue.SimpleQueue() for lane in LANES
        }
        self._arrived.connect(self._on_arrived)
        self._threads = [
            threading.Thread(target=self._work_off, args=(lane,), name=f"job-{lane}", daemon=True)
            for lane in LANES
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, lane: Lane, job: Job) -> None:
        """Queue a job; an older one of the same key is no longer wanted."""
        self.cancel(job.key)
        self._latest[job.key] = job
        self._queues[lane].put(job)

    def cancel(self, key: str) -> None:
        """Drop the request of this key, if there is one; its answers never arrive."""
        old = self._latest.pop(key, None)
        if old is not None:
            old.unwanted.set()

    def is_wanted(self, key: str) -> bool:
        """Tell whether a request of this key waits or is being worked on."""
        return key in self._latest

    def close(self, deadline_s: float = 3.0) -> bool:
        """Cancel everything and end the threads; False if one is still busy after the deadline."""
        for key in list(self._latest):
            self.cancel(key)
        for lane in LANES:
            self._queues[lane].put(None)
        for thread in self._threads:
            thread.join(deadline_s)
        return not any(thread.is_alive() for thread in self._threads)

    def report(self, job: Job, text: str, done: int, total: int) -> None:
        """Pass a job's progress to the window; called by its work, on the lane's thread."""
        self.tell(job, partial(job.progress, text, done, total))

    def tell(self, job: Job, call: Callable[[], None]) -> None:
        """Have ``call`` run on the window's thread while the job is wanted; called by its work."""
        self._arrived.emit(partial(self._deliver, job, call))

    # ---- On a lane's thread ----

    def _work_off(self, lane: Lane) -> None:
        while (job := self._queues[lane].get()) is not None:
            if job.cancelled:
                continue
            self._arrived.emit(partial(self._begin, job))
            try:
                answer = partial(job.done, job.work(job))
            except Exception as error:  # noqa: BLE001 - the top of a thread: every failure becomes words
                answer = partial(job.failed, failures.sentence(error))
            self._arrived.emit(partial(self._finish, job, answer))

    # ---- On the window's thread ----

    def _on_arrived(self, call: Callable[[], None]) -> None:
        call()

    def _begin(self, job: Job) -> None:
        self._running.append(job)
        self._say()

    def _deliver(self, job: Job, answer: Callable[[], None]) -> None:
        if not job.cancelled:
            answer()

    def _finish(self, job: Job, answer: Callable[[], None]) -> None:
        self._running.remove(job)
        if self._latest.get(job.key) is job:
            del self._latest[job.key]
        self._deliver(job, answer)
        self._say()

    def _say(self) -> None:
        self.words_changed.emit(next((job.words for job in self._running if job.words), ""))
