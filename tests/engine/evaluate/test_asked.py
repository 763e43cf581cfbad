"""Numbers sent to a network by hand, and its answers judged."""

import numpy as np
import pytest

from engine.errors import BadInput
from engine.evaluate.asked import answer_notes, as_taken, words_taken
from engine.spec.network import LayerSpec, NetworkSpec, WireSpec


@pytest.mark.parametrize(
    ("value", "dtype", "words"),
    [
        (np.nan, "float32", "x0 holds nan in row 2, column 1: fill or remove it"),
        (-np.inf, "float32", "x0 holds -inf in row 2, column 1: fill or remove it"),
        (1e39, "float32", "x0 holds 1e\\+39 in row 2, column 1: use other units"),
        (1e25, "float32", "at most 1e\\+19"),
        (1e25, "float64", "at most 1e\\+19"),
        (70_000.0, "float16", "at most 65504"),
        (np.nan, "int32", "fill or remove it"),
        (3.5, "int32", "x0 holds 3.5 in sample 2: the network takes whole numbers"),
        (3e9, "int32", "holds 3e\\+09 in sample 2: the network takes whole numbers"),
        (-1.0, "uint8", "holds -1 in sample 2: the network takes whole numbers from 0 to 255"),
        (256.0, "uint8", "holds 256 in sample 2: the network takes whole numbers from 0 to 255"),
    ],
)
def test_a_number_that_cannot_be_computed_with_is_refused_with_its_place(value, dtype, words):
    values = np.array([[1.0, 2.0], [value, 3.0]])
    with pytest.raises(BadInput, match=words):
        as_taken(values, "x0", dtype, "in.npz")


@pytest.mark.parametrize("given", ["float64", "float32", "float16", "int64", "uint8", ">f8"])
@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "uint8"])
def test_usual_numbers_pass_in_the_type_that_is_taken(given, dtype):
    values = np.array([[0, 1], [2, 255]], given)
    found = as_taken(values, "x0", dtype, "in.npz")
    assert found.dtype == np.dtype(dtype)
    assert np.array_equal(found, [[0, 1], [2, 255]])


def test_answers_that_are_no_numbers_are_said_with_the_first_sample():
    answers = {"y0": np.array([[1.0], [np.nan], [np.inf]]), "y1": np.ones((3, 2))}
    (note,) = answer_notes(answers)
    assert note.startswith(
        "y0 is infinite or not a number for 2 of 3 samples, the first of them sample 2"
    )


@pytest.mark.parametrize("dtype", ["int32", "float32"])
@pytest.mark.parametrize("value", [10, -1, 2.5])
def test_a_word_number_that_is_none_is_refused_whatever_type_the_input_has(dtype, value):
    layers = (
        LayerSpec(id="input", kind="InputLayer"),
        LayerSpec(id="words", kind="Embedding", parameters={"input_dim": 10, "output_dim": 4}),
    )
    network = NetworkSpec(layers=layers, wires=(WireSpec(source="input", target="words"),))
    words = words_taken(network, "input")
    with pytest.raises(BadInput, match="whole numbers from 0 to 9"):
        as_taken(np.array([[1, 2], [3, value]]), "x0", dtype, "in.npz", words)
    assert np.array_equal(as_taken(np.array([[0, 9]]), "x0", dtype, "in.npz", words), [[0, 9]])
