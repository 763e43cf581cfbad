import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton, QWidget

from engine.catalog import catalog
from engine.spec.network import LayerSpec
from widgets.forms.shared_form import SharedForm, shared_kind

KINDS = catalog().family("layer")


def layer(name, kind, trainable=True, **parameters):
    return LayerSpec(id=name, kind=kind, parameters=parameters, trainable=trainable)


@pytest.fixture
def form(qtbot):
    form = SharedForm()
    qtbot.addWidget(form)
    form.resize(320, 600)
    with qtbot.waitActive(form):
        form.show()
        form.activateWindow()
    return form


@pytest.fixture
def requests(form):
    made = []
    form.changed.connect(lambda *args: made.append(args))
    form.trainable_changed.connect(lambda *args: made.append(args))
    return made


def find(form, name):
    found = form.findChild(QWidget, name)
    assert found is not None, name
    return found


def test_only_fields_of_one_meaning_are_shared():
    names = {f.name for f in shared_kind([KINDS["Dense"], KINDS["Conv2D"]]).fields}
    assert {"activation", "use_bias", "kernel_initializer"} <= names
    assert not names & {"units", "filters", "kernel_size"}
    # Windows of two and of one side do not take the same values.
    assert "kernel_size" not in {
        f.name for f in shared_kind([KINDS["Conv1D"], KINDS["Conv2D"]]).fields
    }
    assert shared_kind([KINDS["Dense"], None]).fields == ()


def test_equal_values_are_shown_and_changes_go_to_all(form, requests):
    form.show_layers((layer("a", "Dense", units=7), layer("b", "Dense", units=7)), KINDS)
    box = find(form, "field.selection.units")
    assert box.value() == 7
    assert requests == []
    box.setValue(9)
    assert requests == [(("a", "b"), "units", 9)]


def test_values_that_differ_are_mixed_until_one_is_chosen(form, requests, qtbot):
    layers = (layer("a", "Dense", units=7), layer("b", "Dense", units=8))
    form.show_layers(layers, KINDS)
    mixed = find(form, "mixed.field.selection.units")
    assert isinstance(mixed, QToolButton)
    assert not find(form, "field.selection.units").isVisible()
    assert "7, 8" in mixed.toolTip()
    words = [action.text() for action in mixed.menu().actions() if action.text()]
    assert words == ["7 for all", "8 for all", "Another value…"]
    mixed.menu().actions()[1].trigger()
    assert requests == [(("a", "b"), "units", 8)]
    form.show_layers(tuple(one.but(parameters={"units": 8}) for one in layers), KINDS)
    qtbot.waitUntil(find(form, "field.selection.units").isVisible)
    assert find(form, "field.selection.units").value() == 8


def test_another_value_is_typed_and_not_taken_away_while_it_is(form, requests, qtbot):
    layers = (layer("a", "Dense", units=7), layer("b", "Dense", units=8))
    form.show_layers(layers, KINDS)
    find(form, "mixed.field.selection.units").menu().actions()[-1].trigger()
    box = find(form, "field.selection.units")
    qtbot.waitUntil(box.isVisible)
    form.show_layers(layers, KINDS)  # shapes came in
    assert box.isVisible()
    box.selectAll()
    QTest.keyClicks(QApplication.focusWidget(), "5")
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert requests == [(("a", "b"), "units", 5)]


def test_a_mixed_box_is_set_by_the_first_click(form, requests):
    layers = (layer("a", "Dense", units=7), layer("b", "Dense", trainable=False, units=8))
    form.show_layers(layers, KINDS)
    box = find(form, "field.selection.trainable")
    assert box.checkState() == Qt.CheckState.PartiallyChecked
    box.click()
    assert requests == [(("a", "b"), True)]
    form.show_layers(tuple(one.but(trainable=True) for one in layers), KINDS)
    box.click()
    assert requests[-1] == (("a", "b"), False)


def test_layers_with_nothing_in_common_say_so(form):
    form.show_layers((layer("a", "Dense"), layer("b", "NoSuchLayer")), KINDS)
    assert any("no setting" in label.text() for label in form.findChildren(type(form._words)))
