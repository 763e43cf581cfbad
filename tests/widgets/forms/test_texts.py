import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.catalog.model import Field
from engine.errors import LONGEST_MESSAGE, BadInput
from widgets.forms import texts

INT = Field("units", "int", 1, minimum=1)
FLOAT = Field("rate", "float", 0.0)
OPTIONAL = Field("seed", "int", None, optional=True)
SHAPE = Field("shape", "shape", None, optional=True)
INTS = Field("dims", "ints", (1,))
FLOATS = Field("edges", "floats", (1.0,))
JSON = Field("anything", "json", None, optional=True)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_reads_back_as_it_was(number):
    assert texts.parse_number(FLOAT, texts.format_number(number)) == number


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.001, "0.001"), (1e-4, "0.0001"), (1e-7, "1e-7"), (32, "32"), (1.0, "1"), (1e20, "1e20")],
)
def test_numbers_are_written_short(number, text):
    assert texts.format_number(number) == text


@given(st.lists(st.one_of(st.none(), st.integers(1, 10**6)), min_size=1, max_size=6).map(tuple))
def test_a_shape_reads_back_as_it_was(shape):
    assert texts.parse_shape(SHAPE, texts.format_list(shape)) == shape


@given(st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=6).map(tuple))
def test_a_list_of_whole_numbers_reads_back_as_it_was(numbers):
    assert texts.parse_ints(INTS, texts.format_list(numbers)) == numbers


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=6).map(tuple))
def test_a_list_of_numbers_reads_back_as_it_was(numbers):
    assert texts.parse_floats(FLOATS, texts.format_list(numbers)) == numbers


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-999, 999) | st.floats(-9, 9) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(JSON_VALUES)
def test_json_reads_back_as_it_was(value):
    assert texts.parse_json(JSON, texts.format_json(value)) == value


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("28, 28, 1", (28, 28, 1)),
        ("(28,28,1)", (28, 28, 1)),
        ("28x28x3", (28, 28, 3)),
        ("28 × 28", (28, 28)),
        ("none, 64", (None, 64)),
        ("[?, 3]", (None, 3)),
        ("-1", (-1,)),
        ("", None),
        ("none", None),
    ],
)
def test_shapes_can_be_typed_in_many_ways(text, shape):
    assert texts.parse_shape(SHAPE, text) == shape


@pytest.mark.parametrize(
    ("parse", "field", "text", "word"),
    [
        (texts.parse_number, INT, "abc", "whole number"),
        (texts.parse_number, INT, "0", "at least 1"),
        (texts.parse_number, INT, "", "whole number"),
        (texts.parse_number, FLOAT, "1,500", "two ways"),
        (texts.parse_number, FLOAT, "nan", "number"),
        (texts.parse_shape, SHAPE, "28, big", "big"),
        (texts.parse_ints, INTS, "1, 2.5", "2.5"),
        (texts.parse_floats, FLOATS, "a", "numbers"),
        (texts.parse_json, JSON, "{", "JSON"),
        (texts.parse_json, JSON, "NaN", "JSON"),
        (texts.parse_json, JSON, "[1e400]", "JSON"),
        (texts.parse_json, JSON, "[" * 100_000, "JSON"),
        (texts.parse_shape, SHAPE, "9" * 5000, "9"),
    ],
)
def test_what_is_no_value_is_refused_in_one_sentence(parse, field, text, word):
    with pytest.raises(BadInput) as refused:
        parse(field, text)
    assert word in str(refused.value)
    assert len(str(refused.value)) <= LONGEST_MESSAGE


def test_no_text_is_none_only_where_the_field_is_optional():
    assert texts.parse_number(OPTIONAL, "") is None
    assert texts.parse_number(OPTIONAL, "none") is None
    assert texts.parse_text(Field("dtype", "text", None, optional=True), "") is None
    assert texts.parse_text(Field("name", "text", ""), "") == ""


@given(st.floats(1e-9, 1e9), st.sampled_from([1, -1]))
def test_a_step_goes_the_right_way_and_back(value, direction):
    field = Field("learning_rate", "float", 0.1)
    stepped = texts.next_number(field, value, direction)
    assert (stepped - value) * direction > 0
    assert 0.2 <= stepped / value <= 5


def test_steps_of_an_unbounded_number_go_along_1_2_5():
    field = Field("learning_rate", "float", 0.1)
    ladder = [0.001]
    for _ in range(4):
        ladder.append(texts.next_number(field, ladder[-1], 1))
    assert ladder == [0.001, 0.002, 0.005, 0.01, 0.02]


@given(st.floats(0, 1), st.sampled_from([1, -1]))
def test_steps_of_a_share_stay_within_its_bounds(value, direction):
    field = Field("rate", "float", 0.0, minimum=0.0, maximum=1.0)
    stepped = texts.next_number(field, value, direction)
    assert 0 <= stepped <= 1
    assert math.isclose(abs(stepped - value), 0.05, abs_tol=1e-8) or stepped in (0.0, 1.0)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "none"),
        (True, "yes"),
        (0.001, "0.001"),
        ((3, 3), "3, 3"),
        ({"kind": "Zeros", "parameters": {}}, "Zeros"),
        (({"kind": "AUC"}, {"kind": "Accuracy"}), "AUC, Accuracy"),
        ("same", "same"),
    ],
)
def test_values_are_named_in_sentences(value, text):
    assert texts.value_text(value) == text


@pytest.mark.parametrize(
    ("name", "title"), [("kernel_size", "Kernel size"), ("use_bias", "Bias"), ("units", "Units")]
)
def test_arguments_get_readable_titles(name, title):
    assert texts.field_title(name) == title
