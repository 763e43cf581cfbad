import subprocess
import sys

import pytest

from engine.data.choice import describe, find, is_at_hand, option_values
from engine.data.preprocessing import usual_scaling
from engine.data.readers import READERS
from engine.errors import LONGEST_MESSAGE, BadInput, SpecError
from engine.spec.data import DataSpec

CLASSES = {
    "digits": 10, "iris": 3, "wine": 3, "breast_cancer": 2, "diabetes": 0, "circles": 2, "moons": 2,
    "xor": 2, "spiral": 2, "blobs": 3, "ring": 8, "parabola": 0, "sine": 0, "mnist": 10, "fashion_mnist": 10,
    "cifar10": 10, "cifar100": 100, "imdb": 2, "reuters": 46, "california_housing": 0,
    "digits_to_clean": 0,
}  # fmt: skip


def test_every_promised_set_is_there_and_described():
    assert set(READERS) == {*CLASSES, "file", "pictures"}
    for name, classes in CLASSES.items():
        info = describe(DataSpec(reader=name))
        assert info is not None
        assert info.source == name
        assert info.n_classes == classes
        assert len(set(info.labels)) == len(info.labels) >= 1
        assert (info.kind, info.task) == (READERS[name].kind, READERS[name].task)
        assert (info.image is not None) == (info.kind == "picture")
        if info.feature_names:
            assert len(info.feature_names) == info.input_shape[-1]


def test_a_file_can_only_be_described_by_reading_it():
    assert describe(DataSpec(reader="file", path="x.npz")) is None


@pytest.mark.parametrize(
    "name", ["fashion-mnist", "Fashion_MNIST", "FASHION MNIST", "fashionmnist"]
)
def test_names_are_found_however_they_are_written(name):
    assert find(name).id == "fashion_mnist"


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(BadInput, match="did you mean fashion_mnist"):
        find("fashun_mnist")
    with pytest.raises(BadInput, match="digits") as caught:
        find("\u202eqqq<b>" * 50)
    assert "\u202e" not in str(caught.value)
    assert len(str(caught.value)) <= LONGEST_MESSAGE


def test_options_change_the_description():
    blobs = describe(DataSpec(reader="blobs", options={"classes": 5}))
    assert blobs.labels == ("group 1", "group 2", "group 3", "group 4", "group 5")
    assert describe(DataSpec(reader="sine", options={"window": 7})).input_shape == (7, 1)
    imdb = describe(DataSpec(reader="imdb", options={"words": 500, "length": 30}))
    assert imdb.input_shape == (30,)
    assert imdb.vocabulary_size == 500
    assert imdb.value_range == (0.0, 499.0)


def test_defaults_fill_in_what_is_not_chosen():
    values = option_values(DataSpec(reader="circles", options={"noise": 0}))
    assert values == {"samples": 500, "noise": 0.0, "seed": 0}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"samples": 5}, "10 to 100000"),
        ({"samples": 1e3}, "whole number"),
        ({"samples": True}, "whole number"),
        ({"noise": "much"}, "number from 0 to 2"),
        ({"colour": 1}, "takes samples, noise, seed"),
    ],
)
def test_unfit_options_name_their_place(options, words):
    spec = DataSpec(reader="circles", options=options)
    with pytest.raises(SpecError, match=words) as caught:
        option_values(spec)
    assert caught.value.where.startswith("data.options.")
    assert describe(spec) is None


def test_what_is_at_hand(monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert is_at_hand(DataSpec(reader="digits"))
    assert is_at_hand(DataSpec(reader="moons"))
    assert not is_at_hand(DataSpec(reader="mnist"))
    assert not is_at_hand(DataSpec(reader="file"))
    assert is_at_hand(DataSpec(reader="mnist", path="x"))
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "mnist.npz").write_bytes(b"")
    assert is_at_hand(DataSpec(reader="mnist"))


def test_usual_scalings():
    assert usual_scaling(READERS["digits"].info) == "unit"
    assert usual_scaling(READERS["iris"].info) == "standard"
    assert usual_scaling(READERS["imdb"].info) == "none"


def test_the_list_of_readers_loads_without_decoders():
    code = "import engine.data.readers, sys; assert not {'PIL', 'sklearn', 'tensorflow'} & set(sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
