import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QWidget

from engine.catalog import catalog, default_parameters
from engine.spec.issues import Cure, Issue, LayerFacts
from engine.spec.network import LayerSpec
from widgets.base.theme import DARK
from widgets.forms import LayerForm
from widgets.forms.issue_note import IssueNote
from widgets.forms.layer_form import facts_text

DENSE = catalog().layer("Dense")
LAYER = LayerSpec(id="dense", kind="Dense", parameters={"units": 10})
FACTS = LayerFacts((10,), 650, 650)


@pytest.fixture
def form(qtbot):
    form = LayerForm()
    qtbot.addWidget(form)
    return form


@pytest.fixture
def requests(form):
    made = []
    form.parameter_changed.connect(lambda *args: made.append(("parameter", *args)))
    form.renamed.connect(lambda *args: made.append(("name", *args)))
    form.trainable_changed.connect(lambda *args: made.append(("trainable", *args)))
    return made


def entry(form, name):
    found = form.findChild(QWidget, f"field.{name}")
    assert found is not None, name
    return found


def open_form(form, qtbot):
    with qtbot.waitActive(form):
        form.resize(300, 600)
        form.show()
        form.activateWindow()


def test_a_layer_is_shown_and_nothing_asked(form, requests):
    form.show_layer(LAYER, DENSE, FACTS)
    assert form.objectName() == "form.layer"
    assert entry(form, "dense.name").text() == "dense"
    assert entry(form, "dense.units").value() == 10
    assert entry(form, "dense.trainable").isChecked()
    assert form.findChild(QWidget, "form.layer.kind").text() == "Dense"
    assert form.findChild(QWidget, "form.layer.facts").text() == "Gives 10 · 650 parameters"
    assert requests == []


def test_changes_name_their_layer(form, requests):
    form.show_layer(LAYER, DENSE, FACTS)
    entry(form, "dense.units").setValue(64)
    entry(form, "dense.trainable").click()
    assert requests == [("parameter", "dense", "units", 64), ("trainable", ("dense",), False)]
    form.show_layer(LAYER.but(id="other"), DENSE, FACTS)
    entry(form, "other.units").setValue(5)
    assert requests[2:] == [("parameter", "other", "units", 5)]


def test_a_good_name_is_asked_for_and_a_bad_one_explained(form, requests, qtbot):
    form.show_layer(LAYER, DENSE, FACTS)
    open_form(form, qtbot)
    line = entry(form, "dense.name")
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, "1 bad/name")
    notes = [note for note in form.findChildren(IssueNote) if note.text()]
    assert any("letter" in note.text() for note in notes)
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert line.text() == "dense"
    assert requests == []
    line.selectAll()
    qtbot.keyClicks(line, "head")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert requests == [("name", "dense", "head")]


def test_the_name_being_typed_is_kept_when_facts_arrive(form, qtbot):
    form.show_layer(LAYER, DENSE, None)
    open_form(form, qtbot)
    line = entry(form, "dense.name")
    line.setFocus()
    qtbot.keyClicks(line, "_new")
    form.show_layer(LAYER, DENSE, FACTS)
    assert "_new" in line.text()
    form.show_layer(LAYER.but(id="other"), DENSE, FACTS)
    assert line.text() == "other"


def test_issues_stand_beside_their_field_or_on_top_with_their_cures(form, qtbot):
    cure = Cure("Connect it")
    issues = (
        Issue("Units are odd.", "dense", field="units"),
        Issue("Not connected.", "dense", cures=(cure,)),
        Issue("Another layer's.", "conv"),
        Issue("Units are strange too.", "dense", field="units"),
    )
    form.show_layer(LAYER, DENSE, FACTS, issues)
    assert form.findChild(IssueNote, "note.field.dense.units").text() == "Units are odd."
    shown = [note.text() for note in form.findChildren(IssueNote) if not note.isHidden()]
    assert sorted(shown) == ["Not connected.", "Units are odd.", "Units are strange too."]
    with qtbot.waitSignal(form.cure_requested) as asked:
        form.findChild(QWidget, "cure").click()
    assert asked.args == [cure]
    form.show_layer(LAYER, DENSE, FACTS, ())
    assert all(note.isHidden() for note in form.findChildren(IssueNote))


def test_leaving_a_field_ends_the_visit(form, qtbot):
    form.show_layer(LAYER, DENSE, FACTS)
    open_form(form, qtbot)
    entry(form, "dense.units").setFocus()
    with qtbot.waitSignal(form.visit_ended):
        entry(form, "dense.use_bias").setFocus()


def test_another_layer_ends_the_visit_and_the_same_one_does_not(form):
    form.show_layer(LAYER, DENSE, FACTS)
    ended = []
    form.visit_ended.connect(lambda: ended.append("visit"))
    form.show_layer(LAYER.but(parameters={"units": 11}), DENSE, FACTS)
    assert not ended
    form.show_layer(LAYER.but(id="other"), DENSE, FACTS)
    assert ended == ["visit"]


def test_nothing_or_many_layers_are_said_in_words(form):
    form.show_layers((LAYER, LAYER.but(id="other")), catalog().family("layer"))
    title = form.findChild(QWidget, "form.shared.title")
    assert title.text() == "2 layers: 2 Dense"
    assert title.isVisibleTo(form)
    empty = form.findChild(QWidget, "form.layer.empty")
    form.show_nothing("The network is empty.")
    assert empty.text() == "The network is empty."
    form.show_layer(LAYER, DENSE, FACTS)
    assert not empty.isVisibleTo(form)


def test_trainable_is_not_offered_where_there_is_nothing_to_train(form):
    layer = LayerSpec(id="flatten", kind="Flatten")
    form.show_layer(layer, catalog().layer("Flatten"), LayerFacts((64,), 0, 0))
    assert not entry(form, "flatten.trainable").isVisibleTo(form)


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        (None, "Working out the shape…"),
        (LayerFacts(None), "The shape is not known yet."),
        (LayerFacts((28, 28, 8), 80, 80), "Gives 28 × 28 × 8 · 80 parameters"),
        (LayerFacts((None, 4), 1200, 1000), "Gives ? × 4 · 1,200 parameters, 200 not trained"),
        (LayerFacts((), 0, 0), "Gives one number · no parameters"),
        (LayerFacts((1,), 1, 1), "Gives 1 · 1 parameter"),
    ],
)
def test_facts_in_words(facts, text):
    assert facts_text(facts) == text


@pytest.mark.parametrize("name", ["Dense", "Conv2D", "LSTM", "Bidirectional", "MultiHeadAttention"])
def test_nothing_is_cut_off_in_a_narrow_inspector(form, qtbot, name):
    kind = catalog().layer(name)
    layer = LayerSpec(id="x", kind=name, parameters=default_parameters(kind))
    form.show_layer(layer, kind, FACTS)
    open_form(form, qtbot)
    form.resize(280, 600)
    area = form.findChild(QScrollArea)
    qtbot.waitUntil(lambda: area.widget().width() == area.viewport().width())
    assert area.widget().minimumSizeHint().width() <= area.viewport().width()


def test_a_theme_reaches_notes_made_later(form):
    form.set_theme(DARK)
    form.show_layer(LAYER, DENSE, FACTS, (Issue("Odd.", "dense", severity="warning"),))
    note = next(note for note in form.findChildren(IssueNote) if note.text() == "Odd.")
    note.resize(200, 30)
    assert note.grab().toImage().pixelColor(1, 10).name() == DARK.warning
