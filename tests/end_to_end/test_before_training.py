"""What a project costs and at which rate it learns, found out before it is trained."""

import pytest
from PySide6.QtWidgets import QWidget

pytestmark = pytest.mark.slow


def test_time_and_rate_are_found_before_training(driver):
    program, network = driver.program, driver.network
    assert driver.child("costs.parameters").text() == "21,386"
    assert "free" in driver.child("costs.memory").text()
    driver.click(driver.child("costs.measure"))
    driver.wait_until(lambda: "measured" in driver.child("costs.time").text())
    driver.wait_until(lambda: not program.costs.trial.is_active)
    assert driver.child("costs.time").text().startswith("about ")

    button = driver.child("form.training.find_rate")
    assert button.text() == "Find a Learning Rate"
    button.click()
    use = driver.child("rate_finder.use", QWidget)
    driver.wait_until(use.isEnabled)
    driver.shoot("rate_found")
    use.click()
    rate = program.document.spec.training.optimizer.parameters["learning_rate"]
    assert 1e-4 < rate < 0.1
    assert driver.child("field.training.learning_rate").value() == rate
    program.actions["edit.undo"].trigger()
    assert program.document.spec.network == network
    assert program.document.spec.training.optimizer.parameters.get("learning_rate", 0.001) == 0.001
