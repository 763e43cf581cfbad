import pytest
from PySide6.QtWidgets import QWidget

from engine.catalog import catalog
from engine.spec.training import TrainingSpec
from widgets.forms import TrainingForm

SPEC = TrainingSpec(epochs=10)
NAME = "field.training.class_weights"


@pytest.fixture
def form(qtbot):
    form = TrainingForm()
    qtbot.addWidget(form)
    form.resize(300, 1400)
    form.show_training(SPEC, catalog())
    form.open_groups(("loss",))
    form.show_classes(("<b>cat</b>", "dog", "owl"), (60, 30, 0))
    return form


@pytest.fixture
def changes(form):
    """Return what was asked for; it is shown, as the controller would."""
    made = []

    def take(text, spec, key):
        made.append((text, spec.class_weights, key))
        form.show_training(spec, catalog())

    form.changed.connect(take)
    return made


def part(form, name=""):
    return form.findChild(QWidget, NAME + name)


def shown(form):
    table = part(form, ".table")
    return [
        tuple(table.item(row, column).text() for column in (0, 1))
        for row in range(table.rowCount())
    ]


def weigh(form, row, text):
    part(form, ".table").item(row, 1).setText(text)


def test_balanced_is_asked_for(form, changes):
    part(form).setCurrentText("balanced")
    assert changes[-1][:2] == ("Set class weights to balanced", "balanced")
    assert not part(form, ".table").isVisibleTo(form)


def test_a_number_is_typed_for_a_class(form, changes):
    part(form).setCurrentText("own")
    assert changes[-1][:2] == ("Set class weights to own", {})
    assert part(form, ".table").isVisibleTo(form)
    assert shown(form) == [("<b>cat</b>", "1"), ("dog", "1"), ("owl", "1")]
    weigh(form, 1, "2.5")
    weigh(form, 0, "0")
    assert changes[-1][1] == {"dog": 2.5, "<b>cat</b>": 0.0}
    assert (
        len({key for _, _, key in changes}) == 1
    )  # one undo step, as long as the field is not left


@pytest.mark.parametrize(
    ("text", "why"), [("-1", "from 0 to 1000000"), ("heavy", "a number"), ("nan", "")]
)
def test_what_is_no_weight_is_said_and_changes_nothing(form, changes, text, why):
    form.show_training(SPEC.but(class_weights={"dog": 3.0}), catalog())
    weigh(form, 1, text)
    note = form.findChild(QWidget, f"note.{NAME}")
    assert note.isVisibleTo(form)
    assert note.text().startswith("dog: ")
    assert why in note.text()
    assert (shown(form)[1], changes) == (("dog", "3"), [])
    weigh(form, 1, "4")
    assert changes[-1][1] == {"dog": 4.0}
    assert not note.isVisibleTo(form)


def test_balancing_fills_in_numbers_by_which_all_classes_count_the_same(form, changes):
    part(form).setCurrentText("own")
    part(form, ".balance").click()
    assert changes[-1][1] == {"<b>cat</b>": 0.75, "dog": 1.5, "owl": 1.0}
    assert shown(form)[1] == ("dog", "1.5")


def test_before_the_samples_are_counted_nothing_can_be_balanced(form, changes):
    form.show_classes(("cat", "dog"), ())
    part(form).setCurrentText("own")
    assert not part(form, ".balance").isEnabled()
    assert "load the data" in part(form, ".balance").toolTip()
    form.show_classes((), ())
    assert not part(form, ".table").isVisibleTo(form)
    assert not part(form, ".balance").isVisibleTo(form)


def test_weights_of_a_file_are_shown_and_can_be_left_and_come_back_to(form, changes):
    form.show_training(SPEC.but(class_weights={"dog": 0.5, "dragon": 9.0}), catalog())
    assert part(form).currentText() == "own"
    assert shown(form) == [("<b>cat</b>", "1"), ("dog", "0.5"), ("owl", "1"), ("dragon", "9")]
    assert changes == []
    part(form).setCurrentText("none")
    assert changes[-1][1] == "none"
    assert not part(form, ".table").isVisibleTo(form)
    part(form).setCurrentText("own")
    assert changes[-1][1] == {"dog": 0.5, "dragon": 9.0}


@pytest.mark.parametrize(
    ("text", "weight"),
    [("0,5", 0.5), ("2.5", 2.5), ("1 000", 1000.0), ("1,000", None), ("½", None)],
)
def test_a_weight_is_read_as_numbers_are_everywhere(form, changes, country, text, weight):
    part(form).setCurrentText("own")
    weigh(form, 1, text)
    if weight is not None:
        assert changes[-1][1] == {"dog": weight}
    else:
        assert changes[-1][1] == {}
        assert shown(form)[1] == ("dog", "1")  # back to what it was, with the reason beneath
        assert form.findChild(QWidget, f"note.{NAME}").text().startswith("dog: ")
