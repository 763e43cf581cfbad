"""A trained model answers as it learned, whatever becomes of its data file."""

import contextlib
import io
import json
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from app import heavy
from app.cli.verbs import run_verb
from engine.runs.trained_model import model_of

pytestmark = pytest.mark.usefixtures("reloaded_here")
SETS = ("table", "pictures")


def verb(capsys, *arguments):
    """Return (exit status, last JSON line, standard error) of a verb."""
    capsys.readouterr()
    status = run_verb([*map(str, arguments), "--json"])
    out, err = capsys.readouterr()
    lines = out.splitlines()
    return status, json.loads(lines[-1]) if lines else {}, err


@dataclass(frozen=True)
class Learned:
    """A trained project and the file it learned."""

    project: Path
    file: Path
    x: npt.NDArray
    y: npt.NDArray
    kind: str
    metrics: dict

    @property
    def farther(self):
        """The same data and 60 samples more: far outside of it, or with one bright pixel."""
        more = self.x[:60] * 20 + 30
        if self.kind == "pictures":
            more = self.x[:60].copy()
            more[0, 0, 0, 0] = 200.0
        return np.concatenate([self.x, more]), np.concatenate([self.y, self.y[:60]])

    def answers(self, capsys, model, out):
        """Return what a model answers to the samples of the data."""
        np.savez(out / "asked.npz", x0=self.x)
        assert verb(capsys, "predict", model, out / "asked.npz", "--out", out / "told.npz")[0] == 0
        return np.load(out / "told.npz")["y0"]


@pytest.fixture(scope="module", params=SETS)
def trained(request, tmp_path_factory):
    """A project trained on a file."""
    folder, random = tmp_path_factory.mktemp(request.param), np.random.default_rng(0)
    if request.param == "table":
        x = random.standard_normal((300, 4)).astype(np.float32)
        y = (x[:, 0] + x[:, 1] > 0).astype(np.int64)
    else:
        x = random.uniform(0, 1, (300, 6, 6, 1)).astype(np.float32)
        y = (x[:, :3].mean(axis=(1, 2, 3)) > x[:, 3:].mean(axis=(1, 2, 3))).astype(np.int64)
    project, file = folder / "project", folder / "files" / "data.npz"
    file.parent.mkdir()
    np.savez(file, x=x, y=y)
    new = ["new", str(project), "--template", "mlp", "--data", "file", "--source", str(file)]
    assert run_verb(new) == 0
    assert run_verb(["train", str(project), "--epochs", "20"]) == 0
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        assert run_verb(["evaluate", str(project), "--json"]) == 0
    metrics = json.loads(said.getvalue().splitlines()[-1])["metrics"]
    assert metrics["accuracy"] > 0.7
    return Learned(project, file, x, y, request.param, metrics)


@pytest.fixture
def learned(trained, tmp_path):
    """The trained project and its file as they were; both are put back afterwards."""
    folder = trained.file.parent.parent
    shutil.copytree(folder, tmp_path / "kept")
    yield trained
    shutil.rmtree(folder)
    shutil.copytree(tmp_path / "kept", folder)


def test_a_grown_file_changes_no_answer(capsys, learned, tmp_path):
    before = learned.answers(capsys, learned.project, tmp_path)
    x, y = learned.farther
    np.savez(learned.file, x=x, y=y)

    status, said, _ = verb(capsys, "evaluate", learned.project)
    assert (status, said["metrics"]) == (0, learned.metrics)
    # The other pictures are copies of known ones.
    new = "60 samples are" if learned.kind == "table" else "1 sample is"
    assert said["notes"] == [f"The data changed since the run: {new} new and not measured."]

    exported = tmp_path / "model.keras"
    status, said, _ = verb(
        capsys, "export", learned.project, "--format", "keras", "--out", exported
    )
    assert status == 0
    assert "no longer what the run learned" in said["notes"][0]
    assert np.array_equal(learned.answers(capsys, learned.project, tmp_path), before)
    assert np.allclose(learned.answers(capsys, exported, tmp_path), before, atol=1e-6)


def test_the_model_of_a_reopened_project_is_that_of_its_checkpoint(capsys, learned, tmp_path):
    before = learned.answers(capsys, learned.project, tmp_path)
    x, y = learned.farther
    np.savez(learned.file, x=x, y=y)
    run = heavy.last_run(learned.project)
    restored = heavy.restore(learned.project, run)
    assert np.allclose(model_of(restored).predict(learned.x, verbose=0), before, atol=1e-6)
    assert restored.info.title == "data.npz"
    assert restored.info.value_range == (None if learned.kind == "table" else (0.0, 1.0))


def test_another_cut_measures_the_samples_that_were_kept_apart(capsys, learned):
    before = learned.file.read_bytes()
    order = np.random.default_rng(3).permutation(len(learned.x))
    np.savez(learned.file, x=learned.x[order], y=learned.y[order])
    assert learned.file.read_bytes() != before
    status, said, _ = verb(capsys, "evaluate", learned.project)
    assert status == 0
    assert said["samples"] == 45
    assert said["metrics"]["accuracy"] == learned.metrics["accuracy"]
    assert said["metrics"]["loss"] == pytest.approx(learned.metrics["loss"], rel=1e-4)
    assert said["notes"] == []


