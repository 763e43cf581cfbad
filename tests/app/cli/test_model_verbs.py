"""A stranger's model and a stranger's weights, brought into a project from the shell."""

import json

import keras
import numpy as np
import pytest
from keras import layers

from app.cli.verbs import run_verb
from engine.data.loading import load
from engine.runs.project_folder import ProjectFolder
from engine.spec.data import DataSpec


def verb(capsys, *arguments):
    """Return (exit status, JSON lines, standard error) of a verb."""
    capsys.readouterr()
    status = run_verb([*map(str, arguments), "--json"])
    out, err = capsys.readouterr()
    return status, [json.loads(line) for line in out.splitlines()], err


@pytest.fixture(scope="module")
def stranger(tmp_path_factory):
    """A network on the iris set that Keras trained, with its own scaling, and its accuracy on all samples."""
    keras.utils.set_random_seed(3)
    data = load(DataSpec(reader="iris"))
    parts = (data.training, data.validation, data.test)
    x, y = (np.concatenate([getattr(part, name) for part in parts]) for name in ("x", "y"))
    model = keras.Sequential(
        [
            keras.Input((4,)),
            layers.Rescaling(0.2),
            layers.Dense(16, "relu", name="hidden"),
            layers.Dense(3, "softmax", name="kinds"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(x, y, epochs=150, batch_size=16, verbose=0)
    path = tmp_path_factory.mktemp("stranger") / "iris.keras"
    model.save(path)
    accuracy = float((model.predict(x, verbose=0).argmax(axis=1) == y).mean())
    assert accuracy > 0.9
    return path, model, x


def test_a_model_becomes_a_project_that_answers_as_it_did(capsys, stranger, tmp_path):
    path, model, x = stranger
    project = tmp_path / "p"
    status, lines, _ = verb(capsys, "new", project, "--data", "iris", "--model", path)
    assert status == 0
    assert lines[-1]["parameters"] == model.count_params()
    assert lines[-1]["notes"] == ['The next training begins with the weights of "iris.keras".']
    kinds = [layer.kind for layer in ProjectFolder(project).read().network.layers]
    assert kinds == ["InputLayer", "Rescaling", "Dense", "Dense"]
    np.savez(tmp_path / "x.npz", x0=x)
    assert verb(capsys, "predict", project, tmp_path / "x.npz", "--out", tmp_path / "y.npz")[0] == 0
    found = np.load(tmp_path / "y.npz")["y0"]
    assert np.allclose(found, model.predict(x, verbose=0), atol=1e-6)


def test_the_next_training_begins_with_the_weights_of_the_model(capsys, stranger, tmp_path):
    project = tmp_path / "p"
    verb(capsys, "new", project, "--data", "iris", "--model", stranger[0])
    rate = ("--set", "training.optimizer.parameters.learning_rate=1e-9")
    status, lines, _ = verb(capsys, "train", project, "--epochs", 1, *rate)
    assert status == 0
    said = next(line for line in lines if line["event"] == "weights")
    assert said["kept"] == ["hidden", "kinds"]
    assert lines[-1]["metrics"]["test_accuracy"] > 0.9
    # From then on a training is one like any other.
    lines = verb(capsys, "train", project, "--epochs", 1, *rate)[1]
    assert not any(line["event"] == "weights" for line in lines)
    assert lines[-1]["metrics"]["test_accuracy"] < 0.9


def test_a_model_for_other_data_becomes_a_project_that_says_so(capsys, stranger, tmp_path):
    status, lines, _ = verb(capsys, "new", tmp_path / "p", "--data", "wine", "--model", stranger[0])
    assert status == 0
    assert "to train it, choose data of 4" in lines[-1]["notes"][0]
    assert "iris.keras" in lines[-1]["notes"][0]


def test_a_model_of_pictures_for_other_data_answers_as_its_file_does(capsys, tmp_path):
    file, project = tmp_path / "big.keras", tmp_path / "p"
    keras.Sequential([keras.Input((9, 9, 1)), layers.Flatten(), layers.Dense(10)]).save(file)
    status, lines, _ = verb(capsys, "new", project, "--data", "digits", "--model", file)
    assert status == 0
    assert "it answers now" in lines[-1]["notes"][0]
    np.savez(tmp_path / "x.npz", x0=np.random.default_rng(0).uniform(0, 1, (3, 9, 9, 1)))
    told = []
    for model in (project, file):
        out = tmp_path / "y.npz"
        assert verb(capsys, "predict", model, tmp_path / "x.npz", "--out", out)[0] == 0
        told.append(np.load(out)["y0"])
    assert np.array_equal(*told)


def test_a_model_that_does_not_scale_says_what_does(capsys, tmp_path):
    file = tmp_path / "plain.keras"
    keras.Sequential([keras.Input((4,)), layers.Dense(3, "softmax")]).save(file)
    notes = {}
    for scaling in ("standard", "none"):
        setting = f"data.scaling={scaling}"
        arguments = ("--data", "iris", "--model", file, "--set", setting)
        status, lines, _ = verb(capsys, "new", tmp_path / scaling, *arguments)
        assert status == 0
        notes[scaling] = lines[-1]["notes"]
    assert "so a Normalization behind its input does" in notes["standard"][-1]
    assert len(notes["none"]) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--template", "mlp"), "leave out --template"),
        (("--data", "nonsense"), "there is no data set"),
    ],
)
def test_what_does_not_fit_makes_no_project(capsys, stranger, tmp_path, arguments, words):
    status, _, error = verb(capsys, "new", tmp_path / "p", "--model", stranger[0], *arguments)
    assert (status, words in error) == (2, True)
    assert not (tmp_path / "p").exists()


def test_a_damaged_model_makes_no_project(capsys, tmp_path):
    (tmp_path / "x.keras").write_bytes(b"PK\x03\x04 nothing")
    status, _, error = verb(
        capsys, "new", tmp_path / "p", "--data", "iris", "--model", tmp_path / "x.keras"
    )
    assert (status, '"x.keras" was not opened' in error) == (2, True)
    assert not (tmp_path / "p").exists()


@pytest.mark.parametrize("suffix", [".keras", ".h5", ".weights.h5"])
def test_weights_that_are_no_numbers_are_refused_by_layer(capsys, stranger, tmp_path, suffix):
    _, model, x = stranger
    file = tmp_path / f"hidden{suffix}"
    before = model.get_weights()
    try:
        broken = [weight.copy() for weight in before]
        broken[0][0, 0] = np.nan
        model.set_weights(broken)
        model.save_weights(file) if suffix == ".weights.h5" else model.save(file)
    finally:
        model.set_weights(before)
    project = tmp_path / "p"
    np.savez(tmp_path / "x.npz", x0=x)
    asked = ("predict", file, tmp_path / "x.npz", "--out", tmp_path / "y.npz")
    made = ("new", project, "--data", "iris", "--model", file)
    if suffix == ".weights.h5":
        verb(capsys, "new", project, "--data", "iris")
        made = ("train", project, "--weights", file)
        asked = made
    for arguments in (asked, made):
        status, _, error = verb(capsys, *arguments)
        assert status == 2
        assert 'the weights of layer "hidden" are not numbers (NaN)' in error


def test_a_training_begins_with_the_weights_of_a_file(capsys, stranger, tmp_path):
    project, weights = tmp_path / "p", tmp_path / "iris.weights.h5"
    verb(capsys, "new", project, "--data", "iris", "--model", stranger[0])
    stranger[1].save_weights(weights)
    other = tmp_path / "scratch"
    verb(capsys, "new", other, "--data", "iris", "--template", "mlp")
    text = (project / "project.json").read_text()
    (other / "project.json").write_text(text)  # the network without its weights
    arguments = ("--epochs", 1, "--set", "training.optimizer.parameters.learning_rate=1e-9")
    without = verb(capsys, "train", other, *arguments)[1][-1]
    status, lines, _ = verb(capsys, "train", other, *arguments, "--weights", weights)
    assert status == 0
    said = next(line for line in lines if line["event"] == "weights")
    assert said["anew"] == []
    assert lines[-1]["metrics"]["test_accuracy"] > 0.9 > without["metrics"]["test_accuracy"]


@pytest.mark.parametrize("other", ["--resume", "--keep-weights"])
def test_a_training_begins_with_one_set_of_weights(capsys, stranger, tmp_path, other):
    verb(capsys, "new", tmp_path / "p", "--data", "iris")
    status, _, error = verb(capsys, "train", tmp_path / "p", other, "--weights", stranger[0])
    assert (status, "leave out" in error) == (2, True)


def test_weights_of_another_network_are_refused(capsys, stranger, tmp_path):
    verb(capsys, "new", tmp_path / "p", "--data", "wine")
    status, _, error = verb(capsys, "train", tmp_path / "p", "--weights", stranger[0])
    assert (status, "use the network it was made for" in error) == (2, True)
    assert not list((tmp_path / "p" / "runs").glob("*"))


@pytest.mark.parametrize("data", ["digits", "iris", "sine", "circles"])
def test_without_a_template_the_network_suits_the_data(capsys, tmp_path, data):
    status, lines, error = verb(capsys, "new", tmp_path / data, "--data", data)
    assert (status, error) == (0, "")
    assert lines[-1]["layers"] >= 3
