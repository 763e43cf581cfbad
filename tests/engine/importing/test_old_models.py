"""A collection of files that other versions of Keras wrote, with the answers that these versions gave."""

import contextlib
from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import LONGEST_MESSAGE, BadInput, UnsafeFile
from engine.importing.keras import old_names
from engine.importing.keras.old_files import renewed
from engine.importing.opener import open_model, restore
from tests.engine.importing.crafting import h5_file, keras_file, old_chain, old_dense

FOLDER = Path(__file__).resolve().parents[2] / "data" / "old_models"
FILES = sorted(
    path.name for path in FOLDER.iterdir() if path.suffix in (".keras", ".h5") and path.is_file()
)


def _collected(path):
    with np.load(f"{path}.npz") as stored:
        xs = [stored[f"x{n}"] for n in range(8) if f"x{n}" in stored]
        ys = [stored[f"y{n}"] for n in range(8) if f"y{n}" in stored]
    return xs, ys


def test_the_collection_is_large_and_its_files_are_small():
    assert len(FILES) >= 20
    assert max((FOLDER / name).stat().st_size for name in FILES) < 60_000


@pytest.mark.parametrize("name", FILES)
def test_an_old_file_answers_as_the_version_that_wrote_it(name):
    path = FOLDER / name
    samples, expected = _collected(path)
    model = restore(open_model(path))
    answers = model(samples if len(samples) > 1 else samples[0], training=False)
    answers = answers if isinstance(answers, (list, tuple)) else [answers]
    assert len(answers) == len(expected)
    for answer, wanted in zip(answers, expected, strict=True):
        assert np.ptp(wanted) > 1e-3  # a question that tells good from bad
        np.testing.assert_allclose(np.asarray(answer), wanted, rtol=1e-4, atol=1e-4)


# ---- What is refused, and in which words ----


def _chain(*stored):
    return old_chain(old_dense(), *stored)


REFUSED = {
    "Theano's order of axes": (
        _chain({"class_name": "Convolution2D", "config": {"name": "conv", "dim_ordering": "th"}}),
        "orders its axes as Theano did",
    ),
    "a Lambda": (
        _chain({"class_name": "Lambda", "config": {"name": "l", "function": ["4wEA", None, None]}}),
        "contains a Lambda layer",
    ),
    "a class of one's own": (
        _chain({"class_name": "MyOwnAttention", "config": {"name": "mine"}}),
        '"MyOwnAttention"',
    ),
    "a function of TensorFlow that no layer has": (
        _chain(
            {
                "class_name": "TFOpLambda",
                "config": {"name": "op", "function": "io.read_file"},
                "inbound_nodes": [["dense", 0, 0, {}]],
            }
        ),
        'it computes "io.read_file"',
    ),
    "a merge that computes": (
        _chain({"class_name": "Merge", "config": {"name": "m", "mode": "lambda"}}),
        "merges in a way that no layer has today",
    ),
    "a hard sigmoid that weights cannot mend": (
        _chain(
            {
                "class_name": "TimeDistributed",
                "config": {
                    "name": "steps",
                    "layer": {"class_name": "Activation", "config": {"activation": "hard_sigmoid"}},
                },
            }
        ),
        "hard sigmoid of old Keras",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_has_no_layer_today_is_named(case, tmp_path):
    config, words = REFUSED[case]
    with pytest.raises(BadInput) as refusal:
        open_model(h5_file(tmp_path / "old.h5", config))
    assert words in str(refusal.value)
    assert len(str(refusal.value)) <= LONGEST_MESSAGE


def test_named_inputs_and_outputs_are_taken_in_the_order_of_their_names(tmp_path):
    data = keras.Input((3,), name="data")
    outputs = {"b": keras.layers.Dense(2, name="two")(data), "a": keras.layers.Dense(1)(data)}
    keras.Model({"data": data}, outputs).save(tmp_path / "named.keras")
    network = open_model(tmp_path / "named.keras").network
    assert [layer.parameters["units"] for layer in network.outputs] == [1, 2]


@pytest.mark.parametrize(
    "name", ["..\\evil.txt", "C:\\evil.txt", "\\evil.txt", "assets\\..\\..\\x"]
)
def test_separators_of_windows_open_no_way_out(name, tmp_path):
    with pytest.raises(UnsafeFile, match="outside its own folder"):
        open_model(keras_file(tmp_path / "x.keras", extra=((name, b"x"),)))


def test_a_saved_model_is_refused_as_a_program(tmp_path):
    (tmp_path / "saved_model.pb").write_bytes(b"\x08\x01")
    for path in (tmp_path, tmp_path / "saved_model.pb"):
        with pytest.raises(UnsafeFile, match="a SavedModel, which is a program"):
            open_model(path)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=5,
)
_OLD_FIELDS = [*sorted(old_names.SETTINGS), "class_name", "config", "inbound_nodes", "mode"]


@given(
    st.dictionaries(st.sampled_from(_OLD_FIELDS), _JSON), st.sampled_from(sorted(old_names.CLASSES))
)
def test_any_old_layer_is_rewritten_or_refused(config, kind):
    stored = {"class_name": kind, "config": config, "inbound_nodes": [[["x", 0, 0, config]]]}
    with contextlib.suppress(BadInput):
        assert renewed(_chain(stored))["class_name"] == "Sequential"
