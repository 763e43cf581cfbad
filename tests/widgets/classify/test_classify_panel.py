"""The Classify page: what it shows and what it asks for."""

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QImage
from PySide6.QtWidgets import QLabel, QPushButton

from widgets.base.theme import LIGHT
from widgets.classify import ClassifyPanel, ProbabilityBars
from widgets.classify.picture_view import prepared_caption, prepared_image
from widgets.classify.probability_bars import percent_text
from widgets.forms.boxes import NumberBox


@pytest.fixture
def panel(qtbot):
    made = ClassifyPanel()
    qtbot.addWidget(made)
    made.resize(1000, 600)
    with qtbot.waitExposed(made):
        made.show()
    return made


@pytest.fixture
def ready(panel):
    panel.set_model("Run 12 · accuracy 98.3 %", ready=True)
    panel.show_inputs("picture")
    return panel


def text(panel, name):
    return panel.findChild(QLabel, name).text()


def dragged(*urls):
    mime = QMimeData()
    mime.setUrls([QUrl(url) for url in urls])
    return mime


def enter(panel, mime):
    event = QDragEnterEvent(
        QPoint(5, 5),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    event.ignore()
    panel.dragEnterEvent(event)
    return event.isAccepted()


@pytest.mark.parametrize(
    ("button", "signal"),
    [
        ("classify.open_button", "open_requested"),
        ("classify.paste_button", "paste_requested"),
    ],
)
def test_buttons_ask(qtbot, ready, button, signal):
    with qtbot.waitSignal(getattr(ready, signal)):
        qtbot.mouseClick(ready.findChild(QPushButton, button), Qt.MouseButton.LeftButton)


def test_without_a_model_the_page_says_what_to_do(qtbot, panel):
    assert "Train" in text(panel, "classify.model")
    assert not panel.findChild(QPushButton, "classify.open_button").isEnabled()
    assert not enter(panel, dragged("file:///tmp/a.png"))
    panel.set_model("Run 1", ready=True)
    assert panel.findChild(QPushButton, "classify.open_button").isEnabled()
    assert text(panel, "classify.model") == "Run 1"


def test_dropped_files_are_handed_on(qtbot, ready):
    mime = dragged("file:///tmp/a.png", "https://example.org/b.png", "file:///tmp/c%20d.png")
    assert enter(ready, mime)
    event = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    with qtbot.waitSignal(ready.files_dropped) as dropped:
        ready.dropEvent(event)
    assert dropped.args == [("/tmp/a.png", "/tmp/c d.png")]


def test_what_is_no_local_file_is_not_taken(ready):
    assert not enter(ready, dragged("https://example.org/b.png"))
    ready.show_inputs("number", ("a",))
    assert not enter(ready, dragged("file:///tmp/a.png"))


def test_a_drawing_is_handed_on(qtbot, ready):
    with qtbot.waitSignal(ready.drawn) as drawn:
        qtbot.mousePress(ready.pad, Qt.MouseButton.LeftButton)
        qtbot.mouseRelease(ready.pad, Qt.MouseButton.LeftButton)
    assert isinstance(drawn.args[0], QImage)
    with qtbot.waitSignal(ready.cleared):
        clear = ready.findChild(QPushButton, "classify.clear_pad")
        qtbot.mouseClick(clear, Qt.MouseButton.LeftButton)


def test_showing_asks_for_nothing(qtbot, ready):
    names = ("drawn", "cleared", "features_requested", "open_requested", "files_dropped")
    heard = []
    for name in names:
        getattr(ready, name).connect(heard.append if name != "cleared" else heard.clear)
    ready.show_source(QImage(10, 20, QImage.Format.Format_RGB32))
    ready.show_prepared(np.zeros((8, 8, 1)), (0, 16))
    ready.show_result((("7", 0.9),), "in 3 ms")
    ready.show_inputs("number", ("a", "b"))
    ready.features.show_values((1.0, 2.0))
    ready.show_message("no")
    assert not heard


def test_values_keep_all_their_digits(ready):
    ready.show_inputs("number", ("second", "length"))
    ready.show_values((1_699_999_999.0, 4.8))
    assert ready.features.values() == (1_699_999_999.0, 4.8)


def test_a_picture_is_shown_with_its_own_size_and_depth(ready):
    screen = QImage(1024, 2, QImage.Format.Format_RGB32)
    ready.show_source(screen, (2000, 3), "12-bit grey")
    assert ready._source.caption() == "2,000 × 3 pixels, 12-bit grey"
    ready.show_source(screen)
    assert ready._source.caption() == "1,024 × 2 pixels"


def test_the_answer_is_shown_with_its_note(ready):
    assert not ready.bars.isVisible()
    ready.show_result((("seven", 0.931), ("one", 0.069)), "The 2 most probable of 10.")
    assert ready.bars.isVisible()
    assert ready.bars.text() == "seven 93.1 %\none 6.9 %"
    assert text(ready, "classify.note") == "The 2 most probable of 10."
    ready.show_numbers((("price", 182345.2),))
    assert ready.bars.text() == "price 182,345"
    ready.show_result(())
    assert not ready.bars.isVisible()


def test_a_message_is_plain_text(ready):
    label = ready.findChild(QLabel, "classify.message")
    assert not label.isVisible()
    ready.show_message("<b>“a.svg”</b> was not read")
    assert label.isVisible()
    assert label.textFormat() == Qt.TextFormat.PlainText
    ready.show_message("")
    assert not label.isVisible()


def test_features_are_typed_in(qtbot, ready):
    ready.show_inputs("number", ("length", "width"))
    assert ready.features.isVisible()
    assert not ready.pictures.isVisible()
    for index, value in enumerate((5.1, -0.25)):
        ready.findChild(NumberBox, f"field.feature.{index}").setValue(value)
    with qtbot.waitSignal(ready.features_requested) as asked:
        predict = ready.findChild(QPushButton, "classify.predict_button")
        qtbot.mouseClick(predict, Qt.MouseButton.LeftButton)
    assert asked.args == [(5.1, -0.25)]
    ready.show_inputs("number", ("length", "width"))
    assert ready.features.values() == (5.1, -0.25)
    ready.show_inputs("point", ("x", "y", "z"))
    assert ready.features.values() == (0.0, 0.0, 0.0)


def test_a_table_too_wide_to_type_in_says_so(ready):
    ready.show_inputs("number", tuple(f"c{i}" for i in range(600)))
    predict = ready.findChild(QPushButton, "classify.predict_button")
    assert not predict.isEnabled()
    assert "600" in predict.toolTip()


def test_other_inputs_are_explained(ready):
    ready.show_inputs("text")
    visible = [label.text() for label in ready.findChildren(QLabel) if label.isVisible()]
    assert any("reads text" in words for words in visible)
    ready.show_inputs("picture")
    assert ready.pictures.isVisible()


def test_the_network_sees_the_picture_upright():
    stamp = np.array([[0.0, 4.0, 8.0], [16.0, 12.0, np.nan]])
    image = prepared_image(stamp[..., None], (0, 16))
    assert (image.width(), image.height()) == (3, 2)
    found = [[image.pixelColor(x, y).getRgb()[:3] for x in range(3)] for y in range(2)]
    assert found == [
        [(0, 0, 0), (64, 64, 64), (128, 128, 128)],
        [(255, 255, 255), (191, 191, 191), (0, 0, 0)],
    ]
    colour = prepared_image(np.array([[[255, 0, 10]]], dtype=np.uint8), (0, 255))
    assert colour.pixelColor(0, 0).getRgb()[:3] == (255, 0, 10)


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 7])
def test_any_number_of_channels_is_shown(panel, channels):
    panel.show_prepared(np.ones((4, 6, channels)), (0, 1))
    assert prepared_caption(np.ones((4, 6, channels)), (0.0, 1.0)).startswith("6 × 4 pixels")


