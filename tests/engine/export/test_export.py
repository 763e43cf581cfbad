import json
import os
import signal
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import h5py
import keras
import numpy as np
import psutil
import pytest

from engine.errors import BadInput, Cancelled, JobFailed
from engine.export import folder, parity, writers
from engine.export.formats import FORMATS, export, write_keras
from engine.importing.opener import open_model, restore
from engine.models.card import ModelCard

ROOT = Path(__file__).resolve().parent.parent.parent.parent
CARD = ModelCard(title="Digits", labels=("a", "b", "c"), input_shape=(6, 6, 1))
NAMES = {"keras": "model.keras", "saved_model": "model", "weights": "model.weights.h5"}
layers = keras.layers


@pytest.fixture(scope="module")
def model():
    """A network that answers differently in training: random flips, dropout, batch statistics."""
    keras.utils.set_random_seed(3)
    data = keras.Input((6, 6, 1), name="input")
    x = layers.Rescaling(1 / 16, name="input_scaling")(data)
    x = layers.RandomRotation(0.4)(layers.RandomFlip()(x))
    x = layers.BatchNormalization()(layers.Conv2D(4, 3, activation="relu")(x))
    x = layers.Dropout(0.5)(layers.Flatten()(x))
    return keras.Model(data, layers.Dense(3, activation="softmax")(x))


@pytest.fixture(scope="module")
def samples():
    return np.random.default_rng(0).uniform(0, 16, (40, 6, 6, 1)).astype("float32")


@pytest.mark.parametrize("form", FORMATS)
def test_an_export_answers_like_the_model(form, model, samples, tmp_path, request):
    if form != "keras":  # that a fresh process opens every format is shown below
        request.getfixturevalue("reloaded_here")
    report = export(model, CARD, form, tmp_path / NAMES[form], samples, key=lambda: b"k" * 32)
    assert (report.format, report.path) == (form, tmp_path / NAMES[form])
    assert (report.samples, report.max_abs_difference, report.agreement) == (40, 0.0, 1.0)
    assert report.milliseconds > 0
    assert report.milliseconds_per_batch > 0
    assert report.bytes > 1000
    assert os.listdir(tmp_path) == [NAMES[form]]
    with pytest.raises(BadInput, match="exists already"):
        export(model, CARD, form, tmp_path / NAMES[form], samples)
    if form != "weights":
        again = restore(open_model(tmp_path / NAMES[form], b"k" * 32))
        answers = again.predict_on_batch(samples)
        np.testing.assert_allclose(answers, model.predict_on_batch(samples), atol=1e-6, rtol=0)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("asked", [1, 2, 3])
def test_a_cancelled_export_leaves_what_was_there(
    form, asked, model, samples, tmp_path, monkeypatch
):
    (tmp_path / "sleeps.py").write_text("import time\ntime.sleep(600)")
    monkeypatch.setattr(parity, "_SCRIPT", tmp_path / "sleeps.py")
    older = tmp_path / NAMES[form]
    kept = older / "saved_model.pb" if form == "saved_model" else older
    kept.parent.mkdir(exist_ok=True)
    kept.write_text("older")
    before = psutil.Process().children()
    answers = iter([False] * asked)
    with pytest.raises(Cancelled, match="nothing was written"):
        export(
            model, CARD, form, older, samples, overwrite=True,
            cancelled=lambda: next(answers, True),
        )  # fmt: skip
    assert sorted(os.listdir(tmp_path)) == sorted([NAMES[form], "sleeps.py"])
    assert kept.read_text() == "older"
    assert psutil.Process().children() == before


def test_every_format_carries_the_card(model, tmp_path):
    for form, row in FORMATS.items():
        row.fill(model, CARD, tmp_path / NAMES[form])
    with zipfile.ZipFile(tmp_path / "model.keras") as archive:
        inside = json.loads(archive.read("metadata.json"))
    assert ModelCard.from_values(inside["netsmith"]) == CARD
    assert inside["keras_version"] == keras.__version__
    beside = (tmp_path / "model" / "assets.extra" / "netsmith.json").read_text()
    assert ModelCard.from_values(json.loads(beside)) == CARD
    with h5py.File(tmp_path / "model.weights.h5") as stored:
        assert ModelCard.from_values(json.loads(stored.attrs["netsmith"])) == CARD


def test_a_card_of_many_labels_fits_every_format(model, tmp_path):
    card = ModelCard(labels=tuple(f"label number {number}" for number in range(20_000)))
    writers.fill_weights(model, card, tmp_path / "x.weights.h5")
    with h5py.File(tmp_path / "x.weights.h5") as stored:
        assert ModelCard.from_values(json.loads(stored.attrs["netsmith"])) == card


