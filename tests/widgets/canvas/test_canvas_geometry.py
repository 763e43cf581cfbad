"""Ports and routes: pure numbers."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.canvas.ports import BLOCK_SIZE, input_offset, snapped
from widgets.canvas.routing import Span, plan

WIDTH, HEIGHT = BLOCK_SIZE


@given(st.integers(1, 12), st.booleans())
def test_ports_stand_on_the_top_edge_from_left_to_right(n_inputs, spare):
    places = [input_offset(port, n_inputs, spare and n_inputs > 1) for port in range(n_inputs)]
    assert all(y == 0 and 0 < x < WIDTH for x, y in places)
    assert all(a[0] < b[0] for a, b in itertools.pairwise(places))


@pytest.mark.parametrize(("place", "wanted"), [((3.9, 4.1), (0, 8)), ((-12.5, 1e3), (-16, 1000))])
def test_the_grid(place, wanted):
    assert snapped(*place) == wanted


def rectangles(corners):
    return np.array([(x, y, x + WIDTH, y + HEIGHT) for x, y in corners], dtype=float)


def span(blocks, source, target):
    left, _, right, bottom = blocks[source]
    return Span(
        start=((left + right) / 2, bottom),
        end=((blocks[target][0] + blocks[target][2]) / 2, blocks[target][1]),
        source=source,
        target=target,
    )


def test_a_free_way_is_a_curve_and_a_blocked_one_a_lane_beside():
    blocks = rectangles([(0, 0), (0, 112), (0, 224)])
    direct, around = plan([span(blocks, 0, 1), span(blocks, 0, 2)], blocks)
    assert direct.curved
    assert direct.label == (WIDTH / 2, (HEIGHT + 112) / 2)
    assert not around.curved
    assert not 0 <= around.label[0] <= WIDTH


def test_a_wire_upwards_goes_around_its_own_blocks():
    blocks = rectangles([(0, 200), (0, 0)])
    (route,) = plan([span(blocks, 0, 1)], blocks)
    assert not route.curved
    assert not 0 <= route.label[0] <= WIDTH


def test_parallel_lanes_keep_apart():
    blocks = rectangles([(0, 112 * row) for row in range(6)])
    routes = plan([span(blocks, 0, 3), span(blocks, 1, 4), span(blocks, 0, 5)], blocks)
    lanes = sorted(route.label[0] for route in routes)
    assert all(b - a >= 12 for a, b in itertools.pairwise(lanes))


# Blocks on a grid with gaps, in any order: as a layout gives them and as a user may shuffle them.
grids = st.lists(
    st.tuples(st.integers(-3, 3), st.integers(0, 7)), min_size=2, max_size=20, unique=True
).map(lambda cells: rectangles([(x * 240, y * 112) for x, y in cells]))


@given(grids, st.data())
def test_no_route_runs_through_a_block(blocks, data):
    ends = st.tuples(st.integers(0, len(blocks) - 1), st.integers(0, len(blocks) - 1))
    pairs = data.draw(
        st.lists(ends.filter(lambda pair: pair[0] != pair[1]), min_size=1, max_size=8)
    )
    spans = [span(blocks, *pair) for pair in pairs]
    for wanted, route in zip(spans, plan(spans, blocks), strict=True):
        assert math.dist(route.points[0], wanted.start) < 1e-6
        assert math.dist(route.points[-1], wanted.end) < 1e-6
        if route.curved:
            t = np.linspace(0, 1, 300)[:, None, None]
            a, b, c, d = np.array(route.points)[:, None, :]
            curve = (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d
            x, y = curve[..., 0], curve[..., 1]  # (300, 1)
            inside = (
                (blocks[:, 0] < x) & (blocks[:, 2] > x) & (blocks[:, 1] < y) & (blocks[:, 3] > y)
            )
            assert not inside.any()
        else:
            x, y = route.label
            low, high = (
                sorted((route.points[2][1], route.points[-3][1]))
                if len(route.points) > 4
                else (y, y)
            )
            through = (
                (blocks[:, 0] < x)
                & (blocks[:, 2] > x)
                & (blocks[:, 1] < high)
                & (blocks[:, 3] > low)
            )
            assert not through.any()


def test_no_wires_no_routes():
    assert plan([], rectangles([(0, 0)])) == ()
