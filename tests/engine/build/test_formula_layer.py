"""Formulas built by Keras: equal to NumPy, each sample alone, trained, reloaded by Keras, opened again."""

import inspect

import keras
import numpy as np
import pytest

from engine.build.model import build_as_described
from engine.errors import BadInput, SpecError
from engine.formula import canonical
from engine.formula.functions import ALIASES, FUNCTIONS, OPERATORS
from engine.importing.opener import open_model, restore
from engine.spec.network import LayerSpec, NetworkSpec, WireSpec

SHAPE = (4, 2)
GENERATOR = np.random.default_rng(0)
A, B, C = (GENERATOR.uniform(0.1, 0.9, (3, *SHAPE)).astype("float32") for _ in range(3))
# What fits each kind of constant, for a function tried with the usual arguments.
CONSTANTS = {
    "number": 0.5,
    "whole": 1,
    "size": 2,
    "flag": True,
    "axis": -1,
    "axes": (-1,),
    "new_axis": -1,
    "order": (0, 2, 1),
    "shape": (-1, 8),
    "repeats": (1, 2, 1),
    "margins": ((0, 0), (1, 1), (0, 0)),
    "dtype": "int32",
    "mode": "reflect",
}
# function -> its usual call, where the constants above do not fit
OWN_CALLS = {
    "squeeze": "squeeze(x[:, :, None], axis=2)",
    "clip": "clip(x, x_min=0.2, x_max=0.7)",
    "round": "round(x, decimals=1)",
}


def network(expression, inputs):
    layers = [
        LayerSpec(id=name, kind="InputLayer", parameters={"shape": SHAPE})
        for name in ("one", "two", "three")[:inputs]
    ]
    formula = LayerSpec(id="made", kind="Formula", parameters={"expression": expression})
    wires = [
        WireSpec(source=layer.id, target="made", port=port) for port, layer in enumerate(layers)
    ]
    return NetworkSpec(layers=(*layers, formula), wires=tuple(wires))


def usual_call(function):
    """Return a formula that calls the function, and how many inputs it takes."""
    if function.name in OWN_CALLS:
        return OWN_CALLS[function.name], 1
    letters = iter("abc")
    arguments = []
    for parameter in function.parameters:
        if parameter.kind == "tensor":
            arguments.append(next(letters))
        elif parameter.kind == "tensors":
            arguments.append(f"[{next(letters)}, {next(letters)}]")
        else:
            arguments.append(f"{parameter.name}={CONSTANTS[parameter.kind]!r}")
    used = 3 - len(list(letters))
    return f"{function.name}({', '.join(arguments)})", used


