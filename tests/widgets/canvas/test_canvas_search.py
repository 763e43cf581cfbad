"""Finding kinds by typing."""

import pytest
from canvas_examples import KINDS

from widgets.canvas.search import find_kinds


def names(query):
    return [kind.name for kind in find_kinds(query, KINDS)]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("dense", "Dense"),
        ("conv", "Conv2D"),  # common before Conv2DTranspose
        ("convt", "Conv2DTranspose"),
        ("bn", "BatchNormalization"),
        ("norm", "BatchNormalization"),
        ("maxp", "MaxPooling2D"),
        ("merging", "Add"),
        ("windows", "Conv2D"),  # in its help
        ("conv trans", "Conv2DTranspose"),
        ("ATTENTION", "MultiHeadAttention"),
    ],
)
def test_the_first_hit(query, first):
    assert names(query)[0] == first


def test_nothing_typed_lists_all_with_common_ones_first_and_unsupported_last():
    found = find_kinds("", KINDS)
    assert len(found) == len(KINDS)
    flags = [kind.common for kind in found]
    assert flags == sorted(flags, reverse=True)
    assert found[-1].name == "Lambda"


def test_every_word_must_match():
    assert names("conv zebra") == []
