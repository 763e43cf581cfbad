import pytest
from PySide6.QtWidgets import QWidget

from engine.catalog import catalog
from engine.spec.base import ObjectSpec
from engine.spec.issues import Cure, Issue
from engine.spec.training import ScheduleSpec, TrainingSpec
from engine.training.live.schedules import FIELDS
from widgets.forms import TrainingForm
from widgets.forms.issue_note import IssueNote
from widgets.forms.schedule_form import TITLES
from widgets.plots.rate_plot import RatePlot

SPEC = TrainingSpec(epochs=10)


@pytest.fixture
def form(qtbot):
    form = TrainingForm()
    qtbot.addWidget(form)
    form.resize(300, 1400)
    form.show_training(SPEC, catalog())
    form.open_groups(("schedule",))
    return form


@pytest.fixture
def changes(form):
    made = []
    form.changed.connect(lambda *args: made.append(args))
    return made


def entry(form, name):
    return form.findChild(QWidget, f"field.training.{name}")


def plot(form):
    return form.findChild(RatePlot, "plot.schedule")


@pytest.mark.parametrize("kind", FIELDS)
def test_a_kind_shows_its_own_fields_and_a_curve_if_there_is_one(form, changes, kind):
    form.show_training(SPEC.but(schedule=ScheduleSpec(kind=kind)), catalog())
    assert entry(form, "schedule").currentText() == TITLES[kind]
    for name in {field for used in FIELDS.values() for field in used}:
        found = entry(form, f"schedule.{name}")
        assert (found is not None) == (name in FIELDS[kind]), name
    assert plot(form).isVisibleTo(form) == (kind not in ("constant", "plateau"))
    assert changes == []


def test_choosing_and_filling_in_ask_for_named_steps(form, changes):
    entry(form, "schedule").setCurrentText("steps")
    text, spec, key = changes[-1]
    assert (text, spec.schedule) == ("Set schedule to steps", ScheduleSpec(kind="step"))
    assert key.startswith("training.schedule#")
    form.show_training(spec, catalog())
    entry(form, "schedule.every").setValue(3.0)
    text, spec, key = changes[-1]
    assert (text, spec.schedule.every) == ("Set every to 3", 3.0)
    assert key.startswith("training.schedule.every#")


def test_a_length_beyond_every_run_is_refused_with_the_longest_allowed(form, changes):
    form.show_training(SPEC.but(schedule=ScheduleSpec(kind="step")), catalog())
    entry(form, "schedule.every").setValue(1e9)
    assert changes == []
    note = form.findChild(IssueNote, "note.field.training.schedule.every")
    assert "to 1000000, not 1000000000" in note.text()


def test_the_curve_knows_the_run_s_length_and_the_base_rate(form):
    spec = SPEC.but(
        schedule=ScheduleSpec(kind="step", every=5, factor=0.1),
        optimizer=ObjectSpec(kind="SGD", parameters={"learning_rate": 0.5}),
        batch_size=10,
    )
    form.show_training(spec, catalog())
    form.show_run_length(95)
    shares, rates = plot(form).curve(1000)
    assert len(rates) == 10 * 10  # nine full batches and a smaller one
    assert rates[:50] == pytest.approx(0.5)
    assert rates[50:] == pytest.approx(0.05)
    assert shares[0] == 0
    assert shares[-1] == 1


def test_the_default_rate_of_the_optimizer_counts(form):
    form.show_training(SPEC.but(schedule=ScheduleSpec(kind="cosine")), catalog())
    assert plot(form).curve(1000)[1].max() == pytest.approx(0.001)


def test_a_plateau_is_said_in_words(form):
    form.show_training(SPEC.but(schedule=ScheduleSpec(kind="plateau", patience=3)), catalog())
    note = form.findChild(QWidget, "form.training.schedule_note")
    assert note.isVisibleTo(form)
    assert "multiplied by 0.5 when val_loss has not improved for 3 epochs" in note.text()


def test_issues_stand_beside_the_schedule_s_fields(form, qtbot):
    form.show_training(SPEC.but(schedule=ScheduleSpec(kind="warmup")), catalog())
    cure = Cure("Shorten")
    form.show_issues((Issue("Too long.", field="training.schedule.warmup", cures=(cure,)),))
    note = form.findChild(IssueNote, "note.field.training.schedule.warmup")
    assert note.text() == "Too long."
    shown = [each for each in form.findChildren(IssueNote) if not each.isHidden()]
    assert shown == [note]
    with qtbot.waitSignal(form.cure_requested) as asked:
        note.findChild(QWidget, "cure").click()
    assert asked.args == [cure]
