"""What each command does, from whichever menu, key, button or dropped file it comes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu, QMessageBox

from app import failures
from app.actions import palette_commands
from app.controllers.live.thumbnails import THUMBNAILS
from app.parts import Parts
from app.shell.dropping import What, drop_of
from app.shell.panels import PAGES
from engine.catalog import catalog
from engine.editing import alignment
from engine.errors import BadInput, NetsmithError
from engine.templates import TEMPLATES
from widgets.base.theme import THEMES
from widgets.canvas import KEYS
from widgets.forms.editors import take_what_is_typed
from widgets.plots import PLOT_KEYS
from widgets.shell.command_palette import CommandPalette, PaletteCommand

Command = Callable[[], object]
_ABOUT = "Netsmith: build, train and look inside neural networks, on this computer alone."
_CANVAS_MENU = (
    "edit.undo", "edit.redo", "edit.cut", "edit.copy", "edit.paste", "edit.duplicate", "edit.delete",
    "edit.select_all", "layer.swap", "layer.group", "layer.group_toggle", "layer.group_rename",
    "layer.ungroup", "layer.save_block", "note.add", "layer.arrange", "view.fit", "view.fit_selection",
    "view.thumbnails.off", "view.thumbnails.weights", "view.thumbnails.activations",
)  # fmt: skip


class Commands(QObject):
    """Connects every action with what it does.

    Signals
    -------
    ran()
        A command did its work or was refused: other commands may be possible now.
    """

    ran = Signal()

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._parts = parts
        self._window = parts.window
        self._actions = parts.actions
        commands = {
            **self._file_commands(),
            **self._edit_commands(),
            **self._network_commands(),
            **self._view_commands(),
            **self._training_commands(),
            **self._other_commands(),
            **self._families_of_commands(),
        }
        for action_id, command in commands.items():
            self._actions[action_id].triggered.connect(
                _without_arguments(partial(self.run, command))
            )
        self._window.panels.canvas.menu_requested.connect(self._show_canvas_menu)
        self._window.files_dropped.connect(self._on_files_dropped)

    def run(self, command: Command) -> None:
        """Run a command; a refusal becomes a sentence beside the buttons and in the status line."""
        take_what_is_typed()
        self._window.say("")
        refused = self._parts.notices.topic("said")
        refused.clear()
        try:
            command()
        except NetsmithError as error:
            self._window.say(str(error))
            refused.show_notice(failures.sentence(error), is_trouble=True)
        self.ran.emit()

    # ---- The tables ----

    def _file_commands(self) -> dict[str, Command]:
        project, importing = self._parts.project, self._parts.importing
        return {
            "file.new": project.new,
            "file.open": project.ask_and_open,
            "file.import_model": importing.ask_and_open,
            "file.load_weights": importing.ask_and_load_weights,
            "file.save_as": project.ask_and_save_as,
            "file.quit": self._window.close,
        }

    def _edit_commands(self) -> dict[str, Command]:
        network, stack = self._parts.network, self._parts.document.undo_stack
        return {
            "edit.undo": partial(self._travel, stack.undo),
            "edit.redo": partial(self._travel, stack.redo),
            "edit.cut": network.cut,
            "edit.copy": network.copy,
            "edit.paste": self._paste,
            "edit.duplicate": network.duplicate,
            "edit.delete": network.delete,
            "edit.select_all": network.select_all,
        }

    def _network_commands(self) -> dict[str, Command]:
        parts, canvas = self._parts, self._window.panels.canvas
        return {
            "layer.swap": canvas.open_swap,
            "layer.arrange": parts.arranging.arrange,
            "layer.group": parts.groups.group,
            "layer.group_toggle": parts.groups.toggle,
            "layer.group_rename": parts.groups.rename,
            "layer.ungroup": parts.groups.ungroup,
            "layer.save_block": parts.library.save,
            "note.add": parts.notes.add,
            "note.next": canvas.select_next_note,
            "network.freeze": parts.freezing.freeze_base,
            "network.unfreeze": parts.freezing.unfreeze_all,
            "network.templates": parts.templates.show_gallery,
            "network.propose": partial(self._on_page, "studio", parts.templates.propose),
            "code.show": parts.code.show_code,
            "code.open": parts.code.open_script,
        }

    def _view_commands(self) -> dict[str, Command]:
        canvas, sample, window = self._window.panels.canvas, self._parts.sample, self._window
        return {
            "view.zoom_in": canvas.zoom_in,
            "view.zoom_out": canvas.zoom_out,
            "view.zoom_reset": canvas.zoom_reset,
            "view.fit": canvas.fit,
            "view.fit_selection": canvas.fit_selection,
            "view.map": self._toggle_map,
            "view.neurons": partial(window.go_to_dock, "dock.neurons"),
            "view.costs": partial(window.go_to_dock, "dock.costs"),
            "view.reset_layout": window.reset_layout,
            "view.activations": partial(window.go_to_dock, "dock.activations"),
            "view.flow": self._parts.thumbnails.toggle_activations,
            "view.sample.previous": partial(sample.go, -1),
            "view.sample.next": partial(sample.go, 1),
        }

    def _training_commands(self) -> dict[str, Command]:
        parts, training = self._parts, self._parts.training
        return {
            "train.start": training.start,
            "train.resume_run": parts.recovery.go_on,
            "train.pause": training.toggle_pause,
            "train.step": training.step,
            "train.step.generator": partial(training.step, only="generator"),
            "train.step.discriminator": partial(training.step, only="discriminator"),
            "train.epoch": training.run_epoch,
            "train.stop": training.stop,
            "train.discard": self._discard,
            "train.opened_model": parts.importing.train_on,
            "train.range_test": parts.rate_finding.find,
        }

    def _other_commands(self) -> dict[str, Command]:
        parts = self._parts
        return {
            "classify.open": partial(self._on_page, "classify", lambda: parts.classify.open_file()),
            "classify.paste": partial(self._on_page, "classify", lambda: parts.classify.paste()),
            "export.model": partial(self._window.show_page, "export"),
            "help.palette": self._find_command,
            "help.shortcuts": self._show_shortcuts,
            "help.about": self._show_about,
        }

    def _families_of_commands(self) -> dict[str, Command]:
        """Return the commands of which there is one for each of many things."""
        parts, kinds = self._parts, catalog().family("layer").items()
        families: tuple[tuple[str, Callable[..., object], Iterable[str]], ...] = (
            ("view.page", self._window.go_to_page, PAGES),
            ("view.theme", parts.theming.choose, THEMES),
            ("view.thumbnails", parts.thumbnails.choose, THUMBNAILS),
            ("layer.align", parts.arranging.align, alignment.LINES),
            ("layer.distribute", parts.arranging.distribute, alignment.AXES),
            ("network.template", self._use_template, TEMPLATES),
            ("layer.add", parts.network.add_layer, [name for name, kind in kinds if not kind.unsupported]),
        )  # fmt: skip
        return {
            f"{family}.{name}": partial(run, name)
            for family, run, names in families
            for name in names
        }

    # ---- Commands of several parts ----

    def _travel(self, undo_or_redo: Command) -> None:
        before = self._parts.document.spec.network
        undo_or_redo()
        self._parts.network.reveal_change(before, self._parts.document.spec.network)

    def _use_template(self, name: str) -> None:
        self._on_page("studio", partial(self._parts.templates.use, name))

    def _discard(self) -> None:
        """Throw a training away, if the user means it."""
        if not self._parts.worker.is_running:  # nothing is learned yet
            self._parts.training.discard()
            return
        answer = QMessageBox.question(
            self._window,
            "Discard the Training?",
            "Stop the training and forget what it learned? Stop and Keep ends it without a loss.",
            QMessageBox.StandardButton.Discard | QMessageBox.StandardButton.Cancel,
            QMessageBox.StandardButton.Cancel,
        )
        if answer == QMessageBox.StandardButton.Discard and self._parts.worker.is_running:
            self._parts.training.discard()

    def _toggle_map(self) -> None:
        self._window.panels.canvas.set_map_wanted(self._actions["view.map"].isChecked())

    def _paste(self) -> None:
        if self._window.page == "classify":
            self._parts.classify.paste()
        else:
            self._parts.network.paste()

    def _on_page(self, page: str, command: Command) -> None:
        self._window.show_page(page)
        command()

    def _find_command(self) -> None:
        self._finder(palette_commands(self._actions, self._parts.app_model.info))

    def _show_shortcuts(self) -> None:
        commands = palette_commands(self._actions, self._parts.app_model.info)
        finder = self._finder((*(c for c in commands if c.shortcut), *_other_keys()))
        finder.setWindowTitle("Keyboard Shortcuts")

    def _finder(self, listed: tuple[PaletteCommand, ...]) -> CommandPalette:
        """Open a list of commands to choose one from."""
        finder = CommandPalette(self._window)
        finder.show_commands(listed)
        finder.chosen.connect(self._trigger)
        finder.chosen.connect(finder.deleteLater)
        finder.rejected.connect(finder.deleteLater)
        finder.open()
        return finder

    def _trigger(self, action_id: str) -> None:
        self._actions[action_id].trigger()

    def _show_about(self) -> None:
        engine = self._parts.app_model.engine
        versions = (
            f"\nTensorFlow {engine.tensorflow_version}, Keras {engine.keras_version}."
            if engine
            else ""
        )
        QMessageBox.about(self._window, "About Netsmith", _ABOUT + versions)

    def _show_canvas_menu(self, place: QPoint) -> None:
        menu = QMenu(self._window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions([self._actions[action_id] for action_id in _CANVAS_MENU])
        menu.popup(place)

    def _on_files_dropped(self, paths: tuple[str, ...]) -> None:
        if paths:
            self.run(partial(self._take, paths))

    def _take(self, paths: tuple[str, ...]) -> None:
        """Do with dropped files what was said while they were held over the window."""
        parts, drop = self._parts, drop_of(paths)
        dropped = drop.path
        if drop.what is None:
            raise BadInput(drop.words)
        takes: dict[What, Command] = {
            "project": partial(parts.project.open, dropped),
            "script": partial(parts.code.open_file, dropped),
            "model": partial(self._on_page, "studio", partial(parts.importing.open, dropped)),
            "data": partial(self._on_page, "data", partial(parts.data.take_file, str(dropped))),
            "pictures": partial(self._on_page, "classify", lambda: parts.classify.classify_files(paths)),
        }  # fmt: skip
        takes[drop.what]()


def _other_keys() -> tuple[PaletteCommand, ...]:
    """Return the keys that the canvas or a plot alone obeys, for the list of all keys."""
    return tuple(
        PaletteCommand("", f"{place}: {words}", keys, why_not=f"press it on the {place.lower()}")
        for place, table in (("Canvas", KEYS), ("Plot", PLOT_KEYS))
        for keys, words in table
    )


def _without_arguments(call: partial[None]) -> Callable[[bool], None]:
    """Return the call as a slot: QAction.triggered brings a `checked` that commands do not take."""

    def slot(_checked: bool = False) -> None:
        call()

    return slot
