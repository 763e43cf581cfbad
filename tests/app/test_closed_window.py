"""A window that is closed and dropped leaves nothing of itself in memory."""

import gc
import weakref

from PySide6.QtCore import QCoreApplication, QEvent, QObject

from app import bootstrap, heavy
from app.shell.panels import PAGES
from engine.machine.facts import EngineFacts
from tests.patience import PATIENCE_S


def objects():
    """Return every Qt object that Python knows, by its identity."""
    return {id(one): one for one in gc.get_objects() if isinstance(one, QObject)}


def of_a_window_opened_and_closed():
    """Return a name and a weak reference of every Qt object that came with a window."""
    before = objects()
    window = bootstrap.build(None)
    window.show()
    for name in PAGES:
        window.show_page(name)
    QCoreApplication.processEvents()
    made = [
        (f"{type(one).__name__} {one.objectName()}", weakref.ref(one))
        for number, one in objects().items()
        if number not in before
    ]
    assert window.program.end(PATIENCE_S)
    window.may_close = lambda: True
    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return made


def test_a_closed_window_leaves_no_object(qapp, monkeypatch):
    monkeypatch.setattr(heavy, "load_tensorflow", lambda: EngineFacts("3", "2", ("cpu",)))
    monkeypatch.setattr(heavy.Shapes, "facts", lambda *_arguments: {})
    of_a_window_opened_and_closed()  # fonts and styles, which the next one shares
    made = of_a_window_opened_and_closed()
    gc.collect()
    assert len(made) > 1000
    assert [name for name, one in made if one() is not None] == []
