"""The pyramid against plain NumPy."""

import itertools
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from widgets.plots.pyramid import BLOCK, FACTOR, MinMaxPyramid, _Level, bucket_width

FLOATS = st.one_of(
    st.floats(width=32, allow_nan=True, allow_infinity=True),
    st.just(np.float32(np.nan)),
    st.floats(-10, 10, width=32),
)


def series(largest=700):
    return hnp.arrays(np.float32, st.integers(0, largest), elements=FLOATS)


def made(values, chunks=(len,)):
    """Return a pyramid of the values, appended in chunks of the given sizes, again and again."""
    pyramid, start, turn = MinMaxPyramid(), 0, 0
    while start < len(values):
        size = chunks[turn % len(chunks)]
        size = len(values) if callable(size) else size
        pyramid.append(values[start : start + size])
        start, turn = start + size, turn + 1
    return pyramid


def finite(values):
    return np.where(np.isfinite(values), values, np.nan)


def nan_extreme(function, values):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy warns of an all-NaN slice
        return function(values) if len(values) else np.nan


@given(
    series(),
    st.lists(st.integers(1, 90), min_size=1, max_size=4),
    st.integers(-5, 705),
    st.integers(-5, 705),
    st.integers(1, 60),
)
def test_every_bucket_has_the_true_extremes(values, chunks, first, last, pixels):
    first, last = max(0, first), min(len(values), last)
    view = made(values, chunks).view(first, last, bucket_width(last - first, pixels))
    assert len(view.start) <= pixels + 2
    if last <= first:
        assert not len(view.start)
        return
    assert view.start[0] == first
    edges = [*view.start, last]
    assert all(a < b for a, b in itertools.pairwise(edges))
    clean = finite(values)
    for (a, b), low, high in zip(itertools.pairwise(edges), view.low, view.high, strict=True):
        assert np.array_equal(low, nan_extreme(np.nanmin, clean[a:b]), equal_nan=True)
        assert np.array_equal(high, nan_extreme(np.nanmax, clean[a:b]), equal_nan=True)


@given(
    hnp.arrays(np.float32, st.integers(1, 700), elements=st.floats(-1e6, 1e6, width=32)),
    st.sets(st.integers(1, 700), min_size=1, max_size=20),
    st.integers(1, 800),
    st.sets(st.integers(0, 699), max_size=5),
)
def test_means_are_those_of_numpy(values, stops, window, holes):
    values = values.copy()
    values[[hole for hole in holes if hole < len(values)]] = np.nan
    ends = sorted({min(stop, len(values)) for stop in stops})
    means = made(values, (37,)).means_before(np.array(ends), window)
    for stop, mean in zip(ends, means, strict=True):
        last = values[max(0, stop - window) : stop]
        expected = nan_extreme(np.nanmean, last.astype(np.float64))
        assert mean == pytest.approx(expected, rel=1e-9, abs=1e-3, nan_ok=True)


@pytest.mark.parametrize(("window", "stops"), [(50, [54, 60, 70]), (3000, [3004, 4000, 5000])])
def test_one_huge_value_does_not_blur_later_means(window, stops):
    values = np.full(5000, 0.25, dtype=np.float32)
    values[3] = 1e30
    means = made(values, (100,)).means_before(np.array([4, *stops]), window)
    assert means[1:] == pytest.approx(0.25)
    assert means[0] > 1e29


@given(series(300), series(100), st.integers(0, 300))
def test_truncating_forgets_exactly_the_end(values, more, size):
    size = min(size, len(values))
    pyramid = made(values, (13,))
    pyramid.truncate(size)
    pyramid.append(more)
    fresh = made(np.concatenate([values[:size], more]))
    assert np.array_equal(pyramid.points, fresh.points, equal_nan=True)
    for column, expected in zip(
        pyramid.view(0, len(fresh), 16), fresh.view(0, len(fresh), 16), strict=True
    ):
        assert np.array_equal(column, expected, equal_nan=True)


def test_buckets_stay_where_they_are_while_the_series_grows():
    values = np.random.default_rng(1).normal(size=3000).astype(np.float32)
    pyramid = made(values[:2100], (50,))
    before = pyramid.view(0, 2100, 64)
    pyramid.append(values[2100:2300])
    after = pyramid.view(0, 2300, 64)
    shared = len(before.start) - 1  # the last was cut
    assert np.array_equal(before.start[:shared], after.start[:shared])
    assert np.array_equal(before.low[:shared], after.low[:shared])


def test_numbers_beyond_float32_count_as_missing():
    pyramid = made(np.array([1.0, 1e300, -np.inf, 2.0]))
    assert pyramid.view(0, 4, 4).high.max() == 2.0
    assert np.isnan(pyramid.points[1:3]).all()


def test_a_screen_of_ten_million_points_reads_few_entries(monkeypatch):
    """The cost of a view must not follow the length: count what it reads."""
    pyramid = made(np.zeros(1_000_000, dtype=np.float32), (100_000,))
    touched = []
    real = _Level.part

    def counted(self, level, first, last):
        touched.append(last - first)
        return real(self, level, first, last)

    monkeypatch.setattr(_Level, "part", counted)
    pyramid.view(0, 1_000_000, bucket_width(1_000_000, 1000))
    assert 0 < sum(touched) < 20_000


def test_a_long_run_leaves_no_heap_of_work_to_who_asks_first(monkeypatch):
    asked = []
    real = MinMaxPyramid._finite_part

    def counted(self, first, last):
        asked.append(last - first)
        return real(self, first, last)

    monkeypatch.setattr(MinMaxPyramid, "_finite_part", counted)
    pyramid = MinMaxPyramid()
    for _ in range(200):
        pyramid.append(np.ones(5000, np.float32))
    assert pyramid.means_before(np.array([999_990, 1_000_000]), 999_990).tolist() == [1, 1]
    assert sum(asked) > 900_000
    assert max(asked) < BLOCK + 5000 + FACTOR
