import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget

from engine.catalog import catalog
from engine.spec.base import ObjectSpec
from engine.spec.issues import Cure, Issue
from engine.spec.training import EarlyStoppingSpec, TrainingSpec
from widgets.forms import TrainingForm
from widgets.forms.issue_note import IssueNote
from widgets.forms.training_groups import TITLES

SPEC = TrainingSpec()


@pytest.fixture
def form(qtbot):
    form = TrainingForm()
    qtbot.addWidget(form)
    form.show_training(SPEC, catalog())
    form.open_groups(TITLES)
    return form


@pytest.fixture
def changes(form):
    made = []
    form.changed.connect(lambda *args: made.append(args))
    return made


def entry(form, name):
    found = form.findChild(QWidget, f"field.training.{name}")
    assert found is not None, name
    return found


def test_settings_are_shown_and_nothing_asked(form, changes):
    spec = TrainingSpec(
        optimizer=ObjectSpec(kind="SGD", parameters={"learning_rate": 0.5}),
        loss=ObjectSpec(kind="MeanSquaredError"),
        metrics=(ObjectSpec(kind="Accuracy"), ObjectSpec(kind="AUC")),
        batch_size=64,
        epochs=7,
        early_stopping=EarlyStoppingSpec(enabled=True, patience=9),
        seed=3,
        device="gpu:1",
    )
    form.show_training(spec, catalog())
    assert form.objectName() == "form.training"
    assert entry(form, "optimizer").currentText() == "SGD"
    assert entry(form, "learning_rate").value() == 0.5
    assert entry(form, "loss").currentText() == "MeanSquaredError"
    assert entry(form, "metrics").text() == "Accuracy, AUC"
    assert entry(form, "batch_size").value() == 64
    assert entry(form, "epochs").value() == 7
    assert entry(form, "early_stopping.enabled").isChecked()
    assert entry(form, "early_stopping.patience").value() == 9
    assert entry(form, "seed").value() == 3
    assert entry(form, "device").currentText() == "gpu:1"
    assert changes == []


@pytest.mark.parametrize(
    ("name", "value", "text", "wanted"),
    [
        ("batch_size", 64, "Set batch size to 64", SPEC.but(batch_size=64)),
        ("epochs", 5, "Set epochs to 5", SPEC.but(epochs=5)),
        ("seed", 9, "Set random seed to 9", SPEC.but(seed=9)),
        (
            "learning_rate",
            0.01,
            "Set learning rate to 0.01",
            SPEC.but(optimizer=ObjectSpec(kind="Adam", parameters={"learning_rate": 0.01})),
        ),
    ],
)
def test_a_number_becomes_one_named_step(form, changes, name, value, text, wanted):
    entry(form, name).setValue(value)
    assert [change[:2] for change in changes] == [(text, wanted)]


def test_another_optimizer_starts_with_its_own_defaults(form, changes):
    form.show_training(
        SPEC.but(optimizer=ObjectSpec(kind="Adam", parameters={"learning_rate": 0.1})), catalog()
    )
    entry(form, "optimizer").setCurrentText("SGD")
    text, spec, _ = changes[-1]
    assert text == "Set optimizer to SGD"
    assert spec.optimizer == ObjectSpec(kind="SGD")
    form.show_training(spec, catalog())
    assert entry(form, "momentum").value() == 0
    assert form.findChild(QWidget, "field.training.beta_1") is None


def test_the_loss_has_settings_of_its_own(form, changes):
    entry(form, "loss").setCurrentText("Huber")
    _, spec, _ = changes[-1]
    form.show_training(spec, catalog())
    form.findChild(QWidget, "fold.training.loss").click()
    entry(form, "loss.delta").setValue(2.0)
    assert changes[-1][1].loss == ObjectSpec(kind="Huber", parameters={"delta": 2.0})


def test_what_auto_means_is_said_only_while_it_is_chosen(form):
    form.show_resolved("SparseCategoricalCrossentropy", "accuracy")
    label = form.findChild(QWidget, "form.training.loss_resolved")
    assert label.text() == "Auto takes SparseCategoricalCrossentropy."
    assert label.isVisibleTo(form)
    form.show_training(SPEC.but(loss=ObjectSpec(kind="MeanSquaredError")), catalog())
    assert not label.isVisibleTo(form)
    assert form.findChild(QWidget, "form.training.metrics_resolved").isVisibleTo(form)


