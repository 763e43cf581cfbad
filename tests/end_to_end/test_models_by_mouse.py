"""What was learned is kept or frozen, and models from elsewhere open, in the real window."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox

from tests.end_to_end.test_editor_by_mouse import drop_file

pytestmark = pytest.mark.slow

OLD = Path(__file__).parent.parent / "data" / "old_models"


def train_one_epoch(driver):
    document = driver.program.document
    document.edit("One epoch", document.spec.but(training=document.spec.training.but(epochs=1)))
    driver.press_train()
    driver.wait_trained()


def weights_of(driver, layer):
    app_model = driver.program.app_model
    return (
        driver.program.classify.answerer.classifier.model(app_model.trained)
        .get_layer(layer)
        .get_weights()
    )


def test_frozen_layers_keep_what_they_learned_and_the_head_learns_on(driver):
    train_one_epoch(driver)
    before = {name: weights_of(driver, name) for name in ("conv2d", "dense")}
    driver.program.actions["network.freeze"].trigger()
    driver.wait_checked()
    choice = driver.child("start.weights", QComboBox)
    choice.setFocus()
    QTest.keyClick(choice, Qt.Key.Key_Down)
    choice.activated.emit(choice.currentIndex())  # as a popup does
    assert driver.program.app_model.keeps_weights
    driver.shoot("kept_and_frozen")
    driver.press_train()
    driver.wait_trained()
    for one, another in zip(before["conv2d"], weights_of(driver, "conv2d"), strict=True):
        np.testing.assert_array_equal(one, another)
    assert not np.array_equal(before["dense"][0], weights_of(driver, "dense")[0])
    assert np.abs(before["dense"][0] - weights_of(driver, "dense")[0]).max() < 0.2  # went on


@pytest.mark.parametrize(
    ("name", "kind"),
    [("siamese.keras", "Model"), ("tf_keras-2.16.0.picture.keras", "Conv2D")],
)
def test_a_file_from_elsewhere_is_dropped_looked_at_and_undone(driver, tmp_path, name, kind):
    before = driver.network
    folder = tmp_path if kind == "Model" else OLD
    if kind == "Model":
        from tests.engine.importing.test_blocks import _siamese

        _siamese().save(tmp_path / name)
    drop_file(driver.window, folder / name)
    driver.wait_until(lambda: driver.network != before)
    driver.wait_checked()
    block = next(layer.id for layer in driver.network.layers if layer.kind == kind)
    driver.click_block(block)
    driver.shoot(f"opened_{kind}_light")
    driver.program.actions["view.theme.dark"].trigger()
    driver.shoot(f"opened_{kind}_dark")
    driver.program.actions["view.theme.light"].trigger()
    driver.program.actions["edit.undo"].trigger()
    assert driver.network == before
