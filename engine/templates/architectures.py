"""The architectures of keras.applications as templates that can be edited layer by layer.

Their graphs are stored as resources by ``python -m engine.importing.architectures``, so that showing them needs no
TensorFlow. They start with new weights: no download, any input size, any classes.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from types import MappingProxyType
from typing import Any, Final

import resources
from engine.data.info import DataInfo
from engine.spec.network import INPUT_KIND, LayerSpec, NetworkSpec, WireSpec
from engine.spec.training import TrainingSpec
from engine.templates.network_builder import dropout, output
from engine.templates.template import PICTURES, Template

FOLDER: Final = "architectures"
INDEX: Final = f"{FOLDER}/index.json"
_GROUP: Final = "Architectures of keras.applications"


@dataclass(frozen=True)
class Family:
    """Architectures of one paper.

    Attributes
    ----------
    names
        As in keras.applications.
    help
        What they have in common, without a full stop.
    least_side
        Smallest side in pixels that Keras accepts; smaller images are enlarged.
    preprocesses
        Whether Keras adds preprocessing layers, which are left out here.
    """

    names: tuple[str, ...]
    help: str
    least_side: int = 32
    preprocesses: bool = False


FAMILIES: Final = (
    Family(
        ("VGG16", "VGG19"),
        "3 × 3 convolutions one behind the other (Simonyan & Zisserman 2014)",
    ),
    Family(
        ("ResNet50", "ResNet101", "ResNet152"),
        "Blocks of three convolutions with skip connections (He et al. 2015)",
    ),
    Family(
        ("ResNet50V2", "ResNet101V2", "ResNet152V2"),
        "ResNet that normalises before each convolution (He et al. 2016)",
    ),
    Family(
        ("InceptionV3",),
        "Looks at neighbourhoods of several sizes at once (Szegedy et al. 2015)",
        least_side=75,
    ),
    Family(
        ("Xception",),
        "Depthwise separable convolutions with skip connections (Chollet 2016)",
        least_side=71,
    ),
    Family(("MobileNet",), "Depthwise separable convolutions for phones (Howard et al. 2017)"),
    Family(
        ("MobileNetV2",),
        "Narrow residuals around wide depthwise convolutions (Sandler et al. 2018)",
    ),
    Family(
        ("MobileNetV3Small", "MobileNetV3Large"),
        "MobileNet found by search, with squeeze and excitation (Howard et al. 2019)",
        preprocesses=True,
    ),
    Family(
        ("DenseNet121", "DenseNet169", "DenseNet201"),
        "Every layer sees all layers of its block before it (Huang et al. 2016)",
    ),
    Family(
        ("NASNetMobile", "NASNetLarge"),
        "Cells that a search put together (Zoph et al. 2017)",
    ),
    Family(
        tuple(f"EfficientNetB{n}" for n in range(8)),
        "Depth, width and size grow together (Tan & Le 2019)",
        preprocesses=True,
    ),
    Family(
        (*(f"EfficientNetV2B{n}" for n in range(4)), *(f"EfficientNetV2{n}" for n in "SML")),
        "EfficientNet that trains faster (Tan & Le 2021)",
        preprocesses=True,
    ),
)  # fmt: skip


def body(name: str) -> NetworkSpec:
    """Return an architecture from its input to its last feature map, without a head."""
    packed = resources.path(f"{FOLDER}/{name}.json.gz").read_bytes()
    return NetworkSpec.model_validate_json(gzip.decompress(packed))


def _built(name: str, least_side: int, info: DataInfo) -> NetworkSpec:
    """Return the architecture for images of this size, with a new head for the task."""
    graph = body(name)
    entry, last = graph.inputs[0], graph.outputs[0]
    layers, wires = list(graph.layers), list(graph.wires)
    layers[layers.index(entry)] = LayerSpec(id=entry.id, kind=INPUT_KIND)
    height, width = info.input_shape[:2]
    if min(height, width) < least_side:
        # Enlarged uniformly to keep the aspect ratio.
        factor = least_side / min(height, width)
        size = {"height": round(height * factor), "width": round(width * factor)}
        enlarged = LayerSpec(id=graph.free_name("Resizing"), kind="Resizing", parameters=size)
        layers.insert(layers.index(layers[0]) + 1, enlarged)
        wires = [w.but(source=enlarged.id) if w.source == entry.id else w for w in wires]
        wires.append(WireSpec(source=entry.id, target=enlarged.id))
    source = last.id
    for kind, parameters in _head(info):
        layer = LayerSpec(id=graph.free_name(kind), kind=kind, parameters=parameters)
        layers.append(layer)
        wires.append(WireSpec(source=source, target=layer.id))
        source = layer.id
    return NetworkSpec(layers=tuple(layers), wires=tuple(wires))


def _head(info: DataInfo) -> tuple[tuple[str, dict[str, Any]], ...]:
    return (("GlobalAveragePooling2D", {}), dropout(0.2), output(info))


def _layers(name: str, least_side: int, info: DataInfo) -> int:
    """Return the number of layers that `_built` would create."""
    is_enlarged = min(info.input_shape[:2]) < least_side
    return int(_counts(name)["layers"]) + is_enlarged + len(_head(info))


def _counts(name: str) -> Mapping[str, int]:
    counts: Mapping[str, int] = _index().get(name, {"parameters": 0, "layers": 0})
    return counts


def _training(_info: DataInfo) -> TrainingSpec:
    return TrainingSpec(epochs=10)


@lru_cache(maxsize=1)
def _index() -> Mapping[str, Any]:
    """Numbers of parameters and layers of each body by name."""
    return MappingProxyType(json.loads(resources.path(INDEX).read_text()))


def _templates(family: Family) -> tuple[Template, ...]:
    return tuple(
        Template(
            name.lower(), name, f"{family.help}; {_counts(name)['parameters'] / 1e6:.1f} million weights.",
            PICTURES, partial(_built, name, family.least_side), _training, group=_GROUP, least_side=8,
            count=partial(_layers, name, family.least_side),
        )
        for name in family.names
    )  # fmt: skip


def architectures() -> tuple[Template, ...]:
    """Return every stored architecture as a template."""
    return tuple(template for family in FAMILIES for template in _templates(family))