def tick(form, name, state=Qt.CheckState.Checked):
    listed = form.findChild(QWidget, "field.training.metrics.list")
    (item,) = listed.findItems(name, Qt.MatchFlag.MatchExactly)
    item.setCheckState(state)


def test_metrics_are_ticked_auto_gives_way_and_comes_back(form, changes):
    tick(form, "AUC")
    assert changes[-1][:2] == ("Set metrics to AUC", SPEC.but(metrics=(ObjectSpec(kind="AUC"),)))
    tick(form, "Precision")
    assert changes[-1][1].metrics == (ObjectSpec(kind="AUC"), ObjectSpec(kind="Precision"))
    tick(form, "AUC", Qt.CheckState.Unchecked)
    tick(form, "Precision", Qt.CheckState.Unchecked)
    assert changes[-1][1].metrics == (ObjectSpec(kind="auto"),)
    tick(form, "AUC")
    tick(form, "auto")
    assert changes[-1][1].metrics == (ObjectSpec(kind="auto"),)
    assert len(changes) == 6


def test_metrics_are_found_by_a_part_of_their_name(form):
    filter_line = entry(form, "metrics.filter")
    filter_line.setText("preci")
    listed = entry(form, "metrics.list")
    names = {
        listed.item(row).text() for row in range(listed.count()) if not listed.item(row).isHidden()
    }
    assert "Precision" in names
    assert all("preci" in name.lower() for name in names)


def test_a_metric_s_setting_changes_only_that_metric(form, changes):
    metrics = (ObjectSpec(kind="AUC"), ObjectSpec(kind="Precision"))
    form.show_training(SPEC.but(metrics=metrics), catalog())
    form.findChild(QWidget, "fold.training.metrics.AUC").click()
    entry(form, "metrics.AUC.num_thresholds").setValue(50)
    made = changes[-1][1].metrics
    assert made == (
        ObjectSpec(kind="AUC", parameters={"num_thresholds": 50}),
        ObjectSpec(kind="Precision"),
    )


def test_early_stopping_is_turned_on_by_name_and_enables_its_fields(form, changes):
    assert not entry(form, "early_stopping.patience").isEnabled()
    entry(form, "early_stopping.enabled").click()
    text, spec, _ = changes[-1]
    assert (text, spec.early_stopping.enabled) == ("Turn on early stopping", True)
    form.show_training(spec, catalog())
    assert entry(form, "early_stopping.patience").isEnabled()
    entry(form, "early_stopping.monitor").setCurrentText("val_accuracy")
    assert changes[-1][1].early_stopping.monitor == "val_accuracy"


def test_devices_are_offered_and_one_that_is_gone_is_still_shown(form, changes):
    form.set_devices(("cpu", "gpu:0"))
    box = entry(form, "device")
    assert [box.itemText(row) for row in range(box.count())] == ["auto", "cpu", "gpu:0"]
    box.setCurrentText("gpu:0")
    assert changes[-1][:2] == ("Set device to gpu:0", SPEC.but(device="gpu:0"))
    form.show_training(SPEC.but(device="gpu:3"), catalog())
    assert entry(form, "device").currentText() == "gpu:3"


def test_steps_of_one_visit_merge_and_later_ones_do_not(form, changes, qtbot):
    with qtbot.waitActive(form):
        form.show()
        form.activateWindow()
    box = entry(form, "epochs")
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Up)
    qtbot.keyClick(box, Qt.Key.Key_Up)
    with qtbot.waitSignal(form.visit_ended):
        entry(form, "batch_size").setFocus()
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Up)
    keys = [key for _, _, key in changes]
    assert keys[0] == keys[1] != keys[2]
    assert all(key.startswith("training.epochs#") for key in keys)


