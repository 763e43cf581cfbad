"""Build up the network of a script, call by call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from engine.catalog import catalog
from engine.catalog.calls import CALL_SETTINGS, MASK, PLAIN, SEPARATE_INPUTS
from engine.catalog.kind_rows import FORMULA
from engine.catalog.model import Kind
from engine.code.computing import LAYERS, Computed, is_of_layers
from engine.code.keras_names import signature
from engine.code.parameters import from_data, kind_of, of_call, parameters_of
from engine.code.values import Chain, Graph, Made, Tensor, refuse
from engine.errors import quoted
from engine.formula import MOST_INPUTS, Tree, text, used_inputs
from engine.formula.arithmetic import Unknown
from engine.formula.tree import Input, Operation, with_inputs
from engine.spec.base import is_name
from engine.spec.network import INPUT_KIND, LayerSpec, NetworkSpec, WireSpec
from engine.spec.reach import reached

MOST_LAYERS: Final = 2_000
# Arguments by which old scripts give the input shape of a Sequential model.
_SHAPES: Final = ("input_shape", "batch_input_shape", "input_dim")
_USED_TWICE: Final = (
    "is used a second time, and shared weights cannot come from a script: "
    "open the saved .keras file, or make another"
)


@dataclass(frozen=True)
class _Node:
    """One block.

    Attributes
    ----------
    sources
        By port.
    follows
        Whether it is an input fed by the first one's samples, which the model does not list.
    preferred_id
        Id if it has no name and the id is free.
    """

    kind: str
    parameters: dict[str, Any]
    name: Any
    line: int
    sources: tuple[int, ...] = ()
    trainable: bool = True
    follows: bool = False
    preferred_id: str = ""


@dataclass
class Drawing:
    """Collects the layers of every model in a script."""

    nodes: list[_Node] = field(default_factory=list)

    # ---- Drawing ----

    def add_input(
        self, shape: Any, dtype: Any, name: Any, line: int, *, follows: bool = False
    ) -> Tensor:
        """Add an input; an unknown shape or dtype is left to the data."""
        parameters: dict[str, Any] = {}
        if isinstance(shape, (list, tuple)) and not any(isinstance(n, Unknown) for n in shape):
            parameters["shape"] = tuple(shape)
        if isinstance(dtype, str) and dtype != "float32":
            parameters["dtype"] = dtype
        made = Made("layers", INPUT_KIND, (), parameters, line)
        checked = parameters_of(made, kind_of(made))
        return self._add(_Node(INPUT_KIND, checked, name, line, follows=follows))

    def place(
        self,
        made: Made,
        tensors: Sequence[Tensor],
        line: int,
        settings: Mapping[str, Any] | None = None,
    ) -> Tensor:
        """Add a layer called on these tensors with these settings."""
        if made.used:
            refuse(line, f"{made.name} {_USED_TWICE} layer")
        made.used = True
        made = from_data(made)
        kind = kind_of(made)
        if kind.unsupported:
            refuse(made.line, f"{kind.name}: {kind.unsupported}")
        trainable = made.named.get("trainable", True)
        if not isinstance(trainable, bool):
            refuse(made.line, f"trainable of {kind.name} must be True or False")
        parameters = {**parameters_of(made, kind), **of_call(made, kind, settings or {})}
        sources = tuple(tensor.node for tensor in tensors)
        node = _Node(kind.name, parameters, _name_of(made, kind), made.line, sources, trainable)
        return self._add(node)

    def draw_computed(self, computed: Computed, line: int, preferred_id: str = "") -> Tensor:
        """Add an expression of tensors: merge layers if they can express it, else a formula."""
        tree = computed.tree
        if isinstance(tree, Input):
            return Tensor(tree.port)
        if is_of_layers(tree) and isinstance(tree, Operation):
            tensors = [self.draw_computed(Computed(each), line) for each in tree.operands]
            return self.place(Made("layers", LAYERS[tree.symbol], (), {}, line), tensors, line)
        used = used_inputs(tree)
        if len(used) > MOST_INPUTS:
            refuse(line, f"this takes more than {MOST_INPUTS} outputs of layers: split it")
        ports = {node: Input(port) for port, node in enumerate(used)}
        own = with_inputs(tree, ports)
        return self.add_formula(
            own, [Tensor(node) for node in used], line, preferred_id=preferred_id
        )

    def add_formula(
        self,
        tree: Tree,
        tensors: Sequence[Tensor],
        line: int,
        name: Any = None,
        *,
        trainable: Any = True,
        preferred_id: str = "",
    ) -> Tensor:
        """Add a formula of these tensors, given by port."""
        named = {"expression": text(tree)}
        made = Made("layers", FORMULA, (), named, line)
        parameters = parameters_of(made, catalog().layer(FORMULA))
        sources = tuple(tensor.node for tensor in tensors)
        return self._add(
            _Node(
                FORMULA,
                parameters,
                name,
                line,
                sources,
                trainable is not False,
                preferred_id=preferred_id,
            )
        )

    def draw_chain(self, chain: Chain, tensor: Tensor | None = None) -> Tensor:
        """Add the layers of a Sequential model, called on a tensor or with its own input."""
        for place, item in enumerate(chain.items):
            if isinstance(item, Tensor):
                tensor = item if tensor is None else tensor
            elif isinstance(item, Chain):
                tensor = self.draw_chain(item, tensor)
            elif isinstance(item, Made) and item.family == "layers":
                if item.name == INPUT_KIND:
                    tensor = self._stated_input(item) if tensor is None else tensor
                    continue
                if tensor is None:
                    tensor = self._first_input(item, chain.line)
                tensor = self.place(_without_shapes(item), (tensor,), item.line)
            else:
                line = getattr(item, "line", chain.line)
                refuse(line, f"item {place + 1} of Sequential is no layer of Keras: use one")
        if tensor is None:
            refuse(chain.line, "the Sequential model has no layers: add some")
        return tensor

    def draw_graph(self, graph: Graph, tensors: Sequence[Tensor], line: int) -> Any:
        """Add the layers of a functional model again, called on these tensors in the order of its inputs."""
        if graph.used:
            refuse(line, f"this model {_USED_TWICE} model")
        if len(tensors) != len(graph.inputs):
            refuse(line, f"this model takes {len(graph.inputs)} inputs: call it with as many")
        graph.used = True
        pairs = zip(graph.inputs, tensors, strict=True)
        copies = {old.node: new.node for old, new in pairs}
        for number in self._upstream(graph.outputs):
            if number not in copies:
                node = self.nodes[number]
                sources = tuple(copies[source] for source in node.sources)
                copies[number] = self._add(replace(node, sources=sources)).node
        outputs = [Tensor(copies[tensor.node]) for tensor in graph.outputs]
        return outputs[0] if len(outputs) == 1 else outputs

    def _stated_input(self, item: Made) -> Tensor:
        named = dict(item.named)
        shape = named.get("shape", item.positional[0] if item.positional else None)
        shape = named.get("input_shape", shape)
        return self.add_input(shape, named.get("dtype"), named.get("name"), item.line)

    def _first_input(self, item: Made, line: int) -> Tensor:
        shape = next((item.named[name] for name in _SHAPES if name in item.named), None)
        if "batch_input_shape" in item.named and isinstance(shape, (list, tuple)):
            shape = shape[1:]
        return self.add_input((shape,) if isinstance(shape, int) else shape, None, None, line)

    def _add(self, node: _Node) -> Tensor:
        if len(self.nodes) >= MOST_LAYERS:
            refuse(node.line, f"more than {MOST_LAYERS} layers: use a smaller network")
        self.nodes.append(node)
        return Tensor(len(self.nodes) - 1)

    # ---- Result ----

    def network(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> NetworkSpec:
        """Return the network between inputs and outputs, with layers in the order of their creation.

        If ``inputs`` is empty, all inputs that the outputs need are used.
        """
        kept = self._upstream(outputs)
        given = [tensor.node for tensor in inputs] or [
            number
            for number in kept
            if self.nodes[number].kind == INPUT_KIND and not self.nodes[number].follows
        ]
        given += [number for number in kept if self.nodes[number].follows]
        for number in kept:
            if self.nodes[number].kind == INPUT_KIND and number not in given:
                refuse(self.nodes[number].line, "this input is not among the model's inputs")
        places = self._ordered({*kept, *given}, given, [tensor.node for tensor in outputs])
        names = self._names(places)
        return NetworkSpec(
            layers=tuple(self._layer(number, names[number]) for number in places),
            wires=tuple(
                WireSpec(source=names[source], target=names[number], port=port)
                for number in places
                for port, source in enumerate(self.nodes[number].sources)
            ),
        )

    def _upstream(self, outputs: Sequence[Tensor]) -> list[int]:
        nodes = (tensor.node for tensor in outputs)
        return sorted(reached(nodes, lambda number: self.nodes[number].sources))

    def _ordered(self, kept: set[int], inputs: list[int], outputs: list[int]) -> list[int]:
        """Return the kept nodes in order of creation, with inputs and outputs in the model's order."""
        order = sorted(kept)
        ends = [number for number in dict.fromkeys(outputs) if number not in inputs]
        for listed in (list(dict.fromkeys(inputs)), ends):
            places = sorted(order.index(number) for number in listed)
            for place, number in zip(places, listed, strict=True):
                order[place] = number
        return order

    def _names(self, places: list[int]) -> dict[int, str]:
        """Return the id of each layer: its name if it has one, else a new id."""
        found: dict[int, str] = {}
        for number in places:
            node = self.nodes[number]
            if node.name is None:
                continue
            if not isinstance(node.name, str) or not is_name(node.name):
                problem = (
                    f'"{quoted(node.name, 30)}" cannot name a layer: use letters, digits and _'
                )
                refuse(node.line, problem)
            if node.name in found.values():
                refuse(node.line, f'a second layer is named "{quoted(node.name, 40)}": rename one')
            found[number] = node.name
        taken = set(found.values())
        for number in places:
            preferred_id = self.nodes[number].preferred_id
            if number not in found and preferred_id not in taken and is_name(preferred_id):
                found[number] = preferred_id
                taken.add(preferred_id)
        for number in places:
            if number not in found:
                found[number] = NetworkSpec().free_name(self.nodes[number].kind, taken)
                taken.add(found[number])
        return found

    def _layer(self, number: int, name: str) -> LayerSpec:
        node = self.nodes[number]
        return LayerSpec(
            id=name, kind=node.kind, parameters=node.parameters, trainable=node.trainable
        )


