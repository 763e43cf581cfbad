"""Costs of training a network: parameters, arithmetic, memory. Loads without TensorFlow.

Everything follows from the description and the shapes in `LayerFacts`, so it can be updated at typing speed. The
formulas are in `engine.estimate.multiply_adds` and `engine.estimate.activation_memory`.

Memory while training, in the order in which it is needed:

- weights, 4 bytes each; one gradient for each trainable weight; the optimizer's own averages of the same size;
- the batch as it came and the activations kept for the backward pass, for each sample;
- the gradients of activations: of the largest layer, its own and its input's, live at one time.

TensorFlow itself, the data set on the device and what convolutions use as scratch space come on top; so
`largest_batch` leaves a share of the free memory alone. Measured on a CPU against the growth of the process during a
step: two-stage convolution 1.3 times the estimate, convolution with batch normalisation 1.05, two LSTMs 1.1, dense
0.9.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from engine.build.layer_context import PlacedLayer, count, placed
from engine.data.info import DataInfo
from engine.estimate.activation_memory import kept_numbers
from engine.estimate.multiply_adds import multiply_adds
from engine.spec.base import ObjectSpec
from engine.spec.inner import InnerNetwork
from engine.spec.issues import LayerFacts
from engine.spec.network import INPUT_KIND, LayerSpec, NetworkSpec

FLOAT_BYTES: Final = 4
HEADROOM: Final = (
    0.2  # share of the free memory left for scratch space and for the rest of the computer
)
LARGEST_BATCH: Final = 1_000_000  # what `TrainingSpec.batch_size` allows
# The forward pass, the gradient of the inputs and that of the weights cost about the same each.
TRAINING_PASSES: Final = 3

# Slots of an optimizer for each weight: always, and more if an argument is set. Adafactor's rows and columns are
# small compared to its average; Muon has one for matrices and two for the rest.
_SLOTS: Final[Mapping[str, tuple[int, Mapping[str, int]]]] = {
    "SGD": (0, {"momentum": 1}),
    "RMSprop": (1, {"momentum": 1, "centered": 1}),
    **dict.fromkeys(("Adam", "AdamW"), (2, {"amsgrad": 1})),
    **dict.fromkeys(
        ("Adamax", "Nadam", "Lamb", "Adadelta", "Ftrl", "Muon", "ScheduleFreeAdamW"), (2, {})
    ),
    **dict.fromkeys(("Adagrad", "Lion", "Adafactor"), (1, {})),
}
_ANY_SLOTS: Final[Mapping[str, int]] = {"use_ema": 1, "gradient_accumulation_steps": 1}
_UNKNOWN_SLOTS: Final[tuple[int, Mapping[str, int]]] = (2, {})
_DTYPE_BYTES: Final[Mapping[str, int]] = {
    "uint8": 1,
    "float64": 8,
}  # of samples; other dtypes take four bytes


@dataclass(frozen=True)
class LayerCosts:
    """Costs of one layer.

    Attributes
    ----------
    multiply_adds
        Multiply-adds of the forward pass for one sample.
    activation_bytes
        Activations stored for the backward pass, for one sample.
    gradient_bytes
        Gradients of output and inputs, which exist together in the backward pass, for one sample.
    """

    parameters: int
    trainable_parameters: int
    multiply_adds: int
    activation_bytes: int
    gradient_bytes: int


@dataclass(frozen=True)
class NetworkCosts:
    """Costs of a network, by layer and in total.

    Attributes
    ----------
    layers
        By id, in the network's order; layers whose shape is unknown are missing.
    unknown
        Ids of the missing layers, which the totals do not include.
    batch_size
        Samples a step, for `training_bytes`.
    slots
        Slots of the optimizer for each trainable weight.
    input_bytes
        Size of one sample of the data set.
    """

    layers: Mapping[str, LayerCosts]
    unknown: tuple[str, ...]
    batch_size: int
    slots: int
    input_bytes: int

    @property
    def parameters(self) -> int:
        """Number of weights."""
        return sum(layer.parameters for layer in self.layers.values())

    @property
    def trainable_parameters(self) -> int:
        """Number of trainable weights."""
        return sum(layer.trainable_parameters for layer in self.layers.values())

    @property
    def multiply_adds(self) -> int:
        """Multiply-adds of the forward pass for one sample."""
        return sum(layer.multiply_adds for layer in self.layers.values())

    @property
    def forward_flops(self) -> int:
        """Floating-point operations for one sample, forward: two for each multiply-add."""
        return 2 * self.multiply_adds

    @property
    def training_flops(self) -> int:
        """Floating-point operations of a training step for one sample, without the optimizer's."""
        return TRAINING_PASSES * self.forward_flops

    @property
    def activation_bytes(self) -> int:
        """Activations stored for the backward pass, for one sample."""
        return sum(layer.activation_bytes for layer in self.layers.values())

    @property
    def fixed_bytes(self) -> int:
        """Memory that does not depend on the batch: weights, gradients and optimizer slots."""
        return FLOAT_BYTES * (self.parameters + (1 + self.slots) * self.trainable_parameters)

    @property
    def sample_bytes(self) -> int:
        """Memory of training for each sample of a batch."""
        gradients = max((layer.gradient_bytes for layer in self.layers.values()), default=0)
        return self.input_bytes + self.activation_bytes + gradients

    def training_bytes_at(self, batch_size: int) -> int:
        """Return the memory of training at a batch size, `batch_size` or another."""
        return self.fixed_bytes + batch_size * self.sample_bytes

    def layer_bytes(self, layer_id: str, batch_size: int) -> int:
        """Return the memory of a layer: weights, gradients, optimizer slots and activations.

        The total is larger than the sum of the layers: it includes the batch and the largest gradients.
        KeyError if the layer is unknown.
        """
        layer = self.layers[layer_id]
        numbers = layer.parameters + (1 + self.slots) * layer.trainable_parameters
        return FLOAT_BYTES * numbers + batch_size * layer.activation_bytes


