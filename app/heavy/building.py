"""A network being edited: its shapes, costs, and a sample on its way through it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engine.data.info import DataInfo
from engine.probes import taking
from engine.probes.activations import sample_of, sampled
from engine.probes.pinned import pinned_sample
from engine.probes.probe import Probe
from engine.runs.trained import Trained
from engine.runs.trained_model import learned
from engine.spec.issues import LayerFacts
from engine.spec.network import NetworkSpec
from engine.spec.project import ProjectSpec

if TYPE_CHECKING:
    from engine.build.shapes import ShapeCache
    from engine.data.loaded import LoadedData
    from engine.estimate.costs import NetworkCosts


class Shapes:
    """Shapes and parameter counts of a network being edited; remembers what did not change."""

    def __init__(self) -> None:
        self._cache: ShapeCache | None = None

    def facts(self, spec: ProjectSpec, info: DataInfo) -> Mapping[str, LayerFacts]:
        """Return what Keras says of each layer; never fails for a wrong network."""
        from engine.build.shapes import ShapeCache

        if self._cache is None:
            self._cache = ShapeCache()
        return self._cache.facts(spec.network, info)


def network_costs(
    spec: ProjectSpec, info: DataInfo, facts: Mapping[str, LayerFacts]
) -> NetworkCosts:
    """Return what training a project costs, in a tenth of a millisecond and without TensorFlow: on any thread."""
    from engine.estimate.costs import costs

    training = spec.training
    return costs(spec.network, facts, info, training.batch_size, training.optimizer)


def largest_batch(costs: NetworkCosts, free_bytes: int) -> int:
    """Return the largest batch whose training fits into the free memory, 0 if none does."""
    from engine.estimate.costs import largest_batch as largest

    return largest(costs, free_bytes)


def receptive_field(
    network: NetworkSpec, facts: Mapping[str, LayerFacts], layer_id: str, unit: tuple[int, ...]
) -> npt.NDArray[np.bool_] | None:
    """Return which places of a sample a unit sees, see `engine.estimate.receptive`; on any thread."""
    from engine.estimate.receptive import receptive_field as seen

    return seen(network, facts, layer_id, unit)


class SampleFlow:
    """What each layer of a network being edited gives for one sample; remembers what did not change."""

    def __init__(self) -> None:
        self._flow: Any = None
        self._trained: Trained | None = None
        self._weights: Mapping[str, Sequence[npt.NDArray[Any]]] | None = None

    def samples(
        self,
        spec: ProjectSpec,
        facts: Mapping[str, LayerFacts],
        data: LoadedData,
        probes: Sequence[Probe],
        trained: Trained | None,
        cancelled: Callable[[], bool],
    ) -> dict[str, object]:
        """Return a sample for each probe of the kind ``activations`` by its id; of layers that give nothing, none.

        Parameters
        ----------
        probes
            All of one sample of the data.
        trained
            Layers that its weights fit have them; the others are untrained.

        Raises
        ------
        BadInput
            If the network is too large to be called beside the one that is trained.
        Cancelled
            If ``cancelled`` says so.
        """
        from engine.build.flow import Sample
        from engine.build.flow import SampleFlow as Flow

        if self._flow is None:
            self._flow = Flow()
        if trained is not self._trained:
            self._weights = learned(trained).weights if trained is not None else None
            self._trained = trained
        pinned = pinned_sample(data, *sample_of(probes[0])) if probes else None
        if pinned is None:
            return {}
        sample = Sample(pinned.x, data.info, data.statistics)
        wanted = {probe.target for probe in probes}
        given = self._flow.outputs(spec.network, facts, sample, wanted, self._weights, cancelled)
        return {
            probe.id: taking.take(probe, partial(sampled, probe, given[probe.target]))
            for probe in probes
            if probe.target in given
        }
