"""Thumbnails and tooltips."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor, QTextDocument

from widgets.base.theme import DARK, LIGHT
from widgets.canvas.plain_text import tooltip
from widgets.canvas.thumbnails import LARGEST_SIDE, picture, reduced


def colour(image, row, column):
    return image.pixelColor(column, row).name()


@pytest.mark.parametrize("tokens", [LIGHT, DARK])
def test_signs_have_the_colours_of_the_scale_and_zero_its_middle(tokens):
    image = picture(reduced([[0.5, 0.0, -0.5], [0.0, 0.0, np.nan]]), tokens)
    assert (image.width(), image.height()) == (3, 2)  # not turned over
    assert colour(image, 0, 0) == QColor(tokens.positive).name()
    assert colour(image, 0, 2) == QColor(tokens.negative).name()
    assert colour(image, 1, 0) == QColor(tokens.zero).name()
    assert colour(image, 1, 2) == QColor(tokens.bad).name()


@pytest.mark.parametrize("values", [np.zeros((2, 2)), np.full((2, 2), np.inf)])
def test_a_scale_without_numbers_does_not_divide_by_zero(values):
    assert not picture(reduced(values), LIGHT).isNull()


@given(st.lists(st.integers(1, 200), min_size=0, max_size=5).filter(lambda s: np.prod(s) < 1e6))
def test_any_shape_becomes_a_small_matrix(shape):
    found = reduced(np.ones(shape))
    assert found.ndim == 2
    assert set(found.shape) <= set(range(1, LARGEST_SIDE + 1))


def test_filters_of_a_convolution_stand_side_by_side():
    kernel = np.zeros((2, 3, 1, 4))  # (h, w, c, k): four filters make two rows of two
    kernel[1, 2, 0, 1] = 1  # the last cell of the second filter: top right tile
    found = reduced(kernel)
    assert found.shape == (4, 6)
    assert np.argwhere(found).tolist() == [[1, 5]]


def test_no_numbers_no_thumbnail():
    with pytest.raises(ValueError, match="at least one number"):
        reduced(np.zeros((0, 3)))


@given(
    st.text(
        st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp", "Zs", "Cn", "Co")), min_size=1
    )
)
def test_a_tooltip_shows_every_letter(text):
    shown = QTextDocument()
    shown.setHtml(tooltip(f"<b>{text}</b>"))
    assert shown.toPlainText() == f"<b>{text}</b>"
