"""Networks and catalogue entries that the canvas is tested with."""

import itertools

from engine.catalog.model import Field, Kind
from engine.spec.issues import LayerFacts
from engine.spec.network import LayerSpec, NetworkSpec, WireSpec


def kind(name, group="Basic", inputs=(1, 1), **more):
    return Kind(name=name, family="layer", group=group, inputs=inputs, **{"fields": (), **more})


UNITS = Field("units", "int", 32, required=True)
ACTIVATION = Field("activation", "activation", None, optional=True)
KINDS = (
    kind("InputLayer", inputs=(0, 0), common=True, help="Where data enters."),
    kind("Dense", fields=(UNITS, ACTIVATION), common=True, help="Every unit sees every input."),
    kind(
        "Conv2D",
        "Convolution",
        common=True,
        help="Slides small windows over pictures.",
        fields=(
            Field("filters", "int", 32, required=True),
            Field("kernel_size", "ints", 3, required=True, length=2),
            Field("strides", "ints", (1, 1), length=2),
            Field("padding", "choice", "valid", choices=("valid", "same")),
            ACTIVATION,
        ),
    ),
    kind("Conv2DTranspose", "Convolution", help="Turns small maps into larger ones."),
    kind(
        "MaxPooling2D",
        "Pooling",
        common=True,
        fields=(Field("pool_size", "ints", (2, 2), length=2),),
    ),
    kind("BatchNormalization", "Normalization", common=True, help="Keeps values near mean 0."),
    kind("Add", "Merging", inputs=(2, None), common=True, help="Adds its inputs."),
    kind("Subtract", "Merging", inputs=(2, 2)),
    kind("MultiHeadAttention", "Attention", inputs=(2, 3)),
    kind("Lambda", unsupported="Runs any code: use the other layers."),
)
BY_NAME = {entry.name: entry for entry in KINDS}


def layers(**kinds):
    return tuple(LayerSpec(id=name, kind=kind) for name, kind in kinds.items())


def wire(source, target, port=0):
    return WireSpec(source=source, target=target, port=port)


def chain(**kinds):
    """A network whose layers follow one another."""
    made = layers(**kinds)
    wires = [wire(a.id, b.id) for a, b in itertools.pairwise(made)]
    return NetworkSpec(layers=made, wires=tuple(wires))


CHAIN = chain(input="InputLayer", conv="Conv2D", pool="MaxPooling2D", out="Dense")
RESIDUAL = NetworkSpec(
    layers=layers(input="InputLayer", a="Conv2D", b="Conv2D", add="Add", out="Dense"),
    wires=(
        wire("input", "a"),
        wire("a", "b"),
        wire("b", "add"),
        wire("input", "add", 1),
        wire("add", "out"),
    ),
)


def column(network, step=112.0):
    """Positions one below the other."""
    return {layer_id: (0.0, row * step) for row, layer_id in enumerate(network.ids)}


def facts(network, shape=(8, 8, 32)):
    return {layer_id: LayerFacts(shape, parameters=4640) for layer_id in network.ids}


REQUESTS = (
    "add_requested", "connect_requested", "disconnect_requested", "rewire_requested", "move_requested",
    "insert_requested", "swap_requested",
    "delete_requested", "copy_requested", "cut_requested", "paste_requested", "duplicate_requested",
    "arrange_requested", "quick_add_requested", "cure_requested", "selection_changed", "menu_requested",
)  # fmt: skip


class Recorder:
    """Writes down every signal of a widget, in order."""

    def __init__(self, widget, names):
        self.said = []
        self._connections = [
            getattr(widget, name).connect(
                lambda *arguments, name=name: self.said.append((name, *arguments))
            )
            for name in names
        ]

    def requests(self):
        """All but changes of the selection."""
        return [said for said in self.said if said[0] != "selection_changed"]
