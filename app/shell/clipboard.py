"""Layers and notes in the clipboard: as JSON text, so that they travel between projects, windows and editors."""

from __future__ import annotations

import json

from pydantic import ValidationError
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

from engine.editing.fragments import Fragment
from engine.errors import BadInput

MIME_LAYERS = "application/x-netsmith-layers+json"
_LARGEST_BYTES = 8 * 1024 * 1024
_MOST_LAYERS = 2000  # far more than anybody copies; each becomes a block


def put_layers(fragment: Fragment) -> None:
    """Put layers, with their wires and groups, and notes into the clipboard."""
    text = fragment.model_dump_json()
    content = QMimeData()
    content.setData(MIME_LAYERS, text.encode())
    content.setText(text)
    QGuiApplication.clipboard().setMimeData(content)


def may_hold_layers() -> bool:
    """Tell whether there is anything that can be layers; a text is not read before it is pasted."""
    content = QGuiApplication.clipboard().mimeData()
    return content is not None and (content.hasFormat(MIME_LAYERS) or content.hasText())


def layers() -> Fragment:
    """Return the clipboard's layers and notes, from any program.

    Raises
    ------
    BadInput
        If there are none that a network can hold.
    """
    content = QGuiApplication.clipboard().mimeData()
    raw = b""
    if content is not None and content.hasFormat(MIME_LAYERS):
        raw = bytes(content.data(MIME_LAYERS).data())
    elif content is not None:
        raw = content.text()[: _LARGEST_BYTES + 1].encode(errors="replace")
    return read_layers(raw)


def read_layers(raw: bytes) -> Fragment:
    """Return the layers and notes that a JSON text describes; raises what `layers` raises.

    A text that describes a network alone, without places, groups and notes, will do.
    """
    if len(raw) > _LARGEST_BYTES:
        raise BadInput("the clipboard holds too much to be pasted as layers")
    try:
        described = json.loads(raw)
        if "network" not in described and "notes" not in described:
            described = {"network": described}
        if len(described.get("network", {}).get("layers", ())) > _MOST_LAYERS:
            raise BadInput(
                f"the clipboard holds more than {_MOST_LAYERS} layers: paste a part of them"
            )
        fragment: Fragment = Fragment.model_validate(described)
    except (ValidationError, ValueError, TypeError, AttributeError, RecursionError):
        raise BadInput("the clipboard holds no layers that can be pasted") from None
    if not fragment.network.layers and not fragment.notes:
        raise BadInput("the clipboard holds no layers that can be pasted")
    return fragment
