"""The canvas's own keys: one table, shown in the help and obeyed by the canvas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence


@dataclass(frozen=True)
class Key:
    """One key of the canvas.

    Attributes
    ----------
    sequence
        As Qt writes it, ``"Ctrl+A"``.
    words
        What it does.
    method
        Method of `NetworkCanvas` that does it.
    arguments
        Passed to the method.
    """

    sequence: str
    words: str
    method: str
    arguments: tuple[str | int | bool, ...] = ()


_ARROWS: Final = {"Up": (0, -1), "Down": (0, 1), "Left": (-1, 0), "Right": (1, 0)}
_BESIDE: Final = {
    "Up": "before",
    "Down": "after",
    "Left": "to the left, else the one before",
    "Right": "to the right, else the one after",
}

_TABLE: Final = (
    *(
        Key(a, f"Select the block {_BESIDE[a]}", "select_beside", (a.lower(), False))
        for a in _ARROWS
    ),
    *(
        Key(
            f"Shift+{a}",
            f"Add the block {_BESIDE[a]} to the selection",
            "select_beside",
            (a.lower(), True),
        )
        for a in _ARROWS
    ),
    *(
        Key(f"Alt+{a}", "Move the selected blocks a step", "nudge", step)
        for a, step in _ARROWS.items()
    ),
    *(
        Key(f"Ctrl+{a}", "Move the selected blocks a step", "nudge", step)
        for a, step in _ARROWS.items()
    ),
    Key("W", "Select a wire of the selected block, then the next one", "select_wire", (1,)),
    Key("Shift+W", "Select the wire before", "select_wire", (-1,)),
    Key("Return", "Open the settings of the selected block", "ask_settings"),
    Key("Enter", "Open the settings of the selected block", "ask_settings"),
    Key("N", "Add a layer after the selected block or into the selected wire", "ask_quick_add"),
    Key("Ins", "Add a layer after the selected block or into the selected wire", "ask_quick_add"),
    Key("K", "Change the kind of the selected layers", "open_swap"),
    Key("L", "Connect two selected blocks, the upper to the lower", "connect_selected"),
    Key("Del", "Delete what is selected", "ask_delete"),
    Key("Backspace", "Delete what is selected", "ask_delete"),
    Key("Ctrl+A", "Select all blocks and notes", "select_all"),
    Key("Ctrl+C", "Copy what is selected", "ask_copy"),
    Key("Ctrl+X", "Cut what is selected", "ask_cut"),
    Key("Ctrl+V", "Paste at the mouse", "ask_paste"),
    Key("Ctrl+D", "Duplicate what is selected", "ask_duplicate"),
    Key("Esc", "Cancel a drag, else select nothing", "escape"),
    Key("A", "Arrange the selected blocks anew, all of them if fewer than two are", "ask_arrange"),
    Key("F", "Show the whole network", "fit"),
    Key("Shift+F", "Show what is selected", "fit_selection"),
    Key("+", "Zoom in (also Ctrl and the wheel)", "zoom_in"),
    Key("=", "Zoom in", "zoom_in"),
    Key("-", "Zoom out", "zoom_out"),
    Key("0", "Zoom to 100 %", "zoom_reset"),
)
_BY_SEQUENCE: Final = {key.sequence: key for key in _TABLE}

# What the help shows: (sequence, words).
KEYS: Final[tuple[tuple[str, str], ...]] = (
    *((key.sequence, key.words) for key in _TABLE if key.sequence != "="),
    ("Tab", "Leave the canvas"),
    ("Space", "Hold it and drag to move the view (or drag with the middle button)"),
)
_KEPT: Final = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.ShiftModifier
    | Qt.KeyboardModifier.MetaModifier
)


def key_of(event: QKeyEvent) -> Key | None:
    """Return the row of the table that a key press means, None if it means nothing here."""
    held = event.modifiers() & _KEPT  # without the mark of the number pad
    sequence = QKeySequence(held.value | event.key()).toString(
        QKeySequence.SequenceFormat.PortableText
    )
    # "+" and "=" need Shift on some keyboards: there the letter counts, not the key.
    return _BY_SEQUENCE.get(sequence) or _BY_SEQUENCE.get(
        event.text() if event.text() in "+=-" else ""
    )
