"""Networks of any layers with any settings, for what must hold of all."""

from docs.make_layer_table import settings_of
from engine.catalog import catalog, check_value, choosable, clean_parameters, nested_field
from engine.catalog.calls import MASK, STATES
from engine.catalog.field_rows import LAYER_LISTS
from engine.data.preprocessing import lacks_numbers
from engine.formula import canonical as written
from engine.spec.network import LayerSpec, NetworkSpec, WireSpec

KINDS = tuple(
    kind
    for kind in catalog().family("layer").values()
    if not kind.unsupported and kind.name != "InputLayer"
)
NAMES = ("a", "class", "x_train", "scaling", "dense", "input_scaling", "model", "e.f", "g-h")


def random_network(random):
    """Return a network without circles in which every layer is connected; port by port."""
    layers = [LayerSpec(id="input", kind="InputLayer", parameters=_input_parameters(random))]
    if random.random() < 0.2:
        layers.append(LayerSpec(id="second", kind="InputLayer"))
    wires = []
    for number in range(random.randint(1, 8)):
        kind = random.choice(KINDS)
        least, most = kind.inputs
        if number and random.random() < 0.5 and least == 1:
            sources = [layers[-1].id]
        else:
            count = random.randint(least, most or 4)
            sources = [random.choice(layers).id for _ in range(count)]
        layer = LayerSpec(
            id=_name(random, layers, number),
            kind=kind.name,
            parameters=(
                {"expression": random_formula(random, len(sources))}
                if kind.name == "Formula"
                else random_parameters(kind, random)
            ),
            trainable=random.random() < 0.9,
        )
        layers.append(layer)
        wires += [
            WireSpec(source=source, target=layer.id, port=port)
            for port, source in enumerate(sources)
        ]
    network = NetworkSpec(layers=tuple(layers), wires=tuple(wires))
    unused = [layer.id for layer in network.inputs if not network.wires_from(layer.id)]
    return network.without_layers(unused)


def random_formula(random, inputs, depth=0):
    """Return a formula of some of the inputs, in any order, as the catalogue writes it."""
    letter = random.choice("abcdefgh"[:inputs])
    if depth > 3:
        return letter
    one, other = (random_formula(random, inputs, depth + 1) for _ in range(2))
    formula = random.choice(
        (
            letter,
            f"-{one}",
            f"({one}) {random.choice(('+', '-', '*', '/', '//', '%', '**', '@'))} ({other})",
            f"{random.choice(('1', '-2.5', '1 / 3', '-(2 ** 3)'))} * ({one})",
            f"where({one} {random.choice(('<', '<=', '>', '>='))} 0.5, ({other}) ** -0.5, 1)",
            f"({one})[:, {random.choice(('0', '-1', '1:', '::-1', 'None', '..., 0'))}]",
            f"softmax({one}, axis={random.choice((1, -1))})",
            f"concatenate([{one}, {other}, {letter}], axis=-1)",
            f"transpose({one}, (0, 2, 1))",
            f"mean({one}, axis=(1, 2), keepdims=True)",
            f"clip({one}, -1 / 3, x_max=1)",
        )
    )
    return written(formula)


def canonical(network):
    """Return what makes two networks the same: blocks, wires, the order of inputs and outputs."""
    layers = {
        layer.id: (layer.kind, layer.trainable, cleaned("layer", layer)) for layer in network.layers
    }
    ends = [[layer.id for layer in each] for each in (network.inputs, network.outputs)]
    return layers, set(network.wires), ends


def cleaned(family, described):
    """Return the parameters of a layer or another object, those equal to defaults left out."""
    kind = catalog().family(family)[described.kind]
    return clean_parameters(kind, described.parameters)


def random_parameters(kind, random, depth=0):
    """Return parameters that fit, defaults left out."""
    found = {}
    for field in kind.fields if depth == 0 else kind.as_part.fields:
        if field.name in (MASK, STATES):
            continue  # they ask for further wires
        if field.required or random.random() < 0.3:
            value = _value(field, random, depth)
            fits = value is not None and not check_value(field, value)
            if fits:
                found[field.name] = value
            elif field.required:
                found[field.name] = field.default
    if lacks_numbers(kind.name, found):
        found |= settings_of(kind)
    return clean_parameters(kind, found)


def _input_parameters(random):
    shape = random.choice(((8, 8, 1), (None, 3), (4,), None, None))
    return {} if shape is None else {"shape": shape}


def _name(random, layers, number):
    name = random.choice(NAMES)
    taken = {layer.id for layer in layers}
    return name if name not in taken else f"layer_{number}"


def _value(field, random, depth):
    if field.name in LAYER_LISTS:
        inner = _object(nested_field(field), random, depth)
        return None if inner is None else (inner, inner)
    if field.type in ("initializer", "regularizer", "constraint", "layer"):
        return _object(field, random, depth)
    if field.type == "activation":
        return random.choice(choosable(field))
    if field.type == "choice":
        return random.choice(field.choices)
    return _PLAIN[field.type](field, random)


def _object(field, random, depth):
    if depth > 2:
        return None
    kinds = catalog().family(field.type)
    kind = kinds[random.choice(field.choices or choosable(field))]
    return {"kind": kind.name, "parameters": random_parameters(kind, random, depth + 1)}


def _int(field, random):
    low, high = field.minimum, field.maximum
    least = int(low if low is not None else -3)
    return random.randint(least, int(min(least + 9, high if high is not None else least + 9)))


def _float(field, random):
    low, high = field.minimum or 0.0, field.maximum if field.maximum is not None else 2.0
    return low + (high - low) * random.random()


def _ints(field, random):
    return tuple(_int(field, random) for _ in range(field.length or random.randint(1, 3)))


def _floats(field, random):
    return tuple(_float(field, random) for _ in range(field.length or random.randint(1, 3)))


_PLAIN = {
    "int": _int,
    "float": _float,
    "bool": lambda _field, random: random.random() < 0.5,
    "text": lambda _field, random: random.choice(("a'b", 'c"d', "e\\f\n", "é", '"""')),
    "ints": _ints,
    "floats": _floats,
    "shape": lambda _field, random: tuple(random.choice((1, 3, 8)) for _ in range(2)),
    "json": lambda field, _random: field.default,
    "formula": lambda field, _random: field.default,
}
