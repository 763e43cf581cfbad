"""Ready networks: the gallery, the proposal for the chosen data, and taking one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject

from app.app_model import AppModel
from app.document import Document
from engine.data.info import DataInfo
from engine.spec.network import NetworkSpec
from engine.templates import TEMPLATES, Template, new_project, propose
from widgets.canvas import NetworkCanvas
from widgets.templates import Card, TemplateGallery

_NO_DATA = "choose the data first: the network is cut to it"


class TemplatesController(QObject):
    """Puts ready networks into the document, each as one undo step."""

    def __init__(
        self, document: Document, app_model: AppModel, canvas: NetworkCanvas, gallery: TemplateGallery,
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._document = document
        self._app_model = app_model
        self._canvas = canvas
        self._gallery = gallery
        self._info = app_model.info  # of the last data that was known
        self._before: DataInfo | None = None  # and of the data before
        gallery.chosen.connect(self.use)
        app_model.info_changed.connect(self._on_info)

    def show_gallery(self) -> None:
        """Let the user look through all ready networks."""
        self._gallery.show_cards(cards_for(self._app_model.info))
        self._gallery.open()

    def use(self, template_id: str) -> None:
        """Replace the network by a ready one for the chosen data, with hyperparameters that suit it."""
        self._put(template_id, f"Use the template {TEMPLATES[template_id].title}")

    def propose(self) -> None:
        """Replace the network by the one to begin with for the chosen data, and say why."""
        info = self._app_model.info
        if info is None:
            self._app_model.said.emit(_NO_DATA)
            return
        proposal = propose(info)
        title = TEMPLATES[proposal.template].title
        self._put(proposal.template, f"Propose {title}")
        self._app_model.said.emit(f"{title}: {proposal.why}")

    def propose_if_ready(self) -> None:
        """Propose a network for other data if the one for the data before is still as it was proposed."""
        before, network = self._before, self._document.spec.network
        if before is not None and network == TEMPLATES[propose(before).template].network(before):
            self.propose()

    def _on_info(self) -> None:
        info, known = self._app_model.info, self._info
        if info is None:
            return
        if known is not None and (info.source, info.title) != (known.source, known.title):
            self._before = known
        self._info = info

    def _put(self, template_id: str, text: str) -> None:
        spec, info = self._document.spec, self._app_model.info
        if info is None:
            self._app_model.said.emit(_NO_DATA)
            return
        ready = new_project(template_id, spec.data, info, spec.name)
        after = spec.but(
            network=ready.network,
            networks=ready.networks,
            canvas=ready.canvas,
            training=ready.training,
            groups=(),
        )
        if after == spec:
            return
        self._document.edit(text, after)
        self._canvas.show_start()
        self._app_model.tell_replaced(TEMPLATES[template_id].title, after.network)


def cards_for(info: DataInfo | None) -> tuple[Card, ...]:
    """Return a card for each ready network, the proposed one first."""
    cards = tuple(_card(template, info) for template in TEMPLATES.values())
    if info is None:
        return cards
    proposal = propose(info)
    template = TEMPLATES[proposal.template]
    heading = f"Proposed for {info.title}"
    first = Card(template.id, template.title, proposal.why, heading, _maker(template, info))
    return (first, *cards)


def _card(template: Template, info: DataInfo | None) -> Card:
    maker = _maker(template, info)
    reason = template.why_not(info)
    return Card(template.id, template.title, template.help, template.group, maker, reason)


def _maker(template: Template, info: DataInfo | None) -> Callable[[], NetworkSpec]:
    return partial(template.example, info)
