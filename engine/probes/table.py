"""The table of probes: what can be observed in a network, one row a kind. Loads without TensorFlow.

A row may be added from anywhere: ``PROBES["norm"] = ProbeKind("norm", "Norm of a kernel", make, float)``.
"""

from __future__ import annotations

from typing import Final

from engine.probes.activations import ACTIVATIONS
from engine.probes.generated import GENERATED
from engine.probes.histograms import HISTOGRAMS
from engine.probes.neurons import NEURONS
from engine.probes.probe import ProbeKind
from engine.probes.weights import WEIGHTS

PROBES: Final[dict[str, ProbeKind]] = {
    row.id: row for row in (WEIGHTS, HISTOGRAMS, NEURONS, ACTIVATIONS, GENERATED)
}
