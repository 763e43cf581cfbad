"""Numbers as text."""

import math

import pytest

from engine.spec.shapes import shape_text
from widgets.plots.wording import number_text


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
    assert shape_text((None, 8)) == "any × 8"
    assert shape_text((None, 8), "?") == "? × 8"
