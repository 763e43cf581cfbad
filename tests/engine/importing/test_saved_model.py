"""SavedModel folders: one's own come back as networks, all others are refused and never run."""

import json
import os
import shutil
import tempfile
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from engine.errors import LONGEST_MESSAGE, BadInput, NewerFile, UnsafeFile
from engine.export import writers
from engine.importing.opener import open_model, restore
from engine.importing.safe import saved_model
from engine.models import signing
from engine.models.card import ModelCard

KEY = b"k" * 32
CARD = ModelCard(title="Mine", labels=("a", "b", "c"), input_shape=(5, 4))
DATA = "variables/variables.data-00000-of-00001"
layers = keras.layers


@pytest.fixture(scope="module")
def model():
    """Weights of all sorts: gates both ways, frozen ones, statistics, generators beside."""
    keras.utils.set_random_seed(5)
    data = keras.Input((5, 4), name="input")
    x = layers.Normalization(mean=[0.0, 1, 2, 3], variance=[1.0, 2, 1, 2], name="scaling")(data)
    x = layers.Bidirectional(layers.LSTM(3, return_sequences=True, dropout=0.2))(x)
    x = layers.BatchNormalization()(layers.Dropout(0.3)(x))
    x = layers.Dense(4, "relu", trainable=False, name="frozen")(layers.GRU(2)(x))
    made = keras.Model(data, layers.Dense(3, "softmax")(x))
    rng = np.random.default_rng(5)
    made.set_weights([rng.uniform(0.1, 0.9, each.shape) for each in made.weights])
    return made


