"""What the verbs say of data: how a file was read, what is refused, and what a terminal may show."""

import json

import numpy as np
import pytest

from app.cli.output import Output
from app.cli.verbs import run_verb
from engine.spec import codec

N = 60
X = np.random.default_rng(0).random((N, 4))


@pytest.fixture
def run(capsys, tmp_path):
    """Run a verb in words; return (exit status, standard output, standard error)."""

    def verb(*arguments):
        capsys.readouterr()
        status = run_verb([str(argument) for argument in arguments])
        return status, *capsys.readouterr()

    return verb


@pytest.fixture
def file(tmp_path):
    np.savez(tmp_path / "mine.npz", x=X, y=np.arange(N) % 2 * 9000)
    return tmp_path / "mine.npz"


def test_new_says_how_a_file_was_read_and_takes_another_task(run, tmp_path, file):
    made = ("--template", "mlp", "--data", "file", "--source", file)
    status, out, _ = run("new", tmp_path / "classes", *made)
    assert status == 0
    assert out.startswith("y holds 2 whole numbers (0 and 9000): classes")
    numbers = ("--set", "data.options.task=numbers")
    status, out, _ = run("new", tmp_path / "numbers", *made, *numbers, "--json")
    assert status == 0
    assert [json.loads(line)["event"] for line in out.splitlines()] == ["summary"]
    units = []
    for name in ("classes", "numbers"):
        spec = codec.decode((tmp_path / name / "project.json").read_text())
        units.append(spec.network.outputs[0].parameters["units"])
    assert units == [2, 1]
    assert spec.data.options == {"task": "numbers"}


def test_new_takes_settings_of_the_data_only(run, tmp_path):
    status, _, err = run("new", tmp_path / "p", "--data", "iris", "--set", "training.epochs=3")
    assert (status, (tmp_path / "p").exists()) == (2, False)
    assert "no setting of the data" in err


def test_train_warns_of_a_batch_larger_than_the_data(run, tmp_path, file):
    made = ("--template", "mlp", "--data", "file", "--source", file)
    assert run("new", tmp_path / "p", *made)[0] == 0
    large = ("--set", "training.batch_size=5000", "--epochs", 1)
    status, out, _ = run("train", tmp_path / "p", *large)
    assert status == 0
    assert "warning: training.batch_size: A batch of 5000 is more than the 42 training samp" in out


@pytest.mark.parametrize("source", ["circles", "iris"])
def test_a_file_for_a_set_that_takes_none_is_refused(run, tmp_path, file, source):
    assert run("new", tmp_path / "p", "--template", "mlp", "--data", source)[0] == 0
    status, _, err = run("train", tmp_path / "p", "--set", f"data.path={file}")
    assert status == 2
    assert "data.path:" in err
    assert "takes no file" in err


@pytest.mark.parametrize("name", ["", "a_file.npz"])
def test_another_file_is_not_called_the_official_one(run, tmp_path, name):
    (tmp_path / "a_file.npz").write_bytes(b"something")
    assert run("new", tmp_path / "p", "--template", "conv1d", "--data", "imdb")[0] == 0
    status, _, err = run("train", tmp_path / "p", "--set", f"data.path={tmp_path / name}")
    assert status == 2
    assert "is not the official IMDB reviews file (imdb.npz)" in err


def test_marks_that_turn_or_move_text_are_never_printed(run, tmp_path, capsys):
    status, out, _ = run("new", tmp_path / "we\u202eird\x1b[2J\u061c", "--template", "mlp")
    assert status == 0
    assert out.startswith("we ird [2J: ")
    words = "a\u2066b\x07\n\u200fc"
    Output(as_json=False).summary(words)
    Output.complain(words)
    shown = capsys.readouterr()
    assert shown.out == "a b \n c\n"
    assert shown.err == "netsmith: a b \n c\n"
