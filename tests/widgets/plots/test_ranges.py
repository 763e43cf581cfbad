"""Axes that follow values."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.plots.ranges import fitted

VALUES = st.floats(-(2.0**100), 2.0**100, width=32)


@given(VALUES, VALUES)
def test_values_lie_within_and_fill_most_of_it(one, other):
    low, high = min(one, other), max(one, other)
    bottom, top = fitted(low, high, None)
    assert bottom <= low <= high <= top
    assert bottom < top
    if high - low > 1e-6 * abs(high):
        assert high - low >= 0.6 * (top - bottom)
        assert fitted(low, high, (bottom, top)) == (bottom, top)


def test_a_range_stays_while_the_values_fit_it():
    shown = fitted(0.0, 1.0, None)
    assert fitted(0.1, 0.9, shown) is shown
    assert fitted(0.1, 1.3, shown)[1] > 1.3
    assert fitted(0.4, 0.6, shown) == fitted(0.4, 0.6, None)


def test_a_value_at_the_very_end_moves_it():
    """Else half of its mark would be cut off."""
    low, high = 0.2, 0.97
    _, top = shown = fitted(low, high, None)
    assert fitted(low, top - 0.1 * (top - high), shown)[1] > top


def test_a_falling_loss_moves_the_end_of_its_axis_seldom():
    shown, moves = None, 0
    for step in range(400):
        found = fitted(2.3 * math.exp(-step / 100), 2.3, shown)
        moves, shown = moves + (found != shown), found
    assert moves < 30


def test_what_is_never_negative_starts_close_to_zero():
    assert fitted(0.0, 2.3, None)[0] == pytest.approx(-0.115)
    assert fitted(-0.5, 2.3, None)[0] < -0.5


@pytest.mark.parametrize("value", [0.0, 3.0, -2e20])
def test_a_single_value_has_room_around_it(value):
    bottom, top = fitted(value, value, None)
    assert bottom < value < top
