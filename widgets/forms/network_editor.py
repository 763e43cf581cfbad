"""The field of a network inside a layer: told in words, not edited."""

from __future__ import annotations

from collections import Counter
from typing import Any

from PySide6.QtWidgets import QWidget

from engine.catalog.model import Field
from engine.spec.inner import InnerNetwork
from engine.spec.network import INPUT_KIND
from widgets.base.labels import plain_label
from widgets.forms.editors import Editor, EditorContext


class NetworkEditor(Editor):
    """Shows which layers are inside, and which of them are used in several places."""

    def __init__(self, field: Field, context: EditorContext) -> None:
        super().__init__(field, context)
        self._label = plain_label(wrap=True)
        self._put(self._label)

    def entry(self) -> QWidget:
        """Return the widget that tells it."""
        return self._label

    def _show(self, value: Any) -> None:
        try:
            self._label.setText(told(InnerNetwork.of(value)))
        except ValueError as problem:
            self._label.setText(f"The network {problem}.")


def told(inner: InnerNetwork) -> str:
    """Return what the network holds, a line for each of its layers but its inputs."""
    uses = Counter(inner.shared.values())
    lines = [
        f"{layer.id}: {layer.kind}"
        + (f", used {uses[layer.id] + 1} times" if uses[layer.id] else "")
        for layer in inner.layers
        if layer.kind != INPUT_KIND and layer.id not in inner.shared
    ]
    return "\n".join(lines)
