"""A whole program in a real window, for tests that drive it as a user does."""

import gc
import os
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton, QWidget

from app import bootstrap
from app.settings import SettingsFile
from tests.patience import PATIENCE_S

# Processes that run the tests side by side have a display each, where whoever starts them says which there are.
_displays = os.environ.get("NETSMITH_TEST_DISPLAYS", "").split()
if _displays and (_worker := os.environ.get("PYTEST_XDIST_WORKER")):
    os.environ["DISPLAY"] = _displays[int(_worker.removeprefix("gw")) % len(_displays)]


class Driver:
    """Mouse and keyboard of one window."""

    def __init__(self, window, qtbot):
        self.window, self.qtbot = window, qtbot
        self.program = window.program
        self.panels = window.panels
        self.canvas = window.panels.canvas

    # ---- Looking ----

    def child(self, name, kind=QWidget):
        found = self.window.findChild(kind, name)
        assert found is not None, f"there is no {name}"
        return found

    @property
    def network(self):
        return self.program.document.spec.network

    @property
    def steps(self):
        """Training steps that the loss plot shows."""
        plot = self.panels.loss_plot
        return 0 if plot.is_empty() else len(plot.points("batch")[0])

    def wait_until(self, condition):
        self.qtbot.waitUntil(lambda: bool(condition()))

    def wait_ready(self):
        """Wait until TensorFlow, the data and the shapes are there."""
        app_model = self.program.app_model
        self.wait_until(lambda: app_model.engine is not None and app_model.data is not None)
        self.wait_checked()

    def wait_checked(self):
        app_model = self.program.app_model
        self.wait_until(lambda: set(app_model.facts) == set(self.network.ids))

    def wait_trained(self):
        self.wait_until(lambda: not self.program.app_model.training)

    # ---- Doing ----

    def click(self, widget, at=None):
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=at or widget.rect().center())
        QApplication.processEvents()  # no hand is so quick that a page it opens is not laid out yet

    def press_train(self):
        self.click(self.child("toolbar.train_button", QToolButton))

    def click_block(self, layer_id):
        self.canvas.focus_on((layer_id,))
        self.click(self.canvas.viewport(), self.canvas.block_center(layer_id))

    def drag(self, start, end, widget=None):
        """Press, move in steps and release, as a hand does."""
        target = widget or self.canvas.viewport()
        QTest.mouseMove(target, start)
        QTest.mousePress(target, Qt.MouseButton.LeftButton, pos=start)
        for step in range(1, 9):
            QTest.mouseMove(target, start + (end - start) * step / 8)
            QApplication.processEvents()
        QTest.mouseRelease(target, Qt.MouseButton.LeftButton, pos=end)
        QApplication.processEvents()

    def wire(self, source, target, port=0):
        self.drag(
            self.canvas.port_position(source, "out"), self.canvas.port_position(target, "in", port)
        )

    def draw(self, points):
        """Draw one stroke on the pad; points are shares of its side."""
        pad = self.panels.classify.pad
        side = min(pad.width(), pad.height())
        corner = pad.rect().center() - QPoint(side // 2, side // 2)
        places = [corner + QPoint(round(x * side), round(y * side)) for x, y in points]
        QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=places[0])
        for place in places[1:]:
            QTest.mouseMove(pad, place)
            QApplication.processEvents()
        QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=places[-1])

    def shoot(self, name):
        """Keep a picture of the window where CI collects them."""
        folder = os.environ.get("NETSMITH_ARTEFACTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.window.grab().save(str(Path(folder, f"{name}.png")))


@pytest.fixture
def open_program(qtbot, qapp):
    """Open programs on project folders; all are closed at the end."""
    bootstrap.make_application()
    settings = SettingsFile()
    settings.write(settings.read().but(watchable=False))  # nobody watches
    opened = []

    def open_one(project=None):
        window = bootstrap.build(project)
        window.resize(1280, 800)
        with qtbot.waitExposed(window):
            window.show()
        opened.append(window)
        return Driver(window, qtbot)

    yield open_one
    for window in opened:
        program = window.program
        if program.worker.control is not None:
            program.worker.control.discard()
        assert program.worker.wait(PATIENCE_S)
        window.may_close = lambda: True
        assert program.end(PATIENCE_S)
        window.close()
        window.deleteLater()
    gc.collect()
    QApplication.processEvents()


@pytest.fixture
def driver(open_program):
    """The program as a newcomer finds it, with everything loaded."""
    made = open_program()
    made.wait_ready()
    return made