def taken_in_order(
    made: Made, given: Sequence[Any], named: dict[str, Any], line: int
) -> tuple[tuple[Tensor, ...], dict[str, Any]]:
    """Return the tensors of a layer's call by port, and its call settings; refuses other arguments.

    Parameters
    ----------
    given, named
        Arguments of the call.
    """
    names = ("query", "value", "key") if made.name in SEPARATE_INPUTS else ("inputs", "sequences")
    found = [*given, *(named[name] for name in names if name in named)]
    rest = {name: value for name, value in named.items() if name not in names and value is not None}
    extra = sorted(rest.keys() - CALL_SETTINGS)
    if extra:
        refuse(line, f"{quoted(extra[0], 30)}= in a layer's call cannot be drawn: remove it")
    if len(found) == 1 and isinstance(found[0], (list, tuple)):
        found = list(found[0])
    if MASK in rest and len(found) == 2:
        found.append(found[1])  # the key defaults to the value
    settings: dict[str, Any] = {}
    for name, value in rest.items():
        if name in PLAIN:
            settings[name] = value
        else:
            found += value if isinstance(value, (list, tuple)) else [value]
            settings[name] = True
    if not found or not all(isinstance(item, Tensor) for item in found):
        problem = f"what {made.name} takes is no output of a layer: call it on one"
        refuse(line, problem)
    return tuple(found), settings


def _name_of(made: Made, kind: Kind) -> Any:
    names = signature(kind)
    if "name" in names and names.index("name") < len(made.positional):
        return made.positional[names.index("name")]
    return made.named.get("name")


def _without_shapes(item: Made) -> Made:
    """Return the layer without its input shape; the same object if it has none."""
    for name in _SHAPES:
        item.named.pop(name, None)
    return item
