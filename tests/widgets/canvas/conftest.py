"""A canvas in a shown window, and what it has asked for."""

import pytest
from canvas_examples import CHAIN, KINDS, REQUESTS, Recorder, column
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from widgets.canvas import NetworkCanvas


@pytest.fixture
def canvas(qtbot):
    """The chain of four layers, in a window of 700 x 600 pixels at zoom 1."""
    widget = NetworkCanvas()
    qtbot.addWidget(widget)
    widget.resize(700, 600)
    widget.show_kinds(KINDS)
    widget.show_network(CHAIN, column(CHAIN))
    with qtbot.waitExposed(widget):
        widget.show()
    widget.zoom_reset()
    widget.fit()
    # QTest goes on holding the button of the last double click, even from another test.
    QTest.mouseRelease(widget.viewport(), Qt.MouseButton.LeftButton)
    return widget


@pytest.fixture
def said(canvas):
    return Recorder(canvas, REQUESTS)
