"""A training steered by hand while it runs."""

import pytest
from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget

from engine.training.live.events import ValueApplied

pytestmark = pytest.mark.slow


def test_a_run_is_steered_from_its_panel(driver, monkeypatch):
    program, plot = driver.program, driver.panels.loss_plot
    answers = []
    program.worker.events_ready.connect(
        lambda events: answers.extend(e for e in events if isinstance(e, ValueApplied))
    )
    assert not driver.child("control.epoch").isEnabled()
    program.actions["train.epoch"].trigger()
    steps_per_epoch = 40
    driver.wait_until(lambda: program.app_model.training == "paused")
    driver.wait_until(lambda: driver.steps == steps_per_epoch)

    driver.window.studio_page.docks["dock.control"].raise_()
    driver.child("field.control.learning_rate").setValue(0.0005)
    driver.wait_until(lambda: answers)
    assert plot.loss_chart.marks()["learning rate 0.0005"] == steps_per_epoch
    assert driver.child("applied.learning_rate").text() == "0.0005"

    driver.click_block("dense")
    learns = driver.child("field.control.trainable", QWidget)
    driver.wait_until(lambda: learns.isVisible())
    learns.click()
    driver.wait_until(lambda: "dense frozen" in plot.loss_chart.marks())

    driver.child("field.control.steps").setValue(7)
    driver.click(driver.child("control.steps", QPushButton))
    driver.wait_until(lambda: driver.steps == steps_per_epoch + 7)
    driver.wait_until(lambda: len(plot.loss_chart.drawn("smoothed")[0]) > steps_per_epoch)
    driver.shoot("steered")

    driver.child("field.control.speed").setValue(5)
    program.actions["train.start"].trigger()
    driver.wait_until(lambda: driver.steps > steps_per_epoch + 9)
    assert driver.steps < 2 * steps_per_epoch
    assert driver.child("applied.speed").text() == "5/s"
    program.actions["view.theme.dark"].trigger()
    driver.wait_until(lambda: driver.steps > steps_per_epoch + 11)
    driver.shoot("steered_dark")
    monkeypatch.setattr(
        QMessageBox, "question", lambda *_arguments: QMessageBox.StandardButton.Discard
    )
    program.actions["train.discard"].trigger()
    driver.wait_until(lambda: not program.app_model.training)
    assert not driver.child("control.epoch").isEnabled()
