import gzip

import numpy as np
import pytest

from engine.data.loading import load
from engine.errors import LONGEST_MESSAGE, BadInput
from engine.spec.data import DataSpec, SplitSpec
from tests.engine.data.idx_files import idx_bytes, write_idx_folder


def loaded(path, source="file", **split):
    return load(DataSpec(reader=source, path=str(path), split=SplitSpec(**split)))


@pytest.mark.parametrize("zipped", [True, False])
def test_a_folder_keeps_its_own_test_part_in_order(tmp_path, zipped):
    x, y, test_x, test_y = write_idx_folder(tmp_path, zipped=zipped)
    data = loaded(tmp_path, "fashion_mnist", validation=0.2)
    assert data.info.title == "Fashion-MNIST"
    assert data.info.own_test
    assert data.info.counts == (48, 12, 30)
    assert data.info.class_counts == (9,) * 10
    assert data.training.x.dtype == np.uint8
    assert np.array_equal(data.test.x[..., 0], test_x)
    assert np.array_equal(data.test.y, test_y)
    rest = np.concatenate([data.training.x, data.validation.x])[..., 0]
    assert sorted(map(bytes, rest)) == sorted(map(bytes, x))
    pairs = {bytes(picture): label for picture, label in zip(x, y, strict=True)}
    assert all(
        pairs[bytes(a)] == b for a, b in zip(data.training.x[..., 0], data.training.y, strict=True)
    )


def test_a_folder_without_test_files_is_cut_by_shares(tmp_path):
    write_idx_folder(tmp_path, test=False, train=100)
    data = loaded(tmp_path, "mnist", validation=0.2, test=0.1)
    assert data.info.counts == (70, 20, 10)
    assert not data.info.own_test


def test_a_single_file_finds_its_labels_and_is_cut_by_shares(tmp_path):
    write_idx_folder(tmp_path, train=80, classes=4, side=12)
    data = loaded(tmp_path / "t10k-images-idx3-ubyte.gz", validation=0.25, test=0.25)
    assert data.info.counts == (20, 10, 10)
    assert data.info.labels == ("0", "1", "2", "3")
    assert data.info.input_shape == (12, 12, 1)
    assert data.info.image.height == data.info.image.width == 12


def test_real_fashion_mnist(shared_data):
    data = loaded(shared_data / "fashion-mnist", "fashion_mnist")
    assert data.info.counts == (51_000, 9_000, 10_000)
    assert data.info.class_counts == (7_000,) * 10
    assert np.array_equal(np.bincount(data.validation.y), np.full(10, 900))
    assert data.info.labels[data.test.y[0]] == "Ankle boot"  # the first official test picture
    assert data.training.x.dtype == np.uint8


def test_real_files_as_a_set_of_their_own(shared_data):
    data = loaded(shared_data / "fashion-mnist" / "t10k-images-idx3-ubyte.gz")
    assert data.info.counts == (7_000, 1_500, 1_500)
    assert data.info.image.background == "dark"
    assert data.info.value_range == (0.0, 255.0)


@pytest.mark.parametrize(
    "names", [("x", "y"), ("x_train", "y_train"), ("train_images", "train_labels")]
)
def test_archives_under_any_usual_names(tmp_path, names):
    x = np.random.default_rng(0).random((40, 6, 5, 3))
    np.savez(tmp_path / "mine.npz", **{names[0]: x, names[1]: np.arange(40) % 2})
    data = loaded(tmp_path / "mine.npz", validation=0.0, test=0.0)
    assert (data.info.kind, data.info.input_shape) == ("picture", (6, 5, 3))
    assert data.info.value_range == (0.0, 1.0)
    assert data.info.image.channels == 3
    assert data.training.x.dtype == np.float32
    assert np.allclose(np.sort(data.training.x.ravel()), np.sort(x.ravel()), atol=1e-6)


def test_decimal_answers_make_a_regression(tmp_path):
    x, y = np.random.default_rng(0).random((2, 30, 4))
    np.savez(tmp_path / "r.npz", x=x, y=y[:, :2], x_test=x[:7], y_test=y[:7, :2])
    data = loaded(tmp_path / "r.npz")
    assert (data.info.kind, data.info.task, data.info.n_targets) == ("number", "regression", 2)
    assert data.info.labels == ("target 1", "target 2")
    assert data.test.y.shape == (7, 2)
    assert np.allclose(data.test.x, x[:7])


def test_labels_given_as_a_column_are_classes(tmp_path):
    np.savez(tmp_path / "c.npz", x=np.zeros((20, 3)), y=(np.arange(20) % 5).reshape(-1, 1))
    assert loaded(tmp_path / "c.npz").info.n_classes == 5


