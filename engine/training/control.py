"""The wishes that reach a running training; the only object that two threads share, guarded by one lock."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Literal

StopWish = Literal["", "keep", "discard"]


@dataclass(frozen=True)
class Wishes:
    """What the window wants right now.

    Attributes
    ----------
    steps
        Single steps still to take while paused.
    watch
        Id of the layer whose weights are to be sampled, "" for none.
    snapshot
        A snapshot of all weights is wanted once.
    """

    paused: bool = False
    steps: int = 0
    stop: StopWish = ""
    watch: str = ""
    snapshot: bool = False


class TrainingControl:
    """Mailbox from the window (or a signal handler) to the training thread; any thread may call any method."""

    def __init__(self) -> None:
        self._changed = threading.Condition(threading.RLock())
        self._wishes = Wishes()

    # ---- The window's side ----

    def pause(self) -> None:
        """Ask to wait after the current chunk."""
        self._wish(paused=True, steps=0)

    def resume(self) -> None:
        """Ask to go on."""
        self._wish(paused=False, steps=0)

    def step(self, count: int = 1) -> None:
        """Ask to pause, after ``count`` more batches."""
        with self._changed:
            waiting = self._wishes.steps if self._wishes.paused else 0
        self._wish(paused=True, steps=waiting + count)

    def stop(self) -> None:
        """Ask to end the run and keep what was learned."""
        self._wish(stop="keep")

    def discard(self) -> None:
        """Ask to end the run and forget what was learned."""
        self._wish(stop="discard")

    def watch(self, layer_id: str) -> None:
        """Ask for samples of this layer's weights, "" for none."""
        self._wish(watch=layer_id)

    def request_snapshot(self) -> None:
        """Ask for one `SnapshotTaken`."""
        self._wish(snapshot=True)

    # ---- The training thread's side ----

    @property
    def wishes(self) -> Wishes:
        """What is wanted now."""
        with self._changed:
            return self._wishes

    def step_taken(self) -> None:
        """Note that one of the single steps is done."""
        with self._changed:
            self._wish(steps=max(0, self._wishes.steps - 1))

    def snapshot_taken(self) -> None:
        """Note that the snapshot is sent."""
        self._wish(snapshot=False)

    def wait_for_change(self, seen: Wishes, timeout_s: float) -> None:
        """Sleep until the wishes differ from ``seen``, at most ``timeout_s``."""
        with self._changed:
            self._changed.wait_for(lambda: self._wishes != seen, timeout_s)

    def _wish(self, **changes: object) -> None:
        with self._changed:
            self._wishes = Wishes(**{**self._wishes.__dict__, **changes})
            self._changed.notify_all()
