import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton

from widgets.base.theme import DARK, LIGHT
from widgets.code import ScriptOpener, ScriptView

CODE = 'import keras\n\n"""Two\nlines."""\nx = Dense(32, "relu")  # why\n'


@pytest.fixture
def view(qtbot):
    made = ScriptView()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def opener(qtbot):
    made = ScriptOpener()
    qtbot.addWidget(made)
    return made


def child(widget, kind, name):
    return widget.findChild(kind, name)


def colours(field, line):
    """Return {word: colour} of one line as it is drawn."""
    block = field.document().findBlockByNumber(line)
    return {
        block.text()[r.start : r.start + r.length]: r.format.foreground().color().name()
        for r in block.layout().formats()
    }


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda tokens: tokens.name)
def test_code_is_coloured_in_the_theme(view, tokens):
    view.set_theme(tokens)
    view.show_script(CODE, "note")
    field = child(view, QPlainTextEdit, "script.code")
    assert colours(field, 0) == {"import": QColor(tokens.accent).name()}
    assert colours(field, 2) == {'"""Two': tokens.good}
    assert colours(field, 3) == {'lines."""': tokens.good}
    assert colours(field, 4) == {
        "Dense": tokens.series[3],
        "32": tokens.series[1],
        '"relu"': tokens.good,
        "# why": tokens.muted,
    }


def test_the_view_shows_and_asks(view, qtbot):
    copy, save = (child(view, QPushButton, f"script.{name}") for name in ("copy", "save"))
    assert not copy.isEnabled()
    assert copy.toolTip().startswith("not now")
    view.show_script(CODE, "<b>plain</b>")
    assert child(view, QLabel, "script.note").text() == "<b>plain</b>"
    with qtbot.waitSignals([view.copy_requested, view.save_requested]):
        copy.click()
        save.click()
    view.show_problem("there is no input")
    assert not save.isEnabled()
    assert child(view, QPlainTextEdit, "script.code").toPlainText() == CODE


def test_an_edit_elsewhere_keeps_the_place(view, qtbot):
    view.show_script("a = 1\n" * 500, "")
    with qtbot.waitExposed(view):
        view.show()
    bar = child(view, QPlainTextEdit, "script.code").verticalScrollBar()
    bar.setValue(300)
    view.show_script("a = 1\n" * 499 + "b = 2\n", "")
    assert bar.value() == 300


def test_typing_asks_once_and_a_refusal_marks_its_line(opener, qtbot):
    field, use = (
        child(opener, QPlainTextEdit, "script_opener.code"),
        child(opener, QPushButton, "script_opener.use"),
    )
    with qtbot.waitSignal(opener.script_changed) as asked:
        qtbot.keyClicks(field, "a=1")
    assert asked.args == ["a=1"]
    opener.show_understood("Understood: 1 layer.")
    assert use.isEnabled()
    with qtbot.waitSignal(opener.use_requested) as wanted:
        use.click()
    assert wanted.args == ["a=1"]
    opener.show_refused("Line 1: no.", 1)
    assert not use.isEnabled()
    assert field.extraSelections()[0].cursor.blockNumber() == 0
    opener.show_nothing()
    assert field.extraSelections() == []


def test_new_letters_make_the_button_wait(opener, qtbot):
    use = child(opener, QPushButton, "script_opener.use")
    opener.show_understood("Understood: 1 layer.")
    qtbot.keyClicks(child(opener, QPlainTextEdit, "script_opener.code"), "b")
    assert not use.isEnabled()
