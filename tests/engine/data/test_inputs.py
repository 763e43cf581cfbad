"""What a file's inputs are taken for, and which numbers are refused."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from engine.catalog import catalog, check_parameters
from engine.data.loading import load
from engine.data.preprocessing import fitted
from engine.errors import LONGEST_MESSAGE, BadInput
from engine.models.card import ModelCard, card_of
from engine.spec.data import DataSpec, SplitSpec
from engine.templates import new_project
from tests.engine.build.network_examples import chain

N = 60
R = np.random.default_rng(0)
X, Y = R.random((N, 3)), np.arange(N) % 2
BYTES = R.integers(0, 256, (N, 8, 8), np.uint8)


@pytest.fixture
def loaded(tmp_path):
    """Load a file of these arrays, how a sample is read as an option."""

    def load_arrays(option=None, /, **named):
        path = tmp_path / f"{'n' * 60}.npz"
        np.savez(path, **named)
        options = {} if option is None else {"inputs": option}
        split = SplitSpec(validation=0.0, test=0.0)
        return load(DataSpec(reader="file", path=str(path), options=options, split=split))

    return load_arrays


# ---- Names ----


@pytest.mark.parametrize(
    "names",
    [
        ("X_train", "y_train", "X_test", "y_test"),
        ("X_train", "Y_train", "X_test", "Y_test"),
        ("trainX", "trainY", "testX", "testY"),
        ("x", "y", "x_test", "y_test"),
        ("inputs", "targets", "inputs_test", "targets_test"),
        ("data", "labels", "test_data", "test_labels"),
        ("train_images", "train_labels", "test_images", "test_labels"),
        ("features", "target", "features_test", "target_test"),
        ("Input", "Output", "test-input", "test-output"),
    ],
)
def test_arrays_are_found_under_their_usual_names(loaded, names):
    data = loaded(**dict(zip(names, (X, Y, X[:7], Y[:7]), strict=True)))
    assert data.info.counts == (N, 0, 7)
    assert np.allclose(data.test.x, X[:7])
    assert np.array_equal(data.test.y, Y[:7])


def test_a_validation_part_that_is_not_used_is_said(loaded):
    data = loaded(x_train=X, y_train=Y, x_val=X[:5], y_val=Y[:5])
    assert data.info.notes[-1].startswith("x_val and y_val are not used")
    assert data.info.counts == (N, 0, 0)


# ---- What a sample is ----


@pytest.mark.parametrize(
    ("shape", "dtype", "option", "kind", "input_shape"),
    [
        ((N, 20, 6), float, None, "sequence", (20, 6)),
        ((N, 20, 6), float, "pictures", "picture", (20, 6, 1)),
        ((N, 8, 8), float, None, "picture", (8, 8, 1)),
        ((N, 8, 8), float, "series", "sequence", (8, 8)),
        ((N, 24, 16), float, None, "picture", (24, 16, 1)),
        ((N, 50, 10), float, None, "sequence", (50, 10)),
        ((N, 20), float, None, "number", (20,)),
        ((N, 20), float, "series", "sequence", (20, 1)),
        ((N,), float, None, "number", (1,)),
        ((N, 6, 5, 3), float, None, "picture", (6, 5, 3)),
    ],
)
def test_what_a_sample_is(loaded, shape, dtype, option, kind, input_shape):
    x = R.random(shape).astype(dtype)
    data = loaded(option, x=x, y=Y)
    assert (data.info.kind, data.info.input_shape) == (kind, input_shape)
    assert data.training.x.shape == (N, *input_shape)
    assert np.allclose(np.sort(data.training.x.ravel()), np.sort(x.ravel()), atol=1e-6)
    is_a_guess = len(shape) == 3 and option is None
    assert any(note.startswith("Samples of ") for note in data.info.notes) == is_a_guess


def test_a_series_of_one_name_a_value_can_start_a_project(loaded):
    data = loaded(x=R.random((N, 20, 6)), y=R.random(N))
    assert data.info.feature_names == tuple(f"value {i}" for i in range(1, 7))
    project = new_project("gru", DataSpec(reader="file", path="x.npz"), data.info)
    assert project.network.layer("input_scaling").kind == "Normalization"


def test_what_a_sample_cannot_be_is_refused(loaded):
    for option, x in (("pictures", X), ("series", R.random((N, 6, 5, 3)))):
        with pytest.raises(BadInput, match=f"cannot be {option}"):
            loaded(option, x=x, y=Y)


# ---- Numbers ----


def with_value(value, shape=(N, 3)):
    x = R.random(shape)
    x[(6, *(min(1, size - 1) for size in shape[1:]))] = value
    return x


NUMBERS = {
    "not a number": (with_value(np.nan), "x holds nan in row 7, column 2: fill or remove it"),
    "infinite": (with_value(-np.inf), "x holds -inf in row 7, column 2: fill or remove it"),
    "too large": (with_value(1e20), r"x holds 1e\+20 in row 7, column 2: use other units"),
    "too low": (with_value(-3.4e38), r"x holds -3.4e\+38 in row 7, column 2"),
    "beyond 32 bits": (with_value(1e300), r"x holds 1e\+300 in row 7"),
    "a series": (with_value(np.nan, (N, 20, 6)), "x holds nan in sample 7"),
    "a picture": (with_value(1e12, (N, 8, 8)), r"x holds 1e\+12 in sample 7"),
    "one column": (with_value(np.inf, (N, 1)), "x holds inf in row 7: fill"),
    "whole numbers": (
        np.where(np.arange(N)[:, None] == 6, np.uint64(2**64 - 1), np.arange(N, dtype=np.uint64)[:, None]),
        r"x holds 1.84467e\+19 in row 7",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_that_cannot_be_computed_with_are_refused_with_their_place(loaded, name):
    x, words = NUMBERS[name]
    with pytest.raises(BadInput, match=words) as caught:
        loaded(x=x, y=Y)
    assert str(caught.value).startswith('"nnn')
    assert len(str(caught.value)) <= LONGEST_MESSAGE


def test_a_bad_number_of_the_test_part_names_it(loaded):
    with pytest.raises(BadInput, match="x_test holds nan in row 7, column 2"):
        loaded(x=X, y=Y, x_test=with_value(np.nan), y_test=Y)


@given(
    arrays.arrays(
        st.sampled_from([np.float64, np.float32, np.int64]), (12, 2),
        elements=st.one_of(
            st.integers(-9, 9), st.sampled_from([10**3, 10**9, 10**18, -(10**18), 2**62])
        ),
    ),
    st.sampled_from([1.0, 1e-9, 1e-30, 1e-300, 0.5, 1e19]),
)  # fmt: skip
def test_what_passes_can_be_scaled_and_written_down(tmp_path_factory, x, factor):
    path = tmp_path_factory.mktemp("x") / "x.npz"
    with np.errstate(over="ignore"):
        np.savez(path, x=x * factor, y=np.arange(12) % 2)
    spec = DataSpec(reader="file", path=str(path))
    try:
        data = load(spec)
    except BadInput as refusal:
        assert "x holds" in str(refusal)  # noqa: PT017 - either way is fine
        return
    for constants in (data.statistics.mean, data.statistics.variance):
        assert np.isfinite(constants.astype(np.float32)).all()
    told_from_data = fitted(chain("Normalization"), data.info, data.statistics).layers[1]
    kind = catalog().layer(told_from_data.kind)  # what reads the written model asks it
    told = told_from_data.parameters
    assert check_parameters(kind, told) == {}
    if told_from_data.kind == "Rescaling":
        rows = data.training.x.astype(np.float64)
        scaled = rows * np.array(told["scale"]) + np.array(told["offset"])
        assert np.isfinite(scaled.astype(np.float32)).all()
    card = card_of(new_project("mlp", spec, data.info), data.info)
    assert ModelCard.from_values(json.loads(card.to_json())) == card


# ---- Parts of different kinds ----


@pytest.mark.parametrize(
    ("x", "x_test"),
    [
        (BYTES, BYTES / 255),  # bytes beside shares
        (BYTES / 255, BYTES),
        (BYTES / 255, BYTES.astype(float)),
        (BYTES.reshape(N, 64), BYTES.reshape(N, 64) / 255),
        (X * 1000 + 100, X),  # amounts beside standardised ones
    ],
)
def test_parts_of_another_range_are_refused(loaded, x, x_test):
    with pytest.raises(BadInput, match=r"x .* to .*and x_test .* to .*: scale all parts") as caught:
        loaded(x=x, y=Y, x_test=x_test, y_test=Y)
    assert len(str(caught.value)) <= LONGEST_MESSAGE


@pytest.mark.parametrize(
    ("x", "x_test", "dtype"),
    [
        (BYTES, BYTES, np.uint8),
        (BYTES, BYTES.astype(float), np.float32),
        (BYTES / 255, (BYTES / 255).astype(np.float16), np.float32),
        (X.astype(np.float32), X, np.float32),
        (BYTES, BYTES // 30, np.uint8),  # dark pictures of the same type
    ],
)
def test_parts_get_one_type(loaded, x, x_test, dtype):
    data = loaded(x=x, y=Y, x_test=x_test, y_test=Y)
    assert data.training.x.dtype == data.test.x.dtype == dtype
    assert np.allclose(data.test.x.reshape(x_test.shape), x_test, atol=1e-3)


def test_a_part_that_lies_far_away_is_said(loaded):
    data = loaded(x=X, y=Y, x_test=X + 4, y_test=Y)
    assert any(note.startswith("x_test lies far away from x") for note in data.info.notes)
    assert not any("far away" in n for n in loaded(x=X, y=Y, x_test=X, y_test=Y).info.notes)


# ---- Columns that say nothing ----


def test_constant_columns_are_named(loaded):
    x = X.copy()
    x[:, 1] = 7
    assert (
        "Column 2 of x is the same in every sample and tells nothing."
        in loaded(x=x, y=Y).info.notes
    )
    x[:, 2] = 0
    assert any(n.startswith("Columns 2, 3 of x are the same") for n in loaded(x=x, y=Y).info.notes)
    same = loaded(x=np.ones((N, 3)), y=Y)
    assert same.info.notes[-1] == "Every sample of x is the same: there is nothing to learn from."
    pictures = loaded(x=np.full((N, 8, 8), 300.0), y=Y)
    assert pictures.info.notes[-1].startswith("Every sample of x is the same")
    low, high = pictures.info.value_range
    assert low < high  # as a model card must say it
