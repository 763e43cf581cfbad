"""Every command of the program in one table: menus, tool bar, shortcuts and the command palette."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence

from engine.catalog.model import Kind
from engine.data.info import DataInfo
from engine.templates import TEMPLATES, Template
from widgets.base.icons import icon
from widgets.base.theme import Tokens
from widgets.shell.command_palette import PaletteCommand


@dataclass(frozen=True)
class AppState:
    """What decides which commands are possible now."""

    page: str = "studio"
    can_undo: bool = False
    can_redo: bool = False
    selected: int = 0
    can_paste: bool = False
    groups: int = 0
    notes: int = 0
    selected_notes: int = 0
    training: str = ""
    errors: int = 0
    why_not_resume: str = "there is no run to go on with"
    why_not_train_opened: str = "open a model for the chosen data first"
    trained: bool = False
    pictures: bool = False
    data: DataInfo | None = None
    adversarial: bool = False


@dataclass(frozen=True)
class ActionSpec:
    """One command.

    Attributes
    ----------
    id
        Stable name, the QAction's objectName; other programs and tests rely on it.
    help
        What the tooltip says while it is possible.
    why_not
        Returns why it is not possible now, "" if it is.
    menu
        Title of the menu it stands in, "" for none.
    """

    id: str
    text: str
    menu: str = ""
    shortcut: str = ""
    icon: str = ""
    help: str = ""
    why_not: Callable[[AppState], str] = lambda _state: ""
    checkable: bool = False


def _needs_selection(state: AppState) -> str:
    return "" if state.selected else "select a layer first"


def _needs_layer_or_note(state: AppState) -> str:
    return "" if state.selected or state.selected_notes else "select a layer or a note first"


def _needs_several(count: int) -> Callable[[AppState], str]:
    words = f"select {count} layers or more first"
    return lambda state: "" if state.selected >= count else words


def _needs_group(state: AppState) -> str:
    return "" if state.groups else "select a group first"


def _needs_note(state: AppState) -> str:
    return "" if state.notes else "there are no notes"


def _needs_data(state: AppState) -> str:
    return "" if state.data else "choose the data first"


def _needs_training(state: AppState) -> str:
    return "" if state.training in ("running", "paused") else "no training is running"


def _needs_start(state: AppState) -> str:
    """A training that waits for its data can be taken back too."""
    return "" if state.training else "no training is running"


def _no_training(state: AppState) -> str:
    return "stop the training first" if state.training else ""


def _can_start(state: AppState) -> str:
    """Also with a network that cannot be trained: it then says why, and what to do."""
    if state.training == "paused":
        return ""
    return "a training is running" if state.training else ""


def _can_step(state: AppState) -> str:
    return _can_start(state) if not state.training else ""


def _can_step_alone(state: AppState) -> str:
    if not state.adversarial:
        return "this project has no generator and discriminator"
    return "" if state.training in ("running", "paused") else "start the training first"


def _can_start_apart(state: AppState) -> str:
    """What is not the training itself, but changes its weights or needs the processors."""
    mend = f"first mend the {state.errors} marked problem(s)" if state.errors else ""
    return _no_training(state) or mend


def _can_resume(state: AppState) -> str:
    return _can_start_apart(state) or state.why_not_resume


def _can_train_opened(state: AppState) -> str:
    return _can_start_apart(state) or state.why_not_train_opened


def _needs_model(state: AppState) -> str:
    return "" if state.trained else "train the network first"


def _needs_picture_model(state: AppState) -> str:
    return _needs_model(state) or ("" if state.pictures else "this model takes no pictures")


def _table(*rows: ActionSpec) -> tuple[ActionSpec, ...]:
    return rows


A = ActionSpec
ACTIONS: tuple[ActionSpec, ...] = _table(
    A("file.new", "New Project", "File", "Ctrl+N", "mdi6.file-plus-outline", "Start a new project", _no_training),
    A("file.open", "Open Project…", "File", "Ctrl+O", "mdi6.folder-open-outline", "Open a folder", _no_training),
    A("file.import_model", "Open a Model…", "File", "Ctrl+Shift+O", "mdi6.file-import-outline",
      "Take over network and weights of a .keras, .h5 or .onnx file, or of a SavedModel of yours", _no_training),
    A("file.load_weights", "Load Weights…", "File", "", "mdi6.file-download-outline",
      "Take the weights of a file for the layers that have the same names", _can_start_apart),
    A("file.save_as", "Save As…", "File", "Ctrl+Shift+S", "mdi6.content-save-outline",
      "Go on in a folder of your choice; every edit is saved there at once", _no_training),
    A("file.quit", "Quit", "File", "Ctrl+Q", "mdi6.exit-to-app", "Close Netsmith; nothing needs saving"),
    A("edit.undo", "Undo", "Edit", "Ctrl+Z", "mdi6.undo", "Take the last edit back",
      lambda s: "" if s.can_undo else "nothing to undo"),
    A("edit.redo", "Redo", "Edit", "Ctrl+Shift+Z", "mdi6.redo", "Do it again",
      lambda s: "" if s.can_redo else "nothing to redo"),
    A("edit.cut", "Cut", "Edit", "Ctrl+X", "mdi6.content-cut", "Cut the selected layers and notes",
      _needs_layer_or_note),
    A("edit.copy", "Copy", "Edit", "Ctrl+C", "mdi6.content-copy", "Copy the selected layers and notes",
      _needs_layer_or_note),
    A("edit.paste", "Paste", "Edit", "Ctrl+V", "mdi6.content-paste", "Paste layers, or a picture on the Classify page",
      lambda s: "" if s.can_paste or s.page == "classify" else "the clipboard holds no layers"),
    A("edit.duplicate", "Duplicate", "Edit", "Ctrl+D", "mdi6.content-duplicate",
      "Copy the selected layers and notes beside them", _needs_layer_or_note),
    A("edit.delete", "Delete", "Edit", "", "mdi6.trash-can-outline",
      "Delete the selected layers and notes (Delete key)", _needs_layer_or_note),
    A("edit.select_all", "Select All", "Edit", "Ctrl+A", "mdi6.select-all", "Select every layer"),
    A("layer.swap", "Change Kind…", "Network", "Ctrl+K", "mdi6.swap-horizontal",
      "Put another kind in the place of the selected layers; what fits is kept", _needs_selection),
    A("layer.arrange", "Arrange Blocks", "Arrange", "Ctrl+Shift+A", "mdi6.sitemap-outline",
      "Lay out the selected blocks anew, all of them if fewer than two are"),
    *(A(f"layer.align.{line}", f"Align {words}", "Arrange", keys, f"mdi6.align-{icon}",
        f"Bring the selected blocks {to}", _needs_several(2))
      for line, words, keys, icon, to in (
          ("left", "Left Edges", "Alt+Shift+Left", "horizontal-left", "to the leftmost one's left edge"),
          ("centre", "Centres", "Alt+Shift+C", "horizontal-center", "to one vertical line"),
          ("right", "Right Edges", "Alt+Shift+Right", "horizontal-right", "to the rightmost one's right edge"),
          ("top", "Top Edges", "Alt+Shift+Up", "vertical-top", "to the upmost one's top edge"),
          ("middle", "Middles", "Alt+Shift+M", "vertical-center", "to one horizontal line"),
          ("bottom", "Bottom Edges", "Alt+Shift+Down", "vertical-bottom", "to the lowest one's bottom edge"))),
    A("layer.distribute.across", "Distribute Across", "Arrange", "Alt+Shift+H", "mdi6.distribute-horizontal-center",
      "Put the selected blocks at equal distances from left to right", _needs_several(3)),
    A("layer.distribute.down", "Distribute Downwards", "Arrange", "Alt+Shift+V", "mdi6.distribute-vertical-center",
      "Put the selected blocks at equal distances from top to bottom", _needs_several(3)),
    A("layer.group", "Group", "Arrange", "Ctrl+G", "mdi6.group",
      "Show the selected layers as one block; the network stays as it is", _needs_selection),
    A("layer.group_toggle", "Open or Collapse Group", "Arrange", "Ctrl+Shift+G", "mdi6.arrow-expand-vertical",
      "Show the layers of the selected group, or the group as one block", _needs_group),
    A("layer.group_rename", "Rename Group…", "Arrange", "", "mdi6.rename-outline",
      "Give the selected group another name", _needs_group),
    A("layer.ungroup", "Ungroup", "Arrange", "Ctrl+Alt+G", "mdi6.ungroup",
      "Dissolve the selected group; its layers stay", _needs_group),
    A("layer.save_block", "Save as Reusable Block…", "Arrange", "Ctrl+Alt+S", "mdi6.bookmark-plus-outline",
      "Keep the selected layers in the palette, for every project", _needs_selection),
    A("note.add", "Add Note", "Arrange", "Ctrl+Alt+N", "mdi6.note-plus-outline",
      "Write a text beside the blocks"),
    A("note.next", "Select Next Note", "Arrange", "Ctrl+Alt+M", "mdi6.note-outline",
      "Then arrows move it, Shift and arrows resize it, Enter writes, Delete removes", _needs_note),
    A("network.freeze", "Freeze All but the Head", "Network", "", "mdi6.snowflake",
      "Let training change only the last layer, so that a loaded network learns new classes quickly"),
    A("network.unfreeze", "Unfreeze All Layers", "Network", "", "mdi6.snowflake-off",
      "Let training change every layer"),
    A("network.templates", "Choose a Network…", "Network", "Ctrl+T", "mdi6.view-grid-outline",
      "Look through the ready networks and take one"),
    A("network.propose", "Propose a Network", "Network", "Ctrl+Shift+T", "mdi6.lightbulb-on-outline",
      "Take the network to begin with for the chosen data", _needs_data),
    A("code.show", "Show as Python Code…", "Network", "Ctrl+Shift+K", "mdi6.language-python",
      "See, copy or save a script that trains the same model"),
    A("code.open", "Open a Python Script…", "Network", "", "mdi6.file-code-outline",
      "Paste or open a script; its network replaces this one"),
    A("view.page.data", "Data", "View", "Ctrl+1", "mdi6.database-outline", "Choose and see the data", checkable=True),
    A("view.page.studio", "Studio", "View", "Ctrl+2", "mdi6.graph-outline", "Build and train", checkable=True),
    A("view.page.classify", "Classify", "View", "Ctrl+3", "mdi6.image-search-outline",
      "Try the trained network", checkable=True),
    A("view.page.export", "Export", "View", "Ctrl+4", "mdi6.export-variant", "Take the model away", checkable=True),
    A("view.zoom_in", "Zoom In", "View", "Ctrl++", "mdi6.magnify-plus-outline"),
    A("view.zoom_out", "Zoom Out", "View", "Ctrl+-", "mdi6.magnify-minus-outline"),
    A("view.zoom_reset", "Original Size", "View", "Ctrl+0", "mdi6.magnify"),
    A("view.fit", "Fit Network", "View", "Ctrl+Shift+F", "mdi6.fit-to-page-outline", "Show the whole network"),
    A("view.fit_selection", "Fit Selection", "View", "Ctrl+Shift+E", "mdi6.select-search", "Show the selected layers",
      _needs_selection),
    A("view.map", "Overview Map", "View", "Ctrl+M", "mdi6.map-outline",
      "Show a small map while a part of the network is out of sight", checkable=True),
    A("view.neurons", "Neurons and Synapses", "View", "Ctrl+Shift+Y", "mdi6.share-variant-outline",
      "Show the dense layers as neurons, their weights as lines"),
    A("view.costs", "Costs of the Layers", "View", "Ctrl+Shift+C", "mdi6.scale-balance",
      "Show what each layer costs"),
    A("view.activations", "Activations of the Layer", "View", "Ctrl+Shift+U", "mdi6.view-grid-outline",
      "Show large what the selected layer gives for the pinned sample"),
    A("view.thumbnails.off", "Blocks Show No Picture", "View", "", "mdi6.image-off-outline",
      "Show no picture in the blocks", checkable=True),
    A("view.thumbnails.weights", "Blocks Show Weights", "View", "", "mdi6.grid",
      "Show in each block its weights, live while they are trained", checkable=True),
    A("view.thumbnails.activations", "Blocks Show Activations", "View", "", "mdi6.image-multiple-outline",
      "Show in each block what it gives for the pinned sample, while you edit and while it trains", checkable=True),
    A("view.flow", "Sample in the Blocks", "", "Ctrl+Shift+L", "mdi6.image-multiple-outline",
      "Show in each block what it gives for the pinned sample, or its weights again", checkable=True),
    A("view.sample.previous", "Previous Sample", "View", "Ctrl+Shift+,", "mdi6.chevron-left",
      "Pin the sample before: it is shown to the network", _needs_data),
    A("view.sample.next", "Next Sample", "View", "Ctrl+Shift+.", "mdi6.chevron-right",
      "Pin the next sample: it is shown to the network", _needs_data),
    A("view.theme.light", "Light Theme", "View", "", "mdi6.white-balance-sunny", checkable=True),
    A("view.theme.dark", "Dark Theme", "View", "", "mdi6.weather-night", checkable=True),
    A("view.reset_layout", "Reset Layout", "View", "", "mdi6.view-dashboard-outline",
      "Put the panels back where they are at first, and as large"),
    A("train.start", "Train", "Train", "F5", "mdi6.play",
      "Train the network; the Training panel says from which weights", _can_start),
    A("train.resume_run", "Go On with the Last Run", "Train", "Ctrl+F5", "mdi6.play-outline",
      "Train on where the last run stopped", _can_resume),
    A("train.pause", "Pause", "Train", "F6", "mdi6.pause", "Hold the training; again to go on", _needs_training,
      checkable=True),
    A("train.step", "Step One Batch", "Train", "F10", "mdi6.skip-next", "Train on one batch, then pause", _can_step),
    A("train.step.generator", "Step the Generator Alone", "Train", "", "mdi6.skip-next-outline",
      "Train the generator on one batch while the discriminator stays as it is, then pause", _can_step_alone),
    A("train.step.discriminator", "Step the Discriminator Alone", "Train", "", "mdi6.skip-next-outline",
      "Train the discriminator on one batch while the generator stays as it is, then pause", _can_step_alone),
    A("train.epoch", "Run One Epoch", "Train", "F9", "mdi6.skip-forward", "Train to the end of the epoch, then pause",
      _can_step),
    A("train.stop", "Stop and Keep", "Train", "Shift+F5", "mdi6.stop", "End the training, keep what was learned",
      _needs_start),
    A("train.discard", "Stop and Discard", "Train", "", "mdi6.delete-forever-outline",
      "End the training, go back to the model before it", _needs_start),
    A("train.opened_model", "Train the Opened Model", "Train", "", "mdi6.play-box-outline",
      "Train the model that was opened, from the weights of its file", _can_train_opened),
    A("train.range_test", "Find a Learning Rate…", "Train", "", "mdi6.chart-bell-curve-cumulative",
      "Try rising learning rates on a copy and see where the loss falls fastest", _can_start_apart),
    A("classify.open", "Open Picture…", "Model", "Ctrl+I", "mdi6.image-outline", "Classify a picture file",
      _needs_picture_model),
    A("classify.paste", "Classify Clipboard", "Model", "Ctrl+Shift+V", "mdi6.clipboard-outline",
      "Classify the picture in the clipboard", _needs_picture_model),
    A("export.model", "Export Model…", "Model", "Ctrl+E", "mdi6.export-variant", "Write the trained model to a file",
      _needs_model),
    A("help.palette", "Find a Command…", "Help", "Ctrl+Shift+P", "mdi6.magnify", "Run any command by typing its name"),
    A("help.shortcuts", "Keyboard Shortcuts", "Help", "F1", "mdi6.keyboard-outline", "List all keys"),
    A("help.about", "About Netsmith", "Help", "", "mdi6.information-outline"),
)  # fmt: skip
_ON_ACCENT = frozenset(spec.id for spec in ACTIONS if spec.id.startswith("view.page."))
MENUS = ("File", "Edit", "View", "Network", "Arrange", "Train", "Model", "Help")


def template_actions() -> tuple[ActionSpec, ...]:
    """One command for each ready network: ``network.template.cnn``."""
    return tuple(
        A(
            f"network.template.{template.id}",
            f"Replace the Network by {template.title}",
            help=template.help,
            why_not=_suits(template),
        )
        for template in TEMPLATES.values()
    )


def palette_commands(actions: Actions, info: DataInfo | None) -> tuple[PaletteCommand, ...]:
    """Return every command as a line of the palette; what replaces the network says by how much."""
    return tuple(_palette_command(actions, spec, info) for spec in actions.table)


def _palette_command(actions: Actions, spec: ActionSpec, info: DataInfo | None) -> PaletteCommand:
    family, _, name = spec.id.rpartition(".")
    why_not, text = actions.why_not(spec.id), actions[spec.id].text()
    is_template = family == "network.template"
    if is_template and info is not None and not why_not:
        layers = TEMPLATES[name].layers(info)
        text = f"{text}, {layers:,} layer{'s' if layers != 1 else ''}"
    rank = 2 if is_template else int(family == "layer.add")
    return PaletteCommand(spec.id, text, spec.shortcut, rank, is_template, why_not)


def _suits(template: Template) -> Callable[[AppState], str]:
    return lambda state: template.why_not(state.data)


def layer_actions(kinds: Iterable[Kind]) -> tuple[ActionSpec, ...]:
    """One command for each layer that can be placed: ``layer.add.Dense``."""
    return tuple(
        A(f"layer.add.{kind.name}", f"Add {kind.name}", help=kind.help)
        for kind in kinds
        if not kind.unsupported
    )


class Actions(QObject):
    """The QActions of a table."""

    def __init__(self, table: tuple[ActionSpec, ...], parent: QObject) -> None:
        super().__init__(parent)
        self.table = table
        self._actions = {spec.id: self._make(spec) for spec in table}
        self._reasons: dict[str, str] = {}

    def why_not(self, action_id: str) -> str:
        """Return why a command is not possible now, "" if it is."""
        return self._reasons.get(action_id, "")

    def __getitem__(self, action_id: str) -> QAction:
        return self._actions[action_id]

    def refresh(self, state: AppState) -> None:
        """Enable what is possible; the tooltip of the rest says why not."""
        for spec in self.table:
            reason = self._reasons[spec.id] = spec.why_not(state)
            action = self._actions[spec.id]
            action.setEnabled(not reason)
            words = f"not now: {reason}" if reason else (spec.help or spec.text.rstrip("…"))
            keys = f" ({spec.shortcut})" if spec.shortcut else ""
            action.setToolTip(f"{words}{keys}")

    def set_theme(self, tokens: Tokens) -> None:
        """Draw the icons in the theme's colours."""
        for spec in self.table:
            if spec.icon:
                on = tokens.on_accent if spec.id in _ON_ACCENT else tokens.text
                drawn = icon(spec.icon, color=tokens.text, disabled=tokens.muted, on=on)
                self._actions[spec.id].setIcon(drawn)

    def _make(self, spec: ActionSpec) -> QAction:
        action = QAction(spec.text, self)
        action.setObjectName(spec.id)
        action.setCheckable(spec.checkable)
        action.setIconVisibleInMenu(
            spec.id not in _ON_ACCENT
        )  # there it would not lie on the accent
        if spec.shortcut:
            action.setShortcut(QKeySequence(spec.shortcut))
        return action
