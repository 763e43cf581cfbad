"""Values at steps, with jumps and repeats."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.plots.series import Series

PIECES = st.lists(
    st.tuples(st.integers(1, 200), st.lists(st.floats(-5, 5, width=32), min_size=1, max_size=20)),
    max_size=12,
)


def filled(pieces):
    """Return a series and the dictionary it must equal: a repeated step forgets all later ones."""
    series, expected = Series(), {}
    for first, values in pieces:
        series.append(first, values)
        expected = {step: value for step, value in expected.items() if step < first}
        expected.update({first + i: np.float32(value) for i, value in enumerate(values)})
    return series, expected


@given(PIECES)
def test_points_are_what_was_appended_last(pieces):
    series, expected = filled(pieces)
    steps, values = series.points()
    assert dict(zip(steps.tolist(), values, strict=True)) == expected
    assert series.last_step == max(expected, default=0)


@given(PIECES, st.integers(0, 240))
def test_a_value_is_read_at_the_last_point_so_far(pieces, step):
    series, expected = filled(pieces)
    earlier = [at for at in expected if at <= step]
    assert series.at(step) == (expected[max(earlier)] if earlier else None)


@given(PIECES, st.floats(0, 240), st.floats(0, 240))
def test_a_view_holds_every_point_between(pieces, a, b):
    series, expected = filled(pieces)
    first, last = min(a, b), max(a, b)
    view = series.view(*series.span(first, last), width=1)
    inside = {step for step in expected if first <= step <= last}
    assert inside <= set(view.step.astype(int).tolist())
    assert len(view.step) <= len(inside) + 2


def test_smoothing_is_the_mean_of_the_last_points():
    values = np.arange(100, dtype=np.float32)
    series = Series()
    series.append(1, values)
    x, y = series.smoothed(*series.span(1, 100), stride=1, window=10)
    assert x.tolist() == list(range(1, 101))
    assert y[-1] == pytest.approx(values[-10:].mean())
    assert y[0] == 0
    assert series.at(100, window=10) == pytest.approx(values[-10:].mean())


def test_smoothing_thins_out_but_keeps_both_ends():
    series = Series()
    series.append(5, np.zeros(10_000))
    x, _ = series.smoothed(*series.span(0, 20_000), stride=100, window=30)
    assert (x[0], x[-1]) == (5, 10_004)
    assert len(x) == 101
