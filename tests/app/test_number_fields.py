"""Every field for a number, in the real window and of every object in the catalogue, typed into key by key."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QLineEdit,
    QSlider,
)

from app import bootstrap, heavy
from app.shell.panels import PAGES
from engine.catalog import catalog, check_value
from engine.catalog.model import Field
from engine.machine.facts import EngineFacts
from tests.patience import PATIENCE_S
from widgets.classify.features_form import FeaturesForm
from widgets.forms.boxes import MarkedLine, NumberBox
from widgets.forms.editors import EditorContext
from widgets.forms.object_form import EDITORS, ObjectForm
from widgets.plots import FilterGrid
from widgets.plots.filters import SINGLE

ROOT = Path(__file__).resolve().parents[2]
# What a person may type: as a number, as a whole number; None where it must be refused.
TYPED = {
    "0,05": (0.05, None), "1,5e-3": (0.0015, None), "5,1": (5.1, None), "2.5": (2.5, None),
    "1e3": (1000.0, 1000), "1 000": (1000.0, 1000), "-5": (-5.0, -5), "7": (7.0, 7),
    "10000": (10000.0, 10000), "1.000": (1.0, None), "1,000": (None, None), "1_000": (None, None),
    "٣": (None, None), "½": (None, None), "1e400": (None, None), "nan": (None, None),
    "inf": (None, None), "0x10": (None, None), "3 %": (None, None),
}  # fmt: skip
IN_THE_WINDOW = {
    *(f"field.training.{name}" for name in ("epochs", "batch_size", "seed", "learning_rate", "beta_1")),
    *(f"field.control.{name}" for name in ("learning_rate", "momentum", "beta_1", "weight_decay", "batch_size")),
    "field.control.dropout", "field.control.speed", "field.control.steps", "field.view_limit",
    "field.data.validation", "field.data.test", "field.data.seed",
    "field.training.early_stopping.patience", "field.training.early_stopping.min_delta",
}  # fmt: skip
LISTS = {"ints": "1, 2", "floats": "0.1, 0.2", "shape": "28, 28, 1"}


@pytest.fixture
def window(qtbot, monkeypatch):
    monkeypatch.setattr(heavy, "load_tensorflow", lambda: EngineFacts("3", "2", ("cpu",)))
    monkeypatch.setattr(heavy.Shapes, "facts", lambda *_arguments: {})
    made = bootstrap.build(None)
    yield made
    assert made.program.end(PATIENCE_S)
    made.may_close = lambda: True
    made.close()
    made.deleteLater()


def expect_rule(box, field, type_keys):
    """Type every text; what stands in the box must be the value, or be kept with a word."""
    box.setValue(before := box.value())
    for text, (number, whole) in TYPED.items():
        type_keys(box, text)
        QTest.keyClick(box, Qt.Key.Key_Return)
        value = number if field.type == "float" else whole
        where = f"{box.objectName()}: {text}"
        if value is not None and not check_value(field, value):
            assert (box.value(), box.problem()) == (value, ""), where
        else:
            assert box.text() == text, where
            assert box.value() == before, where
            assert box.problem(), where
        box.setValue(before)


def test_every_number_box_of_the_window_reads_by_the_one_rule(window, country, type_keys):
    for name in PAGES:
        window.pages.page(name)
    window.panels.live_controls.set_running(True)
    window.findChild(QCheckBox, "field.training.early_stopping.enabled").click()
    boxes = window.findChildren(QAbstractSpinBox)
    assert {type(box) for box in boxes} == {NumberBox}
    named = {box.objectName() for box in boxes}
    assert named >= IN_THE_WINDOW
    for box in boxes:
        assert box.isEnabled(), box.objectName()
        assert box.focusPolicy() == Qt.FocusPolicy.StrongFocus  # the wheel gives none
        expect_rule(box, box.field(), type_keys)


def roll_wheel(widget):
    middle = QPointF(widget.rect().center())
    for notches in (120, -120):
        event = QWheelEvent(
            middle, widget.mapToGlobal(middle), QPoint(), QPoint(0, notches),
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(widget, event)
        yield notches


def test_the_wheel_changes_nothing_that_has_not_the_focus(window):
    reads = {NumberBox: "value", QComboBox: "currentIndex", QSlider: "value"}
    found = [(each, read) for kind, read in reads.items() for each in window.findChildren(kind)]
    assert len(found) > 30
    for widget, read in found:
        assert widget.focusPolicy() != Qt.FocusPolicy.WheelFocus
        before = getattr(widget, read)()
        for notches in roll_wheel(widget):
            assert getattr(widget, read)() == before, (widget.objectName(), notches)


def test_a_command_takes_what_was_typed_right_before_it(window, qtbot, type_keys):
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    box = window.findChild(NumberBox, "field.training.epochs")
    type_keys(box, "7")
    assert window.program.document.spec.training.epochs != 7  # it waits for a pause
    window.findChild(QAction, "view.page.classify").trigger()
    assert window.program.document.spec.training.epochs == 7


def number_fields():
    """Return one field for each way in which a number of the catalogue is bounded."""
    kinds = (kind for family in catalog().kinds.values() for kind in family.values())
    fields = {}
    for field in (field for kind in kinds for field in kind.fields):
        if field.type in ("int", "float", *LISTS):
            ways = (field.type, field.minimum, field.maximum, field.optional, field.length)
            fields[ways] = field
    return list(fields.values())


@pytest.mark.parametrize("field", number_fields(), ids=lambda field: f"{field.type}-{field.name}")
def test_every_number_editor_of_the_catalogue_reads_by_the_one_rule(qtbot, field, type_keys):
    editor = EDITORS[field.type](field, EditorContext(lambda: ObjectForm(is_nested=True)))
    qtbot.addWidget(editor)
    boxes = editor.findChildren(QAbstractSpinBox)
    assert {type(box) for box in boxes} <= {NumberBox}
    if field.type in ("int", "float"):
        assert len(boxes) == 1
        editor.set_value(field.default if check_value(field, field.default) == "" else None)
        expect_rule(boxes[0], field, type_keys)
    elif boxes:
        assert len(boxes) == field.length
        editor.set_value((1,) * field.length)
        expect_rule(boxes[-1], boxes[-1].field(), type_keys)
    else:
        assert [type(line) for line in editor.findChildren(QLineEdit)] == [MarkedLine]


@pytest.mark.parametrize(
    "text", ["0x10", "1_000", "½", "٣", "1,000", "nan", "1e400", "0,05", "1 000"]
)
@pytest.mark.parametrize("kind", LISTS)
def test_a_list_of_numbers_never_takes_a_text_apart_into_others(
    qtbot, country, type_keys, kind, text
):
    field = Field("numbers", kind, (1,))
    editor = EDITORS[kind](field, EditorContext(lambda: ObjectForm(is_nested=True)))
    qtbot.addWidget(editor)
    editor.set_value((1,))
    refused = []
    editor.refused.connect(refused.append)
    line = editor.entry()
    type_keys(line, LISTS[kind])
    editor.commit()
    assert len(editor.value()) == LISTS[kind].count(",") + 1
    type_keys(line, text)
    QTest.keyClick(line, Qt.Key.Key_Return)
    if kind == "floats" and text == "1 000":
        assert editor.value() == (1.0, 0.0)  # a space parts numbers of a list
        return
    assert editor.value() == (1,)
    assert line.text() == text
    assert line.is_wrong()
    assert refused[-1]


def test_the_values_of_a_sample_are_read_by_the_one_rule(qtbot, country, type_keys):
    form = FeaturesForm()
    qtbot.addWidget(form)
    form.show_names(("length", "width"))
    form.show_values((5.1, 3.5))
    asked = []
    form.features_requested.connect(asked.append)
    first = form.findChild(NumberBox, "field.feature.0")
    expect_rule(first, first.field(), type_keys)
    type_keys(first, "5,9")
    form.findChild(type(form._predict), "classify.predict_button").click()
    assert asked == [(5.9, 3.5)]
    type_keys(first, "5,9 cm")
    form.findChild(type(form._predict), "classify.predict_button").click()
    assert asked == [(5.9, 3.5)]  # nothing is predicted from what is no number


def test_the_input_of_a_filter_is_read_by_the_one_rule(qtbot, country, type_keys):
    grid = FilterGrid()
    qtbot.addWidget(grid)
    grid.show_kernel(np.zeros((3, 3, 9, 2)))
    modes = grid.findChild(QComboBox, "field.filters.mode")
    modes.setCurrentIndex(modes.findData(SINGLE))
    box = grid.findChild(NumberBox, "field.filters.input")
    box.setValue(4)
    expect_rule(box, box.field(), type_keys)
    assert box.value() == 4


FOREIGN = (
    "QSpinBox",
    "QDoubleSpinBox",
    "DoubleValidator",
    "IntValidator",
    "toDouble",
    "getInt(",
    "getDouble(",
)


@pytest.mark.parametrize("word", FOREIGN)
def test_no_other_way_to_read_a_typed_number_comes_in(word):
    sources = [path for part in ("app", "widgets") for path in (ROOT / part).rglob("*.py")]
    assert len(sources) > 100
    assert [path.name for path in sources if word in path.read_text(encoding="utf-8")] == []
