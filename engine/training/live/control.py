"""Requests to a running training: an object shared by two threads and guarded by one lock."""

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
    """The current requests.

    Attributes
    ----------
    steps
        Steps still to take while paused.
    only
        Role of the only network that learns in these steps, "" for all.
    epoch
        Whether to pause when the running epoch ends.
    speed
        Limit of steps a second, 0 for none.
    values
        (name, value) pairs still to be applied, oldest first; names as in `ValueApplied`.
    probes
        What to observe, with unique ids.
    view_share
        Limit of the training's time that samples may take; if their periods need more, they are taken less often.
    view_period_s
        Shortest period of any probe, except at ends of epochs and while paused.
    snapshot
        Whether a snapshot of all weights is requested.
    write
        Whether to write weights and state now.
    project
        Folder of the project to keep the run in from now on; None for the current one.
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

    # ---- For the window ----

    def pause(self) -> None:
        """Pause after the current chunk."""
        self._request(paused=True, steps=0, epoch=False)

    def resume(self) -> None:
        """Resume."""
        self._request(paused=False, steps=0, epoch=False)

    def step(self, count: int = 1, only: str = "") -> None:
        """Pause after ``count`` more batches at full speed.

        Parameters
        ----------
        only
            Role of the only network that learns in these steps, as in `Program.networks`; "" for all. Pending steps
            of another kind are dropped.
        """
        with self._changed:
            now = self._requests
            waiting = now.steps if now.paused and now.only == only else 0
            self._request(paused=True, steps=waiting + count, only=only, epoch=False)

    def run_epoch(self) -> None:
        """Resume, and pause after the running epoch and its validation."""
        self._request(paused=False, steps=0, epoch=True)

    def limit_speed(self, steps_per_s: float) -> None:
        """Limit the steps a second, 0 for no limit."""
        self._request(speed=max(0.0, steps_per_s))

    def set_value(self, name: str, value: float) -> None:
        """Change a hyperparameter; answered by `ValueApplied`, which lists the names."""
        with self._changed:
            self._request(values=(*self._requests.values, (name, value)))

    def stop(self) -> None:
        """End the run and keep the result."""
        self._request(stop="keep")

    def leave(self) -> None:
        """End the run as soon as the result is written, without the test."""
        self._request(stop="leave")

    def discard(self) -> None:
        """End the run and discard the result."""
        self._request(stop="discard")

    def observe(self, owner: str, probes: Iterable[Probe] = ()) -> None:
        """Request samples of these probes, and of no others of their owner; answered by `Sampled`.

        Parameters
        ----------
        owner
            The requesting view; the ids of its probes are this name, or start with it and a colon.

        Raises
        ------
        ValueError
            If a probe belongs to another owner.
        """
        wanted = tuple(probes)
        strange = next((probe.id for probe in wanted if probe.owner != owner), None)
        if strange is not None:
            raise ValueError(f'the probe "{strange}" is not of "{owner}"')
        with self._changed:
            others = (each for each in self._requests.probes if each.owner != owner)
            self._set_views(probes=(*others, *wanted))

    def limit_views(self, share: float, period_s: float) -> None:
        """Limit the cost and the rate of samples; see `Requests`."""
        self._set_views(view_share=share, view_period_s=period_s)

    def request_snapshot(self) -> None:
        """Request one `SnapshotTaken`."""
        self._request(snapshot=True)

    def write(self, project: Path | None = None) -> None:
        """Write everything of the run now, and from now on into ``project`` if it is given."""
        with self._changed:
            self._request(write=True, project=project or self._requests.project)

    # ---- For the training thread ----

    @property
    def requests(self) -> Requests:
        """The current requests."""
        with self._changed:
            return self._requests

    def steps_taken(self, count: int) -> None:
        """Record that some of the requested steps were taken."""
        with self._changed:
            self._request(steps=max(0, self._requests.steps - count))

    def epoch_ended(self) -> None:
        """Record the end of an epoch; pauses the training if that was requested."""
        with self._changed:
            if self._requests.epoch:
                self._request(paused=True, steps=0, epoch=False)

    def take_values(self) -> tuple[tuple[str, float], ...]:
        """Return and clear the values to be applied."""
        with self._changed:
            values = self._requests.values
            self._request(values=())
        return values

    def snapshot_taken(self) -> None:
        """Clear the request for a snapshot."""
        self._request(snapshot=False)

    def take_write(self) -> Path | None:
        """Clear the request to write; return the folder to use from now on, None for the old one."""
        with self._changed:
            project = self._requests.project
            self._request(write=False, project=None)
        return project

    def wait_for_change(self, seen: Requests, timeout_s: float) -> None:
        """Wait until the requests differ from ``seen``, at most ``timeout_s``."""
        with self._changed:
            self._changed.wait_for(lambda: self._requests != seen, timeout_s)

    def _set_views(self, **changes: object) -> None:
        with self._changed:
            now = self._requests
            if any(getattr(now, name) != value for name, value in changes.items()):
                self._request(**changes)  # do not wake a paused training without a change

    def _request(self, **changes: object) -> None:
        with self._changed:
            self._requests = Requests(**{**self._requests.__dict__, **changes})
            self._changed.notify_all()