def test_an_exchanged_file_is_no_basis_for_a_figure(capsys, learned, tmp_path):
    np.savez(learned.file, x=learned.x[::-1] * 0.5, y=1 - learned.y)
    status, _, error = verb(capsys, "evaluate", learned.project)
    assert status == 2
    assert "choose the data it learned from" in error
    status, said, _ = verb(
        capsys, "export", learned.project, "--format", "keras", "--out", tmp_path / "m.keras"
    )
    assert status == 0
    assert "no longer what the run learned" in said["notes"][0]


def test_a_file_of_another_shape_is_no_basis_either(capsys, learned, tmp_path):
    np.savez(learned.file, x=learned.x[:, :-1], y=learned.y)
    status, _, error = verb(capsys, "evaluate", learned.project)
    assert (status, "the run learned" in error) == (2, True)
    exported = tmp_path / "m.keras"
    assert verb(capsys, "export", learned.project, "--format", "keras", "--out", exported)[0] == 0


def test_a_project_whose_file_is_gone_answers_and_exports(capsys, learned, tmp_path):
    before = learned.answers(capsys, learned.project, tmp_path)
    learned.file.unlink()
    status, _, error = verb(capsys, "evaluate", learned.project)
    assert (status, "data.npz" in error) == (2, True)
    exported = tmp_path / "model.keras"
    status, said, _ = verb(
        capsys, "export", learned.project, "--format", "keras", "--out", exported
    )
    assert status == 0
    assert "made-up samples" in said["notes"][0]
    assert np.allclose(learned.answers(capsys, exported, tmp_path), before, atol=1e-6)


@pytest.mark.parametrize("beside", [False, True])
def test_a_moved_file_is_found_again(capsys, learned, beside):
    moved = learned.file.parent.parent / ("data.npz" if beside else "other.npz")
    shutil.move(learned.file, moved)
    description = learned.project / "project.json"
    before = description.read_text()
    if not beside:
        description.write_text(
            before.replace(json.dumps(str(learned.file)), json.dumps(str(moved)))
        )
    status, said, _ = verb(capsys, "evaluate", learned.project)
    assert (status, said["metrics"], said["notes"]) == (0, learned.metrics, [])
    epochs = heavy.resumable(learned.project).progress.epochs + 1
    status, _, error = verb(capsys, "train", learned.project, "--resume", "--epochs", epochs)
    assert (status, error) == (0, "")


def test_a_run_of_before_samples_were_noted_is_measured_if_nothing_changed(capsys, learned):
    next((learned.project / "runs").glob("*/samples.npz")).unlink()
    assert verb(capsys, "evaluate", learned.project)[1]["metrics"] == learned.metrics
    x, y = learned.farther
    np.savez(learned.file, x=x, y=y)
    status, _, error = verb(capsys, "evaluate", learned.project)
    assert (status, "the data changed since the run" in error) == (2, True)


def test_an_exchanged_checkpoint_is_refused(capsys, learned, tmp_path):
    """Weights that learned other samples never get a figure under this run's name."""
    other = tmp_path / "other"
    x = learned.x * 3 + (5 if learned.kind == "table" else 0)
    np.savez(tmp_path / "scaled.npz", x=x, y=learned.y)
    new = ["new", str(other), "--template", "mlp", "--data", "file"]
    assert run_verb([*new, "--source", str(tmp_path / "scaled.npz")]) == 0
    assert run_verb(["train", str(other), "--epochs", "1"]) == 0
    theirs = next((other / "runs").glob("*/last.keras"))
    shutil.copy(theirs, next((learned.project / "runs").glob("*/last.keras")))
    status, _, error = verb(capsys, "evaluate", learned.project)
    assert status == 2
    # Pictures of another range are scaled by another kind of layer.
    refusal = {"table": "not of this run's samples", "pictures": 'do not fit layer "input_scaling"'}
    assert refusal[learned.kind] in error


def test_a_run_does_not_go_on_with_one_changed_label(capsys, learned):
    y = learned.y.copy()
    y[137] = 1 - y[137]  # none of the samples that a quick look takes
    np.savez(learned.file, x=learned.x, y=y)
    status, _, error = verb(capsys, "train", learned.project, "--resume", "--epochs", "40")
    assert (status, "the data is no longer what run" in error) == (2, True)


def _as_of_0_1(checkpoint):
    """Take from a checkpoint's card what version 0.1 did not write."""
    with zipfile.ZipFile(checkpoint) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    metadata = json.loads(entries["metadata.json"])
    for name in ("mean", "variance", "data_title", "data_key"):
        del metadata["netsmith"][name]
    metadata["netsmith"]["format"] = 1
    entries["metadata.json"] = json.dumps(metadata).encode()
    with zipfile.ZipFile(checkpoint, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)


def test_a_checkpoint_of_0_1_opens_and_is_measured(capsys, learned, tmp_path):
    before = learned.answers(capsys, learned.project, tmp_path)
    run = heavy.last_run(learned.project)
    folder = learned.project / "runs" / run.id
    _as_of_0_1(folder / "last.keras")
    (folder / "samples.npz").unlink()
    assert verb(capsys, "evaluate", learned.project)[1]["metrics"] == learned.metrics
    x, y = learned.farther
    np.savez(learned.file, x=x, y=y)
    model = model_of(heavy.restore(learned.project, run))
    assert np.allclose(model.predict(learned.x, verbose=0), before, atol=1e-6)
