import pytest

from engine.editing.alignment import align, distribute

PLACES = {"a": (0.0, 0.0), "b": (100.0, 40.0), "c": (20.0, 200.0)}


@pytest.mark.parametrize(
    ("line", "axis", "value"),
    [
        ("left", 0, 0.0),
        ("centre", 0, 50.0),
        ("right", 0, 100.0),
        ("top", 1, 0.0),
        ("middle", 1, 100.0),
        ("bottom", 1, 200.0),
    ],
)
def test_a_line_goes_through_all_blocks(line, axis, value):
    aligned = align(PLACES, line)
    assert {place[axis] for place in aligned.values()} == {value}
    other = 1 - axis
    assert {n: p[other] for n, p in aligned.items()} == {n: p[other] for n, p in PLACES.items()}


def test_neighbours_are_equally_far_apart_and_the_ends_stay():
    assert distribute(PLACES, "down") == {**PLACES, "b": (100.0, 100.0)}
    assert distribute(PLACES, "across") == {"a": (0.0, 0.0), "c": (50.0, 200.0), "b": (100.0, 40.0)}


def test_few_blocks_are_left_alone():
    two = {"a": (0.0, 0.0), "b": (3.0, 9.0)}
    assert distribute(two, "down") == two
    assert align({}, "left") == {}