def test_issues_find_their_fields_and_the_others_go_to_the_top(form, qtbot):
    cure = Cure("Use Adam")
    form.show_issues(
        (
            Issue("Too high.", field="training.optimizer.learning_rate"),
            Issue("No such loss.", field="training.loss", cures=(cure,)),
            Issue("Too many epochs.", field="training.epochs"),
            Issue("Odd on the whole.", field="training"),
            Issue("Of the data.", field="data.reader"),
        )
    )

    def note(name):
        return form.findChild(IssueNote, f"note.field.training.{name}").text()

    assert note("learning_rate") == "Too high."
    assert note("loss") == "No such loss."
    assert note("epochs") == "Too many epochs."
    shown = [each.text() for each in form.findChildren(IssueNote) if not each.isHidden()]
    assert len(shown) == 4
    assert "Odd on the whole." in shown
    with qtbot.waitSignal(form.cure_requested) as asked:
        form.findChild(QWidget, "cure").click()
    assert asked.args == [cure]
    form.show_issues(())
    assert all(each.isHidden() for each in form.findChildren(IssueNote))


# ---- What stands where ----


@pytest.fixture
def folded(qtbot):
    """A form as the first start shows it."""
    form = TrainingForm()
    qtbot.addWidget(form)
    form.resize(300, 900)
    form.show_training(SPEC, catalog())
    form.show()
    return form


def test_what_beginners_set_stands_on_top_in_this_order_and_the_rest_is_folded(folded):
    first = ("epochs", "batch_size", "optimizer", "learning_rate", "device")
    tops = [entry(folded, name).mapTo(folded, QPoint()).y() for name in first]
    assert tops == sorted(tops)
    assert all(entry(folded, name).isVisible() for name in first)
    rest = ("loss", "metrics", "class_weights", "schedule", "seed", "beta_1", "amsgrad", "use_ema",
            "clipnorm", "early_stopping.enabled")  # fmt: skip
    assert not [name for name in rest if entry(folded, name).isVisible()]
    assert max(tops) < 400


def test_every_setting_of_every_optimizer_stands_in_one_group(folded):
    for kind in catalog().family("optimizer").values():
        folded.show_training(SPEC.but(optimizer=ObjectSpec(kind=kind.name)), catalog())
        for field in kind.fields:
            found = folded.findChildren(QWidget, f"field.training.{field.name}")
            assert len(found) == 1, (kind.name, field.name)


def test_groups_say_what_is_set_in_them_and_stay_as_they_were_left(folded, qtbot):
    def head(name):
        return folded.findChild(QWidget, f"group.training.{name}")

    assert head("early_stopping").text() == "Early stopping: off"
    assert head("regularisation").text() == "Regularisation"
    with qtbot.waitSignal(folded.groups_left_open) as left:
        qtbot.mouseClick(head("regularisation"), Qt.MouseButton.LeftButton)
    assert left.args == [("regularisation",)]
    assert entry(folded, "use_ema").isVisible()
    changed = ObjectSpec(kind="AdamW", parameters={"use_ema": True})
    folded.show_training(SPEC.but(optimizer=changed), catalog())
    assert head("regularisation").text() == "Regularisation: changed"
    qtbot.waitUntil(lambda: entry(folded, "use_ema").isVisible())
    assert not entry(folded, "loss").isVisible()


def test_a_group_with_a_problem_opens_once_and_can_be_folded_again(folded, qtbot):
    issue = Issue("No such loss.", field="training.loss")
    folded.show_issues((issue,))
    assert folded.findChild(IssueNote, "note.field.training.loss").isVisible()
    qtbot.mouseClick(folded.findChild(QWidget, "group.training.loss"), Qt.MouseButton.LeftButton)
    folded.show_issues((issue,))
    assert not entry(folded, "loss").isVisible()


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("use_ema", "Exponential moving average of weights"),
        ("amsgrad", "AMSGrad"),
        ("clipnorm", "Clip gradient norm"),
        ("beta_1", "β₁ (momentum decay)"),
        ("learning_rate", "Learning rate"),
    ],
)
def test_settings_have_names_for_people_and_keep_keras_s_in_the_tip(folded, name, title):
    found = entry(folded, name)
    assert found.accessibleName() == title
    told = f"Keras: {name}." in found.accessibleDescription()
    assert told == (name != "learning_rate")


def test_while_a_run_goes_on_the_form_says_which_training_takes_what_is_set(folded):
    line = folded.findChild(QWidget, "form.training.applies")
    before = entry(folded, "epochs").mapTo(folded, QPoint())
    assert line.text() == "Applies when you press Train."
    folded.set_running(True)
    assert line.text().startswith("Applies at the next training")
    assert entry(folded, "epochs").mapTo(folded, QPoint()) == before  # nothing moves
    folded.set_running(False)
    assert line.text() == "Applies when you press Train."
