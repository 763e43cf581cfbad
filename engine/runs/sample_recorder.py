"""Which of the samples of a run are kept."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from engine.probes.encoding import encode
from engine.probes.probe import Probe, Unavailable
from engine.probes.table import PROBES
from engine.runs.samples import EncodedSample, Series, SeriesSize
from engine.runs.store import RunStore
from engine.training.live.events import RunId, Sampled

SHARE: Final = 0.0025  # of the training's time that writing may take
FIRST_PERIOD_S: Final = 1.0  # from one sample of a series to the next, while the run is short
MOST_SAMPLES: Final = 128  # of a series; then every second one goes, and they come half as often
LARGEST_RUN_BYTES: Final = 32 * 1024 * 1024  # of all series of a run
_NEVER_S: Final = float("inf")
_LOG = logging.getLogger(__name__)


@dataclass
class _Kept:
    """What is kept of a series."""

    count: int = 0
    size_bytes: int = 0
    period_s: float = FIRST_PERIOD_S
    due_s: float = -_NEVER_S


class SampleRecorder:
    """Gathers samples and writes a few of them, the more rarely the longer a run is.

    A series, which is what one kind of probe observes of one target, keeps samples spread evenly over the run.

    Parameters
    ----------
    now
        Clock in seconds.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._waiting: dict[Series, Sampled] = {}
        self._last: dict[Series, Sampled] = {}
        self._series: dict[Series, _Kept] = {}
        self._due_s = -_NEVER_S

    @property
    def is_due(self) -> bool:
        """There are samples to be written, and what was written before is paid."""
        return bool(self._waiting) and self._now() >= self._due_s

    def note(self, event: Sampled) -> None:
        """Take a sample that is due; of two the one that was asked for in more pixels."""
        probe = event.probe
        row = PROBES.get(probe.kind)
        if row is None or not row.is_recorded or isinstance(event.payload, Unavailable):
            return
        series = (probe.kind, probe.target)
        kept = self._series.setdefault(series, _Kept())
        last = self._last.get(series)
        if last is None or event.step > last.step or _pixels(probe) >= _pixels(last.probe):
            self._last[series] = event
        waiting = self._waiting.get(series)
        is_finer = waiting is None or _pixels(probe) >= _pixels(waiting.probe)
        if self._now() >= kept.due_s and is_finer:
            self._waiting[series] = event

    def note_end(self) -> None:
        """Take the last sample of every series: the run is over."""
        for series, event in self._last.items():
            if self._series[series].due_s < _NEVER_S:
                self._waiting[series] = event

    def go_on(self, sizes: Mapping[Series, SeriesSize]) -> None:
        """Take account of what is kept of the run already."""
        for series, size in sizes.items():
            kept = self._series.setdefault(series, _Kept())
            kept.count, kept.size_bytes = size.count, size.size_bytes

    def write(self, store: RunStore, run: RunId) -> None:
        """Write what was gathered; `JobFailed` if the disk refuses, and then it is kept for the next time."""
        if not self._waiting:
            return
        started_s = self._now()
        encoded = [each for each in map(self._encoded, self._waiting.values()) if each is not None]
        if encoded:
            store.add_samples(run, encoded)
        self._waiting.clear()
        now = self._now()
        for sample in encoded:
            kept = self._series[sample.kind, sample.target]
            kept.count += 1
            kept.size_bytes += len(sample.payload)
            kept.due_s = now + kept.period_s
        for series, kept in self._series.items():
            if kept.count >= MOST_SAMPLES:
                self._thin(store, run, series)
        self._fit(store, run)
        self._due_s = self._now() + max(FIRST_PERIOD_S, (self._now() - started_s) / SHARE)

    def _fit(self, store: RunStore, run: RunId) -> None:
        """Thin the largest series until the run's samples are within their limit."""
        while sum(kept.size_bytes for kept in self._series.values()) > LARGEST_RUN_BYTES:
            series = max(self._series, key=lambda each: self._series[each].size_bytes)
            if self._series[series].count < 2:
                return
            self._thin(store, run, series)

    def _thin(self, store: RunStore, run: RunId, series: Series) -> None:
        kept = self._series[series]
        store.thin_samples(run, series)
        kept.period_s *= 2
        kept.size_bytes = kept.size_bytes * ((kept.count + 1) // 2) // kept.count
        kept.count = (kept.count + 1) // 2

    def _encoded(self, event: Sampled) -> EncodedSample | None:
        probe = event.probe
        try:
            return EncodedSample(probe.kind, probe.target, event.step, encode(event.payload))
        except TypeError as error:
            _LOG.warning("samples of %s are not recorded: %s", probe.kind, error)
            self._series[probe.kind, probe.target].due_s = _NEVER_S
            return None


def _pixels(probe: Probe) -> float:
    return float("inf") if probe.size_px is None else float(probe.size_px[0] * probe.size_px[1])
