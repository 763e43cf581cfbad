from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtGui import Qt as QtGuiNames

from widgets.base.labels import eliding_label, plain_label, plain_tip, set_tone
from widgets.base.theme import DARK, LIGHT, palette

HOSTILE = '<img src="file:///etc/passwd"><b>bold</b>'


def test_a_label_shows_markup_letter_by_letter(qtbot):
    label = plain_label(HOSTILE)
    qtbot.addWidget(label)
    assert label.textFormat() == Qt.TextFormat.PlainText
    assert label.text() == HOSTILE
    wide = label.sizeHint().width()
    label.setTextFormat(Qt.TextFormat.RichText)
    assert wide > label.sizeHint().width()  # every letter takes room


def test_a_tooltip_never_reads_its_text_as_markup():
    tip = plain_tip(HOSTILE)
    assert QtGuiNames.mightBeRichText(tip)
    assert "<img" not in tip
    assert "&lt;img" in tip
    assert plain_tip("") == ""


def test_a_wrapping_label_fits_any_width_and_grows_in_height(qtbot):
    label = plain_label("word " * 40, wrap=True)
    qtbot.addWidget(label)
    assert label.minimumWidth() <= 1
    assert label.hasHeightForWidth()
    assert label.heightForWidth(100) > label.heightForWidth(800)


def test_tones_follow_the_theme(qtbot):
    label = plain_label("x", tone="bad", name="a.label")
    qtbot.addWidget(label)
    for theme in (LIGHT, DARK):
        label.setPalette(palette(theme))
        assert label.palette().color(label.foregroundRole()).name() == theme.bad
    set_tone(label, "muted")
    assert label.palette().color(label.foregroundRole()).name() == DARK.muted
    assert label.foregroundRole() == QPalette.ColorRole.PlaceholderText
    assert label.objectName() == "a.label"


def test_an_eliding_label_gives_way_and_keeps_the_whole_text_as_tooltip(qtbot):
    label = eliding_label("a rather long path " * 5)
    qtbot.addWidget(label)
    label.resize(60, 20)
    label.refresh_tip()
    assert label.minimumSizeHint().width() == 0
    assert "a rather long path" in label.toolTip()
    label.show_text("short")
    label.resize(400, 20)
    label.refresh_tip()
    assert label.toolTip() == ""


def test_an_eliding_label_paints_only_what_fits(qtbot):
    label = eliding_label("W" * 200)
    qtbot.addWidget(label)
    label.setPalette(palette(LIGHT))
    label.resize(80, 24)
    label.show()
    picture = label.grab().toImage()
    assert not picture.isNull()
    dark = sum(
        picture.pixelColor(x, y).lightness() < 128
        for x in range(picture.width())
        for y in range(picture.height())
    )
    assert dark > 20
