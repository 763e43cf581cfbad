"""The inspector: the settings of the selected layer, or what several selected layers share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject

from app.app_model import AppModel
from app.document import Document
from engine.catalog import catalog, clean_parameters
from engine.editing.grouping import with_renamed_layer
from engine.spec import edits
from engine.spec.issues import Issue
from engine.spec.network import LayerSpec, NetworkSpec
from engine.spec.project import ProjectSpec
from widgets.forms import LayerForm


class InspectorController(QObject):
    """Shows the selection in the layer form and turns what is set there into edits."""

    def __init__(
        self,
        document: Document,
        app_model: AppModel,
        form: LayerForm,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._app_model = app_model
        self._form = form
        self._shown: object = None  # what the form shows: layers with their facts and issues
        form.parameter_changed.connect(self._on_parameter)
        form.shared_changed.connect(self._on_shared)
        form.renamed.connect(self._on_renamed)
        form.trainable_changed.connect(self._on_trainable)
        form.visit_ended.connect(document.end_visit)
        document.spec_changed.connect(self._on_spec_changed)
        for changed in (
            app_model.facts_changed, app_model.issues_changed, app_model.selection_changed,
        ):  # fmt: skip
            changed.connect(self._show)
        self._show()

    # ---- What the user sets ----

    def _on_parameter(self, layer_id: str, name: str, value: object) -> None:
        network = self._with_parameter((layer_id,), name, value)
        self._edit(f"Set {name} of {layer_id}", network, merge_key=f"{layer_id}.{name}")

    def _on_shared(self, layer_ids: tuple[str, ...], name: str, value: object) -> None:
        network = self._with_parameter(layer_ids, name, value)
        key = f"{' '.join(layer_ids)}.{name}"
        self._edit(f"Set {name} of {len(layer_ids)} layers", network, merge_key=key)

    def _on_renamed(self, old: str, new: str) -> None:
        if new in self._network.ids:
            self._app_model.said.emit(f'there is a layer "{new}" already: choose another name')
            self._shown = None
            self._show()
            return
        spec = self._document.spec
        positions = {new if name == old else name: place for name, place in spec.canvas.items()}
        after = spec.but(
            network=spec.network.renamed(old, new),
            canvas=positions,
            groups=with_renamed_layer(spec.groups, old, new),
        )
        self._document.edit(f"Rename {old} to {new}", after)
        self._app_model.set_selection((new,))

    def _on_trainable(self, layer_ids: tuple[str, ...], trainable: bool) -> None:
        whose = layer_ids[0] if len(layer_ids) == 1 else f"{len(layer_ids)} layers"
        text = f"{'Unfreeze' if trainable else 'Freeze'} {whose}"
        self._edit(text, edits.with_trainable(self._network, layer_ids, trainable=trainable))

    # ---- Edits ----

    @property
    def _network(self) -> NetworkSpec:
        return self._document.spec.network

    def _with_parameter(self, layer_ids: Sequence[str], name: str, value: Any) -> NetworkSpec:
        chosen = frozenset(layer_ids)
        layers = tuple(
            _with_value(layer, name, value) if layer.id in chosen else layer
            for layer in self._network.layers
        )
        return NetworkSpec(layers=layers, wires=self._network.wires)

    def _edit(self, text: str, network: NetworkSpec, merge_key: str | None = None) -> None:
        self._document.edit(text, self._document.spec.but(network=network), merge_key)

    # ---- Showing ----

    def _on_spec_changed(self, _old: ProjectSpec, _new: ProjectSpec) -> None:
        self._show()

    def _show(self) -> None:
        """Show the selection, unless that is what the form shows: an edit changes several values of the model."""
        known = {layer.id: layer for layer in self._network.layers}
        layers = [known[name] for name in self._app_model.selection if name in known]
        facts = [self._app_model.facts.get(layer.id) for layer in layers]
        shown = (layers, facts, [self._issues_of(layer) for layer in layers])
        if shown == self._shown:
            return
        self._shown = shown
        if len(layers) > 1:
            self._form.show_layers(layers, catalog().family("layer"))
        elif layers:
            self._show_one(layers[0])
        else:
            self._form.show_nothing("Select a block to see and change its settings.")

    def _show_one(self, layer: LayerSpec) -> None:
        kind = catalog().family("layer").get(layer.kind)
        if kind is None:
            self._form.show_nothing(f'"{layer.kind}" is not a layer of the installed Keras.')
            return
        fact, issues = self._app_model.facts.get(layer.id), self._issues_of(layer)
        self._form.show_layer(layer, kind, fact, issues)

    def _issues_of(self, layer: LayerSpec) -> tuple[Issue, ...]:
        return tuple(issue for issue in self._app_model.issues if issue.layer == layer.id)


def _with_value(layer: LayerSpec, name: str, value: Any) -> LayerSpec:
    parameters = clean_parameters(catalog().layer(layer.kind), {**layer.parameters, name: value})
    changed: LayerSpec = layer.but(parameters=parameters)
    return changed
