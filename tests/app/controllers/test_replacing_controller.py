"""The way back after something was replaced as a whole."""

import pytest

from app.app_model import Studio
from app.controllers.editor.replacing import ReplacingController
from app.document import Document
from app.shell.notices import Notices
from engine.spec.project import ProjectSpec
from widgets.base.notice import NoticeBar

OTHER = ProjectSpec(name="other")


@pytest.fixture
def parts(qtbot):
    bar = NoticeBar()
    qtbot.addWidget(bar)
    document, studio, notices = Document(ProjectSpec(), lambda _spec: None), Studio(), Notices(bar)
    controller = ReplacingController(document, studio, notices.topic("replaced"))
    controller.undo_wanted.connect(document.undo_stack.undo)
    document.edit("Replace", OTHER)
    return document, studio, bar, controller, notices


def test_undo_takes_the_edit_back(parts):
    document, studio, bar, _controller, _notices = parts
    studio.replaced.emit("The network was replaced.", None)
    assert bar.sentence == "The network was replaced."
    bar.chosen.emit("undo")
    assert document.spec == ProjectSpec()
    assert bar.sentence == ""


def test_weights_are_brought_back_by_their_own_way(parts):
    document, studio, bar, _controller, _notices = parts
    done = []
    studio.replaced.emit("The weights were replaced.", lambda: done.append(1))
    bar.chosen.emit("undo")
    assert done == [1]
    assert document.spec == OTHER


@pytest.mark.parametrize("what", ["edit", "undo", "training", "dismissal"])
def test_the_offer_ends_where_undo_would_mean_something_else(parts, what):
    document, studio, bar, _controller, _notices = parts
    studio.replaced.emit("The network was replaced.", None)
    {
        "edit": lambda: document.edit("More", ProjectSpec(name="more")),
        "undo": document.undo_stack.undo,
        "training": lambda: studio.set_training("running"),
        "dismissal": bar.dismissed.emit,
    }[what]()
    assert bar.sentence == ""