def test_plain_keras_and_tensorflow_open_the_exports(model, samples, tmp_path):
    for form, row in FORMATS.items():
        row.fill(model, CARD, tmp_path / NAMES[form])
    np.save(tmp_path / "x.npy", samples)
    program = """
        import keras, numpy, sys, tensorflow
        x = numpy.load("x.npy")
        first = keras.saving.load_model("model.keras")
        numpy.save("0.npy", first.predict(x, verbose=0))
        served = tensorflow.saved_model.load("model")
        numpy.save("1.npy", served.serve(x).numpy())
        named = served.signatures["serving_default"](tensorflow.constant(x))
        numpy.save("2.npy", next(iter(named.values())).numpy())
        fresh = keras.models.clone_model(first)
        fresh.load_weights("model.weights.h5")
        numpy.save("3.npy", fresh.predict(x, verbose=0))
        assert not [name for name in sys.modules if name.split(".")[0] == "engine"]
    """
    command = [sys.executable, "-I", "-c", textwrap.dedent(program)]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    expected = model.predict(samples, verbose=0)
    for number in range(4):
        np.testing.assert_allclose(np.load(tmp_path / f"{number}.npy"), expected, atol=1e-6)


@pytest.mark.usefixtures("reloaded_here")
def test_several_inputs_and_outputs_are_compared(tmp_path):
    words, numbers = keras.Input((5,), dtype="int32", name="w"), keras.Input((4,), name="n")
    x = layers.GlobalAveragePooling1D()(layers.Embedding(10, 3)(words))
    x = layers.Concatenate()([x, numbers])
    several = keras.Model([words, numbers], [layers.Dense(1)(x), layers.Dense(2)(x)])
    asked = [np.arange(35).reshape(7, 5) % 10, np.linspace(-1, 1, 28).reshape(7, 4)]
    card = ModelCard(task="regression")
    report = export(several, card, "saved_model", tmp_path / "m", asked)
    assert (report.samples, report.max_abs_difference, report.agreement) == (7, 0.0, 1.0)
    with pytest.raises(BadInput, match="at least one sample"):
        export(several, card, "keras", tmp_path / "m.keras", [asked[0], asked[1][:0]])


@pytest.mark.usefixtures("reloaded_here")
def test_a_file_that_answers_differently_is_not_published(model, samples, tmp_path, monkeypatch):
    older = tmp_path / "model.keras"
    older.write_bytes(b"older")

    def fill(model, card, path):
        other = keras.models.clone_model(model)  # fresh weights
        writers.fill_keras(other, card, path)

    row = FORMATS["keras"]
    wrong = type(row)(row.row, fill)
    monkeypatch.setattr("engine.export.formats.FORMATS", {"keras": wrong})
    with pytest.raises(JobFailed, match="answers differently"):
        export(model, CARD, "keras", older, samples, overwrite=True)
    assert older.read_bytes() == b"older"
    assert os.listdir(tmp_path) == ["model.keras"]


def test_a_file_that_cannot_be_reloaded_is_not_published(model, samples, tmp_path, monkeypatch):
    row = FORMATS["keras"]
    broken = type(row)(row.row, lambda model, card, path: path.write_bytes(b"broken"))
    monkeypatch.setattr("engine.export.formats.FORMATS", {"keras": broken})
    with pytest.raises(JobFailed, match="cannot be reloaded"):
        export(model, CARD, "keras", tmp_path / "model.keras", samples)
    assert os.listdir(tmp_path) == []


def test_what_keras_refuses_to_write_is_one_sentence(model, samples, tmp_path, monkeypatch):
    def fill(model, card, path):
        raise ValueError("a long story of Keras\nwith lines")

    row = FORMATS["saved_model"]
    failing = type(row)(row.row, fill, row.publish)
    monkeypatch.setattr("engine.export.formats.FORMATS", {"saved_model": failing})
    with pytest.raises(JobFailed, match="choose another format"):
        export(model, CARD, "saved_model", tmp_path / "model", samples)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("form", "name", "words"),
    [
        ("onnx", "model.onnx", "no export format"),
        ("keras", "model", "end in"),
        ("keras", ".keras", "end in"),
        ("keras", "model.weights.h5", "end in"),
        ("keras", "missing/model.keras", "does not exist"),
        ("keras", "other/model.keras", "does not exist"),
        ("saved_model", "mine", "something else"),
        ("keras", "taken.keras", "something else"),
    ],
)
def test_a_path_that_cannot_be_used_is_refused_at_once(form, name, words, tmp_path):
    (tmp_path / "other").write_text("a file")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "photo.jpg").write_text("precious")
    (tmp_path / "taken.keras").mkdir()
    with pytest.raises(BadInput) as refusal:
        export(None, CARD, form, tmp_path / name, np.zeros((1, 3)), overwrite=True)
    assert words in str(refusal.value)
    assert len(str(refusal.value)) <= 160
    assert (tmp_path / "mine" / "photo.jpg").read_text() == "precious"


