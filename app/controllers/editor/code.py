"""The project as Python code, and Python code as the project's network."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from app.app_model import AppModel
from app.document import Document
from app.jobs import Job, JobRunner
from app.shell import file_dialogs
from app.shell.saving import ask_where
from engine import storage
from engine.code.applying import applied
from engine.code.archive import write_parts
from engine.code.data_code import needs_archive
from engine.code.reader import LARGEST_LETTERS, Understood, parse
from engine.code.script import ARCHIVE, generate
from engine.code.values import NotUnderstood
from engine.data.loaded import LoadedData
from engine.errors import BadInput, NetsmithError, quoted
from widgets.canvas import BLOCK_SIZE
from widgets.code import ScriptOpener, ScriptView

_JOB = "script"
_FILTER = "Python scripts (*.py)"
_STANDS_ALONE = "The script follows every edit. It gives the same losses as the window."
_WITH_DATA = "The script follows every edit. Save As writes the samples beside it: {archive}."
_NO_DATA = "The samples are not loaded yet: look at the Data page, then save again."
_SETTING_NAMES = {"batch_size": "batch size", "early_stopping": "early stopping"}


class CodeController(QObject):
    """Shows the script of the project while its window is open; makes one undo step of an opened script.

    Signals
    -------
    network_replaced()
        An opened script's network took the place of the project's.
    """

    network_replaced = Signal()

    def __init__(
        self,
        document: Document,
        app_model: AppModel,
        jobs: JobRunner,
        view: ScriptView,
        opener: ScriptOpener,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._app_model = app_model
        self._jobs = jobs
        self._view = view
        self._opener = opener
        view.opened.connect(self._show_script)
        view.copy_requested.connect(self._copy)
        view.save_requested.connect(self._ask_and_save)
        opener.script_changed.connect(self._read)
        opener.file_requested.connect(self._ask_and_open)
        opener.use_requested.connect(self.use)
        document.spec_changed.connect(self._on_changed)
        app_model.info_changed.connect(self._on_changed)

    # ---- The project as a script ----

    def show_code(self) -> None:
        """Open the window that shows the script."""
        self._view.show()
        self._view.raise_()
        self._view.activateWindow()

    def save(self, path: Path) -> None:
        """Write the script, and the samples beside it where it needs them.

        Raises
        ------
        NetsmithError
            If there is no script, the samples are not loaded, or the disk refuses.
        """
        archive = path.with_suffix(".npz")
        text = self._script(archive.name)
        data = self._data() if needs_archive(self._document.spec.data) else None
        storage.write_text(path, text)
        if data is None:
            self._view.say(f"Written: {quoted(path.name, 60)}.")
            return
        work = Job(
            _JOB,
            "Writing the samples for the script …",
            lambda _job: write_parts(archive, data),
            lambda _done: self._view.say(
                f"Written: {quoted(path.name, 60)} and {quoted(archive.name, 60)}."
            ),
            self._say_bad,
        )
        self._jobs.submit("data", work)

    def _on_changed(self, *_values: object) -> None:
        if self._view.isVisible():
            self._show_script()

    def _show_script(self) -> None:
        try:
            text = self._script(ARCHIVE)
        except NetsmithError as error:
            self._view.show_problem(str(error))
            return
        beside = needs_archive(self._document.spec.data)
        self._view.show_script(
            text, _WITH_DATA.format(archive=ARCHIVE) if beside else _STANDS_ALONE
        )

    def _script(self, archive: str) -> str:
        info = self._app_model.info
        if info is None:
            raise BadInput("the data is not known yet: choose it on the Data page")
        return generate(self._document.spec, info, archive)

    def _data(self) -> LoadedData:
        data = self._app_model.data
        if data is None:
            raise BadInput(_NO_DATA)
        return data

    def _copy(self) -> None:
        try:
            QGuiApplication.clipboard().setText(self._script(ARCHIVE))
        except NetsmithError as error:
            self._view.show_problem(str(error))
            return
        self._view.say("Copied.")

    def _ask_and_save(self) -> None:
        path = ask_where(self._view, "Save the Script", "network.py", _FILTER, ".py")
        if path is None:
            return
        try:
            self.save(path)
        except NetsmithError as error:
            self._say_bad(str(error))

    def _say_bad(self, sentence: str) -> None:
        self._view.say(sentence, is_bad=True)

    # ---- A script as the network ----

    def open_script(self) -> None:
        """Open the window that takes a script."""
        self._opener.show()
        self._opener.raise_()
        self._opener.activateWindow()

    def open_file(self, path: Path) -> None:
        """Show the content of a file in the window that takes a script."""
        self.open_script()
        try:
            self._opener.show_script(_content(path))
        except BadInput as error:
            self._opener.show_refused(str(error))

    def use(self, text: str) -> None:
        """Replace the network by a script's, as one undo step; refusals are shown."""
        understood = self._understood(text)
        if understood is None:
            return
        after = applied(self._document.spec, understood, self._app_model.info, BLOCK_SIZE)
        self._document.edit("Use the network of a Python script", after)
        self._opener.close()
        self.network_replaced.emit()
        self._app_model.tell_replaced("the script's", after.network)

    def _read(self, text: str) -> None:
        if not text.strip():
            self._opener.show_nothing()
            return
        understood = self._understood(text)
        if understood is not None:
            self._opener.show_understood(_summary(understood))

    def _understood(self, text: str) -> Understood | None:
        try:
            return parse(text)
        except NotUnderstood as error:
            sentence = str(error).removesuffix(".")
            self._opener.show_refused(f"{sentence[:1].upper()}{sentence[1:]}.", error.line)
            return None

    def _ask_and_open(self) -> None:
        kinds = f"{_FILTER};;All files (*)"
        path = file_dialogs.open_file(self._opener, "Open a Python Script", kinds)
        if path is not None:
            self.open_file(path)


def _content(path: Path) -> str:
    """Return a script's text; BadInput if it cannot be one."""
    name = quoted(path.name, 60)
    try:
        with path.open("rb") as stream:
            content = stream.read(4 * LARGEST_LETTERS + 1)  # at most four bytes a letter
    except OSError as error:
        raise BadInput(f'"{name}" cannot be read: choose another file') from error
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise BadInput(f'"{name}" is no text: choose a Python script') from error


def _summary(understood: Understood) -> str:
    network = understood.network
    layers = len(network.layers) - len(network.inputs)
    parts = [f"Understood: {layers} layer{'s' if layers != 1 else ''}"]
    taken = [_said(name) for name in understood.training]
    if taken:
        parts.append(f"taken over too: {', '.join(taken)}")
    if understood.left:
        parts.append(f"left as in the project: {', '.join(map(_said, understood.left))}")
    return "; ".join(parts) + "."


def _said(field: str) -> str:
    return _SETTING_NAMES.get(field, field)
