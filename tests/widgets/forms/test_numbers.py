"""The rule by which typed numbers are read."""

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import LONGEST_MESSAGE, BadInput
from widgets.forms.numbers import read_number, read_whole

# text, as a number, as a whole number; None: refused
RULE = [
    ("0.05", 0.05, None),
    ("0,05", 0.05, None),
    ("5,1", 5.1, None),
    ("1,5e-3", 0.0015, None),
    ("1.5e-3", 0.0015, None),
    ("1e-4", 1e-4, None),
    ("2.5", 2.5, None),
    (",5", 0.5, None),
    (".5", 0.5, None),
    ("0,125", 0.125, None),
    ("1e3", 1000.0, 1000),
    ("1.5e3", 1500.0, 1500),
    ("1 000", 1000.0, 1000),
    ("1\N{NO-BREAK SPACE}000", 1000.0, 1000),
    ("1\N{NARROW NO-BREAK SPACE}234\N{NARROW NO-BREAK SPACE}567", 1234567.0, 1234567),
    ("12 000,5", 12000.5, None),
    ("-5", -5.0, -5),
    ("\N{MINUS SIGN}5", -5.0, -5),
    ("+5", 5.0, 5),
    ("5.", 5.0, 5),
    ("2.0", 2.0, 2),
    ("007", 7.0, 7),
    (" 64\n", 64.0, 64),
    ("0e999999999999", 0.0, 0),
    ("9007199254740993", 9007199254740992.0, 9007199254740993),
    ("1.000", 1.0, None),
    ("12.500", 12.5, None),
    ("1,000", None, None),
    ("-1,000", None, None),
    ("12,500e2", None, None),
    ("1,234.5", None, None),
    ("1.234,5", None, None),
    ("1,2,3", None, None),
    ("1_000", None, None),
    ("1'000", None, None),
    ("1 00", None, None),
    ("10 0000", None, None),
    ("٣", None, None),
    ("３", None, None),
    ("½", None, None),
    ("²", None, None),
    ("1e400", None, None),
    ("-1e400", None, None),
    ("1e-400", None, None),
    ("1e99999999999999999999", None, None),
    ("nan", None, None),
    ("inf", None, None),
    ("-Infinity", None, None),
    ("0x10", None, None),
    ("0b1", None, None),
    ("1e", None, None),
    ("e5", None, None),
    ("1e0.5", None, None),
    (".", None, None),
    ("-", None, None),
    ("--5", None, None),
    ("5 %", None, None),
    ("5 samples", None, None),
    ("True", None, None),
    ("", None, None),
    (" \n", None, None),
]


@pytest.mark.parametrize(("text", "number", "whole"), RULE, ids=[repr(row[0]) for row in RULE])
def test_a_text_is_one_number_or_none(text, number, whole):
    for read, wanted in ((read_number, number), (read_whole, whole)):
        if wanted is not None:
            assert read(text) == wanted
            assert type(read(text)) is type(wanted)
            continue
        with pytest.raises(BadInput) as refused:
            read(text)
        assert len(str(refused.value)) <= LONGEST_MESSAGE


@pytest.mark.parametrize(
    ("text", "cure"), [("1,000", "write 1000 or 1.000"), ("12,500", "write 12500 or 12.500")]
)
def test_what_could_be_two_numbers_names_both(text, cure):
    with pytest.raises(BadInput, match=cure):
        read_number(text)


def test_a_group_of_three_in_a_whole_number_is_refused_with_the_ways_out():
    with pytest.raises(BadInput, match=r"write 1500 or 1$"):
        read_whole("1.500")


@given(st.text(max_size=12))
def test_any_text_is_a_finite_number_or_refused(text):
    for read in (read_number, read_whole):
        with contextlib.suppress(BadInput):
            assert math.isfinite(read(text))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_comma_and_a_point_mean_the_same_where_no_group_is_possible(number):
    text = f"{number:.17e}"  # seventeen decimals are no group of three
    assert read_number(text) == read_number(text.replace(".", ",")) == number
