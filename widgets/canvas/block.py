"""A layer on the canvas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from engine.probes.activations import LayerOutput
from widgets.canvas.block_texts import FAR_TITLE, TEXT_LEFT, THUMB, set_out
from widgets.canvas.facts import BlockFacts
from widgets.canvas.look import Look, glyph, group_look
from widgets.canvas.plain_text import tooltip
from widgets.canvas.ports import BLOCK_SIZE, Side, input_offset, output_offset
from widgets.canvas.thumbnails import fitted, output_picture, picture, reduced

NEAR: Final = 0.75  # below this zoom two larger lines stand for three small ones
FAR: Final = 0.4  # below this zoom small text is left out
VERY_FAR: Final = 0.16  # below this zoom a block is a plain card
DOT: Final = 0.06  # below this zoom a block is a spot of its group's colour
_BODY: Final = QRectF(0, 0, *BLOCK_SIZE)
_CORNER: Final = 9.0
_STRIP: Final = 6.0
_MARGIN: Final = 12.0  # halo, ports and badge reach this far out
_ICON_PX: Final = 19
_MIDDLE_ICON_PX: Final = 22
_FAR_ICON_PX: Final = 30
_SHARE: Final = QRectF(BLOCK_SIZE[0] - 6.5, 15, 3.5, BLOCK_SIZE[1] - 26)  # right of all texts
_PORT_RADIUS: Final = 4.5
_HOT_RADIUS: Final = 7.0
_BADGE_RADIUS: Final = 9.0
_KEPT_RADIUS: Final = 6.0
_OLD_OPACITY: Final = 0.35  # of a picture that is no longer true


def _card() -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(_BODY, _CORNER, _CORNER)
    return path


def _strip() -> QPainterPath:
    path = QPainterPath()
    path.addRect(QRectF(0, 0, _STRIP, BLOCK_SIZE[1]))
    return path.intersected(_card())


def _draw_lines(painter: QPainter, row: QRectF, apart: float, lines: Sequence[str]) -> None:
    for number, line in enumerate(lines):
        painter.drawText(row.translated(0, number * apart), Qt.AlignmentFlag.AlignVCenter, line)


class BlockItem(QGraphicsItem):
    """One block; the scene sets every property and nothing here changes the network.

    Attributes
    ----------
    facts
        What it says.
    output
        The picture of what the layer gives, see `show_output`.
    selected, hovered, dimmed
        How it looks; a dimmed block is no legal end for the wire being drawn.
    """

    def __init__(self, facts: BlockFacts, look: Look) -> None:
        super().__init__()
        self.facts = facts
        self.selected = False
        self.hovered = False
        self.dimmed = False
        self._look = look
        self._wired: frozenset[int] = frozenset()
        self._wired_outputs: frozenset[int] = frozenset()
        self._hot: tuple[Side, int] | None = None
        self._values: npt.NDArray[np.float32] | None = None
        self.output: LayerOutput | npt.NDArray[np.generic] | None = None
        self._is_old = False
        self._share: float | None = None
        self._picture: QImage | None = None
        self._card = _card()
        self._strip = _strip()
        self._texts = set_out(self.facts, self._look, self._picture is not None)
        self.setToolTip(tooltip(facts.sentence))
        self.setZValue(1)

    @property
    def layer_id(self) -> str:
        """Id of the layer."""
        return self.facts.layer_id

    def show_facts(self, facts: BlockFacts) -> None:
        """Show other words; nothing happens if they are the same."""
        if facts != self.facts:
            self.facts = facts
            self._refresh_texts()

    def show_wired(self, inputs: frozenset[int], outputs: frozenset[int]) -> None:
        """Fill the ports that hold wires."""
        if (inputs, outputs) != (self._wired, self._wired_outputs):
            self._wired, self._wired_outputs = inputs, outputs
            self.update()

    def show_thumbnail(self, values: npt.ArrayLike | None) -> None:
        """Show a matrix of weights (rows, columns) as a picture, None: no picture."""
        self._values = None if values is None else reduced(values)
        self._draw_picture()

    def show_output(self, output: LayerOutput | npt.NDArray[np.generic] | None) -> None:
        """Show what the layer gives, in place of its weights; None: nothing.

        Parameters
        ----------
        output
            A layer's output, or a picture of bytes: (h, w) grey, (h, w, 3) RGB.
        """
        if output is not None or self.output is not None:
            self.output = output
            self._draw_picture()

    def show_old(self, old: bool) -> None:
        """Show the picture in grey: it is of another network or other data than the block's."""
        if old != self._is_old:
            self._is_old = old
            self.update(THUMB)

    def show_share(self, share: float | None) -> None:
        """Show the block's part of the largest cost, 0 to 1, as a bar; None: no bar."""
        if share != self._share:
            self._share = share
            self.update()

    def set_look(self, look: Look) -> None:
        """Paint in another theme."""
        self._look = look
        self._draw_picture()
        self._refresh_texts()

    def set_state(
        self,
        *,
        selected: bool | None = None,
        hovered: bool | None = None,
        dimmed: bool | None = None,
    ) -> None:
        """Change how the block looks; None leaves a property as it is."""
        wanted = {"selected": selected, "hovered": hovered, "dimmed": dimmed}
        changed = {k: v for k, v in wanted.items() if v is not None and v != getattr(self, k)}
        for name, value in changed.items():
            setattr(self, name, value)
        if "selected" in changed:
            self.setZValue(2 if self.selected else 1)
        if "dimmed" in changed:
            self.setOpacity(0.4 if self.dimmed else 1.0)
        if changed:
            self.update()

    def set_hot_port(self, port: tuple[Side, int] | None) -> None:
        """Enlarge the port under the mouse or at the end of the wire being drawn."""
        if port != self._hot:
            self._hot = port
            self.update()

    def port_centre(self, side: Side, port: int = 0) -> QPointF:
        """Return a port's place in the scene."""
        facts = self.facts
        place = (
            output_offset(port, facts.n_outputs)
            if side == "out"
            else input_offset(port, facts.n_inputs, facts.spare)
        )
        return self.pos() + QPointF(*place)

    # ---- Painting ----

    def _draw_picture(self) -> None:
        had = self._picture is not None
        shown, tokens = self._values if self.output is None else self.output, self._look.tokens
        if isinstance(shown, LayerOutput):
            self._picture = output_picture(shown, tokens)
        else:
            self._picture = None if shown is None else picture(shown, tokens)
        if had != (self._picture is not None):
            self._refresh_texts()
        self.update(THUMB)

    def _refresh_texts(self) -> None:
        self._texts = set_out(self.facts, self._look, self._picture is not None)
        self.setToolTip(tooltip(self.facts.sentence))
        self.update()

    def _border(self) -> QPen:
        if self.selected:
            return self._look.selected
        if self.facts.severity:
            return QPen(self._look.state(self.facts.severity), 1.6)
        return self._look.dashed if self.facts.prepares else self._look.border

    def _paint_card(self, painter: QPainter, colour: QColor) -> None:
        look = self._look
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self.selected:
            painter.setPen(QPen(look.halo, 7))
            painter.drawPath(self._card)
        painter.fillPath(self._card, look.block_hovered if self.hovered else look.block)
        painter.fillPath(self._strip, colour)
        painter.setPen(self._border())
        painter.drawPath(self._card)

    def _paint_icon(self, painter: QPainter, colour: QColor, size_px: int, box: QRectF) -> None:
        facts = self.facts
        letter, font = glyph(facts.icon or group_look(facts.group).icon, size_px)
        painter.setFont(font)
        painter.setPen(colour)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, letter)

    def _paint_near(self, painter: QPainter, colour: QColor) -> None:
        look, texts = self._look, self._texts
        # Without a middle line the other two move together, so that no gap is left; with two they move apart.
        inwards = (8, 0, -3)[len(texts.details)]
        room = texts.right - TEXT_LEFT
        rows = {
            "title": QRectF(texts.title_left, 6 + inwards, texts.right - texts.title_left, 22),
            "last": QRectF(TEXT_LEFT, 46 - inwards, room, 15),
        }
        icon = QRectF(TEXT_LEFT - 2, 6 + inwards, 22, 22)
        if texts.title_left > TEXT_LEFT:
            self._paint_icon(painter, colour, _ICON_PX, icon)
        upright = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(texts.title_font)
        painter.setPen(look.text)
        painter.drawText(rows["title"], upright, texts.title)
        painter.setFont(look.detail)
        _draw_lines(painter, QRectF(TEXT_LEFT, 28 + inwards, room, 17), 13, texts.details)
        painter.setFont(look.small)
        painter.setPen(look.muted)
        if texts.layer_id:
            right = upright | Qt.AlignmentFlag.AlignRight
            painter.drawText(rows[texts.id_row], right, texts.layer_id)
        if self.facts.severity:
            painter.setPen(look.state(self.facts.severity))
        painter.drawText(rows["last"], upright, texts.last)

    def _paint_middle(self, painter: QPainter, colour: QColor) -> None:
        look, texts = self._look, self._texts
        left = texts.middle_left
        top = (20, 8, 2)[len(texts.middle_details)]
        if left > TEXT_LEFT:
            self._paint_icon(painter, colour, _MIDDLE_ICON_PX, QRectF(TEXT_LEFT - 2, top, 26, 26))
        upright = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(texts.middle_font)
        painter.setPen(look.text)
        painter.drawText(QRectF(left, top, texts.right - left, 26), upright, texts.middle_title)
        painter.setFont(look.middle_detail)
        if self.facts.problem:
            painter.setPen(look.state(self.facts.severity))
        row = QRectF(TEXT_LEFT, (0, 37, 27)[len(texts.middle_details)], texts.right - TEXT_LEFT, 22)
        _draw_lines(painter, row, 18, texts.middle_details)

    def _paint_far(self, painter: QPainter, colour: QColor) -> None:
        self._paint_icon(painter, colour, _FAR_ICON_PX, QRectF(14, 0, 36, BLOCK_SIZE[1]))
        painter.setFont(self._texts.far_font)
        painter.setPen(self._look.text)
        painter.drawText(FAR_TITLE, Qt.AlignmentFlag.AlignVCenter, self._texts.far_title)

    def _paint_picture(self, painter: QPainter, image: QImage) -> None:
        place = THUMB if self.output is None else fitted(image, THUMB)
        painter.setOpacity(self.opacity() * (_OLD_OPACITY if self._is_old else 1.0))
        painter.drawImage(place, image)
        painter.setOpacity(self.opacity())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(self._look.border)
        painter.drawRect(place)

    def _paint_share(self, painter: QPainter, share: float) -> None:
        bar = QRectF(_SHARE)
        bar.setTop(_SHARE.bottom() - share * _SHARE.height())
        painter.fillRect(_SHARE, self._look.track)
        painter.fillRect(bar, self._look.cost)

    def _paint_ports(self, painter: QPainter) -> None:
        look, facts = self._look, self.facts
        centres: list[tuple[QPointF, bool, tuple[Side, int]]] = [
            (QPointF(*input_offset(p, facts.n_inputs, facts.spare)), p in self._wired, ("in", p))
            for p in range(facts.n_inputs)
        ]
        centres += [
            (QPointF(*output_offset(p, facts.n_outputs)), p in self._wired_outputs, ("out", p))
            for p in range(facts.n_outputs)
        ]
        for centre, wired, port in centres:
            hot = port == self._hot
            painter.setPen(look.selected if hot else QPen(look.wire.color(), 1.6))
            painter.setBrush(look.accent if hot else look.wire.color() if wired else look.block)
            radius = _HOT_RADIUS if hot else _PORT_RADIUS
            painter.drawEllipse(centre, radius, radius)

    def _paint_badge(self, painter: QPainter) -> None:
        look = self._look
        centre = QPointF(BLOCK_SIZE[0] - 3, 3)
        painter.setPen(QPen(look.background, 2))
        painter.setBrush(look.state(self.facts.severity))
        painter.drawEllipse(centre, _BADGE_RADIUS, _BADGE_RADIUS)
        painter.setFont(look.badge)
        painter.setPen(look.on_state)
        box = QRectF(0, 0, 2 * _BADGE_RADIUS, 2 * _BADGE_RADIUS)
        box.moveCenter(centre)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "!")

    def _paint_kept(self, painter: QPainter) -> None:
        """Paint a full dot for weights that are kept, a hollow one for weights that start anew."""
        if self.facts.kept is None:
            return
        look = self._look
        painter.setPen(QPen(look.accent, 2))
        painter.setBrush(look.accent if self.facts.kept else look.block)
        painter.drawEllipse(QPointF(3, BLOCK_SIZE[1] - 3), _KEPT_RADIUS, _KEPT_RADIUS)

    def _dot_colour(self, colour: QColor) -> QColor:
        if self.selected:
            return self._look.accent
        return self._look.state(self.facts.severity) if self.facts.severity else colour

    def _paint_block(self, painter: QPainter, colour: QColor, zoom: float) -> None:
        self._paint_card(painter, colour)
        image = self._picture if zoom >= FAR else None  # from afar the name says more
        if zoom >= NEAR:
            self._paint_near(painter, colour)
        elif zoom >= FAR:
            self._paint_middle(painter, colour)
        elif zoom >= VERY_FAR:
            self._paint_far(painter, colour)
        if image is not None:
            self._paint_picture(painter, image)
        if self._share is not None and zoom >= VERY_FAR:
            self._paint_share(painter, self._share)
        if zoom >= FAR or self._hot is not None:
            self._paint_ports(painter)
        self._paint_kept(painter)
        if self.facts.severity:
            self._paint_badge(painter)

    # ---- Qt overrides ----

    def boundingRect(self) -> QRectF:
        """Qt: what may be painted on."""
        return _BODY.adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)

    def shape(self) -> QPainterPath:
        """Qt: what can be clicked."""
        return self._card

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Qt: paint, with fewer details from afar."""
        del widget
        zoom = option.levelOfDetailFromTransform(painter.worldTransform())
        colour = self._look.group(self.facts.group)
        if zoom < DOT:
            painter.fillRect(self.boundingRect(), self._dot_colour(colour))
        else:
            self._paint_block(painter, colour, zoom)
