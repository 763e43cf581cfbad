"""Take samples of probes; errors of a row become a message. Loads without TensorFlow."""

from __future__ import annotations

import logging

from engine.errors import quoted
from engine.probes.probe import Probe, ProbeError, Subject, Take, Unavailable
from engine.probes.table import PROBES

_LOG = logging.getLogger(__name__)


def make(subject: Subject, probe: Probe) -> Take:
    """Return a function that takes a probe's samples, or one that says why the probe cannot be made."""
    row = PROBES.get(probe.kind)
    if row is None:
        return lambda: Unavailable(f'There is no probe "{quoted(probe.kind, 40)}".')
    try:
        return row.make(subject, probe)
    except Exception as error:  # noqa: BLE001  # rows are others' code
        said = _said(probe, error)
        return lambda: said


def take(probe: Probe, taking: Take) -> object:
    """Return a sample, or `Unavailable` if it fails."""
    try:
        return taking()
    except Exception as error:  # noqa: BLE001  # rows are others' code
        return _said(probe, error)


def sample(subject: Subject, probe: Probe) -> object:
    """Return a single sample, or `Unavailable`."""
    return take(probe, make(subject, probe))


def _said(probe: Probe, error: Exception) -> Unavailable:
    if isinstance(error, ProbeError):
        return Unavailable(str(error))
    _LOG.warning("probe %s (%s of %s) failed", probe.id, probe.kind, probe.target, exc_info=error)
    of = f" of {quoted(probe.target, 40)}" if probe.target else ""
    return Unavailable(f"{PROBES[probe.kind].title}{of}: this could not be computed, see the log.")
