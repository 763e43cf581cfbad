from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QListWidget, QPushButton

from engine.templates import TEMPLATES
from tests.engine.build.network_examples import DIGITS, chain, conv
from widgets.base.theme import DARK, LIGHT
from widgets.templates import Card, TemplateGallery
from widgets.templates.card import CARD_ROLE
from widgets.templates.picture import flow

NETWORK = chain(conv(), "Flatten")
CARDS = (
    Card("cnn", "Small network", "Reads digits.", "Proposed", lambda: NETWORK),
    Card("lstm", "LSTM", "Reads texts.", "Sequences", lambda: NETWORK),
    Card("table", "Table network", "Learns tables.", "Tables", lambda: NETWORK, "It is for tables."),
)  # fmt: skip


@pytest.fixture
def gallery(qtbot):
    made = TemplateGallery()
    qtbot.addWidget(made)
    made.show_cards(CARDS)
    made.show()
    return made


def cards_of(gallery):
    cards = gallery.findChild(QListWidget, "templates.list")
    data = [cards.item(row).data(CARD_ROLE) for row in range(cards.count())]
    return [card.id for card in data if card is not None]


def current(gallery):
    return gallery.findChild(QListWidget, "templates.list").currentItem().data(CARD_ROLE).id


def test_a_double_click_takes_a_network_and_closes(gallery, qtbot):
    cards = gallery.findChild(QListWidget, "templates.list")
    place = cards.visualItemRect(cards.item(3)).center()
    qtbot.mouseClick(cards.viewport(), Qt.MouseButton.LeftButton, pos=place)
    with qtbot.waitSignal(gallery.chosen) as chosen:
        qtbot.mouseDClick(cards.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen.args == ["lstm"]
    assert not gallery.isVisible()


def test_it_is_used_by_keyboard_alone(gallery, qtbot):
    search = gallery.findChild(QLineEdit, "templates.search")
    qtbot.keyClicks(search, "texts")
    assert cards_of(gallery) == ["lstm"]
    with qtbot.waitSignal(gallery.chosen) as chosen:
        qtbot.keyClick(search, Qt.Key.Key_Return)
    assert chosen.args == ["lstm"]


def test_arrow_keys_go_from_the_search_over_headings_to_the_cards(gallery, qtbot):
    search = gallery.findChild(QLineEdit, "templates.search")
    cards = gallery.findChild(QListWidget, "templates.list")
    assert current(gallery) == "cnn"
    qtbot.keyClick(search, Qt.Key.Key_Down)
    qtbot.keyClick(cards, Qt.Key.Key_Down)
    assert current(gallery) == "lstm"
    with qtbot.waitSignal(gallery.chosen):
        qtbot.keyClick(cards, Qt.Key.Key_Return)


def test_what_does_not_suit_says_why_and_cannot_be_taken(gallery, qtbot):
    cards = gallery.findChild(QListWidget, "templates.list")
    cards.setCurrentRow(cards.count() - 1)
    assert not gallery.findChild(QPushButton, "templates.use").isEnabled()
    assert gallery.findChild(QLabel, "templates.words").text() == "Table network: It is for tables."
    with qtbot.assertNotEmitted(gallery.chosen):
        place = cards.visualItemRect(cards.currentItem()).center()
        qtbot.mouseDClick(cards.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert gallery.isVisible()


def test_a_search_chooses_what_suits_the_data_first(gallery, qtbot):
    gallery.show_cards((replace(CARDS[0], id="other", why_not="It is for texts."), *CARDS))
    assert current(gallery) == CARDS[0].id
    qtbot.keyClicks(gallery.findChild(QLineEdit, "templates.search"), CARDS[0].title)
    assert current(gallery) == CARDS[0].id


def test_a_search_without_hits_says_so(gallery, qtbot):
    qtbot.keyClicks(gallery.findChild(QLineEdit, "templates.search"), "nothing like it")
    assert cards_of(gallery) == []
    assert not gallery.findChild(QPushButton, "templates.use").isEnabled()
    assert "No network" in gallery.findChild(QLabel, "templates.words").text()


@pytest.mark.parametrize("tokens", [LIGHT, DARK])
def test_a_card_shows_its_network_in_the_colours_of_the_theme(gallery, qtbot, tokens):
    from widgets.canvas.look import group_look

    gallery.set_theme(tokens)
    look = group_look("Convolution")
    wanted = look.dark if tokens is DARK else look.light
    qtbot.waitUntil(lambda: wanted in colours_of_a_picture(gallery))


def colours_of_a_picture(gallery):
    image = gallery.grab().toImage()
    cards = gallery.findChild(QListWidget, "templates.list")
    box = cards.visualItemRect(cards.item(1))
    start = cards.viewport().mapTo(gallery, QPoint(0, 0)) + box.topLeft()
    return {
        image.pixelColor(start + QPoint(x, y)).name() for x in range(box.width()) for y in range(60)
    }


@pytest.mark.parametrize("template", ["mlp", "resnet", "densenet201", "nasnetlarge"])
def test_a_picture_holds_every_layer_inside_its_box_without_overlap(template):
    network = TEMPLATES[template].build(DIGITS)
    box = QRectF(10, 20, 212, 74)
    placed = flow(network, box)
    assert len(placed.centres) == len(network.layers)
    assert all(box.contains(centre) for centre in placed.centres.values())
    places = {(round(c.x(), 2), round(c.y(), 2)) for c in placed.centres.values()}
    assert len(places) == len(network.layers)
    assert placed.cell > 1.0


def test_an_empty_network_has_an_empty_picture():
    from engine.spec.network import NetworkSpec

    assert flow(NetworkSpec(), QRectF(0, 0, 10, 10)).centres == {}
