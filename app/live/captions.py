"""Which model and which sample a live view shows, in words."""

from __future__ import annotations

from engine.data.info import DataInfo
from engine.data.loaded import LoadedData
from engine.data.preview import caption
from engine.probes.pinned import PinnedSample, pinned_sample
from engine.runs.trained import Trained
from engine.spec.network import NetworkSpec
from engine.spec.project import ProjectSpec
from engine.spec.sample import SampleSpec

UNTRAINED = "untrained network"
NOISE = "always the same noise"


def sample_words(sample: PinnedSample, info: DataInfo) -> str:
    """Return which sample it is and its answer: ``"validation sample 3 of 150: 7"``."""
    return f"{sample.words}: {caption(sample.y, info)}"


def shown_sample(data: LoadedData, pinned: SampleSpec) -> str:
    """Return which sample of some data is pinned, "" if there is none."""
    found = pinned_sample(data, pinned.part, pinned.number)
    return sample_words(found, data.info) if found is not None else ""


def takes_noise_alone(network: NetworkSpec, layer_id: str) -> bool:
    """Tell whether nothing of the data reaches a layer, as in a generator."""
    before = network.upstream((layer_id,))
    inputs = [layer for layer in network.inputs if layer.id in before]
    return bool(inputs) and all(layer.noise for layer in inputs)


def model_words(trained: Trained | None, spec: ProjectSpec) -> str:
    """Return which model the network on the canvas is while nothing is trained."""
    if trained is None:
        return UNTRAINED
    edited = ", edited since" if trained.spec.network != spec.network else ""
    return f"{trained.origin.words}{edited}"
