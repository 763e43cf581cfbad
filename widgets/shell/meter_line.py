"""Speed and memory in one short line."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QWidget

from engine.machine.meters import Meters
from widgets.base.amounts import bytes_text, seconds_text
from widgets.base.labels import plain_tip
from widgets.base.steady_label import SteadyLabel

_MARGIN_PX: Final = 8


class MeterLine(SteadyLabel):
    """Shows what a training does each second, the memory and the device."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setObjectName("status.meters")
        self.setContentsMargins(_MARGIN_PX, 0, _MARGIN_PX, 0)
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._speed = ""
        self._memory = ""
        self._device = ""

    def show_speed(self, step_s: float, samples_per_s: float) -> None:
        """Show what the running training does; zeros: none runs."""
        self._speed = (
            f"{seconds_text(step_s)} per step · {_rounded(samples_per_s)} samples/s"
            if step_s > 0
            else ""
        )
        self._renew()

    def show_meters(self, meters: Meters) -> None:
        """Show a reading."""
        gpus = [
            f"{gpu.device.upper().replace(':', ' ')} {bytes_text(gpu.used_bytes)}"
            for gpu in meters.gpus
        ]
        memory = f"memory {bytes_text(meters.process_bytes)}, {bytes_text(meters.free_bytes)} free"
        self._memory = " · ".join((memory, *gpus))
        self._renew()

    def show_device(self, device: str, choice: str) -> None:
        """Show on what a training runs, and how as tooltip; "" for none."""
        with_xla = "XLA" if choice.startswith("With XLA") else ""
        shown = device.upper().replace(":", " ")
        self._device = " · ".join(part for part in (shown, with_xla) if part)
        self.setToolTip(plain_tip(choice))
        self._renew()

    def minimumSizeHint(self) -> QSize:
        """Allow any width: what it says never makes the window wider."""
        return QSize(0, super().minimumSizeHint().height())

    def _renew(self) -> None:
        self.setText(
            "  ·  ".join(part for part in (self._speed, self._memory, self._device) if part)
        )


def _rounded(rate: float) -> str:
    """Write a rate with three figures: the others change at every look."""
    return f"{float(f'{rate:.3g}'):,.0f}"