@pytest.fixture(scope="module")
def exported(model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported") / "model"
    writers.fill_saved_model(model, CARD, folder)
    writers.seal_saved_model(model, CARD, folder, KEY)
    return folder


@pytest.fixture
def own(exported, tmp_path):
    return Path(shutil.copytree(exported, tmp_path / "model"))


@pytest.mark.parametrize("inner", ["", "saved_model.pb", "netsmith.json"])
def test_ones_own_comes_back_as_a_network_with_its_weights(inner, model, exported, monkeypatch):
    monkeypatch.setattr(tf.saved_model, "load", None)  # the program in it is never loaded
    opened = open_model(exported / inner, KEY)
    assert opened.card == CARD
    assert (opened.format, opened.keras_version) == ("saved_model", keras.__version__)
    assert [layer.trainable for layer in opened.network.layers if layer.id == "frozen"] == [False]
    if not inner:
        x = np.random.default_rng(1).normal(size=(6, 5, 4)).astype("float32")
        answers = np.asarray(restore(opened)(x, training=False))
        expected = np.asarray(model(x, training=False))
        assert np.ptp(expected) > 1e-3
        np.testing.assert_allclose(answers, expected, atol=1e-6, rtol=0)


def test_what_file_managers_leave_in_the_folder_is_never_opened(own, monkeypatch):
    left = [own / ".DS_Store", own / "variables" / "Thumbs.db", own / "assets" / "desktop.ini"]
    for path in left:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x" * 6148)
    opened = []

    def open_plainly(path, plainly=signing.open_plainly):
        opened.append(path)
        return plainly(path)

    monkeypatch.setattr(signing, "open_plainly", open_plainly)
    assert open_model(own, KEY).card == CARD
    assert own / DATA in opened
    assert not set(left) & set(opened)


# ---- Refused ----


def _flipped(name):
    def change(folder):
        content = bytearray((folder / name).read_bytes())
        content[len(content) // 2] ^= 1
        (folder / name).write_bytes(content)

    return change


def _added(name):
    def change(folder):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"x")

    return change


def _in_seal(change):
    def changed(folder):
        sealed = json.loads((folder / signing.NAME).read_bytes())
        change(sealed)
        (folder / signing.NAME).write_text(json.dumps(sealed))

    return changed


def _forged(folder):
    (folder / signing.NAME).unlink()
    signing.write_seal(folder, {"config": {}, "card": {}, "weights": {}}, b"f" * 32)


def _linked(folder):
    outside = folder.parent / "outside"
    (folder / "saved_model.pb").rename(outside)
    (folder / "saved_model.pb").symlink_to(outside)


def _linked_seal(folder):
    (folder / signing.NAME).rename(folder.parent / "seal")
    (folder / signing.NAME).symlink_to(folder.parent / "seal")


def _linked_folder(folder):
    (folder / "variables").rename(folder.parent / "outside")
    (folder / "variables").symlink_to(folder.parent / "outside")


def _many(folder):
    for number in range(1001):
        (folder / f"{number}.txt").touch()


def _deep(folder):
    folder.joinpath(*["deep"] * 12).mkdir(parents=True)


def _vast(folder):
    with (folder / "vast").open("wb") as stream:
        stream.truncate(5 * 1024**3)  # sparse: takes no room


def _vast_thumbs(folder):
    with (folder / "Thumbs.db").open("wb") as stream:
        stream.truncate(1024**2)


def _linked_thumbs(folder):
    (folder / "Thumbs.db").symlink_to(folder / "saved_model.pb")


def _many_folders(folder):
    for number in range(40):
        for inner in range(30):
            (folder / str(number) / str(inner)).mkdir(parents=True)


def _vast_seal(folder):
    with (folder / signing.NAME).open("wb") as stream:
        stream.truncate(1024**3)


def _swapped(folder):
    (folder / "fingerprint.pb").rename(folder / "x")
    (folder / "saved_model.pb").rename(folder / "fingerprint.pb")
    (folder / "x").rename(folder / "saved_model.pb")


REFUSED = {
    "another graph": (_flipped("saved_model.pb"), '"saved_model.pb" was changed'),
    "other weights": (_flipped(DATA), "was changed"),
    "another index": (_flipped("variables/variables.index"), "was changed"),
    "another card beside": (_flipped("assets.extra/netsmith.json"), "was changed"),
    "a longer file": (_added("fingerprint.pb"), '"fingerprint.pb" was changed'),
    "two files exchanged": (_swapped, "was changed"),
    "a file more": (_added("assets/vocabulary.txt"), '"assets/vocabulary.txt" was put into it'),
    "a file manager's name in other letters": (_added(".ds_store"), "was put into it"),
    "a file manager's file with more than that": (_vast_thumbs, '"Thumbs.db" was put into it'),
    "a file manager's file as a link": (_linked_thumbs, '"Thumbs.db" is no plain file'),
    "a file less": (lambda f: (f / "fingerprint.pb").unlink(), '"fingerprint.pb" is missing'),
    "no seal": (lambda f: (f / signing.NAME).unlink(), "ask its author for a .keras"),
    "another's seal": (_forged, "its seal is not of this user's Netsmith"),
    "a changed seal": (_in_seal(lambda s: s["content"]["weights"].clear()), "its seal is not"),
    "a changed list": (_in_seal(lambda s: s["files"].pop("fingerprint.pb")), "its seal is not"),
    "no hash": (_in_seal(lambda s: s.pop("hmac")), "its seal is not"),
    "a hash of another kind": (_in_seal(lambda s: s.update(hmac=1)), "its seal is not"),
    "a seal of nothing": (lambda f: (f / signing.NAME).write_text("[]"), "its seal is not"),
    "a seal of noise": (lambda f: (f / signing.NAME).write_bytes(b"\xff{"), "damaged"),
    "a vast seal": (_vast_seal, "far more than any network needs"),
    "a linked file": (_linked, '"saved_model.pb" is no plain file'),
    "a linked seal": (_linked_seal, '"netsmith.json" is no plain file'),
    "a linked folder": (_linked_folder, '"variables" is no plain file'),
    "a pipe": (lambda f: os.mkfifo(f / "pipe"), '"pipe" is no plain file'),
    "too many files": (_many, "more files than any"),
    "too many folders": (_many_folders, "more files than any"),
    "too deep": (_deep, "more files than any"),
    "too large": (_vast, "larger than 4 GB"),
    "a name to mislead": (_added("x\u202efdp\n.pb"), "was put into it"),
}


@pytest.mark.skipif(os.name != "posix", reason="links, pipes and sparse files")
@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_as_it_was_written_is_refused(case, own, monkeypatch, tmp_path):
    change, words = REFUSED[case]
    change(own)
    monkeypatch.setattr(saved_model, "_arrays", None)  # nothing is read of its numbers
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    with pytest.raises(BadInput) as refusal:
        open_model(own, KEY)
    message = str(refusal.value)
    assert words in message
    assert message.startswith('"model" was not opened: ')
    assert len(message) <= LONGEST_MESSAGE
    assert message.isprintable()
    assert os.listdir(tmp_path / "temporary") == []


@pytest.mark.parametrize("key", [None, b"l" * 32])
def test_what_another_user_exported_is_a_program(key, exported):
    with pytest.raises(UnsafeFile, match="a SavedModel, which is a program"):
        open_model(exported, key)


def test_a_program_of_elsewhere_is_never_started(tmp_path):
    class Hostile(tf.Module):
        @tf.function(input_signature=[])
        def serve(self):
            tf.io.write_file(str(tmp_path / "marker"), "ran")
            return tf.constant(1)

    tf.saved_model.save(Hostile(), tmp_path / "model")
    for name in ("", "saved_model.pb"):
        with pytest.raises(UnsafeFile, match="a SavedModel, which is a program"):
            open_model(tmp_path / "model" / name, KEY)
    assert os.listdir(tmp_path) == ["model"]


def test_a_seal_of_a_newer_netsmith_says_so(own):
    def newer(sealed):
        sealed["format"] = 2
        sealed["hmac"] = signing.signature(sealed, KEY)

    _in_seal(newer)(own)
    with pytest.raises(NewerFile, match="update Netsmith"):
        open_model(own, KEY)


def test_what_changes_after_the_check_is_not_read(own, monkeypatch, model):
    compared = saved_model._check_files

    def check(*args):
        compared(*args)
        _flipped(DATA)(own)
        (own / "variables" / "variables.index").unlink()

    monkeypatch.setattr(saved_model, "_check_files", check)
    assert (
        sum(array.size for array in open_model(own, KEY).weights.values()) == model.count_params()
    )


def test_a_file_of_that_name_alone_is_no_model(tmp_path):
    (tmp_path / "netsmith.json").write_text("{}")
    with pytest.raises(BadInput, match="no Keras or ONNX model"):
        open_model(tmp_path / "netsmith.json", KEY)
