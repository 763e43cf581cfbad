"""Edits of the network that canvas and palette ask for, and the clipboard."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject

from app.app_model import AppModel
from app.document import Document
from app.shell import clipboard
from engine.catalog import catalog, default_parameters
from engine.editing.folding import fold
from engine.editing.fragments import Fragment, copied, laid_out, pasted
from engine.editing.fresh_layers import wire_before_answer, with_fresh_settings
from engine.editing.grouping import with_renamed_layer
from engine.editing.layout import cover, placed
from engine.editing.preprocessing import behind_preprocessing
from engine.editing.swapping import swapped
from engine.errors import BadInput
from engine.spec import edits
from engine.spec.issues import Cure
from engine.spec.network import NetworkSpec, WireSpec
from engine.spec.project import ProjectSpec
from widgets.canvas import BLOCK_SIZE, InputPort, LayerPalette, NetworkCanvas

_GAP = 40.0  # scene units between blocks
_ROW = BLOCK_SIZE[1] + _GAP  # from one block to the next below

Positions = dict[str, tuple[float, float]]


class NetworkController(QObject):
    """Turns what canvas and palette ask for into edits of the document."""

    def __init__(
        self, document: Document, app_model: AppModel, canvas: NetworkCanvas, palette: LayerPalette,
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._document = document
        self._app_model = app_model
        self._canvas = canvas
        palette.show_kinds(tuple(catalog().family("layer").values()))
        palette.add_requested.connect(self.add_layer)
        canvas.add_requested.connect(self._on_add_at)
        canvas.insert_requested.connect(self._on_insert)
        canvas.swap_requested.connect(self.swap)
        canvas.connect_requested.connect(self._on_connect)
        canvas.disconnect_requested.connect(self._on_disconnect)
        canvas.rewire_requested.connect(self._on_rewire)
        canvas.move_requested.connect(self._on_move)
        canvas.delete_requested.connect(self._on_delete)
        canvas.copy_requested.connect(self.copy)
        canvas.cut_requested.connect(self.cut)
        canvas.paste_requested.connect(self._on_paste_at)
        canvas.duplicate_requested.connect(self.duplicate)
        canvas.selection_changed.connect(app_model.set_selection)
        canvas.cure_requested.connect(self.apply_cure)
        document.spec_changed.connect(self._on_spec_changed)
        app_model.facts_changed.connect(self._on_facts_changed)
        app_model.selection_changed.connect(self._show_selection)
        self._show_network()

    # ---- Commands ----

    def add_layer(self, kind: str) -> None:
        """Add a layer behind the selected one; if none is, before the network's answer or at its end."""
        network = self._network
        selected = self._app_model.selection
        ends = network.outputs or network.inputs
        end = ends[-1].id if ends else None
        after = (
            selected[0] if len(selected) == 1 else wire_before_answer(network, self._app_model.info)
        )
        self._add(kind, after or end, None)

    def delete(self) -> None:
        """Delete the selected layers and notes; chains through the layers are closed."""
        self._on_delete(self._app_model.selection, ())

    def copy(self) -> None:
        """Put the selected layers and notes into the clipboard."""
        fragment = self._chosen()
        if fragment is not None:
            clipboard.put_layers(fragment)

    def cut(self) -> None:
        """Copy the selected layers and notes, then delete them."""
        self.copy()
        self.delete()

    def paste(self) -> None:
        """Put the clipboard's layers into the network, beside where they were copied."""
        self._paste(None)

    def duplicate(self) -> None:
        """Copy the selected layers and notes beside themselves."""
        fragment = self._chosen()
        if fragment is not None:
            self._insert(fragment, f"Duplicate {_copy_name(fragment)}", None)

    def swap(self, layer_ids: tuple[str, ...], kind: str) -> None:
        """Put layers of another kind in the places of some, with the settings that fit it."""
        spec = self._document.spec
        network, positions, groups = spec.network, self._positions(), spec.groups
        names: list[str] = []
        for old in layer_ids:
            network, new = swapped(network, old, kind)
            positions[new] = positions.pop(old)
            groups = with_renamed_layer(groups, old, new)
            names.append(new)
        after = spec.but(network=network, canvas=positions, groups=groups)
        self._document.edit(f"Change {_names(layer_ids)} into {kind}", after)
        self._select(tuple(names))

    def select_all(self) -> None:
        """Select every layer."""
        self._canvas.select_all()

    def apply_cure(self, cure: Cure) -> None:
        """Do what a cure's button promises, as one undo step."""
        after = self._with_positions(cure.applied_to(self._document.spec))
        self._document.edit(cure.label, after)

    # ---- Requests of canvas and form ----

    def _on_add_at(self, kind: str, x: float, y: float, after: object) -> None:
        if isinstance(after, WireSpec):
            self._add(kind, after, None)  # the wire's place is taken: make room below its source
        elif isinstance(after, str):
            self._add(kind, after, None if self._is_taken(x, y) else (x, y), branch=True)
        elif isinstance(after, InputPort):
            self._add_before(kind, (x, y), after)
        else:
            self._add(kind, None, (x, y))

    def _on_insert(self, layer_id: str, wire: WireSpec) -> None:
        network = edits.put_on_wire(self._network, layer_id, wire)
        positions = self._positions()
        del positions[layer_id]
        positions = self._with_room(positions, wire.source, network, layer_id)
        spec = self._document.spec.but(network=network, canvas=positions)
        self._document.edit(f"Put {layer_id} between {wire.source} and {wire.target}", spec)

    def _on_connect(self, source: str, target: str, port: int) -> None:
        wire = WireSpec(source=source, target=target, port=port)
        self._edit_network(f"Connect {source} to {target}", self._network.with_wire(wire))

    def _on_disconnect(self, wires: tuple[WireSpec, ...]) -> None:
        if wires:
            text = (
                f"Disconnect {wires[0].source} from {wires[0].target}"
                if len(wires) == 1
                else "Disconnect wires"
            )
            self._edit_network(text, self._network.without_wires(wires))

    def _on_rewire(self, old: WireSpec, new: WireSpec) -> None:
        network = self._network.without_wires((old,)).with_wire(new)
        self._edit_network(f"Connect {new.source} to {new.target}", network)

    def _on_move(self, moves: tuple[tuple[str, float, float], ...]) -> None:
        if not moves:
            return
        spec = self._document.spec
        before = self._positions()
        positions = {**spec.canvas, **{name: (x, y) for name, x, y in moves}}
        first, x, y = moves[0]
        step = (x - before[first][0], y - before[first][1])
        chosen = self._canvas.selected_notes()
        notes = tuple(n.moved(*step) if i in chosen else n for i, n in enumerate(spec.notes))
        self._document.edit(
            f"Move {_names([name for name, _x, _y in moves])}",
            spec.but(canvas=positions, notes=notes),
        )

    def _on_delete(self, layer_ids: tuple[str, ...], wires: tuple[WireSpec, ...]) -> None:
        network = edits.remove(self._network.without_wires(wires), layer_ids)
        notes = self._canvas.selected_notes()
        spec = self._document.spec
        kept = tuple(note for number, note in enumerate(spec.notes) if number not in notes)
        words = f"Remove {self._contents(layer_ids, len(wires), len(notes))}"
        self._document.edit(words, spec.but(network=network, notes=kept))
        self._canvas.select_notes(())

    def _contents(self, layer_ids: tuple[str, ...], wires: int, notes: int) -> str:
        """Return what undo calls what is removed."""
        if len(layer_ids) == 1:
            return f"{self._network.layer(layer_ids[0]).kind} {layer_ids[0]}"
        if layer_ids:
            return _names(layer_ids)
        words, count = ("wire", wires) if wires else ("note", notes)
        return words if count == 1 else f"{count} {words}s"

    def _on_paste_at(self, x: float, y: float) -> None:
        self._paste((x, y))

    # ---- Edits ----

    @property
    def _network(self) -> NetworkSpec:
        return self._document.spec.network

    def _add(
        self,
        kind: str,
        after: str | WireSpec | None,
        place: tuple[float, float] | None,
        *,
        branch: bool = False,
    ) -> None:
        parameters = default_parameters(catalog().layer(kind))
        if isinstance(after, WireSpec):
            network, new = edits.add_on_wire(self._network, kind, parameters, after)
            above: str | None = after.source
        else:
            if after is not None and not branch:
                after = behind_preprocessing(self._network, after, kind)
            network, new = edits.add_after(self._network, kind, parameters, after, branch=branch)
            above = after
        network, reason = with_fresh_settings(network, new, self._app_model.info)
        positions = self._positions()
        if place is None:
            positions = self._with_room(positions, above, network, new)
        else:
            positions[new] = place
        spec = self._document.spec.but(network=network, canvas=positions)
        self._document.edit(f"Add {kind} {new}", spec)
        self._select((new,))
        self._canvas.focus_on((new,))
        if reason:
            self._app_model.said.emit(reason)

    def _add_before(self, kind: str, place: tuple[float, float], port: InputPort) -> None:
        """Add a layer that feeds an input port."""
        parameters = default_parameters(catalog().layer(kind))
        network, new = edits.add_after(self._network, kind, parameters, None)
        network = network.with_wire(WireSpec(source=new, target=port.layer_id, port=port.port))
        network, reason = with_fresh_settings(network, new, self._app_model.info)
        positions = {**self._positions(), new: place}
        spec = self._document.spec.but(network=network, canvas=positions)
        self._document.edit(f"Add {kind} {new}", spec)
        self._select((new,))
        if reason:
            self._app_model.said.emit(reason)

    def _is_taken(self, x: float, y: float) -> bool:
        folding = fold(self._network, self._document.spec.groups)
        shown = folding.shown_places(self._positions())
        return any(cover((x, y), other, BLOCK_SIZE) for other in shown.values())

    def _with_room(
        self, positions: Positions, above: str | None, network: NetworkSpec, new: str
    ) -> Positions:
        """Return where all layers stand once ``new`` has a place below ``above``."""
        folding = fold(network, self._document.spec.groups)
        shown = folding.shown_places(positions)
        block = None if above is None else folding.block_of(above)
        shown[new] = self._place_below(shown, block, folding.network, new)
        return {**positions, **folding.layer_places(shown, positions)}

    def _place_below(
        self, positions: Positions, above: str | None, network: NetworkSpec, new: str
    ) -> tuple[float, float]:
        """Return a free place under ``above``, moving what follows down where it is in the way."""
        if above is None or above not in positions:
            lowest = max((y for _x, y in positions.values()), default=-_ROW)
            return (min((x for x, _y in positions.values()), default=0.0), lowest + _ROW)
        x, y = positions[above]
        place = (x, y + _ROW)
        followers = network.downstream((new,)) - {new}
        if any(positions[name][1] < place[1] + _ROW for name in followers if name in positions):
            for name in followers & positions.keys():
                positions[name] = (positions[name][0], positions[name][1] + _ROW)
        while any(cover(place, other, BLOCK_SIZE) for other in positions.values()):
            place = (place[0] + BLOCK_SIZE[0] + _GAP, place[1])
        return place

    def _chosen(self) -> Fragment | None:
        """Return the selected layers and notes, None if nothing is selected."""
        layers, notes = self._app_model.selection, self._canvas.selected_notes()
        spec = self._document.spec
        return copied(spec, layers, notes, self._positions()) if layers or notes else None

    def _paste(self, place: tuple[float, float] | None) -> None:
        try:
            fragment = clipboard.layers()
            self._insert(fragment, f"Paste {_copy_name(fragment)}", place)
        except BadInput as refusal:
            self._app_model.said.emit(str(refusal))

    def _insert(self, fragment: Fragment, text: str, place: tuple[float, float] | None) -> None:
        fragment = laid_out(fragment, BLOCK_SIZE)
        before = len(self._document.spec.notes)
        spec, names = pasted(
            self._document.spec, fragment, self._positions(), self._step(fragment, place)
        )
        self._document.edit(text, spec)
        self._select(tuple(names.values()))
        self._canvas.select_notes(range(before, len(spec.notes)))

    def _step(self, fragment: Fragment, place: tuple[float, float] | None) -> tuple[float, float]:
        """Return from where a fragment stood to ``place``, beside its originals, or the network's right."""
        corner, old = fragment.corner or (0.0, 0.0), self._positions()
        if place is not None:
            return (place[0] - corner[0], place[1] - corner[1])
        if all(name in old for name in fragment.canvas):
            return self._beside(fragment)
        right = max((x for x, _y in old.values()), default=0.0) + BLOCK_SIZE[0] + _GAP
        return (right - corner[0], -corner[1])

    def _beside(self, fragment: Fragment) -> tuple[float, float]:
        """Return the way to the nearest free places at the right, in the same arrangement."""
        if not fragment.canvas:
            return (_GAP, _GAP)  # notes alone
        # Where notes are copied too, the copy keeps clear of the notes there are; else they lie behind blocks.
        notes = self._document.spec.notes if fragment.notes else ()
        taken: list[tuple[float, ...]] = [(*at, *BLOCK_SIZE) for at in self._positions().values()]
        taken += [(note.x, note.y, note.width, note.height) for note in notes]
        right = 0.0
        while True:
            right += BLOCK_SIZE[0] + _GAP
            places = [(x + right, y, *BLOCK_SIZE) for x, y in fragment.canvas.values()]
            if not any(_meet(at, other) for at in places for other in taken):
                return (right, 0.0)

    def _select(self, layer_ids: tuple[str, ...]) -> None:
        self._canvas.set_selected(layer_ids)
        self._app_model.set_selection(layer_ids)

    def _edit_network(self, text: str, network: NetworkSpec) -> None:
        self._document.edit(text, self._document.spec.but(network=network))

    def _positions(self) -> Positions:
        """Every block's place; blocks that never had one are laid out."""
        return dict(self._with_positions(self._document.spec).canvas)

    @staticmethod
    def _with_positions(spec: ProjectSpec) -> ProjectSpec:
        places = placed(spec.network, spec.canvas, BLOCK_SIZE)
        whole: ProjectSpec = spec.but(canvas=places) if places != spec.canvas else spec
        return whole

    # ---- Showing ----

    def _on_spec_changed(self, old: ProjectSpec, new: ProjectSpec) -> None:
        before, now = ((s.network, s.canvas, s.groups, s.networks) for s in (old, new))
        if before != now:
            self._show_network()
        kept = tuple(name for name in self._app_model.selection if name in new.network.ids)
        self._app_model.set_selection(kept)

    def reveal_change(self, old: NetworkSpec, new: NetworkSpec) -> None:
        """Select and scroll to what undo or redo just changed."""
        before = {layer.id: layer for layer in old.layers}
        changed = tuple(layer.id for layer in new.layers if before.get(layer.id) != layer)
        if not changed:
            wires = set(new.wires) ^ set(old.wires)
            changed = tuple({wire.target for wire in wires} & set(new.ids))
        if changed:
            self.reveal(changed)

    def reveal(self, layer_ids: tuple[str, ...]) -> None:
        """Select blocks and bring them into view."""
        self._select(layer_ids)
        self._canvas.focus_on(layer_ids)

    def _show_selection(self) -> None:
        if self._canvas.selected_ids() != self._app_model.selection:
            self._canvas.set_selected(self._app_model.selection)

    def _show_network(self) -> None:
        spec = self._document.spec
        self._canvas.show_network(spec.network, self._positions(), spec.groups, spec.networks)

    def _on_facts_changed(self) -> None:
        self._canvas.show_facts(self._app_model.facts, self._app_model.issues)


def _names(layer_ids: Iterable[str]) -> str:
    """Return what undo calls some layers."""
    names = list(layer_ids)
    return names[0] if len(names) == 1 else f"{len(names)} layers"


def _copy_name(fragment: Fragment) -> str:
    """Return what undo calls what is copied."""
    notes = len(fragment.notes)
    if fragment.network.ids:
        return _names(fragment.network.ids)
    return "note" if notes == 1 else f"{notes} notes"


def _meet(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """Tell whether two rectangles (left, top, width, height) have anything in common."""
    return all(
        one[axis] < other[axis] + other[axis + 2] and other[axis] < one[axis] + one[axis + 2]
        for axis in (0, 1)
    )