def test_the_caption_names_size_and_range():
    assert (
        prepared_caption(np.zeros((8, 8, 1)), (0.0, 16.0)) == "8 × 8 pixels, grey, values 0 to 16"
    )


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.0, "0.0 %"),
        (0.0002, "< 0.1 %"),
        (0.5, "50.0 %"),
        (0.9996, "> 99.9 %"),
        (1.0, "100.0 %"),
    ],
)
def test_percentages_do_not_claim_certainty(share, words):
    assert percent_text(share) == words


def test_bars_are_as_long_as_their_probabilities(qtbot):
    bars = ProbabilityBars()
    qtbot.addWidget(bars)
    bars.show_result((("a", 0.75), ("b", 0.25), ("c", float("nan"))))
    bars.resize(400, bars.sizeHint().height())
    picture = bars.grab().toImage()
    row_height = picture.height() / 3
    colours = (LIGHT.accent, LIGHT.muted)
    lengths = [
        sum(
            picture.pixelColor(x, round((index + 0.5) * row_height)) == QColor(colour)
            for x in range(picture.width())
        )
        for index, colour in enumerate(colours)
    ]
    assert lengths[0] / lengths[1] == pytest.approx(3, rel=0.1)
    assert "not finite" in bars.text()


def test_strange_labels_stay_plain_and_short(qtbot):
    bars = ProbabilityBars()
    qtbot.addWidget(bars)
    bars.show_result((("<b>x</b>\n\u202e" + "y" * 300, 0.5),))
    assert "\u202e" not in bars.text()
    assert len(bars.text()) < 100
