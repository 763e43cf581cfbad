"""Numbers as text."""

import math

import pytest

from widgets.plots.axes import ValueAxis, WholeAxis
from widgets.plots.wording import number_text, shape_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.183, "−0.1830"),
        (1240.0, "1,240"),
        (123456.0, "123,456"),
        (0.00012, "0.0001200"),
        (1.5e-5, "1.500e−05"),
        (3.2e7, "3.200e+07"),
        (math.nan, "not finite"),
        (-math.inf, "not finite"),
    ],
)
def test_numbers_are_short_and_exact_enough(value, text):
    assert number_text(value) == text


def test_shapes_are_products():
    assert shape_text((3, 3, 1, 1024)) == "3 × 3 × 1 × 1,024"
    assert shape_text(()) == "one number"


@pytest.mark.usefixtures("qapp")
def test_a_whole_axis_has_no_ticks_between():
    axis = WholeAxis("bottom")
    assert all(spacing >= 1 for spacing, _ in axis.tickSpacing(0, 3, 600))
    assert axis.tickStrings([1000, 2000], 1.0, 1000) == ["1,000", "2,000"]


@pytest.mark.usefixtures("qapp")
def test_a_log_axis_numbers_one_two_and_five():
    axis = ValueAxis("left")
    exponents = [-2, math.log10(0.02), math.log10(0.03), math.log10(0.05), 0, 2, 7]
    assert axis.logTickStrings(exponents, 1.0, None) == [
        "0.01", "0.02", "", "0.05", "1", "100", "1e7",
    ]  # fmt: skip
