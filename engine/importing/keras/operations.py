"""Operations between layers, ``x[:, 0]`` or ``ops.mean(x, axis=1)``, as equivalent layers or formulas.

An operation used only by another operation becomes part of that one's formula. Operations that only compute masks
are dropped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from engine.catalog.kind_rows import FORMULA
from engine.errors import BadInput, quoted
from engine.formula import MOST_INPUTS, FormulaError, Tree, canonical, text, used_inputs
from engine.formula.making import call
from engine.formula.parsing import gives_truth
from engine.formula.tree import Input, nodes, with_inputs
from engine.importing.keras.arguments import Constant, TensorRef
from engine.importing.keras.arithmetic import arithmetic, is_operation
from engine.importing.keras.calls import Call
from engine.importing.keras.constants import constant_layer
from engine.importing.keras.formulas import step
from engine.importing.keras.masks import Expression, Masks
from engine.importing.keras.placement import Entry, Found, Scope, add
from engine.importing.keras.timed import refuse_timed
from engine.spec.network import LayerSpec
from engine.spec.reach import reached

_LONGEST_PART: Final = 40  # largest formula, in nodes, that is merged into another
_NO_FORMULA: Final = (LookupError, TypeError, ValueError, AttributeError, RecursionError)


class Operations:
    """The operations of one functional model, placed sources first.

    Parameters
    ----------
    source
        Returns the id of the layer that computes a tensor.
    """

    def __init__(
        self,
        entries: Mapping[str, Entry],
        calls: Mapping[str, Call],
        ends: Iterable[TensorRef],
        place: tuple[Scope, Found, Masks],
        source: Callable[[TensorRef], str],
    ) -> None:
        self._entries = entries
        self._calls = calls
        self._scope, self._found, self._masks = place
        self._source = source
        self._placed: dict[str, str] = {}
        self._trees: dict[str, Tree] = {}
        self._ports: dict[str, int] = {}  # layer id -> number of the input in the trees
        self._problems: dict[str, FormulaError] = {}
        self._masks_of: dict[str, Expression] = {}
        self._needed = _needed(entries, calls, ends)
        takers = (calls[name] for name in self._needed if name in calls)
        self._uses = Counter(ref.layer for call in takers for ref in call.tensors)
        self._uses.update(ref.layer for ref in ends)

    def take(self, name: str) -> None:
        """Translate an operation whose sources are placed."""
        entry, told = self._entries[name], self._calls[name]
        self._masks_of[name] = self._masks.computed(entry.kind, told.node, self.mask)
        if name not in self._needed:  # computes a mask, which Keras propagates by itself
            return
        if any(isinstance(each, Constant) for each in told.node.positional):
            self._placed[name] = self._with_constant(entry, told)
            return
        alike = arithmetic(entry.kind, entry.value.get("config"), told.node)
        if alike is not None and not self._is_better_said(told):
            sources = [self._source(ref) for ref in alike.tensors]
            # A layer would pass on the mask, an operation does not.
            if not any(self._masks.of(source) for source in sources):
                spec = self._layer(entry, alike.kind, alike.parameters)
                self._placed[name] = self._added(spec, sources, entry)
                return
        try:
            config = entry.value.get("config")
            self._trees[name] = step(entry.kind, config, told.node, self._tree)
        except FormulaError as error:
            self._problems[name] = error
        except _NO_FORMULA:
            self._problems[name] = FormulaError("it is damaged")

    def given(self, ref: TensorRef) -> str:
        """Return the id of the layer for an operation's output, placing it if necessary.

        Raises
        ------
        BadInput
            If no formula can express it.
        """
        name = ref.layer
        if name not in self._placed:
            self._check(ref)
            self._placed[name] = self._formula(self._entries[name], self._trees[name])
        return self._placed[name]

    def mask(self, ref: TensorRef) -> Expression:
        """Return the expression of a mask."""
        found = self._masks_of.get(ref.layer)
        return self._masks.given(self._source(ref)) if found is None else found

    def _is_better_said(self, told: Call) -> bool:
        """Tell whether an operand is a formula that can be merged into this operation."""
        return any(ref.layer in self._trees and self._joins(ref.layer) for ref in told.tensors)

    def _joins(self, name: str) -> bool:
        tree = self._trees[name]
        size = sum(1 for _ in nodes(tree))
        return size <= _LONGEST_PART and (self._uses[name] == 1 or gives_truth(tree))

    def _tree(self, ref: TensorRef) -> Tree:
        name = ref.layer
        if name in self._problems:
            self._check(ref)
        if name in self._trees and name not in self._placed and self._joins(name):
            return self._trees[name]
        return Input(self._ports.setdefault(self._source(ref), len(self._ports)))

    def _check(self, ref: TensorRef) -> None:
        name, kind = quoted(ref.layer, 30), quoted(self._entries[ref.layer].kind, 30)
        if ref.index:
            raise BadInput(f'"{name}" ({kind}) gives several outputs: use layers with one')
        if ref.layer in self._problems:
            why = quoted(self._problems[ref.layer].problem.partition(";")[0], 80)
            raise BadInput(f'"{name}" ({kind}) cannot be a formula: {why}')

    def _formula(self, entry: Entry, tree: Tree) -> str:
        if gives_truth(tree):
            tree = call("cast", [tree], {"dtype": "float32"})
        refuse_timed(self._scope.timed, entry.name)
        used = used_inputs(tree)
        ids = {port: layer_id for layer_id, port in self._ports.items()}
        if len(used) > MOST_INPUTS:
            name = quoted(entry.name, 30)
            raise BadInput(f'"{name}" computes with more than {MOST_INPUTS} layers at once')
        own = with_inputs(tree, {port: Input(place) for place, port in enumerate(used)})
        try:
            said = canonical(text(own))
        except FormulaError as error:
            self._problems[entry.name] = error
            self._check(TensorRef(entry.name, 0))
            raise
        spec = self._layer(entry, FORMULA, {"expression": said})
        return self._added(spec, [ids[port] for port in used], entry)

    def _with_constant(self, entry: Entry, told: Call) -> str:
        refuse_timed(self._scope.timed, entry.name)
        spec, arrays = constant_layer(self._layer(entry, "", {}), entry.kind, told.node, entry.name)
        self._found.constants[spec.id] = arrays
        return self._added(spec, [self._source(told.tensors[0])], entry)

    def _layer(self, entry: Entry, kind: str, parameters: dict[str, object]) -> LayerSpec:
        layer_id = self._found.ids.take(self._scope.prefix, entry.name)
        return LayerSpec(id=layer_id, kind=kind, parameters=parameters)

    def _added(self, spec: LayerSpec, sources: list[str], entry: Entry) -> str:
        add(spec, sources, entry, self._scope, self._found)
        return spec.id


def _needed(
    entries: Mapping[str, Entry], calls: Mapping[str, Call], ends: Iterable[TensorRef]
) -> frozenset[str]:
    """Return all layers, and the operations whose output is used as a tensor."""
    layers = [name for name, entry in entries.items() if not is_operation(entry.value)]
    starts = [*layers, *(ref.layer for ref in ends)]
    return reached(starts, lambda name: [ref.layer for ref in calls.get(name, Call()).tensors])