def costs(
    network: NetworkSpec,
    facts: Mapping[str, LayerFacts],
    info: DataInfo,
    batch_size: int,
    optimizer: ObjectSpec,
) -> NetworkCosts:
    """Return the costs of training a network.

    Parameters
    ----------
    facts
        Shapes and parameter counts by layer id, as `engine.build.shapes` gives them; layers without a shape
        are left out and named in ``unknown``.
    batch_size
        Samples a step.
    """
    shapes = {name: fact.output_shape for name, fact in facts.items() if not fact.error}
    sources: dict[str, list[str]] = {}
    for wire in sorted(network.wires, key=lambda wire: wire.port):
        sources.setdefault(wire.target, []).append(wire.source)
    known: dict[str, LayerCosts] = {}
    for layer in network.layers:
        output = shapes.get(layer.id)
        inputs = [shapes.get(source) for source in sources.get(layer.id, ())]
        wired = bool(inputs) or layer.kind == INPUT_KIND
        if output is None or None in inputs or not wired:
            continue
        sized = [shape for shape in inputs if shape is not None]
        known[layer.id] = _layer_costs(layer, sized, output, facts[layer.id])
    return NetworkCosts(
        layers=known,
        unknown=tuple(name for name in network.ids if name not in known),
        batch_size=batch_size,
        slots=optimizer_slots(optimizer),
        input_bytes=count(info.input_shape) * _DTYPE_BYTES.get(info.input_dtype, FLOAT_BYTES),
    )


def optimizer_slots(optimizer: ObjectSpec) -> int:
    """Return the number of optimizer slots for each trainable weight."""
    always, more = _SLOTS.get(optimizer.kind, _UNKNOWN_SLOTS)
    extra = {**more, **_ANY_SLOTS}
    return always + sum(slots for name, slots in extra.items() if optimizer.parameters.get(name))


def largest_batch(costs: NetworkCosts, free_bytes: int) -> int:
    """Return the largest batch size that fits into the free memory, 0 if not even one sample does.

    A share `HEADROOM` of the free memory stays unused. The result is rounded down to two digits.
    """
    usable = int(free_bytes * (1 - HEADROOM)) - costs.fixed_bytes
    if usable <= 0:
        return 0
    exact = min(usable // max(1, costs.sample_bytes), LARGEST_BATCH)
    unit = int(10 ** max(0, len(str(exact)) - 2))
    return exact // unit * unit


def _layer_costs(
    layer: LayerSpec,
    inputs: list[tuple[int | None, ...]],
    output: tuple[int | None, ...],
    fact: LayerFacts,
) -> LayerCosts:
    one = placed(layer, inputs, output, fact.parameters)
    parts = _parts(layer, fact) or [one]
    around = count(one.output) + sum(count(shape) for shape in one.inputs)
    return LayerCosts(
        parameters=fact.parameters,
        trainable_parameters=fact.trainable_parameters,
        multiply_adds=sum(map(multiply_adds, parts)),
        activation_bytes=sum(map(kept_numbers, parts)) * FLOAT_BYTES,
        gradient_bytes=around * FLOAT_BYTES,
    )


def _parts(layer: LayerSpec, fact: LayerFacts) -> list[PlacedLayer]:
    """Return the layers of the network inside a layer, once for each use, with their shapes."""
    if not fact.inside:
        return []
    shapes = dict(fact.inside)
    network = InnerNetwork.inside(layer).network
    sources: dict[str, list[str]] = {}
    for wire in sorted(network.wires, key=lambda wire: wire.port):
        sources.setdefault(wire.target, []).append(wire.source)
    return [
        placed(inner, [shapes[source] for source in sources[inner.id]], shapes[inner.id], 0)
        for inner in network.layers
        if inner.kind != INPUT_KIND
    ]
