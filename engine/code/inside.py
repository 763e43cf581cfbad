"""Code for a network inside a layer: statements that create the model and call it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from engine.catalog.inner import checked_inner, is_parted
from engine.catalog.kind_rows import FORMULA
from engine.code.formula_code import formula_code
from engine.code.objects import layer_call
from engine.code.writing import Call, Name, statement
from engine.spec.inner import InnerNetwork
from engine.spec.network import INPUT_KIND, OUTPUT_KIND, LayerSpec

Connect = Callable[[LayerSpec, list[Name], bool], str]
_FIRST: Final = "[0]"
_COMMENT: Final = (
    "# A model inside the model: what is called twice below has the same weights both times."
)


def inside_code(
    target: str,
    layer: LayerSpec,
    taken: Sequence[Name],
    free: Callable[[str], str],
    connect: Connect,
) -> list[str]:
    """Return the statements that assign the layer's output to ``target``.

    Layers are created in the order of `engine.build.model`; a shared layer is called several times.

    Parameters
    ----------
    free
        Reserves and returns an unused variable for a preferred name.
    connect
        Returns the code of a call: ``"([a, b])"``; the last argument asks for all outputs.

    Raises
    ------
    SpecError
        If the inner network does not fit.
    """
    inner = checked_inner(layer, len(taken))
    network = inner.network

    def variable(name: str) -> str:
        return free(f"{target}_{re.sub(r'[^A-Za-z0-9_]', '_', name)}")

    tensors: dict[str, str] = {}
    lines = [_COMMENT]
    for port, entering in zip(network.inputs, taken, strict=True):
        tensors[port.id] = variable(port.id)
        lines.append(statement(tensors[port.id], _input_call(port.id, entering)))
    lines += _layers_code(inner, tensors, variable, connect)
    inputs = [Name(tensors[port.id]) for port in network.inputs]
    output = Name(tensors[network.outputs[0].id])
    arguments = (inputs if len(inputs) > 1 else inputs[0], output)
    model = variable("model")
    lines.append(statement(model, Call("keras.Model", arguments, (("name", layer.id),))))
    if not layer.trainable:
        lines.append(f"{model}.trainable = False")
    lines.append(f"{target} = {model}{connect(layer, list(taken), False)}")
    return lines


def _input_call(name: str, entering: Name) -> Call:
    shape = (Name(f"{entering.text}.shape[1:]"),)
    return Call("keras.Input", shape, (("dtype", Name(f"{entering.text}.dtype")), ("name", name)))


def _layers_code(
    inner: InnerNetwork,
    tensors: dict[str, str],
    variable: Callable[[str], str],
    connect: Connect,
) -> list[str]:
    """Return a statement for each call of a layer; adds the variables of its outputs to ``tensors``."""
    network = inner.network
    lines: list[str] = []
    shared = set(inner.shared.values())
    made: dict[str, str] = {}
    for layer_id in network.order():
        spec = network.layer(layer_id)
        if spec.kind == INPUT_KIND:
            continue
        taken = [tensors[wire.source] for wire in network.wires_into(layer_id)]
        if spec.kind == OUTPUT_KIND:  # a further output is written as an index of its layer's
            tensors[layer_id] = f"{taken[0].removesuffix(_FIRST)}[{spec.parameters['place']}]"
            continue
        owner = inner.shared.get(layer_id, layer_id)
        further = is_parted(inner, owner)
        given = connect(spec, [Name(name) for name in taken], further)
        told = variable(layer_id)
        if spec.kind == FORMULA:
            lines.append(formula_code(told, spec, taken))
        elif owner not in shared:
            call = layer_call(spec, further=further)
            lines.append(statement(told, call, after=len(given)) + given)
        else:
            if owner not in made:
                made[owner] = variable(f"{owner}_layer")
                lines.append(
                    statement(made[owner], layer_call(spec.but(id=owner), further=further))
                )
            lines.append(f"{told} = {made[owner]}{given}")
        tensors[layer_id] = f"{told}{_FIRST}" if further else told
    return lines
