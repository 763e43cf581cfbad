"""The headless verbs as a shell sees them: lines, exit status, and what they leave on disk."""

import json
import logging
import os
import shutil
import sqlite3
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app import failures
from app.cli.output import Output
from app.cli.verbs import run_verb
from engine.errors import LONGEST_MESSAGE, BadInput, JobFailed
from engine.runs.project_folder import ProjectFolder
from engine.spec import codec
from engine.spec.network import WireSpec
from engine.spec.project import ProjectSpec

ROOT = Path(__file__).resolve().parents[3]


def verb(capsys, *arguments):
    """Run a verb with --json; return (exit status, JSON lines, lines on standard error)."""
    capsys.readouterr()
    status = run_verb([*map(str, arguments), "--json"])
    out, err = capsys.readouterr()
    return (
        status,
        [json.loads(line) for line in out.splitlines()],
        [line for line in err.splitlines() if line.strip()],
    )


def contents(folder):
    return {p.relative_to(folder): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A project trained for a few epochs on the digits."""
    folder = tmp_path_factory.mktemp("verbs") / "digits"
    assert run_verb(["new", str(folder), "--template", "cnn", "--data", "digits"]) == 0
    assert run_verb(["train", str(folder), "--epochs", "4"]) == 0
    return folder


@pytest.fixture
def digit(trained, tmp_path):
    """A training picture of a three, enlarged, as a PNG file."""
    from engine.data.loading import load
    from engine.spec.data import DataSpec

    data = load(DataSpec(reader="digits")).training
    pixels = (data.x[np.flatnonzero(data.y == 3)[0], :, :, 0] * 255 / 16).astype(np.uint8)
    path = tmp_path / "three.png"
    Image.fromarray(pixels).resize((160, 160), Image.Resampling.NEAREST).save(path)
    return path


def test_new_makes_a_project_that_says_what_it_holds(capsys, tmp_path):
    status, lines, _ = verb(capsys, "new", tmp_path / "p", "--template", "mlp", "--data", "Iris")
    assert status == 0
    assert lines[-1]["event"] == "summary"
    assert lines[-1]["layers"] >= 3
    assert lines[-1]["parameters"] > 0
    assert codec.decode((tmp_path / "p" / "project.json").read_text()).data.reader == "iris"


def test_train_reports_every_epoch_and_a_summary(capsys, trained):
    before = (trained / "project.json").read_bytes()
    status, lines, _ = verb(
        capsys, "train", trained, "--epochs", 2, "--set", "training.batch_size=64"
    )
    assert status == 0
    assert [line["event"] for line in lines] == ["started", "epoch", "epoch", "summary"]
    assert {"run", "device", "seconds", "samples_per_second", "epochs", "metrics"} <= lines[
        -1
    ].keys()
    assert {"val_accuracy", "test_accuracy", "test_loss"} <= lines[-1]["metrics"].keys()
    assert lines[0]["steps_per_epoch"] == 20
    assert (trained / "project.json").read_bytes() == before


def test_the_same_seed_gives_the_same_figures(capsys, tmp_path):
    verb(capsys, "new", tmp_path / "p", "--template", "mlp", "--data", "moons")
    first = verb(capsys, "train", tmp_path / "p", "--epochs", 5)[1][-1]["metrics"]
    again = verb(capsys, "train", tmp_path / "p", "--epochs", 5)[1][-1]["metrics"]
    other = verb(capsys, "train", tmp_path / "p", "--epochs", 5, "--set", "training.seed=7")[1][-1][
        "metrics"
    ]
    assert first == again
    assert other != first


def test_evaluate_gives_metrics_labels_and_confusion(capsys, trained):
    status, lines, _ = verb(capsys, "evaluate", trained)
    assert status == 0
    confusion = np.array(lines[-1]["confusion"])
    assert lines[-1]["labels"] == [str(digit) for digit in range(10)]
    assert confusion.sum() == lines[-1]["samples"] == 270
    assert np.trace(confusion) / confusion.sum() == pytest.approx(lines[-1]["metrics"]["accuracy"])


def test_classify_takes_a_project_and_an_exported_file(capsys, trained, digit, tmp_path):
    exported = tmp_path / "digits.keras"
    status, lines, _ = verb(capsys, "export", trained, "--format", "keras", "--out", exported)
    assert status == 0
    assert lines[-1]["max_abs_difference"] <= 1e-6
    assert lines[-1]["agreement"] == 1.0
    assert lines[-1]["bytes"] == exported.stat().st_size
    answers = []
    for model in (trained, exported):
        status, lines, _ = verb(capsys, "classify", model, digit)
        assert status == 0
        assert lines[-1] == {"event": "summary", "files": 1, "failed": 0}
        answers.append(lines[0]["top"])
    assert answers[0][0]["label"] == "3"
    assert answers[0] == answers[1]
    pixels = np.asarray(Image.open(digit))
    deep, clear = tmp_path / "deep.png", tmp_path / "clear.png"
    Image.fromarray((pixels / 255 * 4095).astype(np.uint16)).save(deep)
    Image.fromarray(np.stack([np.full_like(pixels, 255), pixels], 2)).save(clear)  # grey and alpha
    status, lines, _ = verb(capsys, "classify", trained, digit, deep, clear)
    assert [line["top"][0]["label"] for line in lines[:3]] == ["3"] * 3
    assert [line["depth"] for line in lines[:3]] == ["", "12-bit grey", ""]


def test_predict_maps_arrays_to_arrays(capsys, trained, tmp_path):
    np.savez(tmp_path / "in.npz", x0=np.zeros((5, 8, 8, 1), np.float32))
    status, lines, _ = verb(
        capsys, "predict", trained, tmp_path / "in.npz", "--out", tmp_path / "out.npz"
    )
    assert status == 0
    with np.load(tmp_path / "out.npz") as out:
        assert out["y0"].shape == (5, 10)
        assert out["y0"].sum(axis=1) == pytest.approx(1.0, abs=1e-4)
    assert lines[-1]["outputs"] == {"y0": [5, 10]}


@pytest.mark.usefixtures("reloaded_here")
def test_inspect_lists_layers(capsys, trained, tmp_path):
    verb(capsys, "export", trained, "--format", "keras", "--out", tmp_path / "m.keras")
    status, lines, _ = verb(capsys, "inspect", tmp_path / "m.keras")
    assert status == 0
    kinds = [layer["kind"] for layer in lines[-1]["layers"]]
    assert kinds[:3] == ["InputLayer", "Rescaling", "Conv2D"]
    assert lines[-1]["parameters"] == sum(layer["parameters"] for layer in lines[-1]["layers"])


def test_some_bad_files_do_not_stop_the_others(capsys, trained, digit, tmp_path):
    (tmp_path / "text.png").write_text("hello")
    status, lines, errors = verb(capsys, "classify", trained, tmp_path / "text.png", digit)
    assert status == 0
    assert errors == []
    assert "error" in lines[0]
    assert lines[1]["top"][0]["label"] == "3"
    assert lines[-1] == {"event": "summary", "files": 2, "failed": 1}


# ---- Bad input: one sentence, exit status 2, nothing changed ----


def refused(capsys, folder, *arguments):
    before = contents(folder)
    status, _, errors = verb(capsys, *arguments)
    assert status == 2
    assert len(errors) == 1, errors
    assert len(errors[0]) <= LONGEST_MESSAGE + len("netsmith: ")
    assert "Traceback" not in errors[0]
    assert contents(folder) == before
    return errors[0]


@pytest.mark.parametrize("file", ["missing.png", "text.png", "cut.png", "folder.png"])
def test_pictures_that_are_none_are_refused(capsys, trained, digit, tmp_path, file):
    (tmp_path / "text.png").write_text("hello")
    (tmp_path / "cut.png").write_bytes(digit.read_bytes()[: digit.stat().st_size // 2])
    (tmp_path / "folder.png").mkdir()
    assert file in refused(capsys, tmp_path, "classify", trained, tmp_path / file)


def test_an_empty_folder_is_no_project(capsys, tmp_path):
    (tmp_path / "empty").mkdir()
    assert "empty" in refused(capsys, tmp_path, "train", tmp_path / "empty")


def test_a_cut_description_is_refused(capsys, trained, tmp_path):
    text = (trained / "project.json").read_text()
    (tmp_path / "cut").mkdir()
    (tmp_path / "cut" / "project.json").write_text(text[: len(text) // 2])
    assert "project.json" in refused(capsys, tmp_path, "train", tmp_path / "cut")


@pytest.mark.parametrize(
    ("setting", "word"),
    [
        ("training.batch_size=0", "batch_size"),
        ("network.layers.dense.parameters.units=3", "10"),
        ("training.loss.kind=CTC", "loss"),
        ("training.optimizer.kind=Nadamm", "Nadamm"),
        ("data.reader=nothing", "nothing"),
        ("network.layers.conv2d.parameters.filters=0", "filters"),
        ("network.layers.conv2d.kind=Lambda", "Lambda"),
        ("training.epochs=many", "epochs"),
    ],
)
def test_settings_that_cannot_be_trained_are_refused(capsys, trained, setting, word):
    assert word in refused(capsys, trained, "train", trained, "--set", setting)


def test_a_circle_is_refused(capsys, trained, tmp_path):
    spec = codec.decode((trained / "project.json").read_text())
    network = spec.network.with_wire(WireSpec(source="maxpooling2d", target="conv2d"))
    (tmp_path / "circle").mkdir()
    (tmp_path / "circle" / "project.json").write_text(codec.encode(spec.but(network=network)))
    assert "conv2d" in refused(capsys, tmp_path, "train", tmp_path / "circle")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["fly"], "fly"),
        (["train"], "Missing argument"),
        (["new", "{tmp}/p", "--template", "nothing"], "there is no template"),
        (["new", "{tmp}/p", "--data", "nothing"], "there is no data set"),
        (
            ["new", "{tmp}/p", "--data", "fashion_mnist", "--source", "{tmp}/nothing"],
            "check the path after --source",
        ),
        (
            ["new", "{tmp}/p", "--data", "iris", "--template", "cnn"],
            "is for pictures, not for tables",
        ),
        (["inspect", "{tmp}/nothing.keras"], "there is no such file"),
        (
            ["predict", "{tmp}/nothing", "{tmp}/in.npz", "--out", "{tmp}/out.npz"],
            "there is no such file",
        ),
        (
            ["new", "{tmp}/p", "--data", "file", "--source", "{tmp}/{long}"],
            "check the path after --source",
        ),
        (
            ["new", "{tmp}/p", "--data", "iris", "--template", "mlp", "--source", "{tmp}"],
            "comes with the program",
        ),
        (["new", "{tmp}/{long}"], "choose another"),
        (["train", "{tmp}/{long}"], "there is no folder"),
        (["classify", "{tmp}/{long}", "{tmp}/x.png"], "was not opened"),
    ],
)
def test_wrong_arguments_are_refused(capsys, tmp_path, arguments, word):
    given = [part.format(tmp=tmp_path, long="a" * 300) for part in arguments]
    assert word in refused(capsys, tmp_path, *given)


def test_exporting_does_not_replace_a_file_unasked(capsys, trained, tmp_path):
    (tmp_path / "mine.keras").write_text("precious")
    assert "mine.keras" in refused(
        capsys, tmp_path, "export", trained, "--out", tmp_path / "mine.keras"
    )


def test_a_source_that_does_not_fit_makes_no_project(capsys, tmp_path):
    (tmp_path / "text.gz").write_text("hello")
    sentence = refused(
        capsys, tmp_path, "new", tmp_path / "p", "--data", "mnist", "--source", tmp_path / "text.gz"
    )
    assert "text.gz" in sentence


def test_predicting_refuses_no_samples_and_its_own_input(capsys, trained, tmp_path):
    np.savez(tmp_path / "none.npz", x0=np.zeros((0, 8, 8, 1), np.float32))
    out = tmp_path / "out.npz"
    assert "no samples" in refused(
        capsys, tmp_path, "predict", trained, tmp_path / "none.npz", "--out", out
    )
    assert "holds the inputs" in refused(
        capsys, tmp_path, "predict", trained, tmp_path / "none.npz", "--out", tmp_path / "none.npz"
    )
    assert "is a folder" in refused(
        capsys, tmp_path, "predict", trained, tmp_path / "none.npz", "--out", tmp_path
    )


@pytest.mark.parametrize("value", [np.nan, -np.inf, 1e39])
def test_predicting_refuses_what_cannot_be_computed_with(capsys, trained, tmp_path, value):
    x = np.zeros((3, 8, 8, 1))
    x[1, 4, 4] = value
    np.savez(tmp_path / "in.npz", x0=x)
    out = tmp_path / "out.npz"
    assert f"x0 holds {value:g} in sample 2" in refused(
        capsys, tmp_path, "predict", trained, tmp_path / "in.npz", "--out", out
    )
    assert not out.exists()


def test_nothing_but_files_that_are_no_pictures_is_one_line(capsys, trained, tmp_path):
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_text("hello")
    assert "none of the files" in refused(
        capsys, tmp_path, "classify", trained, tmp_path / "a.png", tmp_path / "b.png"
    )


@pytest.mark.usefixtures("reloaded_here")
def test_what_a_killed_export_left_goes_with_the_next(capsys, trained, tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left = tmp_path / f".m.keras.{ended.pid}.0123abcd.part.keras"
    foreign = tmp_path / f".other.keras.{ended.pid}.0123abcd.part.keras"
    for path in (left, foreign):
        path.write_text("half")
    assert verb(capsys, "export", trained, "--out", tmp_path / "m.keras")[0] == 0
    assert not left.exists()
    assert foreign.exists()


def test_a_training_that_cannot_be_kept_does_not_begin(capsys, trained, monkeypatch):
    allowed = os.access
    monkeypatch.setattr(
        "engine.runs.project_folder.os.access",
        lambda path, mode: mode == os.R_OK and allowed(path, mode),
    )
    assert "not allowed" in refused(capsys, trained, "train", trained)
    monkeypatch.undo()
    full = shutil.disk_usage(trained)._replace(free=1000)
    monkeypatch.setattr("engine.runs.project_folder.shutil.disk_usage", lambda _: full)
    assert "too full" in refused(capsys, trained, "train", trained)


def test_a_project_that_takes_no_writing_can_be_used(capsys, trained, monkeypatch):
    def refuse(*_):
        raise sqlite3.OperationalError("unable to open database file")

    monkeypatch.setattr("engine.runs.database.Database._connect", refuse)
    assert verb(capsys, "evaluate", trained)[0] == 0


def test_a_project_that_cannot_be_written_leaves_no_folder(tmp_path, monkeypatch):
    def refuse(*_):
        raise JobFailed("the disk is full")

    monkeypatch.setattr("engine.storage.write_text", refuse)
    with pytest.raises(JobFailed):
        ProjectFolder(tmp_path / "p").create(ProjectSpec())
    assert list(tmp_path.iterdir()) == []


# ---- What the two streams carry ----


def test_json_lines_are_ascii(capsys):
    Output(as_json=True).event("file", file="bad\udcff \U0001f642")
    line = capsys.readouterr().out
    assert line.isascii()
    assert json.loads(line)["file"] == "bad\udcff \U0001f642"


def test_standard_error_stays_empty_without_a_terminal(trained):
    finished = subprocess.run(
        [sys.executable, "-m", "main", "train", str(trained), "--epochs", "1", "--json"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert finished.returncode == 0
    assert finished.stderr == ""
    assert json.loads(finished.stdout.splitlines()[-1])["event"] == "summary"


def test_refusals_are_quick_because_they_do_not_load_tensorflow(trained, tmp_path):
    (tmp_path / "text.png").write_text("hello")
    script = (
        "import sys; from app.cli.verbs import run_verb\n"
        "for line in sys.stdin: assert run_verb(line.split()) == 2, line\n"
        "assert not {'tensorflow', 'keras'} & set(sys.modules)\n"
    )
    lines = [
        f"classify {trained} {tmp_path}/text.png",
        f"classify {trained} {tmp_path}/missing.png",
        f"predict {trained} {tmp_path}/missing.npz --out {tmp_path}/out.npz",
        f"export {trained} --format onnx --out {tmp_path}/m.onnx",
        f"export {trained} --out {tmp_path}/nowhere/m.keras",
        f"evaluate {trained} --run nothing",
        f"train {trained} --set training.batch_size=0",
        f"inspect {tmp_path}/text.png",
    ]
    finished = subprocess.run(
        [sys.executable, "-c", script], input="\n".join(lines), cwd=ROOT, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr
    assert len(finished.stderr.splitlines()) == len(lines)


def test_warnings_and_unexpected_errors_go_to_the_log(capsys, own_home):
    with failures.logged():
        warnings.showwarning("odd", UserWarning, "file.py", 1)
        assert "unexpectedly" in failures.sentence(ValueError("x" * 1000))
    assert capsys.readouterr().err == ""
    log = (own_home / "netsmith.log").read_text()
    assert "odd" in log
    assert "ValueError" in log


def test_a_log_that_cannot_be_written_costs_nothing_else(capsys, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NETSMITH_HOME", str(tmp_path / "file"))
    with failures.logged():
        logging.getLogger("x").error("lost")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("letters", [10, 100_000])
def test_no_sentence_is_longer_than_promised(letters):
    assert len(failures.sentence(BadInput("x" * letters))) <= LONGEST_MESSAGE
    assert len(failures.sentence(OverflowError("x" * letters))) <= LONGEST_MESSAGE


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("training.device=gpu:9", "There is no gpu:9 on this computer: choose auto or"),
        ("training.epochs=true", "must be a whole number from 1 to 1000000, not true"),
        ("training.optimizer.parameters.learning_rate=true", "a number from 0 to 1000, not yes"),
        ("training.optimizer.parameters.learning_rate=10000", "a number from 0 to 1000, not 10000"),
        ('training.optimizer.parameters.learning_rate="1"', 'a number from 0 to 1000, not "1"'),
        ("network.layers.dense.parameters.units=1.5", "a whole number from 1 to 1000000000"),
    ],
)
def test_a_setting_that_is_not_possible_is_bad_input_and_leaves_the_run_store_alone(
    capsys, trained, setting, sentence
):
    before = contents(trained)
    status, lines, complaints = verb(capsys, "train", trained, "--epochs", 1, "--set", setting)
    assert (status, lines) == (2, [])
    (complaint,) = complaints
    assert sentence in complaint
    assert contents(trained).keys() == before.keys()


def test_whole_numbers_do_for_fractions_and_a_run_that_learns_nothing_is_remarked(capsys, tmp_path):
    folder = tmp_path / "digits"
    assert run_verb(["new", str(folder), "--template", "mlp", "--data", "digits"]) == 0
    rate = "training.optimizer.parameters.learning_rate"
    settings = ["training.optimizer.kind=SGD", "training.optimizer.parameters.momentum=0"]
    told = [part for setting in (*settings, f"{rate}=1000") for part in ("--set", setting)]
    status, lines, _ = verb(capsys, "train", folder, "--epochs", 1, *told)
    if status == 1:  # the loss may leave the range of numbers: then that is said
        return
    assert status == 0
    warning, remark = lines[-1]["notes"]
    assert warning.endswith("A learning rate of 1000 is far too high for SGD: try 0.01.")
    assert remark.startswith("Nothing was learned: a test accuracy of")
    told[-1] = f"{rate}=1e-1"
    status, lines, _ = verb(capsys, "train", folder, "--epochs", 3, *told)
    assert (status, lines[-1]["notes"]) == (0, [])
