"""Pages that are made when they are first shown."""

import pytest
from PySide6.QtWidgets import QLabel, QWidget

from widgets.shell.pages import Pages


@pytest.fixture
def pages(qtbot):
    made = Pages(("first", "second", "third"))
    made.asked = []
    qtbot.addWidget(made)

    def maker(name):
        def make():
            made.asked.append(name)
            page = QLabel(name)
            page.setObjectName(f"page.{name}")
            return page

        return make

    for name in ("first", "second", "third"):
        made.set_maker(name, maker(name))
    return made


def test_a_page_is_made_once_when_it_is_first_shown(pages):
    assert pages.asked == []
    pages.show_page("second")
    pages.show_page("third")
    pages.show_page("second")
    assert pages.asked == ["second", "third"]
    assert pages.front == "second"
    assert pages.currentWidget() is pages.page("second")
    assert list(pages.made_pages()) == [pages.page("second"), pages.page("third")]


def test_pages_keep_their_order_whichever_is_made_first(pages):
    pages.show_page("third")
    pages.page("first")
    assert pages.front == "third"
    pages.show_page("first")
    assert [pages.widget(i).text() for i in (0, 2)] == ["first", "third"]
    assert pages.count() == 3


def test_a_page_is_found_by_its_name_before_and_after_it_is_made(pages, qtbot):
    assert pages.findChild(QWidget, "page.first") is not None
    with qtbot.waitSignal(pages.made) as made:
        page = pages.page("first")
    assert made.args == [page]
    assert pages.findChildren(QWidget, "page.first") == [page]
