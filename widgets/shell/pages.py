"""The pages of a window, each made when it is first shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

Make = Callable[[], QWidget]


class Pages(QStackedWidget):
    """Pages by name, one in front. An empty widget of the name ``page.<name>`` holds the place of one not made yet.

    Parameters
    ----------
    names
        In their order.

    Signals
    -------
    made(page)
        A page was made; it is in its place and not shown yet.
    """

    made = Signal(QWidget)

    def __init__(self, names: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pages")
        self._names = names
        self._makers: dict[str, Make] = {}
        self._pages: dict[str, QWidget] = {}
        self._places = {name: QWidget() for name in names}
        for name, place in self._places.items():
            place.setObjectName(f"page.{name}")
            self.addWidget(place)

    def set_maker(self, name: str, make: Make) -> None:
        """Say what makes a page; called once, before the page is first shown."""
        self._makers[name] = make

    def page(self, name: str) -> QWidget:
        """Return a page, made now if it was not there."""
        if name not in self._pages:
            page = self._pages[name] = self._makers.pop(name)()
            place = self._places.pop(name)
            self.insertWidget(self.indexOf(place), page)
            self.removeWidget(place)
            place.setObjectName("")
            place.deleteLater()
            self.made.emit(page)
        return self._pages[name]

    def show_page(self, name: str) -> None:
        """Bring a page to the front."""
        self.setCurrentWidget(self.page(name))

    @property
    def front(self) -> str:
        """Name of the page in front."""
        return self._names[self.currentIndex()]

    def made_pages(self) -> Iterator[QWidget]:
        """Yield the pages that are made."""
        yield from self._pages.values()
