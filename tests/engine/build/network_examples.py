"""Networks and data sets in few words, for the tests of everything that reads a description."""

from dataclasses import replace

from engine.data.info import DataInfo
from engine.spec.network import LayerSpec, NetworkSpec, WireSpec
from engine.spec.project import ProjectSpec

TEN = tuple("0123456789")
DIGITS = DataInfo.single(
    "digits", "Digits", "picture", "classification", (8, 8, 1), TEN,
    value_range=(0.0, 16.0), counts=(1257, 270, 270),
)  # fmt: skip
IRIS = DataInfo.single(
    "iris", "Iris", "number", "classification", (4,), ("setosa", "versicolor", "virginica"),
    counts=(104, 23, 23),
)  # fmt: skip
MOONS = DataInfo.single("moons", "Moons", "point", "classification", (2,), ("upper", "lower"))
DIABETES = DataInfo.single("diabetes", "Diabetes", "number", "regression", (10,), ("progression",))
SINE = DataInfo.single("sine", "Sine", "sequence", "regression", (20, 1), ("next value",))
NEWS = DataInfo.single(
    "reuters", "News", "text", "classification", (30,), tuple(f"topic {i}" for i in range(5)),
    input_dtype="int32", value_range=(0.0, 999.0), vocabulary_size=1000,
)  # fmt: skip


def samples_of(shape, dtype="float32", kind="number"):
    """Describe made-up classification data of any shape."""
    return DataInfo.single("made", "Made", kind, "classification", shape, TEN, input_dtype=dtype)


def chain(*layers, start="input"):
    """Return input and layers in one line; a layer is ``"Kind"`` or ``("Kind", {parameters})``."""
    return extend(NetworkSpec(layers=(LayerSpec(id=start, kind="InputLayer"),)), start, *layers)


def extend(network, source, *layers):
    """Return the network with more layers in one line after ``source``."""
    for layer in layers:
        kind, parameters = layer if isinstance(layer, tuple) else (layer, {})
        name = network.free_name(kind)
        network = network.with_layer(LayerSpec(id=name, kind=kind, parameters=parameters))
        if source is not None:
            network = network.with_wire(WireSpec(source=source, target=name))
        source = name
    return network


def wired(network, *wires):
    """Return the network with wires more, each ``(source, target, port)``."""
    more = tuple(WireSpec(source=s, target=t, port=p) for s, t, p in wires)
    return NetworkSpec(layers=network.layers, wires=(*network.wires, *more))


def dense(units, activation="linear"):
    return ("Dense", {"units": units, "activation": activation})


def conv(filters=4, size=3, **more):
    return ("Conv2D", {"filters": filters, "kernel_size": (size, size), **more})


def classifier(units=10):
    return chain(conv(), "Flatten", dense(units, "softmax"))


def project(network, **training):
    """Return a project around the network, with these training settings."""
    spec = ProjectSpec(network=network)
    return spec.but(training=spec.training.but(**training)) if training else spec


def with_counts(info, training, validation, test):
    return replace(info, counts=(training, validation, test))
