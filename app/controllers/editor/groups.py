"""Groups: layers made one block, opened, dissolved, named."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QInputDialog

from app.app_model import AppModel
from app.document import Document
from engine.editing import grouping
from engine.editing.layout import placed
from engine.errors import BadInput
from engine.spec.group import GroupSpec
from engine.spec.project import ProjectSpec
from widgets.canvas import BLOCK_SIZE, NetworkCanvas

_NO_GROUP = "no layer of a group is selected: select the group first"


class GroupsController(QObject):
    """Turns what is asked for of groups into edits of the document; the network stays as it is."""

    def __init__(
        self,
        document: Document,
        app_model: AppModel,
        canvas: NetworkCanvas,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._app_model = app_model
        self._canvas = canvas
        canvas.collapse_requested.connect(self._collapse)

    # ---- Commands ----

    def group(self) -> None:
        """Make the selected layers one block; BadInput if they cannot be."""
        chosen = self._app_model.selection
        spec = self._document.spec
        title = f"Group {len(spec.groups) + 1}"
        spec, made = grouping.grouped(spec, chosen, title, collapsed=False)
        spec = grouping.with_collapsed(spec, made.id, True, self._places(), BLOCK_SIZE)
        self._document.edit(f"Group {len(made.layers)} layers", spec)
        self._show(made)
        more = len(set(made.layers) - set(chosen))
        if more:
            words = "layer that lies" if more == 1 else "layers that lie"
            self._app_model.said.emit(f"{more} {words} on the way between them came along")

    def toggle(self) -> None:
        """Open the selected groups, or collapse them if all are open."""
        groups = self._chosen()
        collapsed = not any(group.collapsed for group in groups)
        spec = self._document.spec.but(canvas=self._places())
        for group in groups:
            spec = grouping.with_collapsed(spec, group.id, collapsed, spec.canvas, BLOCK_SIZE)
        self._edit("Collapse" if collapsed else "Open", groups, spec)

    def ungroup(self) -> None:
        """Dissolve the selected groups."""
        groups = self._chosen()
        spec = self._document.spec.but(canvas=self._places())
        for group in groups:
            spec = grouping.with_collapsed(spec, group.id, False, spec.canvas, BLOCK_SIZE)
        self._edit("Ungroup", groups, grouping.ungrouped(spec, {group.id for group in groups}))

    def rename(self) -> None:
        """Ask for another name of the selected group."""
        group = self._chosen()[0]
        title, agreed = QInputDialog.getText(
            self._canvas, "Rename Group", "Name of the group:", text=group.title
        )
        if agreed:
            spec = grouping.retitled(self._document.spec, group.id, title)
            self._document.edit(f"Rename group {group.title}", spec)

    # ---- Edits ----

    def _collapse(self, group_id: str, collapsed: bool) -> None:
        spec = self._document.spec
        group = next(group for group in spec.groups if group.id == group_id)
        after = grouping.with_collapsed(spec, group_id, collapsed, self._places(), BLOCK_SIZE)
        self._edit("Collapse" if collapsed else "Open", (group,), after)

    def _edit(self, verb: str, groups: tuple[GroupSpec, ...], spec: ProjectSpec) -> None:
        whose = groups[0].title if len(groups) == 1 else f"{len(groups)} groups"
        self._document.edit(f"{verb} {whose}", spec)
        self._show(*groups)

    def _show(self, *groups: GroupSpec) -> None:
        layers = tuple(name for group in groups for name in group.layers)
        self._app_model.set_selection(layers)
        self._canvas.set_selected(layers)
        self._canvas.focus_on(layers)

    def _chosen(self) -> tuple[GroupSpec, ...]:
        """Return the groups of the selected layers; BadInput if there are none."""
        groups = grouping.groups_with(self._document.spec, self._app_model.selection)
        if not groups:
            raise BadInput(_NO_GROUP)
        return groups

    def _places(self) -> dict[str, tuple[float, float]]:
        spec = self._document.spec
        return placed(spec.network, spec.canvas, BLOCK_SIZE)
