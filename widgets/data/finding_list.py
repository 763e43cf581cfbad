"""What is unusual in a data set, a sentence each, with a list of what it is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.data.findings import Finding
from widgets.base.labels import plain_label
from widgets.forms.fold import Fold

_MOST_SHOWN: Final = 200  # details of a finding
_INDENT_PX: Final = 18


class FindingList(QWidget):
    """Shows findings; hidden where there are none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("data.findings")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.hide()

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """Show these findings in place of those before."""
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for finding in findings:
            self._column.addWidget(_shown(finding))
        self.setVisible(bool(findings))


def _shown(finding: Finding) -> QWidget:
    """Return a finding: its sentence, which unfolds to its details where it has some."""
    if not finding.details:
        return plain_label(finding.text, wrap=True, name=f"data.finding.{finding.kind}")
    lines = list(finding.details[:_MOST_SHOWN])
    if len(finding.details) > _MOST_SHOWN:
        lines.append(f"and {len(finding.details) - _MOST_SHOWN:,} more")
    fold = Fold(finding.text)
    fold.set_name(f"data.finding.{finding.kind}")
    details = plain_label("\n".join(lines), wrap=True, tone="muted")
    details.setContentsMargins(_INDENT_PX, 0, 0, 0)
    details.setObjectName(f"data.finding_details.{finding.kind}")
    fold.add(details)
    return fold
