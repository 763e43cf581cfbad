import pytest

from widgets.base.busy_bar import BusyBar


@pytest.fixture
def bar(qtbot):
    made = BusyBar()
    qtbot.addWidget(made)
    made.setTextVisible(False)
    made.resize(300, 8)
    with qtbot.waitExposed(made):
        made.show()
    return made


def filled(bar):
    """Return the columns that have the colour of progress."""
    picture = bar.grab().toImage()
    colour = bar.palette().highlight().color()
    row = picture.height() // 2
    return {x for x in range(picture.width()) if picture.pixelColor(x, row) == colour}


def test_while_nobody_knows_how_much_there_is_a_short_piece_moves(bar, qtbot):
    bar.setRange(0, 0)
    qtbot.waitUntil(lambda: bool(filled(bar)))
    first = filled(bar)
    assert len(first) < 100
    qtbot.waitUntil(lambda: filled(bar) != first)


def test_it_rests_when_hidden_or_when_it_knows(bar, qtbot):
    bar.setRange(0, 0)
    qtbot.waitUntil(lambda: bar._timer.isActive())
    bar.hide()
    assert not bar._timer.isActive()
    bar.show()
    qtbot.waitUntil(lambda: bar._timer.isActive())
    bar.setRange(0, 10)
    qtbot.waitUntil(lambda: not bar._timer.isActive())