CALLS = [usual_call(function) for function in FUNCTIONS.values()]
EXPRESSIONS = [
    ("x", 1, A),
    ("-x", 1, -A),
    ("a + b - 2", 2, A + B - 2),
    ("a * b / (c + 1)", 3, A * B / (C + 1)),
    ("x // 0.3 + x % 0.3", 1, A // 0.3 + A % 0.3),
    ("2 ** -x + x ** 0.5", 1, 2**-A + A**0.5),
    ("1 / 8 ** 0.5 * x", 1, A / 8**0.5),
    ("a @ transpose(b, (0, 2, 1))", 2, A @ B.transpose(0, 2, 1)),
    ("(x > 0.5) * x", 1, (A > 0.5) * A),
    ("where(a <= b, a, 0.1)", 2, np.where(A <= B, A, 0.1)),
    ("x[:, 0]", 1, A[:, 0]),
    ("x[..., None, ::-1]", 1, A[..., None, ::-1]),
    ("x[:, 1:3, None] * x[:, -1:, :, None]", 1, A[:, 1:3, None] * A[:, -1:, :, None]),
    ("mean(x, axis=(1, 2), keepdims=True) - x", 1, A.mean((1, 2), keepdims=True) - A),
    ("sum(x, 1)", 1, A.sum(1)),
    ("std(x, axis=-1)", 1, A.std(-1)),
    ("concatenate([a, b, a], axis=1)", 2, np.concatenate([A, B, A], 1)),
    ("stack([a, b], axis=1)", 2, np.stack([A, B], 1)),
    ("reshape(x, (-1, 2, 4))", 1, A.reshape(-1, 2, 4)),
    ("tile(x, (1, 2, 1))", 1, np.tile(A, (1, 2, 1))),
    ("repeat(x, 2, axis=1)", 1, np.repeat(A, 2, 1)),
    ("pad(x, ((0, 0), (1, 0), (0, 2)))", 1, np.pad(A, ((0, 0), (1, 0), (0, 2)))),
    ("roll(flip(x, axis=1), 1, axis=1)", 1, np.roll(np.flip(A, 1), 1, 1)),
    ("cumsum(x, axis=1)", 1, np.cumsum(A, 1)),
    ("argmax(x, axis=1)", 1, A.argmax(1)),
    ("sort(x, axis=1)", 1, np.sort(A, 1)),
    ("swapaxes(x, 1, 2)", 1, A.swapaxes(1, 2)),
    ("clip(x, 0.2, 0.7)", 1, A.clip(0.2, 0.7)),
    ("maximum(a, minimum(b, 0.5))", 2, np.maximum(A, np.minimum(B, 0.5))),
    ("exp(x) / sum(exp(x), axis=-1, keepdims=True) - softmax(x)", 1, np.zeros_like(A)),
    ("one_hot(cast(4 * x, 'int32'), 4)", 1, np.eye(4, dtype="float32")[(4 * A).astype(int)]),
    ("tril(x)", 1, np.tril(A)),
]


def given(inputs):
    return A if inputs == 1 else [A, B, C][:inputs]


def numbers(result):
    return np.asarray(keras.ops.convert_to_numpy(result))


def test_the_table_has_the_arguments_of_keras():
    for function in FUNCTIONS.values():
        real = list(inspect.signature(getattr(keras.ops, function.name)).parameters.values())
        for ours, theirs in zip(function.parameters, real, strict=False):
            assert ours.name == theirs.name, function.name
            if not ours.required:
                assert ours.default == theirs.default, function.name
    assert all(hasattr(keras.ops, name) for name in (*OPERATORS, *ALIASES, *ALIASES.values()))


@pytest.mark.parametrize(("expression", "inputs", "wanted"), EXPRESSIONS, ids=lambda item: None)
def test_a_formula_computes_what_numpy_does(expression, inputs, wanted):
    result = numbers(build_as_described(network(canonical(expression), inputs))(given(inputs)))
    assert result.shape == wanted.shape
    np.testing.assert_allclose(result, wanted, rtol=1e-5, atol=1e-6)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """One model of every function, and of every expression above: saved, and read again by Keras alone."""
    tried = [(canonical(call), inputs) for call, inputs in CALLS]
    tried += [(canonical(expression), inputs) for expression, inputs, _ in EXPRESSIONS]
    layers = [
        LayerSpec(id=name, kind="InputLayer", parameters={"shape": SHAPE})
        for name in ("one", "two", "three")
    ]
    wires, ends = [], []
    for number, (expression, inputs) in enumerate(tried):
        name = f"made_{number}"
        if _gives_truth(expression):
            expression = f"where({expression}, 1.0, 0.0)"
        layers.append(LayerSpec(id=name, kind="Formula", parameters={"expression": expression}))
        wires += [
            WireSpec(source=layer.id, target=name, port=port)
            for port, layer in enumerate(layers[:inputs])
        ]
        ends.append(name)
    described = NetworkSpec(layers=tuple(layers), wires=tuple(wires))
    model = build_as_described(described)
    path = tmp_path_factory.mktemp("formulas") / "all.keras"
    model.save(path)
    return described, model, path


def _gives_truth(expression):
    return expression.startswith(("all(", "any(", "equal(", "not_equal(", "is", "logical_"))


def equal(one, other):
    return all(
        np.array_equal(numbers(a), numbers(b), equal_nan=True)
        for a, b in zip(one, other, strict=True)
    )


def test_plain_keras_reads_every_formula_with_equal_answers(saved):
    _, model, path = saved
    assert equal(model([A, B, C]), keras.models.load_model(path)([A, B, C]))


def test_each_sample_is_computed_alone(saved):
    described, model, _ = saved
    together = model([A, B, C])
    alone = model([A[1:2], B[1:2], C[1:2]])
    names = [layer.parameters.get("expression") for layer in described.outputs]
    for name, one, other in zip(names, together, alone, strict=True):
        np.testing.assert_allclose(numbers(one)[1:2], numbers(other), rtol=1e-5, err_msg=name)


def test_an_exported_formula_opens_as_the_same_formula(saved):
    described, model, path = saved
    opened = open_model(path)
    for layer in described.layers:
        found = opened.network.layer(layer.id)
        expression = layer.parameters.get("expression", "")
        if layer.kind == "Formula" and "8 **" not in expression:  # saved as the number it is
            assert found.parameters == layer.parameters
    assert equal(model([A, B, C]), restore(opened)([A, B, C]))


@pytest.mark.parametrize(
    "computed",
    [
        lambda x: keras.ops.flip(x, axis=0),
        lambda x: x - keras.ops.mean(x, axis=0),
        lambda x: keras.ops.real(x),
        lambda x: keras.ops.einsum("abc->abc", x),
    ],
)
def test_a_file_whose_operations_are_no_formula_is_refused_in_one_sentence(computed, tmp_path):
    given, inner = keras.Input(SHAPE), keras.Input(SHAPE)
    operations = keras.Model(inner, computed(inner), name="odd")
    path = tmp_path / "odd.keras"
    keras.Model(given, keras.layers.Dense(1)(operations(given))).save(path)
    with pytest.raises(BadInput, match="cannot be a formula"):
        open_model(path)


@pytest.mark.parametrize(
    ("expression", "inputs", "words"),
    [
        ("mean(x, axis=-3)", 1, "reach the samples"),
        ("softmax(x, axis=-3)", 1, "reach the samples"),
        ("expand_dims(x, -4)", 1, "reach the samples"),
        ("reshape(x, (-1, 4))", 1, "reach the samples"),
        ("tile(x, (1, 2))", 1, "reach the samples"),
        ("transpose(x, (0, 1))", 1, "reach the samples"),
        ("tril(x[:, 0])", 1, "reach the samples"),
        ("x[:, 0] + x", 1, "arrays of 1 and 2 axes"),
        ("maximum(x[:, 0], x)", 1, "arrays of 1 and 2 axes"),
        ("x[:, 0] @ x[:, 1]", 1, "mix the samples"),
        ("x[:, 0, 0, 0]", 1, "more axes than there are"),
        ("x[..., 0, 0, 0]", 1, "more axes than there are"),
        ("x[:, 9]", 1, "does not fit"),
        ("softmax(x, axis=5)", 1, "does not fit"),
        ("a @ b", 2, "does not fit"),
        ("a > b", 2, "yes or no"),
        ("a", 2, "does not use input b"),
        ("a + c", 2, "it uses c"),
        ("tile(tile(x, (1, 99999, 1)), (1, 99999, 1))", 1, "too many numbers"),
    ],
)
def test_what_would_reach_the_samples_or_does_not_fit_is_refused(expression, inputs, words):
    with pytest.raises(SpecError, match=words) as refused:
        build_as_described(network(canonical(expression), inputs))
    assert refused.value.where == "network.layers.made.expression"


def test_what_learns_before_a_formula_learns_through_it():
    layers = (
        LayerSpec(id="input", kind="InputLayer", parameters={"shape": SHAPE}),
        LayerSpec(id="dense", kind="Dense", parameters={"units": 2}),
        LayerSpec(id="made", kind="Formula", parameters={"expression": "a * sigmoid(1.7 * b)"}),
    )
    wires = (
        WireSpec(source="input", target="dense"),
        WireSpec(source="dense", target="made", port=0),
        WireSpec(source="input", target="made", port=1),
    )
    model = build_as_described(NetworkSpec(layers=layers, wires=wires))
    before = model.get_layer("dense").get_weights()[0]
    model.compile("sgd", "mse")
    model.train_on_batch(A, B)
    assert not np.array_equal(before, model.get_layer("dense").get_weights()[0])
    assert model.get_layer("made").count_params() == 0
