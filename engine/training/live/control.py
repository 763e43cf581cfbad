"""The requests that reach a running training; the only object that two threads share, guarded by one lock."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from engine.probes.probe import Probe

VIEW_SHARE: Final = 0.05  # of the training's time

StopRequest = Literal["", "keep", "leave", "discard"]


@dataclass(frozen=True)
class Requests:
    """What the window wants right now.

    Attributes
    ----------
    steps
        Steps still to take while paused.
    only
        Role of the network that alone learns in these steps, "" for all.
    epoch
        Pause when the running epoch ends.
    speed
        Most steps a second, 0 for no limit.
    values
        (name, value) pairs still to be applied, oldest first; names as in `ValueApplied`.
    probes
        What is to be observed; no two have the same id.
    view_share
        Most of the training's time that samples may take; where their periods need more, they come more rarely.
    view_period_s
        No probe is sampled more often than this, but at ends of epochs and while paused.
    snapshot
        A snapshot of all weights is wanted once.
    write
        Weights and state are to be written once, now.
    project
        Folder of the project in which the run is kept from now on; None: where it is.
    """

    paused: bool = False
    steps: int = 0
    only: str = ""
    epoch: bool = False
    speed: float = 0.0
    values: tuple[tuple[str, float], ...] = ()
    stop: StopRequest = ""
    probes: tuple[Probe, ...] = ()
    view_share: float = VIEW_SHARE
    view_period_s: float = 0.0
    snapshot: bool = False
    write: bool = False
    project: Path | None = None


class TrainingControl:
    """Mailbox from the window (or a signal handler) to the training thread; any thread may call any method."""

    def __init__(self) -> None:
        self._changed = threading.Condition(threading.RLock())
        self._requests = Requests()

    # ---- The window's side ----

    def pause(self) -> None:
        """Ask to wait after the current chunk."""
        self._request(paused=True, steps=0, epoch=False)

    def resume(self) -> None:
        """Ask to go on."""
        self._request(paused=False, steps=0, epoch=False)

    def step(self, count: int = 1, only: str = "") -> None:
        """Ask to pause, after ``count`` more batches at full speed.

        Parameters
        ----------
        only
            Role of the network that alone learns in these steps, as in `Program.networks`; "" for all. Steps of
            another kind that still wait are given up.
        """
        with self._changed:
            now = self._requests
            waiting = now.steps if now.paused and now.only == only else 0
            self._request(paused=True, steps=waiting + count, only=only, epoch=False)

    def run_epoch(self) -> None:
        """Ask to go on, and to pause after the running epoch and its validation."""
        self._request(paused=False, steps=0, epoch=True)

    def limit_speed(self, steps_per_s: float) -> None:
        """Ask for slow motion: at most so many steps a second, 0 for no limit."""
        self._request(speed=max(0.0, steps_per_s))

    def set_value(self, name: str, value: float) -> None:
        """Ask for another value of a hyperparameter; `ValueApplied` answers. Names as there."""
        with self._changed:
            self._request(values=(*self._requests.values, (name, value)))

    def stop(self) -> None:
        """Ask to end the run and keep what was learned."""
        self._request(stop="keep")

    def leave(self) -> None:
        """Ask to end the run as soon as what was learned is kept, without the test."""
        self._request(stop="leave")

    def discard(self) -> None:
        """Ask to end the run and forget what was learned."""
        self._request(stop="discard")

    def observe(self, owner: str, probes: Iterable[Probe] = ()) -> None:
        """Ask for samples of these probes and of no others of their owner; `Sampled` answers.

        Parameters
        ----------
        owner
            The view that asks: the ids of its probes are this, or begin with it and a colon.

        Raises
        ------
        ValueError
            If a probe is another owner's.
        """
        wanted = tuple(probes)
        strange = next((probe.id for probe in wanted if probe.owner != owner), None)
        if strange is not None:
            raise ValueError(f'the probe "{strange}" is not of "{owner}"')
        with self._changed:
            others = (each for each in self._requests.probes if each.owner != owner)
            self._set_views(probes=(*others, *wanted))

    def limit_views(self, share: float, period_s: float) -> None:
        """Limit what samples may cost, and how often they come; see `Requests`."""
        self._set_views(view_share=share, view_period_s=period_s)

    def request_snapshot(self) -> None:
        """Ask for one `SnapshotTaken`."""
        self._request(snapshot=True)

    def write(self, project: Path | None = None) -> None:
        """Ask to write now all that is kept of the run, from now on into ``project`` if one is given."""
        with self._changed:
            self._request(write=True, project=project or self._requests.project)

    # ---- The training thread's side ----

    @property
    def requests(self) -> Requests:
        """What is wanted now."""
        with self._changed:
            return self._requests

    def steps_taken(self, count: int) -> None:
        """Note that some of the requested steps are done."""
        with self._changed:
            self._request(steps=max(0, self._requests.steps - count))

    def epoch_ended(self) -> None:
        """Note that an epoch is over: where that was requested, the training is to pause now."""
        with self._changed:
            if self._requests.epoch:
                self._request(paused=True, steps=0, epoch=False)

    def take_values(self) -> tuple[tuple[str, float], ...]:
        """Return the values to be applied, once."""
        with self._changed:
            values = self._requests.values
            self._request(values=())
        return values

    def snapshot_taken(self) -> None:
        """Note that the snapshot is sent."""
        self._request(snapshot=False)

    def take_write(self) -> Path | None:
        """Note that what is kept is being written; return the folder that it is to be kept in, None for the old one."""
        with self._changed:
            project = self._requests.project
            self._request(write=False, project=None)
        return project

    def wait_for_change(self, seen: Requests, timeout_s: float) -> None:
        """Sleep until the requests differ from ``seen``, at most ``timeout_s``."""
        with self._changed:
            self._changed.wait_for(lambda: self._requests != seen, timeout_s)

    def _set_views(self, **changes: object) -> None:
        with self._changed:
            now = self._requests
            if any(getattr(now, name) != value for name, value in changes.items()):
                self._request(**changes)  # else a paused training would wake for nothing

    def _request(self, **changes: object) -> None:
        with self._changed:
            self._requests = Requests(**{**self._requests.__dict__, **changes})
            self._changed.notify_all()
