"""What a file's answers are taken for, and the classes they name."""

import numpy as np
import pytest

from engine.data.loading import load
from engine.data.preview import preview
from engine.errors import LONGEST_MESSAGE, BadInput, SpecError
from engine.spec.data import DataSpec, SplitSpec

N = 60
X = np.random.default_rng(0).random((N, 3))


@pytest.fixture
def loaded(tmp_path):
    """Load a file of these arrays, whole as the training part, ``task`` as an option."""

    def load_arrays(y, task=None, x=X, **arrays):
        path = tmp_path / f"{'n' * 60}.npz"
        np.savez(path, x=x, y=y, **arrays)
        options = {} if task is None else {"task": task}
        split = SplitSpec(validation=0.0, test=0.0)
        return load(DataSpec(reader="file", path=str(path), options=options, split=split))

    return load_arrays


def truths(data):
    """Return the true label of every training sample, found by its inputs."""
    order = {row.tobytes(): place for place, row in enumerate(X.astype(np.float32))}
    found = [""] * N
    for row, label in zip(data.training.x, data.training.y, strict=True):
        found[order[row.tobytes()]] = data.info.labels[label]
    return found


CLASSES = {
    "two far numbers": (np.arange(N) % 2 * 9000, ("0", "9000")),
    "from one": (np.arange(N) % 2 + 1, ("1", "2")),
    "negative": (np.arange(N) % 3 - 1, ("-1", "0", "1")),
    "huge": (np.arange(N) % 3 + 5_000_000, ("5000000", "5000001", "5000002")),
    "whole decimals": ((np.arange(N) % 2).astype(np.float32), ("0", "1")),
    "a column": ((np.arange(N) % 3)[:, None], ("0", "1", "2")),
    "yes and no": (np.arange(N) % 2 == 0, ("False", "True")),
    "texts": (np.array(["cat", "dog", "ünlü"])[np.arange(N) % 3], ("cat", "dog", "ünlü")),
    "bytes": (np.array([b"cat", b"dog"])[np.arange(N) % 2], ("cat", "dog")),
    "without five": (np.array([4, 6])[np.arange(N) % 2], ("4", "6")),
}


@pytest.mark.parametrize("name", CLASSES)
def test_classes_are_named_by_their_true_values_and_no_others(loaded, name):
    y, labels = CLASSES[name]
    data = loaded(y)
    assert data.info.task == "classification"
    assert data.info.labels == labels
    assert data.training.y.dtype == np.int32
    assert sum(data.info.class_counts) == N
    assert min(data.info.class_counts) > 0
    told = [value.decode() if isinstance(value, bytes) else value for value in y.ravel().tolist()]
    assert truths(data) == [str(int(v) if isinstance(v, float) else v) for v in told]


def test_rows_that_mark_one_column_are_classes(loaded):
    data = loaded(np.eye(3)[np.arange(N) % 3])
    assert (data.info.task, data.info.labels, data.info.n_targets) == (
        "classification", ("0", "1", "2"), 1,
    )  # fmt: skip
    assert truths(data) == [str(number % 3) for number in range(N)]
    assert data.info.notes[0].startswith("Each row of y marks one of 3 columns: classes")


def test_a_column_that_no_row_marks_is_said(loaded):
    data = loaded(np.eye(4)[np.arange(N) % 3])
    assert data.info.labels == ("0", "1", "2", "3")
    assert data.info.class_counts == (20, 20, 20, 0)
    assert 'The training part has no sample of "3".' in preview(data).notes


@pytest.mark.parametrize(
    ("y", "targets"),
    [
        (np.arange(N), 1),  # each its own
        (np.random.default_rng(1).integers(0, 1000, N), 1),
        (np.arange(N) / 7, 1),
        (np.random.default_rng(1).random((N, 2)), 2),
        (np.random.default_rng(1).integers(0, 9, (N, 2)), 2),
        (np.stack([np.ones(N), np.arange(N) % 2], 1), 2),  # several marks a row
        (np.random.default_rng(1).random((N, 4, 4)), 16),
    ],
)
def test_many_different_numbers_are_predicted(loaded, y, targets):
    data = loaded(y)
    assert (data.info.task, data.info.n_targets) == ("regression", targets)
    assert data.training.y.shape == (N, targets)
    assert data.training.y.dtype == np.float32
    assert np.isclose(data.training.y.sum(), y.sum(), rtol=1e-5)


def test_many_classes_that_are_numbered_need_samples_enough(loaded):
    x = np.random.default_rng(0).random((2000, 3))
    assert loaded(np.arange(2000) % 100, x=x).info.n_classes == 100
    assert loaded(np.arange(2000) % 300, x=x).info.task == "regression"
    assert loaded(np.arange(2000) % 100 + 20, x=x).info.task == "regression"  # ages, not numbers


