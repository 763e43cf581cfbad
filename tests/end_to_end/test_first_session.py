"""A newcomer's first minutes: other data, the proposal, a training, what is next; nothing that is clicked moves."""

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QToolButton

from app.shell.main_window import TRAIN_TEXTS

SENTENCE = "This network is for pictures of 8 × 8; Circles has points with 2 values."


def places(driver):
    """Where Train, its neighbours and the pages are in the window."""
    tools = [button for button in driver.window.findChildren(QToolButton) if button.isVisible()]
    wanted = {"train.start", "train.pause", "train.step", "train.stop", "train.discard"}
    found = [b for b in tools if b.defaultAction() and b.defaultAction().objectName() in wanted]
    assert len(found) == len(wanted)
    shown = [*found, driver.window.pages]
    return [(each.mapTo(driver.window, QPoint(0, 0)), each.size()) for each in shown]


def press(driver, answer):
    driver.click(driver.child(f"notice.{answer}", QPushButton))


def test_other_data_leads_to_a_network_that_trains_and_says_what_is_next(driver):
    program, notice = driver.program, driver.panels.notice
    fixed = places(driver)
    driver.window.show_page("data")
    program.data.choose("circles")
    driver.wait_until(lambda: notice.sentence == SENTENCE)
    assert places(driver) == fixed
    assert driver.child("data.misfit", QLabel).text() == SENTENCE
    driver.window.show_page("studio")
    driver.press_train()  # not a grey button: it leads to the same sentence
    assert (program.app_model.training, notice.sentence) == ("", SENTENCE)
    press(driver, "use")
    driver.wait_until(lambda: not program.app_model.errors)
    assert program.document.undo_stack.undoText().startswith("Propose ")
    driver.wait_checked()
    short = program.document.spec.training.but(epochs=3)
    program.document.edit("Epochs", program.document.spec.but(training=short))
    driver.wait_checked()
    driver.press_train()
    phase, progress = driver.child("run.phase", QLabel), driver.child("run.progress", QProgressBar)
    assert (phase.text(), progress.maximum()) == ("Building the network …", 0)
    assert places(driver) == fixed
    driver.wait_trained()
    driver.wait_until(lambda: "What is next?" in notice.sentence)
    assert phase.text().startswith("Finished: test accuracy ")
    assert driver.child("run.detail", QLabel).text().startswith("Circles, run 1")
    assert program.app_model.selection  # the right third shows weights
    assert places(driver) == fixed
    driver.shoot("first-session")
    press(driver, "try")
    assert driver.window.page == "classify"
    program.data.choose("digits")
    driver.wait_until(lambda: phase.text().startswith("Old result: "))
    assert "the data changed since" in driver.child("run.detail", QLabel).text()


def test_train_keeps_its_place_whatever_it_says_and_whatever_the_name(driver):
    fixed = places(driver)
    action = driver.program.actions["train.start"]
    for text in TRAIN_TEXTS:
        action.setText(text)
        assert places(driver) == fixed
    driver.window.show_project("A very long name " * 12, "", "Handwritten digits of many people")
    driver.program.say("A sentence of the status line that is far too long for it. " * 8)
    assert places(driver) == fixed
    assert driver.panels.notice.sentence.startswith("A sentence of the status line")
