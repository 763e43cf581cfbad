"""Each operator of ONNX with each of its attributes answers as ONNX Runtime does, or is refused by name."""

from dataclasses import replace

import numpy as np
import pytest
from onnx import defs, helper

from engine.errors import LONGEST_MESSAGE, BadInput
from engine.importing.onnx.graph import NEWEST_OPSET, OLDEST_OPSET
from engine.importing.onnx.layers import OPERATORS
from engine.importing.onnx.windows import WINDOWS
from engine.importing.opener import restore
from tests.engine.importing.onnx_cases import Case, X, model_of, samples_of
from tests.engine.importing.onnx_number_cases import NUMBER_CASES, SAMPLES_FIRST
from tests.engine.importing.onnx_reference import SAMPLES, assert_same, opened, reference
from tests.engine.importing.onnx_window_cases import WINDOW_CASES

CASES = [*WINDOW_CASES, *NUMBER_CASES]
OPENED = [each for each in CASES if not each.refused]
REFUSED = [each for each in CASES if each.refused]


def _named(cases):
    return {"argvalues": cases, "ids": [each.name for each in cases]}


def _open(made, folder):
    return opened(folder, model_of(made))


def _ours(array, shape, samples):
    """Return an array of the file with samples first, and channels last if ours has them there."""
    array = np.moveaxis(array, samples, 0)
    return array if array.shape[1:] == tuple(shape) else np.moveaxis(array, 1, -1)


def _answers(made, given, model):
    places = [item.samples for item in made.inputs if isinstance(item, X)] or [0]
    shapes = model.inputs.values()
    xs = [
        _ours(np.float32(array), shape, samples)
        for array, shape, samples in zip(given.values(), shapes, places, strict=True)
    ]
    answers = restore(model)(xs if len(xs) > 1 else xs[0], training=False)
    return answers if isinstance(answers, (list, tuple)) else [answers]


def _assert_same(made, answers, wanted, count):
    """Compare; the answers of networks with windows have their channels last."""
    turns = any(op in WINDOWS for op in (made.op, *(op for op, _, _ in made.after)))
    assert len(answers) == len(wanted)
    for answer, each in zip(answers, wanted, strict=True):
        ours = np.moveaxis(each, each.shape.index(count), 0)
        if turns and each.ndim > 2:
            ours = np.moveaxis(ours, 1, -1)
        assert_same(answer, ours)


@pytest.mark.parametrize("made", **_named(OPENED))
def test_what_opens_answers_as_onnx_runtime(made, tmp_path):
    lengths = [len(item) for item in made.inputs if getattr(item, "dtype", None) == np.int32]
    count = lengths[0] if lengths else SAMPLES
    given = samples_of(made, count)
    _assert_same(
        made,
        _answers(made, given, _open(made, tmp_path)),
        reference(model_of(made), *given.values()),
        count,
    )


@pytest.mark.parametrize("made", **_named(REFUSED))
def test_what_is_refused_is_named(made, tmp_path):
    with pytest.raises(BadInput) as refusal:
        restore(_open(made, tmp_path))
    words = str(refusal.value)
    assert f'"{made.op}"' in words
    assert made.refused in words
    assert len(words) <= LONGEST_MESSAGE


@pytest.mark.parametrize("made", **_named(SAMPLES_FIRST))
def test_sequences_with_samples_first_answer_as_those_with_steps_first(made, tmp_path):
    given = samples_of(made, SAMPLES)
    told = {name: value for name, value in made.attributes.items() if name != "layout"}
    steps_first = replace(made, attributes=told)
    (array,) = given.values()
    inputs = (X(made.inputs[0].shape, samples=1), *made.inputs[1:])
    model = model_of(replace(steps_first, inputs=inputs))
    (wanted,) = reference(model, np.moveaxis(array, 0, 1))
    _assert_same(made, _answers(made, given, _open(made, tmp_path)), [wanted], SAMPLES)


# ---- Nothing is left out ----


_EVERY = defs.get_all_schemas_with_history()


def _schemas(op):
    """Return the schemas of an operator in the opsets that are read, newest first."""
    own = sorted(each.since_version for each in _EVERY if (each.name, each.domain) == (op, ""))
    first = max(version for version in own if version <= OLDEST_OPSET or version == own[0])
    return [defs.get_schema(op, version) for version in own if version >= first]


def test_every_operator_has_a_case():
    assert set(OPERATORS) == {each.op for each in CASES}


@pytest.mark.parametrize("op", sorted(OPERATORS))
def test_every_attribute_of_every_opset_has_a_case(op):
    told = {name for each in [*CASES, *SAMPLES_FIRST] if each.op == op for name in each.attributes}
    told |= {"sparse_value"} if op == "Constant" else set()  # has a test of its own
    for schema in _schemas(op):
        assert set(schema.attributes) <= told, schema.since_version


@pytest.mark.parametrize("op", sorted(OPERATORS))
def test_the_table_knows_each_attribute_in_the_opsets_that_have_it(op):
    for opset in range(OLDEST_OPSET, defs.onnx_opset_version() + 1):
        try:
            schema = defs.get_schema(op, opset)
        except defs.SchemaError:  # the operator came later
            continue
        known = {name for name, opsets in OPERATORS[op].attributes.items() if opset in opsets}
        assert known == set(schema.attributes), opset


def test_an_attribute_that_no_opset_has_is_refused(tmp_path):
    for op in sorted(OPERATORS):
        made = next(each for each in CASES if each.op == op)
        other = replace(made, attributes={**made.attributes, "of_tomorrow": 2.0})
        with pytest.raises(BadInput, match="of_tomorrow"):
            _open(other, tmp_path)


def test_the_newest_opset_is_that_of_the_reference():
    assert defs.onnx_opset_version() == NEWEST_OPSET


@pytest.mark.parametrize("opset", [1, OLDEST_OPSET - 1, NEWEST_OPSET + 1])
def test_other_opsets_are_refused(opset, tmp_path):
    made = replace(next(each for each in CASES if each.op == "Relu"), opset=opset)
    with pytest.raises(BadInput, match=f"opset {opset}"):
        _open(made, tmp_path)


def test_a_sparse_constant_is_refused(tmp_path):
    values = helper.make_tensor("v", 1, [1], [2.0])
    places = helper.make_tensor("p", 7, [1], [1])
    made = Case("Constant", {"sparse_value": helper.make_sparse_tensor(values, places, [3])})
    with pytest.raises(BadInput, match='"Constant" has sparse_value'):
        _open(replace(made, after=(("Add", ("y", "x0"), {}),)), tmp_path)
