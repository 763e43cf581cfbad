import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QToolButton

from engine.data.findings import Finding
from widgets.data.finding_list import FindingList

LEFT_OUT = Finding(
    "unreadable", "2 pictures are left out.", details=("a.jpg is <b>cut</b>", "b.jpg is cut")
)
PLAIN = Finding("not_cached", "The disk is full.")


@pytest.fixture
def findings(qtbot):
    found = FindingList()
    qtbot.addWidget(found)
    found.show()
    return found


def test_details_unfold(qtbot, findings):
    findings.show_findings((LEFT_OUT, PLAIN))
    head = findings.findChild(QToolButton, "data.finding.unreadable")
    details = findings.findChild(QLabel, "data.finding_details.unreadable")
    assert head.text() == "2 pictures are left out."
    assert findings.findChild(QLabel, "data.finding.not_cached").text() == "The disk is full."
    assert not details.isVisibleTo(findings)
    qtbot.mouseClick(head, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(details.isVisible)
    assert details.text() == "a.jpg is <b>cut</b>\nb.jpg is cut"
    assert details.textFormat() == Qt.TextFormat.PlainText


def test_long_lists_end(findings):
    findings.show_findings((Finding("x", "Many.", details=tuple(map(str, range(1203)))),))
    lines = findings.findChild(QLabel, "data.finding_details.x").text().splitlines()
    assert (len(lines), lines[-1]) == (201, "and 1,003 more")


def test_findings_of_other_data_go(qtbot, findings):
    findings.show_findings((LEFT_OUT,))
    findings.show_findings((PLAIN,))
    qtbot.waitUntil(findings.findChild(QLabel, "data.finding.not_cached").isVisible)
    shown = [label.text() for label in findings.findChildren(QLabel) if label.isVisible()]
    assert shown == ["The disk is full."]
    findings.show_findings(())
    assert not findings.isVisible()