@pytest.mark.parametrize(
    ("y", "why"),
    [
        (np.arange(N) % 3, "y holds 3 whole numbers (0, 1 and 2): classes (set task to numbers"),
        (np.arange(N) % 2 * 9000, "y holds 2 whole numbers (0 and 9000): classes"),
        (np.arange(N) % 9, "y holds 9 whole numbers: classes"),
        (np.arange(N), "y holds 60 different whole numbers: numbers to predict (set task to cl"),
        (np.arange(N) / 7, "y holds decimals: numbers to predict"),
        (np.array(["a", "b"])[np.arange(N) % 2], "y holds 2 different texts: classes"),
    ],
)
def test_the_reason_is_told(loaded, y, why):
    assert loaded(y).info.notes[0].startswith(why)


@pytest.mark.parametrize(("factor", "what"), [(1e12, "divide"), (1e-9, "multiply"), (1e4, "")])
def test_numbers_that_are_hard_to_reach_are_said(loaded, factor, what):
    notes = loaded(X[:, 0] * factor).info.notes[1:]
    assert [what in note for note in notes] == ([True] if what else [])


def test_the_task_can_be_chosen(loaded):
    y = np.arange(N) % 5
    numbers = loaded(y, "numbers")
    assert (numbers.info.task, numbers.info.labels) == ("regression", ("target 1",))
    assert sorted(numbers.training.y[:, 0]) == sorted(y)
    assert numbers.info.notes == ()
    classes = loaded(np.arange(N) % 30, "classes")
    assert classes.info.n_classes == 30
    halves = loaded(np.arange(N) % 4 / 2, "classes")
    assert halves.info.labels == ("0", "0.5", "1", "1.5")
    assert loaded(np.eye(3)[np.arange(N) % 3], "numbers").info.n_targets == 3


def test_a_number_left_out_between_classes_is_said(loaded):
    y = np.array([0, 1, 2, 4, 5])[np.arange(N) % 5]
    data = loaded(y)
    assert data.info.labels == ("0", "1", "2", "4", "5")
    assert "No sample has the label 3: it is no class." in data.info.notes
    assert len(loaded(np.arange(N) % 2 * 9000).info.notes) == 1


def test_a_class_of_the_test_part_alone_is_a_class_and_said(loaded):
    data = loaded(np.arange(N) % 2 + 1, x_test=X[:3], y_test=np.array([1, 2, 7]))
    assert data.info.labels == ("1", "2", "7")
    assert data.test.y.tolist() == [0, 1, 2]
    assert 'The training part has no sample of "7".' in preview(data).notes


UNFIT = {
    "classes of their own": (np.arange(N), "classes", "60 different values in 60 samples"),
    "texts as numbers": (np.array(["a", "b"])[np.arange(N) % 2], "numbers", "texts"),
    "two columns as classes": (X[:, :2], "classes", "2 numbers a sample: for classes save one"),
    "two texts": (np.full((N, 2), "a"), None, "2 texts a sample"),
    "not a number": (np.where(np.arange(N) == 6, np.nan, 0.5), None, "y holds nan in row 7"),
    "infinite": (np.where(np.arange(N) == 6, np.inf, 1.0), None, "y holds inf in row 7"),
    "too large": (np.where(np.arange(N) == 6, 1e30, 0.5), None, r"y holds 1e\+30 in row 7: use"),
    "too low": (np.where(np.arange(N) == 6, -2e15, 0.5), None, r"y holds -2e\+15 in row 7"),
    "huge in a column": (np.where(X > 0.99, 1e30, X), None, r"y holds 1e\+30 in row \d+, column"),
    "never another": (np.full(N, 0.5), None, "y is the same for every sample"),
}


@pytest.mark.parametrize("name", UNFIT)
def test_unfit_answers_are_refused_with_their_place(loaded, name):
    y, task, words = UNFIT[name]
    with pytest.raises(BadInput, match=words) as caught:
        loaded(y, task)
    assert str(caught.value).startswith('"nnn')
    assert len(str(caught.value)) <= LONGEST_MESSAGE


def test_parts_with_answers_of_different_kinds_are_refused(loaded):
    y = np.arange(N) % 3
    for y_test in (np.eye(3)[y], y.astype(str)):
        with pytest.raises(BadInput, match="y and y_test of different kinds"):
            loaded(y, x_test=X, y_test=y_test)
    with pytest.raises(BadInput, match=r"y .*and y_test .*: scale all parts alike"):
        loaded(X[:, 0] * 1e5 + 1, x_test=X, y_test=X[:, 0])


def test_labels_are_clean_and_distinct(loaded):
    data = loaded(np.array(["a\u202eb", ""])[np.arange(N) % 2])
    assert data.info.labels == ("(empty)", "a b")
    with pytest.raises(BadInput, match='two classes that both read "a b"'):
        loaded(np.array(["a\u202eb", "a\u200fb"])[np.arange(N) % 2])


def test_an_unknown_task_is_refused(loaded):
    with pytest.raises(SpecError, match="must be auto, classes or numbers"):
        loaded(np.arange(N) % 2, "guess")
