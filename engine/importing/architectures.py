"""Store the graphs of keras.applications as resources, so that showing them needs no Keras.

Run ``python -m engine.importing.architectures`` after an update of Keras; the results are
``resources/architectures/*.json.gz`` and ``index.json``. ConvNeXt and InceptionResNetV2 are left out:
Keras builds them from custom layers, which an exported file would depend on.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any, Final

import keras

import resources
from engine.importing.keras.description import describe
from engine.spec.edits import remove
from engine.spec.network import NetworkSpec
from engine.storage import write_bytes, write_text
from engine.templates.architectures import FAMILIES, FOLDER, INDEX, Family

LEFT_OUT: Final = frozenset(
    {"InceptionResNetV2", *(f"ConvNeXt{size}" for size in ("Tiny", "Small", "Base", "Large", "XLarge"))}
)  # fmt: skip
# Layers before the first convolution of architectures that scale their input.
_PREPROCESSING: Final = frozenset({"Rescaling", "Normalization"})


def graph_of(name: str) -> tuple[NetworkSpec, int]:
    """Return an architecture without its top as a network, and its number of parameters for RGB.

    No memory is allocated for weights.
    """
    keras.backend.clear_session()  # resets the counters in layer names
    with keras.StatelessScope(initialize_variables=False):
        model = getattr(keras.applications, name)(
            weights=None, include_top=False, input_shape=(224, 224, 3)
        )
    config: Any = json.loads(json.dumps(model.get_config()))
    network = describe({"class_name": "Functional", "config": config}).network
    return network, model.count_params()


def bare(network: NetworkSpec, family: Family) -> NetworkSpec:
    """Return the network without its preprocessing layers."""
    if not family.preprocesses:
        return network
    front: list[str] = []
    layer_id = network.inputs[0].id
    while True:
        (wire, *_) = network.wires_from(layer_id)
        layer_id = wire.target
        if network.layer(layer_id).kind not in _PREPROCESSING:
            return remove(network, front)
        front.append(layer_id)


def packed(network: NetworkSpec) -> bytes:
    """Return the bytes of a stored graph; equal graphs give equal bytes."""
    return gzip.compress(network.model_dump_json(exclude_defaults=True).encode(), mtime=0)


def main() -> None:
    """Write all files."""
    folder = Path(resources.path(FOLDER))
    counts: dict[str, dict[str, int]] = {}
    for family in FAMILIES:
        for name in family.names:
            network, parameters = graph_of(name)
            body = bare(network, family)
            counts[name] = {"parameters": parameters, "layers": len(body.layers)}
            write_bytes(folder / f"{name}.json.gz", packed(body))
    write_text(Path(resources.path(FOLDER)) / Path(INDEX).name, json.dumps(counts, indent=1) + "\n")


if __name__ == "__main__":
    main()
