"""Take an opened model into a project: its network, and its weights where they fit the project's data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from engine.data.info import DataInfo, ImagePreparation
from engine.editing.preprocessing import scaling_layers, with_blocks
from engine.errors import quoted
from engine.importing.opened import OpenedModel
from engine.spec.network import INPUT_KIND, MODEL_KIND, NetworkSpec
from engine.spec.project import ProjectSpec
from engine.spec.shapes import holds, shape_text

_SCALING_KINDS: Final = frozenset({"Rescaling", "Normalization"})
_CHANNELS: Final = frozenset({1, 3})  # channels of pictures
_LAYERS_AT_THE_START: Final = 3

Shape = tuple[int | None, ...]


@dataclass(frozen=True)
class Adoption:
    """A project with an opened model in it.

    Attributes
    ----------
    spec
        The project with the model's network.
    answering_spec, info
        Description and data that the model predicts with; None if it cannot predict here.
    fits_data
        ``info`` is the project's own: it can be trained further.
    scaled_by
        Kind of the project's layer that scales samples for a model that does not do so itself, "" if there is none.
    """

    spec: ProjectSpec
    answering_spec: ProjectSpec | None
    info: DataInfo | None
    fits_data: bool
    scaled_by: str = ""


def adopt(
    opened: OpenedModel, outputs: Sequence[Shape], spec: ProjectSpec, info: DataInfo | None
) -> Adoption:
    """Decide how a project takes over an opened model.

    Parameters
    ----------
    outputs
        Shape of each output, without the batch axis.
    info
        The project's data, None if not known.
    """
    after = spec.but(network=opened.network, canvas={}, groups=())
    shapes = list(opened.inputs.values())
    if len(shapes) == len(outputs) == 1:
        if info is not None and _suits(info, shapes[0], outputs[0]):
            network, kind = _scaled_as(spec.network, opened)
            scaled = after.but(network=network)
            return Adoption(scaled, scaled, info, fits_data=True, scaled_by=kind)
        told = opened.card.info if opened.card else guessed_info(opened.network, outputs[0])
        if told is not None and _suits(told, shapes[0], outputs[0]):
            return Adoption(after, after, told, fits_data=False)
    return Adoption(after, None, None, fits_data=False)


def _scaled_as(before: NetworkSpec, opened: OpenedModel) -> tuple[NetworkSpec, str]:
    """Return an opened network scaled as the project's was, where it does not scale itself, and by which kind."""
    scaling = scaling_layers(before)
    if brings_scaling(opened) or not scaling:
        return opened.network, ""
    layer = before.layer(scaling[0])
    block = (layer.kind, layer.parameters)
    return with_blocks(opened.network, opened.network.inputs[0].id, [block]), layer.kind


def brings_scaling(opened: OpenedModel) -> bool:
    """Tell whether the model scales its samples itself: its card says so, or it starts with such a layer."""
    return opened.card is not None or any(
        layer.kind in _SCALING_KINDS for layer in _first_layers(opened.network)
    )


def _first_layers(network: NetworkSpec) -> list[Any]:
    """Return the layers after the input, up to the first branch."""
    found: list[Any] = []
    place = network.inputs[0].id
    for _ in range(_LAYERS_AT_THE_START):
        wires = network.wires_from(place)
        if len(wires) != 1:
            break
        place = wires[0].target
        found.append(network.layer(place))
    return found


def guessed_info(network: NetworkSpec, output: Shape) -> DataInfo | None:
    """Infer the data of an image model without a card; None if it takes no images."""
    shape = tuple(network.inputs[0].parameters["shape"])
    sizes = tuple(size for size in shape if size is not None)
    if len(sizes) != 3 or len(shape) != 3 or sizes[-1] not in _CHANNELS or len(output) != 1:
        return None
    rescales = any(layer.kind == "Rescaling" for layer in _first_layers(network))
    limits = (0.0, 255.0) if rescales else (0.0, 1.0)
    picture = ImagePreparation(sizes[0], sizes[1], sizes[2], limits)
    labels = tuple(f"class {number}" for number in range(max(2, output[-1] or 1)))
    return DataInfo.single(
        "file", "model", "picture", "classification", sizes, labels, image=picture
    )


def _suits(info: DataInfo, taken: Shape, given: Shape) -> bool:
    if not holds(taken, info.input_shape) or len(given) != 1:
        return False
    if info.task == "regression":
        return given[0] == info.n_targets
    return given[0] == info.n_classes or (given[0] == 1 and info.n_classes == 2)


def _told_of_blocks(network: NetworkSpec) -> str:
    blocks = [layer.id for layer in network.layers if layer.kind == MODEL_KIND]
    if not blocks:
        return ""
    return f' ("{quoted(blocks[0], 20)}" is one block, as it uses layers again)'


def adoption_text(
    name: str, opened: OpenedModel, outputs: Sequence[Shape], adoption: Adoption
) -> str:
    """Return one sentence on what was opened and what it can be used for; ``outputs`` as in `adopt`."""
    layers = sum(layer.kind != INPUT_KIND for layer in opened.network.layers)
    numbers = sum(array.size for array in opened.weights.values())
    maker = f"Keras {opened.keras_version}" if opened.keras_version else "an old Keras"
    maker = "ONNX" if opened.format == "onnx" else maker
    found = f'"{quoted(name, 24)}" of {maker}: {layers} layers{_told_of_blocks(opened.network)}, {numbers:,} weights'
    inputs = list(opened.inputs.values())
    if adoption.fits_data:
        return f"{found}; it answers now, and Train the Opened Model trains it further."
    if len(inputs) != 1 or len(outputs) != 1:
        return f"{found}; to train it, leave one input and one output."
    end = "it answers now; " if adoption.info else ""
    wanted = f"{shape_text(inputs[0])} with answers of {shape_text(outputs[0])}"
    return f"{found}; {end}to train it, choose data of {wanted}."
