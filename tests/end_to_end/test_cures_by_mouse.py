"""Broken networks mended with the mouse: the block says what is wrong, one click, and it trains."""

import pytest
from PySide6.QtWidgets import QPushButton

from engine.data.info import DataInfo
from engine.editing.layout import arrange
from tests.engine.build.network_examples import chain, conv, dense, extend, wired
from widgets.canvas.block import BLOCK_SIZE
from widgets.canvas.overlays import ProblemCard

pytestmark = pytest.mark.slow

TEN = dense(10, "softmax")
TWO_CONVOLUTIONS = extend(chain(conv(2, 1)), "input", conv(3, 1))
WRONG_SUM = extend(TWO_CONVOLUTIONS, None, "Add", "Flatten", TEN)

# way: network, the block that is clicked, what its card says, the button
BROKEN = {
    "no Flatten": (chain(conv(2), TEN), "dense", "insert Flatten", "Insert Flatten"),
    "wrong number of outputs": (
        chain("Flatten", dense(7, "softmax")), "dense", "7 units", "Set units to 10",
    ),
    "kernel larger than the picture": (
        chain(conv(2, 9), "Flatten", TEN), "conv2d", "does not fit", 'Set padding to "same"',
    ),
    "sum of different channels": (
        wired(WRONG_SUM, ("conv2d", "add", 0), ("conv2d_2", "add", 1)),
        "add", "inputs of one shape", 'Bring "conv2d_2" to 8 × 8 × 2',
    ),
    "softmax along an axis there is not": (
        chain("Flatten", dense(10), ("Softmax", {"axis": 3})), "softmax", "axis 3",
        "Use the last axis",
    ),
}  # fmt: skip


def show(driver, network):
    """Put a network on the canvas, as opening a file does, and wait until it has been judged."""
    document = driver.program.document
    positions = arrange(network, size=BLOCK_SIZE)
    training = document.spec.training.but(epochs=1, batch_size=512)
    document.edit(
        "Break it", document.spec.but(network=network, canvas=positions, training=training)
    )
    driver.wait_checked()


def errors(driver):
    return [issue for issue in driver.program.app_model.issues if issue.severity == "error"]


def cure_button(driver, label):
    buttons = driver.child("canvas.problem", ProblemCard).findChildren(QPushButton)
    return next((b for b in buttons if b.text() == label and b.isVisible()), None)


def test_five_broken_networks_are_mended_by_mouse_and_train(driver):
    info = driver.program.app_model.info
    assert isinstance(info, DataInfo)
    for way, (network, block, words, label) in BROKEN.items():
        show(driver, network)
        driver.wait_until(lambda: errors(driver))
        driver.press_train()
        assert not driver.program.app_model.training, way
        assert words in driver.panels.notice.sentence, way
        driver.click_block(block)
        driver.wait_until(lambda label=label: cure_button(driver, label) is not None)
        assert words in errors(driver)[0].message, way
        driver.shoot(f"cure-{block}")
        driver.click(cure_button(driver, label))
        driver.wait_until(lambda: not errors(driver))
        assert driver.program.document.undo_stack.undoText() == label, way
        driver.press_train()
        driver.wait_trained()
        assert driver.steps > 0, way
        driver.program.document.undo_stack.undo()
        assert driver.network == network, way
