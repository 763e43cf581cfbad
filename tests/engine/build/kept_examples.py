"""What version 0.1 left: descriptions of schema 1, what its models answered, and how it built them."""

import gzip
import json
from functools import cache
from pathlib import Path

import keras
import numpy as np

from engine.build.layer_call import place
from engine.build.names import reserve
from engine.data.info import DataInfo, ImagePreparation
from engine.data.loaded import Statistics
from engine.spec.codec import decode
from engine.spec.network import NetworkSpec

FOLDER = Path(__file__).resolve().parents[2] / "data" / "schema_1"


@cache
def _descriptions():
    return json.loads(gzip.decompress((FOLDER / "descriptions.json.gz").read_bytes()))


@cache
def answers():
    """Return the arrays of ``answers.npz`` by name."""
    with np.load(FOLDER / "answers.npz") as file:
        return {name: file[name] for name in file.files}


def names():
    """Return the names of all kept projects, ``"<template>/<set>"``."""
    return tuple(_descriptions()["projects"])


def sources():
    """Return the ids of all kept sets."""
    return tuple(_descriptions()["sets"])


def content_of(name):
    """Return the description of schema 1 as plain values."""
    return _descriptions()["projects"][name]


def project_of(name):
    """Return the description as it is read today."""
    return decode(json.dumps(content_of(name)))


# What version 0.1 called the kinds of samples.
KINDS = {
    "image": "picture", "table": "number", "points": "point", "text": "text", "series": "sequence",
}  # fmt: skip


def info_of(source):
    """Return what version 0.1 knew of a set."""
    known = dict(_descriptions()["sets"][source]["info"])
    picture = known["image"]
    if picture is not None:
        values = {**picture, "value_range": tuple(picture["value_range"])}
        known["image"] = ImagePreparation(**values)
    for field in ("feature_names", "value_range"):
        known[field] = None if known[field] is None else tuple(known[field])
    named = {
        field: known[field]
        for field in ("n_targets", "feature_names", "vocabulary_size", "image", "own_test")
    }
    return DataInfo.single(
        source, known["title"], KINDS[known["kind"]], known["task"], known["input_shape"],
        known["labels"], known["input_dtype"], known["value_range"], **named,
    )  # fmt: skip


def statistics_of(source):
    """Return mean and variance of a set's training part, as version 0.1 found them."""
    return Statistics(answers()[f"{source}.mean"], answers()[f"{source}.variance"])


def samples_of(source):
    """Return four samples of a set, unscaled."""
    return answers()[f"{source}.x"]


def scaling_of(source):
    """Return kind and parameters of the layer that version 0.1 put behind the input; None if there was none."""
    return _descriptions()["sets"][source]["scaling"]


def as_0_1_built(content, info, scaling):
    """Return the Keras model of a description of schema 1, built as version 0.1 did.

    The scaling is no layer of the network; the later input layers are identities of what it gives.
    """
    network = NetworkSpec.model_validate(content["network"])
    first, *others = network.inputs
    is_bytes = info.input_dtype == "uint8" and scaling is None
    data = keras.Input(
        info.input_shape, dtype="float32" if is_bytes else info.input_dtype, name=first.id
    )
    scaled = data
    if scaling is not None:
        parameters = dict(scaling["parameters"])
        if parameters["dtype"] == "float64":
            for name in ("scale", "offset"):
                parameters[name] = np.asarray(parameters[name], np.float64)
        name = next(
            name
            for number in range(1, 9)
            if (name := f"{first.id}_scaling" + f"_{number}" * (number > 1)) not in network.ids
        )
        scaled = getattr(keras.layers, scaling["kind"])(**parameters, name=name)(data)
    tensors = {first.id: scaled}
    for layer in others:
        tensors[layer.id] = keras.layers.Identity(name=layer.id)(scaled)
    reserve(network)
    for layer_id in network.order():
        layer = network.layer(layer_id)
        if layer.kind != "InputLayer":
            taken = [tensors[wire.source] for wire in network.wires_into(layer_id)]
            tensors[layer_id] = place(layer, taken)[1]
    outputs = [tensors[layer.id] for layer in network.outputs]
    return keras.Model(data, outputs[0] if len(outputs) == 1 else outputs)


def fill(model):
    """Give a model the weights that the kept answers are of; the same as in ``make.py`` beside them."""
    random = np.random.default_rng(15)
    values = []
    for weight in model.weights:
        numbers = random.random(tuple(weight.shape), np.float32) * 0.4 - 0.2
        values.append(numbers + 0.7 if weight.path.endswith("variance") else numbers)
    model.set_weights(values)
