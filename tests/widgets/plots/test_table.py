"""The numbers of a plot as text."""

import csv
import io
import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from widgets.plots.table import Points, Table, curves_table


def read(text, separator=","):
    return list(csv.reader(io.StringIO(text), delimiter=separator))


def points(title, x, y):
    return Points(title, np.array(x), np.array(y))


def test_curves_share_their_steps_and_leave_out_what_they_do_not_have():
    table = curves_table(
        "step", [points("a", [1, 2, 3], [0.5, 0.25, 1.0]), points("b", [2, 4], [7.0, 8.0])]
    )
    assert table.text() == "step,a,b\n1,0.5,\n2,0.25,7.0\n3,1.0,\n4,,8.0\n"
    assert table.rows == 4


def test_scattered_points_keep_an_x_of_their_own():
    table = curves_table("x", [points("up", [3, 1, 3], [1, 2, 3]), points("down", [5], [6])])
    assert table.text("\t") == "up: x\tup\tdown: x\tdown\n3\t1\t5\t6\n1\t2\t\t\n3\t3\t\t\n"


def test_titles_may_be_any_text():
    table = Table(('a,"b"\n', "=c"), (np.array(["x,y", 'q"']), np.array([1, 2])))
    assert read(table.text()) == [['a,"b"\n', "=c"], ["x,y", "1"], ['q"', "2"]]


def test_nothing_is_a_line_of_titles():
    assert curves_table("step", []).text() == "step\n"
    assert curves_table("step", [points("a", [], [])]).text() == "step,a\n"


@given(
    hnp.arrays(
        st.sampled_from([np.float32, np.float64]),
        st.integers(0, 40),
        elements=st.floats(width=32, allow_nan=True, allow_infinity=True),
    )
)
def test_numbers_are_read_back_exactly(values):
    rows = read(curves_table("step", [points("a", np.arange(len(values)), values)]).text())
    assert rows[0] == ["step", "a"]
    for given_value, (_, text) in zip(values, rows[1:], strict=True):
        read_back = values.dtype.type(text)
        assert read_back == given_value or (math.isnan(read_back) and math.isnan(given_value))


def test_long_tables_are_made_in_pieces_without_a_seam():
    count = 40_000
    table = curves_table("step", [points("a", np.arange(count), np.arange(count) / 8)])
    pieces = list(table.lines())
    assert len(pieces) > 2
    numbers = np.loadtxt(io.StringIO("".join(pieces)), delimiter=",", skiprows=1)
    assert np.array_equal(numbers, np.stack([np.arange(count), np.arange(count) / 8], axis=1))
