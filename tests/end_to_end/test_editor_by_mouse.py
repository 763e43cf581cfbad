"""The editor by mouse: a sample in the blocks, a group made, kept and placed again, a stranger's model opened."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QInputDialog

pytestmark = pytest.mark.slow

STRANGER = Path(__file__).parent.parent / "data" / "onnx_models" / "residual.onnx"
PARTS = ("conv2d", "maxpooling2d", "conv2d_2")


def drop_file(window, path):
    """Drop a file on the window, as a file manager does."""
    content = QMimeData()
    content.setUrls([QUrl.fromLocalFile(str(path))])
    action, button, keys = (
        Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    enter = QDragEnterEvent(QPoint(9, 9), action, content, button, keys)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(window, QDropEvent(QPointF(9, 9), action, content, button, keys))


def test_flow_group_block_and_import(driver, monkeypatch):
    program, canvas, actions = driver.program, driver.canvas, driver.program.actions
    first = driver.network

    # A sample in the blocks.
    actions["view.flow"].trigger()
    driver.wait_until(
        lambda: all(block.output is not None for block in canvas.graph.blocks.values())
    )

    # A band around three blocks makes them one; its block shows what the last of them gives.
    driver.click_block("conv2d")
    corners = canvas.graph.content(PARTS)
    start, end = (canvas.mapFromScene(at) for at in (corners.topLeft(), corners.bottomRight()))
    driver.drag(start - QPoint(20, 4), end - QPoint(20, 4))
    assert program.app_model.selection == PARTS
    actions["layer.group"].trigger()
    assert driver.network == first
    assert canvas.block("group_1").output is not None
    driver.shoot("group")

    # Kept under a name, it is typed at the end of a wire that is dropped on nothing.
    monkeypatch.setattr(QInputDialog, "getText", lambda *_args, **_names: ("Features", True))
    driver.click_block("group_1")
    actions["layer.save_block"].trigger()
    out = canvas.port_position("input", "out")
    driver.drag(out, out + QPoint(170, 60))
    search = driver.child("canvas.quick_add.search")
    QTest.keyClicks(search, "features")
    QTest.keyClick(search, Qt.Key.Key_Return)
    driver.wait_checked()
    assert len(driver.network.layers) == len(first.layers) + len(PARTS)
    assert {wire.target for wire in driver.network.wires_from("input")} == {
        "input_scaling",
        "conv2d_3",
    }

    # A double click opens the group, and its layers have their pictures still.
    at = canvas.block_center("group_1")
    QTest.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseDClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseRelease(canvas.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert {*PARTS} <= canvas.graph.blocks.keys()
    driver.shoot("opened_group")

    # A model from elsewhere, dropped on the window, is one undo step.
    before = program.document.spec
    drop_file(driver.window, STRANGER)
    driver.wait_until(lambda: program.document.spec.network != before.network)
    driver.wait_checked()
    assert "Add" in {layer.kind for layer in driver.network.layers}
    assert "residual.onnx" in program.document.undo_stack.undoText()
    driver.shoot("opened_model")
    actions["edit.undo"].trigger()
    assert program.document.spec == before