@pytest.mark.parametrize("exchanges", [True, False])
def test_an_older_folder_is_replaced_whole(tmp_path, monkeypatch, exchanges):
    if not exchanges:  # a file system that cannot exchange names
        monkeypatch.setattr(folder, "_exchanged", lambda one, other: False)
    path = tmp_path / "model"
    for number in range(2):
        folder.write_folder_with(path, lambda new, n=number: _folder(new, f"file{n}"))
    assert os.listdir(path) == ["file1"]
    assert os.listdir(tmp_path) == ["model"]


def test_an_unfinished_folder_leaves_nothing(tmp_path):
    def writer(new):
        _folder(new, "half")
        raise OSError(28, "No space left on device")

    path = tmp_path / "model"
    _folder(path, "older")
    with pytest.raises(JobFailed, match="the disk is full"):
        folder.write_folder_with(path, writer)
    assert os.listdir(path) == ["older"]
    assert os.listdir(tmp_path) == ["model"]


def _folder(path, name):
    path.mkdir()
    (path / name).write_text("x")


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("kind", ["file", "folder"])
def test_an_exporter_killed_before_publishing_leaves_the_older_one(kind, tmp_path):
    program = f"""
        import os, signal
        from pathlib import Path
        from engine.export.folder import write_folder_with
        from engine.storage import write_with

        def into_file(path):
            path.write_text("new")
            os.kill(os.getpid(), signal.SIGKILL)

        def into_folder(path):
            path.mkdir()
            into_file(path / "new")

        if {kind!r} == "file":
            write_with(Path({str(tmp_path / "model")!r}), into_file)
        else:
            write_folder_with(Path({str(tmp_path / "model")!r}), into_folder)
    """
    path = tmp_path / "model"
    path.write_text("older") if kind == "file" else _folder(path, "older")
    command = [sys.executable, "-c", textwrap.dedent(program)]
    killed = subprocess.run(command, cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    left = path.read_text() if kind == "file" else os.listdir(path)[0]
    assert left == "older"
    if kind == "folder":  # the next export sweeps what was left
        folder.write_folder_with(path, lambda new: _folder(new, "newest"))
        assert os.listdir(tmp_path) == ["model"]
        assert os.listdir(path) == ["newest"]


def test_write_keras_keeps_the_optimizer_and_replaces_in_one_step(model, tmp_path):
    compiled = keras.models.clone_model(model)
    compiled.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    compiled.train_on_batch(np.ones((4, 6, 6, 1)), np.arange(4) % 3)
    path = tmp_path / "last.v2.keras"
    write_keras(model, CARD, path)
    write_keras(compiled, CARD, path)
    assert os.listdir(tmp_path) == ["last.v2.keras"]
    again = keras.saving.load_model(path)
    assert int(again.optimizer.iterations) == 1
    opened = restore(open_model(path))
    x = np.ones((2, 6, 6, 1), "float32")
    assert np.array_equal(opened.predict_on_batch(x), compiled.predict_on_batch(x))


@pytest.mark.parametrize(
    ("card", "expected", "found", "agreement"),
    [
        (CARD, [[0.1, 0.9], [0.8, 0.2]], [[0.2, 0.8], [0.4, 0.6]], 0.5),
        (ModelCard(labels=("no", "yes")), [[0.4], [0.6]], [[0.45], [0.9]], 1.0),
        (ModelCard(from_logits=True), [[-1.0], [0.2]], [[0.3], [0.3]], 0.5),
        (ModelCard(task="regression"), [[1.0], [1e6]], [[1.0], [1e6 + 1]], 1.0),
        (ModelCard(task="regression"), [[1.0, 2.0], [3.0, 4.0]], [[1.0, 2.1], [3.0, 4.0]], 0.5),
    ],
)
def test_agreement_counts_equal_answers(card, expected, found, agreement):
    assert parity._agreement(card, np.array(expected), np.array(found)) == agreement
