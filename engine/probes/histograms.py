"""Statistics and histograms of a layer's weights. Loads without TensorFlow."""

from __future__ import annotations

from typing import Final

from engine.probes.probe import Probe, ProbeKind, Subject, Take
from engine.probes.tensor_view import LayerWeights
from engine.probes.weights import LayerReader

_WEIGHT: Final = 0.1  # relative to weights: they cost more and change slowly


def _make(subject: Subject, probe: Probe) -> Take:
    reader = LayerReader(subject.layer(probe.target), subject.read)
    counts = bool(probe.options.get("counts", True))
    return lambda: LayerWeights(
        probe.target, reader.kind, reader.views(sides=probe.size_px, histogram=counts), subject.step
    )


HISTOGRAMS: Final = ProbeKind(
    "histograms", "Figures and histograms of a layer's weights", _make, LayerWeights, weight=_WEIGHT
)
