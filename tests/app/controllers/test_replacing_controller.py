"""The way back after something was replaced as a whole."""

import pytest

from app.app_model import AppModel
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
    document, app_model, notices = (
        Document(ProjectSpec(), lambda _spec: None),
        AppModel(),
        Notices(bar),
    )
    controller = ReplacingController(document, app_model, notices.topic("replaced"))
    controller.undo_wanted.connect(document.undo_stack.undo)
    document.edit("Replace", OTHER)
    return document, app_model, bar, controller, notices


def test_undo_takes_the_edit_back(parts):
    document, app_model, bar, _controller, _notices = parts
    app_model.replaced.emit("The network was replaced.", None)
    assert bar.sentence == "The network was replaced."
    bar.chosen.emit("undo")
    assert document.spec == ProjectSpec()
    assert bar.sentence == ""


def test_weights_are_brought_back_by_their_own_way(parts):
    document, app_model, bar, _controller, _notices = parts
    done = []
    app_model.replaced.emit("The weights were replaced.", lambda: done.append(1))
    bar.chosen.emit("undo")
    assert done == [1]
    assert document.spec == OTHER


@pytest.mark.parametrize("what", ["edit", "undo", "training", "dismissal"])
def test_the_offer_ends_where_undo_would_mean_something_else(parts, what):
    document, app_model, bar, _controller, _notices = parts
    app_model.replaced.emit("The network was replaced.", None)
    {
        "edit": lambda: document.edit("More", ProjectSpec(name="more")),
        "undo": document.undo_stack.undo,
        "training": lambda: app_model.set_training("running"),
        "dismissal": bar.dismissed.emit,
    }[what]()
    assert bar.sentence == ""
