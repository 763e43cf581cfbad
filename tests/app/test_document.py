import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.document import Document
from engine.errors import JobFailed
from engine.spec.network import LayerSpec
from engine.spec.project import ProjectSpec


@pytest.fixture
def written():
    return []


@pytest.fixture
def document(qapp, written):
    return Document(ProjectSpec(), written.append)


def epochs(document, count, merge_key=None):
    training = document.spec.training.but(epochs=count)
    document.edit(f"Set epochs to {count}", document.spec.but(training=training), merge_key)


def test_an_edit_is_written_shown_and_undone(document, written, qtbot):
    first = document.spec
    with qtbot.waitSignal(document.spec_changed) as changed:
        epochs(document, 7)
    assert changed.args == [first, document.spec]
    assert written == [document.spec]
    assert document.undo_stack.undoText() == "Set epochs to 7"
    document.undo_stack.undo()
    assert document.spec == first
    assert written[-1] == first


def test_an_edit_that_changes_nothing_is_no_step(document, written):
    document.edit("Nothing", document.spec)
    assert document.undo_stack.count() == 0
    assert not written


def test_typing_in_one_field_is_one_step_until_the_visit_ends(document):
    for count in (1, 12, 123):
        epochs(document, count, "training.epochs")
    assert document.undo_stack.count() == 1
    document.end_visit()
    epochs(document, 5, "training.epochs")
    assert document.undo_stack.count() == 2


def test_typing_back_to_the_start_leaves_no_step(document):
    epochs(document, 12, "training.epochs")
    epochs(document, ProjectSpec().training.epochs, "training.epochs")
    assert document.undo_stack.count() == 0


class SlowDisk:
    """Writes when the test lets it; knows what was shown by then."""

    def __init__(self):
        self.written, self.refusal = [], ""
        self.began, self.gate = threading.Semaphore(0), threading.Semaphore(0)

    def write(self, spec):
        self.began.release()
        assert self.gate.acquire(timeout=20)
        if self.refusal:
            raise JobFailed(self.refusal)
        self.written.append(spec.training.epochs)


@pytest.fixture
def disk():
    return SlowDisk()


@pytest.fixture
def slow(qapp, disk):
    made = Document(ProjectSpec(), disk.write)
    yield made
    disk.gate.release(100)
    made.flush()


def test_an_edit_is_shown_while_it_is_written_and_on_disk_when_it_returns(slow, disk):
    shown = []

    def show(_old, new):
        assert disk.began.acquire(timeout=20)
        shown.append((new.training.epochs, list(disk.written)))
        disk.gate.release()

    slow.spec_changed.connect(show)
    epochs(slow, 7)
    assert shown == [(7, [])]
    assert disk.written == [7]


def test_typing_never_waits_for_the_disk_and_the_last_is_written(slow, disk):
    for count in (1, 12, 123, 1234):
        epochs(slow, count, "training.epochs")
    assert disk.began.acquire(timeout=20)
    assert disk.written == []
    disk.gate.release(100)
    slow.flush()
    assert disk.written[-1] == 1234
    assert len(disk.written) <= 2


def test_a_step_is_on_disk_before_the_next_one_begins(slow, disk):
    epochs(slow, 12, "training.epochs")
    disk.gate.release(100)
    slow.spec_changed.connect(lambda *_specs: before.append(list(disk.written)))
    before = []
    slow.edit("Seed", slow.spec.but(training=slow.spec.training.but(seed=5)), "training.seed")
    assert [written[:1] for written in before] == [[12]]


def test_what_the_disk_refuses_while_typing_is_said_and_then_taken_back(slow, disk, qtbot):
    disk.refusal = "the disk is full"
    epochs(slow, 9, "training.epochs")
    with qtbot.waitSignal(slow.saving_changed) as failed:
        disk.gate.release()
    assert failed.args == [slow.unsaved] == ["the disk is full"]
    disk.refusal = ""
    disk.gate.release()
    assert slow.save()
    assert (slow.unsaved, disk.written) == ("", [9])


def test_a_full_disk_is_said_and_the_edit_stays(qapp, qtbot):
    def refuse(_spec):
        raise JobFailed("the disk is full")

    document = Document(ProjectSpec(), refuse)
    with qtbot.waitSignal(document.saving_changed) as failed:
        epochs(document, 9)
    assert failed.args == [document.unsaved] == ["the disk is full"]
    assert document.spec.training.epochs == 9


def test_what_the_disk_refused_is_written_elsewhere_and_can_still_be_undone(qapp, qtbot):
    def refuse(_spec):
        raise JobFailed("the disk is full")

    document, written = Document(ProjectSpec(), refuse), []
    epochs(document, 9)
    with qtbot.waitSignal(document.saving_changed) as saved:
        document.move("p", written.append)
    assert saved.args == [document.unsaved] == [""]
    document.undo_stack.undo()
    assert [spec.training.epochs for spec in written] == [9, ProjectSpec().training.epochs]


def test_loading_forgets_the_history(document):
    epochs(document, 9)
    document.load(ProjectSpec(name="other"), lambda _spec: None)
    assert not document.undo_stack.canUndo()
    assert document.spec.name == "other"


moves = st.lists(
    st.sampled_from(["layer", "epochs", "merge", "undo", "redo", "visit"]), max_size=25
)


@given(moves=moves)
def test_any_edits_undone_give_the_first_and_redone_the_last(qapp, moves):
    document = Document(ProjectSpec(), lambda _spec: None)
    for number, move in enumerate(moves):
        if move == "layer":
            network = document.spec.network
            layer = LayerSpec(id=network.free_name("Dense"), kind="Dense")
            document.edit("Add", document.spec.but(network=network.with_layer(layer)))
        elif move == "epochs":
            epochs(document, number + 1)
        elif move == "merge":
            epochs(document, number + 1, "training.epochs")
        elif move == "visit":
            document.end_visit()
        else:
            getattr(document.undo_stack, move)()
    last = document.spec
    end = document.undo_stack.index()
    document.undo_stack.setIndex(0)
    assert document.spec == ProjectSpec()
    document.undo_stack.setIndex(end)
    assert document.spec == last


def test_a_moved_document_keeps_its_new_name_through_undo(document, written):
    epochs(document, 7)
    moved = []
    document.move("Mine", moved.append)
    assert moved[-1].name == "Mine"
    document.undo_stack.undo()
    assert (document.spec.name, document.spec.training.epochs) == (
        "Mine",
        ProjectSpec().training.epochs,
    )
    document.undo_stack.redo()
    assert (moved[-1].name, moved[-1].training.epochs) == ("Mine", 7)
    document.load(ProjectSpec(name="Other"), written.append)
    epochs(document, 3)
    assert document.spec.name == "Other"