X = np.random.default_rng(0).integers(0, 256, (20, 28, 28), np.uint8)
Y = np.arange(20) % 10
ROWS = np.random.default_rng(1).random((20, 3))
UNFIT = {
    "no samples": ({"a": X, "b": Y}, "file", "holds a, b: name its inputs x or x_train"),
    "no labels": ({"x": X}, "file", "holds x: name its inputs x or x_train and its answers y"),
    "no arrays": ({}, "file", "holds no arrays"),
    "half a test part": ({"x": X, "y": Y, "x_test": X}, "file", "x_test without answers"),
    "too few labels": ({"x": X, "y": Y[:-1]}, "file", "20 samples and 19 labels"),
    "one label": ({"x": X, "y": np.int64(1)}, "file", "20 samples and 1 labels"),
    "one class": ({"x": X, "y": np.full(20, 7)}, "file", "one class only .y is always 7"),
    "one text": ({"x": X, "y": np.full(20, "cat")}, "file", "one class only .y is always cat"),
    "one number": ({"x": X, "y": np.full(20, 0.5)}, "file", "y is the same for every sample"),
    "no pictures": ({"x": X[:0], "y": Y[:0]}, "file", "x has the shape 0 x 28 x 28"),
    "no columns": ({"x": X[:, :0, 0], "y": Y}, "file", "x has the shape 20 x 0"),
    "no targets": ({"x": X, "y": ROWS[:, :0]}, "file", "y has the shape 20 x 0: there is nothing"),
    "five axes": ({"x": np.zeros((20, 2, 2, 2, 3)), "y": Y}, "file", "20 x 2 x 2 x 2 x 3"),
    "two channels": ({"x": np.zeros((20, 2, 2, 2)), "y": Y}, "file", "1 or 3 channels, last"),
    "complex numbers": ({"x": X, "y": Y * 1j}, "file", "y holds other things than numbers"),
    "texts for inputs": ({"x": np.full((20, 3), "a"), "y": Y}, "file", "x holds texts"),
    "other size": ({"x": X[:, 1:], "y": Y}, "mnist", "27 x 28 x 1, MNIST has 28 x 28 x 1"),
    "rows": ({"x": ROWS, "y": Y}, "mnist", "samples of 3, MNIST has 28 x 28 x 1"),
    "more classes": ({"x": X, "y": Y + 1}, "mnist", "the 10 classes of MNIST, numbered from 0"),
    "numbers for classes": ({"x": X, "y": Y / 2}, "mnist", "the 10 classes of MNIST"),
    "unequal parts": (
        {"x": X, "y": Y, "x_test": X[:, 1:], "y_test": Y}, "file",
        "samples of 28 x 28 and 27 x 28: all parts need one shape",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", UNFIT)
def test_unfit_archives_are_refused_in_one_sentence(tmp_path, name):
    arrays, source, words = UNFIT[name]
    path = tmp_path / f"{'n' * 120}.npz"
    np.savez(path, **arrays)
    with pytest.raises(BadInput, match=words) as caught:
        loaded(path, source)
    assert len(str(caught.value)) <= LONGEST_MESSAGE


def test_unfit_places_are_refused(tmp_path):
    write_idx_folder(tmp_path)
    labels = tmp_path / "train-labels-idx1-ubyte.gz"
    with pytest.raises(BadInput, match="holds labels"):
        loaded(labels)
    (tmp_path / "t10k-labels-idx1-ubyte.gz").write_bytes(
        gzip.compress(idx_bytes(Y[:3].astype("u1")))
    )
    with pytest.raises(BadInput, match="30 samples and 3 labels"):
        loaded(tmp_path)
    labels.unlink()
    with pytest.raises(BadInput, match="no train-labels"):
        loaded(tmp_path)
    with pytest.raises(BadInput, match="no labels beside it"):
        loaded(tmp_path / "train-images-idx3-ubyte.gz")
    with pytest.raises(BadInput, match="does not exist"):
        loaded(tmp_path / "nothing")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match="no train-images"):
        loaded(tmp_path / "empty", "mnist")


@pytest.mark.parametrize("source", ["imdb", "reuters", "california_housing"])
def test_some_sets_take_only_their_official_file(tmp_path, source):
    np.savez(tmp_path / "other.npz", x=X, y=Y)
    with pytest.raises(BadInput, match="is not the official") as caught:
        loaded(tmp_path / "other.npz", source)
    assert len(str(caught.value)) <= LONGEST_MESSAGE


def test_light_borders_are_left_light(tmp_path):
    light = np.full((20, 8, 8), 250, np.uint8)
    light[:, 3:5, 3:5] = 0
    np.savez(tmp_path / "l.npz", x=light, y=Y)
    assert loaded(tmp_path / "l.npz").info.image.background == "any"
