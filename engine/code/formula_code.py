"""Formulas in a script, as a statement of operators and ``keras.ops`` where that is enough."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from engine.catalog import catalog, require_parameters
from engine.code.computing import is_of_layers
from engine.code.writing import Call, Name, statement
from engine.errors import SpecError
from engine.formula import Tree, parse, text, used_inputs
from engine.formula.tree import LETTERS
from engine.spec.network import LayerSpec

COMPUTED: Final = "computed"
FUNCTION: Final = f'''\
def {COMPUTED}(expression, name, *tensors, trainable=True):
    """Make one layer of an expression, under a name of its own."""
    given = [keras.Input(batch_shape=tensor.shape, dtype=tensor.dtype) for tensor in tensors]
    layer = keras.Model(given, expression(*given), name=name)
    layer.trainable = trainable
    return layer(list(tensors))
'''
_OPS: Final = "keras.ops."


def is_statement(layer: LayerSpec, target: str, taken: Sequence[str]) -> bool:
    """Tell whether ``target = expression`` is enough to restore name, inputs and their order."""
    tree = _tree(layer)
    return (
        layer.trainable
        and target == layer.id
        and len(set(taken)) == len(taken)
        and used_inputs(tree) == tuple(range(len(taken)))
        and not is_of_layers(tree)
    )


def formula_code(target: str, layer: LayerSpec, taken: Sequence[str]) -> str:
    """Return the statement for a formula of the variables ``taken``, given by port.

    Raises
    ------
    SpecError
        If it is invalid or takes more inputs than there are; names the layer.
    """
    tree = _tree(layer)
    wanted = max(used_inputs(tree)) + 1
    if len(taken) < wanted:
        problem = f"the formula takes {wanted} inputs: connect another"
        raise SpecError(f"network.layers.{layer.id}", problem)
    if is_statement(layer, target, taken):
        return f"{target} = {text(tree, taken, _OPS)}"
    letters = LETTERS[: len(taken)]
    expression = Name(f"lambda {', '.join(letters)}: {text(tree, letters, _OPS)}")
    options = () if layer.trainable else (("trainable", False),)
    return statement(target, Call(COMPUTED, (expression, layer.id, *map(Name, taken)), options))


def _tree(layer: LayerSpec) -> Tree:
    require_parameters(catalog().layer(layer.kind), layer.parameters, f"network.layers.{layer.id}")
    return parse(layer.parameters["expression"])
