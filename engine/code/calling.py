"""Evaluate the calls in a script."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from engine.code.drawing import Drawing, taken_in_order
from engine.code.keras_names import FAMILIES, MERGES, family_of
from engine.code.values import (
    Chain,
    Dotted,
    Function,
    Graph,
    Made,
    Method,
    OwnClass,
    Settings,
    Tensor,
    refuse,
)
from engine.errors import quoted
from engine.formula.arithmetic import LONGEST, UNKNOWN

BUILTIN: Final = "builtins."
Given: TypeAlias = Sequence[Any]
Named: TypeAlias = dict[str, Any]
RunFunction: TypeAlias = Callable[[Function, Given, Mapping[str, Any], int], Any]

_SEEDS: Final = frozenset({"keras.utils.set_random_seed", "tensorflow.random.set_seed"})
_INPUTS: Final = frozenset({"keras.Input", "keras.layers.Input"})
_ARRAYS: Final = frozenset({"numpy.array", "numpy.asarray"})
_CHAINS: Final = frozenset({"keras.Sequential", "keras.models.Sequential"})
_GRAPHS: Final = frozenset({"keras.Model", "keras.models.Model"})
_LIBRARIES: Final = ("keras.", "tensorflow.")
_FIT: Final = ("x", "y", "batch_size", "epochs")
_COMPILE: Final = ("optimizer", "loss", "loss_weights", "metrics")
_SAME_SAMPLES: Final = "same_samples"


class Calls:
    """Evaluates calls whose arguments are evaluated already.

    Parameters
    ----------
    models
        List to which every model is added.
    run_function
        Calls a function of the script.
    """

    def __init__(
        self,
        drawing: Drawing,
        models: list[Chain | Graph],
        settings: Settings,
        run_function: RunFunction,
    ) -> None:
        self._drawing = drawing
        self._models = models
        self._settings = settings
        self._run_function = run_function

    def call(self, function: Any, given: Given, named: Named, line: int) -> Any:
        """Return the result of a call, `UNKNOWN` if it does not concern the network."""
        if isinstance(function, Dotted):
            return self._library(function.path, given, named, line)
        if isinstance(function, Made) and function.family == "layers":
            tensors, settings = taken_in_order(function, given, named, line)
            return self._drawing.place(function, tensors, line, settings)
        if isinstance(function, (Chain, Graph)):
            return self._model(function, given, line)
        if isinstance(function, Function):
            return self._own_function(function, given, named, line)
        if isinstance(function, OwnClass):
            name = quoted(function.name, 30)
            refuse(line, f'"{name}" is programmed in the script: use layers that Keras has')
        if isinstance(function, Method):
            return self._method(function, given, named, line)
        return UNKNOWN

    # ---- Keras ----

    def _library(self, path: str, given: Given, named: Named, line: int) -> Any:
        if path in _INPUTS:
            return self._input(given, named, line)
        if path in _CHAINS:
            return self._chain(given, named, line)
        if path in _GRAPHS:
            return self._graph(given, named, line)
        if path in _SEEDS:
            self._settings.seed = given[0] if given else named.get("seed")
            return UNKNOWN
        if path in _ARRAYS:  # the values; the layer that takes them determines the dtype
            return given[0] if given and isinstance(given[0], (list, tuple)) else UNKNOWN
        family, name = family_of(path), path.rpartition(".")[2]
        if family == "layers" and name in MERGES:
            return self._merge(MERGES[name], given, named, line)
        if family in FAMILIES or family == "callbacks":
            return Made(family, name, tuple(given), named, line)
        if path.startswith(_LIBRARIES) and any(isinstance(each, Tensor) for each in given):
            problem = f"{quoted(path, 50)} is no layer: use the layer that does the same"
            refuse(line, problem)
        return UNKNOWN

    def _input(self, given: Given, named: Named, line: int) -> Tensor:
        shape = given[0] if given else named.get("shape")
        batch = named.get("batch_shape")
        if shape is None and isinstance(batch, (list, tuple)):
            shape = batch[1:]
        shape = (shape,) if isinstance(shape, int) else shape
        return self._drawing.add_input(shape, named.get("dtype"), named.get("name"), line)

    def _merge(self, kind: str, given: Given, named: Named, line: int) -> Tensor:
        options = {name: value for name, value in named.items() if name != "inputs"}
        made = Made("layers", kind, tuple(given[1:]), options, line)
        taken = {"inputs": named["inputs"]} if "inputs" in named else {}
        tensors, _settings = taken_in_order(made, given[:1], taken, line)
        return self._drawing.place(made, tensors, line)

    def _chain(self, given: Given, named: Named, line: int) -> Chain:
        items = given[0] if given else named.get("layers")
        if items is not None and not isinstance(items, (list, tuple)):
            refuse(line, "the layers of Sequential are not a plain list: write the list")
        chain = Chain(list(items or ()), line)
        self._models.append(chain)
        return chain

    def _graph(self, given: Given, named: Named, line: int) -> Graph:
        both = dict(zip(("inputs", "outputs"), given, strict=False)) | named
        inputs = _tensors(both.get("inputs"), "inputs", line)
        outputs = _tensors(both.get("outputs"), "outputs", line)
        graph = Graph(inputs, outputs, line)
        self._models.append(graph)
        return graph

    # ---- Objects of the script ----

    def _model(self, model: Chain | Graph, given: Given, line: int) -> Any:
        """Call a model on tensors."""
        tensors = given[0] if len(given) == 1 and isinstance(given[0], (list, tuple)) else given
        if not tensors or not all(isinstance(tensor, Tensor) for tensor in tensors):
            return UNKNOWN  # called on data
        if model in self._models:
            self._models.remove(model)
        if isinstance(model, Graph):
            return self._drawing.draw_graph(model, tensors, line)
        return self._drawing.draw_chain(model, tensors[0])

    def _own_function(self, function: Function, given: Given, named: Named, line: int) -> Any:
        known = function.node.name == _SAME_SAMPLES and len(given) == 2
        if known and isinstance(given[0], Tensor):  # a further input in generated scripts
            shape, dtype = named.get("shape"), named.get("dtype")
            return self._drawing.add_input(shape, dtype, given[1], line, follows=True)
        return self._run_function(function, given, named, line)

    def _method(self, method: Method, given: Given, named: Named, line: int) -> Any:
        owner = method.owner
        if isinstance(owner, list):
            self._change_list(owner, method.name, given, line)
        elif method.name == "compile":
            self._settings.model = owner
            self._settings.compiled = dict(zip(_COMPILE, given, strict=False)) | named
        elif method.name == "fit":
            self._settings.model = owner
            self._settings.fitted = dict(zip(_FIT, given, strict=False)) | named
        elif isinstance(owner, Chain) and method.name == "add":
            owner.items.append(given[0] if given else named.get("layer"))
        elif isinstance(owner, Chain) and method.name == "pop" and owner.items:
            return owner.items.pop()
        return UNKNOWN

    def _change_list(self, owner: list[Any], name: str, given: Given, line: int) -> None:
        if name == "append" and len(given) == 1:
            owner.append(given[0])
        elif name == "extend" and len(given) == 1 and isinstance(given[0], (list, tuple)):
            owner.extend(given[0])
        if len(owner) > LONGEST:
            refuse(line, f"a list of more than {LONGEST} items: use a shorter one")


def _tensors(value: Any, what: str, line: int) -> tuple[Tensor, ...]:
    items = value if isinstance(value, (list, tuple)) else (value,)
    if not items or not all(isinstance(item, Tensor) for item in items):
        refuse(line, f"the {what} of the model are no outputs of layers: name those")
    return tuple(items)
