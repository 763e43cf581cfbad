"""Files held over the window and dropped on it."""

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget

from app import bootstrap, heavy
from app.shell.dropping import drop_of
from engine.machine.facts import EngineFacts
from tests.patience import PATIENCE_S

NO_KEYS = Qt.KeyboardModifier.NoModifier
COPY = Qt.DropAction.CopyAction


@pytest.fixture
def files(tmp_path):
    """Return paths of files and folders by name, made as they are asked for."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "project.json").write_text("{}")
    (tmp_path / "photos").mkdir()
    for name in ("net.py", "model.ONNX", "set.npz", "a.png", "B.JPG", "table.csv", "<b>.txt"):
        (tmp_path / name).write_bytes(b"")
    return lambda *names: tuple(str(tmp_path / name) for name in names)


@pytest.mark.parametrize(
    ("names", "what", "words"),
    [
        (("mine",), "project", 'Open the project "mine"'),
        (("net.py",), "script", 'Take the network of the script "net.py"'),
        (("model.ONNX",), "model", 'Open the model "model.ONNX"'),
        (("photos",), "data", 'Use the pictures in "photos" as data'),
        (("set.npz",), "data", 'Use "set.npz" as data'),
        (("a.png",), "pictures", 'Classify "a.png"'),
        (("a.png", "B.JPG"), "pictures", "Classify 2 pictures"),
    ],
)
def test_what_happens_is_said_beforehand(files, names, what, words):
    drop = drop_of(files(*names))
    assert (drop.what, drop.words) == (what, words)
    assert str(drop.path) == files(*names)[0]


@pytest.mark.parametrize("name", ["table.csv", "<b>.txt"])
def test_files_that_nothing_takes_are_refused_with_what_is_taken(files, name):
    drop = drop_of(files(name))
    assert drop.what is None
    assert name in drop.words
    assert ".npz" in drop.words


@pytest.fixture
def window(qtbot, monkeypatch):
    monkeypatch.setattr(heavy, "load_tensorflow", lambda: EngineFacts("3", "2", ("cpu",)))
    monkeypatch.setattr(heavy.Shapes, "facts", lambda *_arguments: {})
    made = bootstrap.build(None)
    made.show()
    yield made
    assert made.program.end(PATIENCE_S)
    made.may_close = lambda: True
    made.close()
    made.deleteLater()


def hold(window, path):
    content = QMimeData()
    content.setUrls([QUrl.fromLocalFile(path)])
    event = QDragEnterEvent(QPoint(9, 9), COPY, content, Qt.MouseButton.LeftButton, NO_KEYS)
    QApplication.sendEvent(window, event)
    assert event.isAccepted()
    return content


def test_a_file_over_the_window_is_told_and_a_wrong_one_changes_nothing(window, files):
    hint = window.findChild(QWidget, "drop_hint")
    window.show_page("data")
    before = window.program.document.spec
    (path,) = files("table.csv")
    hold(window, path)
    assert "table.csv" in hint.words()
    QApplication.sendEvent(window, QDragLeaveEvent())
    assert hint.words() == ""
    content = hold(window, path)
    drop = QDropEvent(QPointF(9, 9), COPY, content, Qt.MouseButton.LeftButton, NO_KEYS)
    QApplication.sendEvent(window, drop)
    assert hint.words() == ""
    assert window.page == "data"  # it jumped to Classify
    assert window.program.document.spec == before
