"""The window: pages, menus, tool bar, status line. It holds widgets and routes commands; it decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QByteArray, QEvent, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QActionGroup,
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QPaintEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QMainWindow,
    QMenu,
    QSizePolicy,
    QToolBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.actions import MENUS, Actions
from app.shell.dropping import drop_of
from app.shell.panels import PAGES, Panels
from app.shell.studio_docks import studio_page
from app.shell.window_place import first_place, keep_on_screen
from widgets.base.drop_hint import DropHint
from widgets.base.focus_order import first_field, give_focus, panes
from widgets.base.focus_ring import ON_ACCENT, hide_ring
from widgets.base.labels import ElidingLabel, eliding_label, plain_tip
from widgets.base.local_files import local_files
from widgets.base.menu_corner import MenuCorner
from widgets.base.steady_button import keep_width
from widgets.base.theme import Themed, Tokens
from widgets.base.veil import Veil
from widgets.plots.plot_files import PlotExportRequested
from widgets.shell.studio_page import StudioPage
from widgets.training.run_strip import RunStrip

TRAIN_TEXTS = ("Train", "Go On")
_FIRST_OF_GROUP = frozenset({
    "file.save_as", "file.quit", "edit.cut", "edit.select_all", "network.templates", "view.zoom_in", "view.map",
    "view.thumbnails.off", "view.sample.previous",
    "layer.align.left", "layer.align.top", "layer.distribute.across",
    "view.theme.light", "view.reset_layout", "train.pause", "export.model", "help.about",
})  # fmt: skip
# What gets the keyboard on each page; elsewhere its first field.
_WORKED_WITH = {
    "data": "field.data.source", "studio": "canvas", "export": "field.export.format.keras",
}  # fmt: skip
_RAIL_WIDTH_PX = 84
_STATUS_MARGIN_PX = 8


class MainWindow(QMainWindow):
    """Puts panels, actions and the status line together.

    Signals
    -------
    files_dropped(paths)
        Files were dropped where no panel takes them.
    recent_requested(path)
        A project of the recent list was chosen.
    problems_requested()
        The user wants to see what keeps the project from training.
    recent_menu_opening()
        The recent list is about to be seen.
    painted()
        The window was painted; what is in it is when the event loop goes on.
    plot_export_requested(plot, format_id)
        A plot is to be written to a file.
    """

    files_dropped = Signal(object)
    recent_requested = Signal(str)
    problems_requested = Signal()
    recent_menu_opening = Signal()
    painted = Signal()
    plot_export_requested = Signal(object, str)

    def __init__(self, panels: Panels, actions: Actions) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setAcceptDrops(True)
        self.setGeometry(first_place(self.screen().availableGeometry()))
        self.panels = panels
        self.actions_by_id = actions
        self.may_close: Callable[[], bool] = lambda: True
        self.studio_page = studio_page(panels)
        self._veils = (Veil(panels.loss_plot), Veil(panels.weights))
        self._tokens: Tokens | None = None
        self.pages = panels.pages
        self.pages.set_maker("studio", lambda: self.studio_page)
        self.pages.made.connect(self._colour_page)
        centre = QWidget()
        row = QHBoxLayout(centre)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._make_rail())
        row.addWidget(self.pages, 1)
        self.setCentralWidget(centre)
        self._drop_hint = DropHint(centre)
        self._recent_menu = QMenu("Open Recent", self)
        self._recent_menu.setToolTipsVisible(True)
        self._make_menus()
        self._make_project_label()
        self._make_tool_bar()
        self._make_status_line()
        panels.training_form.set_rate_action(actions["train.range_test"])
        panels.sample.set_actions(
            *(actions[name] for name in ("view.flow", "view.sample.previous", "view.sample.next"))
        )
        for dialog in panels.dialogs:
            dialog.setParent(self, Qt.WindowType.Dialog)
        self.show_page("studio")
        panels.canvas.setFocus()

    # ---- Showing ----

    def show_page(self, name: str) -> None:
        """Bring a page to the front."""
        self.pages.show_page(name)
        self.actions_by_id[f"view.page.{name}"].setChecked(True)

    def go_to_page(self, name: str) -> None:
        """Bring a page to the front and give the keyboard to what is worked with there."""
        self.show_page(name)
        known = _WORKED_WITH.get(name)
        found = (self.findChild(QWidget, known) if known else None) or self.pages.currentWidget()
        if found is not None:
            self._give_keyboard(found)

    def show_dock(self, name: str) -> None:
        """Bring a panel of the Studio page to the front."""
        self.show_page("studio")
        dock = self.studio_page.docks[name]
        dock.show()
        dock.raise_()

    def go_to_dock(self, name: str) -> None:
        """Bring a panel of the Studio page to the front and give the keyboard to its first field."""
        self.show_dock(name)
        QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
        self._give_keyboard(self.studio_page.docks[name].widget())

    def _give_keyboard(self, widget: QWidget) -> None:
        found = first_field(widget)
        if found is not None:
            self.setFocus()  # what has the focus already shows it now
            found.setFocus(Qt.FocusReason.ShortcutFocusReason)
            if self._rail.underMouse():
                hide_ring(found)

    def reset_layout(self) -> None:
        """Put the panels of the Studio page back where they are at first, and as large."""
        self.show_page("studio")
        self.studio_page.reset_layout()
        for panel in (self.panels.loss_plot, self.panels.weights):
            panel.reset_layout()

    @property
    def page(self) -> str:
        """Name of the page in front."""
        return self.pages.front

    def say(self, sentence: str) -> None:
        """Show a sentence in the status line until the next one."""
        self._said.show_text(sentence)

    @property
    def says_all(self) -> bool:
        """The status line has room for what was said last."""
        return not self._said.is_cut

    def show_age_of_plots(self, words: str) -> None:
        """Grey the plots and weights of an old run and say which it is, "" if they are of what is shown."""
        dock = self.studio_page.docks["dock.live"]
        dock.setWindowTitle("Live (old run)" if words else "Live")
        dock.setToolTip(plain_tip(words))
        for veil in self._veils:
            veil.set_on(bool(words))

    def show_doing(self, words: str) -> None:
        """Show what runs in the background, "" for nothing."""
        self._doing.show_text(words)

    def show_summary(self, text: str) -> None:
        """Show the network's totals in the status line."""
        self._summary.show_text(text)

    def show_problems(self, sentences: tuple[str, ...]) -> None:
        """Show how many problems there are, as a button; their sentences are its tooltip."""
        self._problems.setText(f"{len(sentences)} problem{'s' if len(sentences) > 1 else ''}")
        self._problems.setToolTip(plain_tip("\n".join(sentences)))
        self._problems.setVisible(bool(sentences))

    def show_project(self, name: str, place: str, data: str) -> None:
        """Show which project is open, where it lies and which data it uses."""
        self.setWindowTitle(f"{name} — Netsmith")
        self._project.show_text(f"{name}  ·  {data}" if data else name)
        self._project.setToolTip(plain_tip(f"{name}  ·  {data}\n{place}"))

    def show_recent(self, projects: tuple[tuple[str, str], ...]) -> None:
        """Fill the list of recent projects, (path, what to call it) each."""
        self._recent_menu.clear()
        for path, words in projects:
            action = self._recent_menu.addAction(words.replace("&", "&&"))
            action.setData(path)
            action.setToolTip(path)
        if not projects:
            self._recent_menu.addAction("No other projects yet").setEnabled(False)

    def set_theme(self, tokens: Tokens) -> None:
        """Draw everything in a theme's colours."""
        self._tokens = tokens
        self.actions_by_id.set_theme(tokens)
        self.panels.set_theme(tokens)
        for page in self.pages.made_pages():
            self._colour_page(page)
        self._train_button.setStyleSheet(
            f"QToolButton {{ background: {tokens.accent}; color: {tokens.on_accent}; border: none; border-radius: 5px;"
            f" padding: 5px 16px; font-weight: 600; }} QToolButton:disabled {{ background: {tokens.faint};"
            f" color: {tokens.muted}; }}"
        )
        keep_width(self._train_button, self.actions_by_id["train.start"], TRAIN_TEXTS)
        self._problems.setStyleSheet(
            f"QToolButton {{ border: none; padding: 0 8px; color: {tokens.bad}; font-weight: 600; }}"
            f"QToolButton:hover {{ text-decoration: underline; }}"
        )
        self._rail.setStyleSheet(
            f"QFrame#rail {{ background: {tokens.window}; border-right: 1px solid {tokens.faint}; }}"
            f"QFrame#rail QToolButton {{ border: none; border-radius: 6px; padding: 6px 2px; color: {tokens.text}; }}"
            f"QFrame#rail QToolButton:hover {{ background: {tokens.faint}; }}"
            f"QFrame#rail QToolButton:checked {{ background: {tokens.accent}; color: {tokens.on_accent}; }}"
        )

    def _colour_page(self, page: QWidget) -> None:
        """Draw a page in the theme's colours; those of the Studio page are its panels'."""
        if self._tokens is not None and isinstance(page, Themed):
            page.set_theme(self._tokens)

    # ---- Making ----

    def _make_rail(self) -> QFrame:
        self._rail = QFrame()
        self._rail.setObjectName("rail")
        self._rail.setFixedWidth(_RAIL_WIDTH_PX)
        column = QVBoxLayout(self._rail)
        column.setContentsMargins(6, 8, 6, 8)
        column.setSpacing(4)
        group = QActionGroup(self)
        for name in PAGES:
            action = self.actions_by_id[f"view.page.{name}"]
            group.addAction(action)
            button = QToolButton()
            button.setDefaultAction(action)
            button.setObjectName(f"rail.{name}")
            action.toggled.connect(partial(button.setProperty, ON_ACCENT))
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            button.setIconSize(QSize(26, 26))
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            column.addWidget(button)
        column.addStretch(1)
        return self._rail

    def _make_menus(self) -> None:
        menus = {title: self.menuBar().addMenu(title) for title in MENUS}
        for spec in self.actions_by_id.table:
            if spec.id in _FIRST_OF_GROUP:
                menus[spec.menu].addSeparator()
            if spec.menu:
                menus[spec.menu].addAction(self.actions_by_id[spec.id])
            if spec.id == "file.open":
                menus["File"].addMenu(self._recent_menu)
        panels = menus["View"].addMenu("Panels")
        panels.addActions([dock.toggleViewAction() for dock in self.studio_page.docks.values()])
        self._recent_menu.aboutToShow.connect(self.recent_menu_opening)
        self._recent_menu.triggered.connect(self._on_recent)
        for spec in self.actions_by_id.table:
            if not spec.menu:
                self.addAction(self.actions_by_id[spec.id])

    def _make_project_label(self) -> None:
        """Show the open project in the corner of the menu bar: its length moves nothing that is clicked."""
        self._project = MenuCorner(self.menuBar())
        self._project.setObjectName("menu.project")

    def _make_tool_bar(self) -> None:
        bar = QToolBar("Train")
        bar.setObjectName("toolbar.train")
        bar.setMovable(False)
        bar.setIconSize(QSize(20, 20))
        for action_id in ("edit.undo", "edit.redo"):
            bar.addAction(self.actions_by_id[action_id])
        bar.addSeparator()
        self._train_button = QToolButton()
        self._train_button.setDefaultAction(self.actions_by_id["train.start"])
        self._train_button.setObjectName("toolbar.train_button")
        self._train_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._train_button.setProperty(ON_ACCENT, True)
        bar.addWidget(self._train_button)
        for action_id in ("train.pause", "train.step", "train.stop", "train.discard"):
            bar.addAction(self.actions_by_id[action_id])
        self.strip = RunStrip(self.panels.run_bar, self.panels.notice, self)
        bar.addWidget(self.strip)
        for button in bar.findChildren(QToolButton):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # Qt leaves tool bars to the mouse
        self.addToolBar(bar)

    def _make_status_line(self) -> None:
        self._said = eliding_label(name="status.said")
        self._said.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._doing, self._summary = (self._status_label(n) for n in ("doing", "summary"))
        self.statusBar().addWidget(self._said, 1)
        self.statusBar().addPermanentWidget(self._doing)
        self.statusBar().addPermanentWidget(self.panels.meters)
        self.statusBar().addPermanentWidget(self._summary)
        self._problems = QToolButton()
        self._problems.setObjectName("status.problems")
        self._problems.clicked.connect(self.problems_requested)
        self.statusBar().addPermanentWidget(self._problems)

    @staticmethod
    def _status_label(name: str) -> ElidingLabel:
        label = eliding_label(name=f"status.{name}")
        label.setContentsMargins(_STATUS_MARGIN_PX, 0, _STATUS_MARGIN_PX, 0)
        return label

    def _on_recent(self, action: QAction) -> None:
        path = action.data()
        if path:
            self.recent_requested.emit(path)

    # ---- Layout that is remembered ----

    def geometry_text(self) -> str:
        """Return size and place, for `restore_geometry_text`."""
        return bytes(self.saveGeometry().toBase64().data()).decode()

    def restore_geometry_text(self, text: str) -> None:
        """Take size and place from `geometry_text`, where a screen is; nonsense changes nothing."""
        if self.restoreGeometry(QByteArray.fromBase64(text.encode())):
            keep_on_screen(self)

    # ---- Qt overrides ----

    def paintEvent(self, event: QPaintEvent) -> None:
        """Tell that the window is on screen; what is in it is painted right after."""
        super().paintEvent(event)
        self.painted.emit()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Go on to what is next on screen: forms are made anew, and Qt would put their fields behind all others."""
        page = self.pages.currentWidget()
        zones = page.focus_zones() if isinstance(page, StudioPage) else panes(page)
        return give_focus(
            (self._rail, *self.findChildren(QToolBar), *zones, self.statusBar()), forward
        )

    def customEvent(self, event: QEvent) -> None:
        """Take what plots anywhere in the window, and in its dialogs, ask for."""
        if isinstance(event, PlotExportRequested):
            event.accept()
            self.plot_export_requested.emit(event.plot, event.format_id)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close only if nothing would be lost."""
        event.setAccepted(self.may_close())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take local files, and say what would be done with them."""
        paths = local_files(event.mimeData())
        if paths:
            event.acceptProposedAction()
            drop = drop_of(paths)
            self._drop_hint.show_words(drop.words, is_taken=drop.what is not None)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Say it no longer."""
        super().dragLeaveEvent(event)
        self._drop_hint.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        """Pass dropped files on."""
        self._drop_hint.hide()
        self.files_dropped.emit(local_files(event.mimeData()))
        event.acceptProposedAction()
