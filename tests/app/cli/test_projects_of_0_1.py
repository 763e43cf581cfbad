"""Project folders of version 0.1: they open, answer, go on training and are written as of today."""

import json
import shutil

import numpy as np
import pytest

from app.cli.verbs import run_verb
from engine.runs.project_folder import ProjectFolder
from engine.spec.project import SCHEMA
from tests.engine.build.kept_examples import FOLDER

FIGURES = json.loads((FOLDER / "figures.json").read_text())
BLOCKS = {
    "flowers": {"input": ("input_scaling", "Normalization", {})},
    "digits": {"input": ("input_scaling", "Rescaling", {})},
    "two_inputs": {
        "left": ("left_scaling_2", "Normalization", {}),
        "right": ("right_scaling", "Normalization", {}),
    },
    "own_file": {"input": ("input_scaling", "Rescaling", {"offset": -1.0})},
}


@pytest.fixture(params=BLOCKS)
def kept(request, tmp_path):
    """A copy of a kept project folder; the file of its data lies beside ``project.json``."""
    return shutil.copytree(FOLDER / request.param, tmp_path / request.param)


def verb(capsys, *arguments):
    """Return the last JSON line of a verb that must succeed."""
    capsys.readouterr()
    status = run_verb([*map(str, arguments), "--json"])
    out, err = capsys.readouterr()
    assert status == 0, err
    return json.loads(out.splitlines()[-1])


def test_the_layer_that_scaled_is_a_block_behind_each_input(kept):
    spec = ProjectFolder(kept).read()
    for input_id, block in BLOCKS[kept.name].items():
        (wire,) = spec.network.wires_from(input_id)
        layer = spec.network.layer(wire.target)
        assert (layer.id, layer.kind, layer.parameters) == block
    assert len(spec.network.layers) == len(_layers(kept)) + len(BLOCKS[kept.name])


def test_its_run_is_measured_and_goes_on_as_in_0_1(kept, capsys):
    measured = verb(capsys, "evaluate", kept)["metrics"]
    then = FIGURES[kept.name]
    assert measured["loss"] == pytest.approx(then["two"]["test_loss"], rel=1e-5)
    assert measured["accuracy"] == pytest.approx(then["two"]["test_accuracy"], rel=1e-5)
    went_on = verb(capsys, "train", kept, "--resume", "--epochs", "4")
    assert went_on["run"] == then["run"]
    # The bits are those of 0.1 on the processor that made them; another rounds otherwise.
    assert went_on["metrics"] == pytest.approx(then["four"], rel=1e-3)


def test_it_is_written_in_the_schema_of_today_and_means_the_same(kept, capsys):
    folder = ProjectFolder(kept)
    spec = folder.read()
    folder.write(spec)
    content = json.loads((kept / "project.json").read_text())
    assert content["schema"] == SCHEMA
    assert "scaling" not in content["data"]
    assert folder.read() == spec


def test_an_exported_model_answers_as_it_did(tmp_path, capsys):
    import keras

    project = shutil.copytree(FOLDER / "flowers", tmp_path / "flowers")
    x = np.random.default_rng(0).uniform(0.1, 8.0, (20, 4)).astype(np.float32)
    np.savez(tmp_path / "asked.npz", x0=x)
    told = []
    for model in (project, project / "model.keras"):
        out = tmp_path / "told.npz"
        verb(capsys, "predict", model, tmp_path / "asked.npz", "--out", out)
        with np.load(out) as file:
            told.append(file["y0"])
    np.testing.assert_array_equal(*told)
    alone = keras.models.load_model(project / "model.keras")
    np.testing.assert_allclose(told[1], alone.predict(x, verbose=0), rtol=1e-5, atol=1e-6)


def _layers(folder):
    return json.loads((folder / "project.json").read_text())["network"]["layers"]
