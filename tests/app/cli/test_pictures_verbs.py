"""A folder of pictures from the project to the exported file, without a window."""

import json

import numpy as np
import pytest
from PIL import Image

from app.cli.verbs import run_verb
from engine.data.choice import settled
from engine.data.loading import load
from engine.spec.data import DataSpec
from tests.engine.data.readers.picture_files import two_classes


def verb(capsys, *arguments):
    status = run_verb([*map(str, arguments), "--json"])
    captured = capsys.readouterr()
    return status, [json.loads(line) for line in captured.out.splitlines()], captured.err


def stripes(folder, count, seed):
    """Upright and lying stripes of 40 by 30 pixels, in every phase."""
    random = np.random.default_rng(seed)
    for name in ("lying", "upright"):
        (folder / name).mkdir(parents=True)
        for number in range(count):
            wave = 127 + 100 * np.sin(np.arange(40) * 0.8 + random.uniform(0, 6))
            pixels = (
                np.tile(wave, (30, 1)) if name == "upright" else np.tile(wave[:30, None], (1, 40))
            )
            pixels = pixels[:, :, None] + random.normal(0, 20, (30, 40, 3))
            Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(
                folder / name / f"{number}.jpg"
            )


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    root = tmp_path_factory.mktemp("pictures")
    stripes(root / "set" / "train", 40, 1)
    stripes(root / "set" / "test", 5, 2)
    return root


@pytest.mark.slow
def test_from_the_folder_to_the_exported_file(made, tmp_path, capsys):
    project = tmp_path / "p"
    status, lines, _ = verb(capsys, "new", project, "--source", made / "set", "--template", "cnn")
    assert status == 0
    summary = lines[-1]
    assert (summary["reader"], summary["samples"]) == ("pictures", 90)
    assert summary["inputs"][0]["shape"] == [30, 40, 3]
    assert summary["targets"][0]["labels"] == ["lying", "upright"]
    options = json.loads((project / "project.json").read_text())["data"]["options"]
    assert options == {"height": 30, "width": 40, "colour": "colour", "fit": "stretch"}
    status, lines, _ = verb(capsys, "train", project, "--epochs", "4")
    assert status == 0
    status, lines, _ = verb(capsys, "evaluate", project)
    assert lines[-1]["metrics"]["accuracy"] == 1.0
    assert lines[-1]["samples"] == 10
    photo = made / "set" / "test" / "upright" / "3.jpg"
    status, lines, _ = verb(capsys, "classify", project, photo)
    assert lines[0]["top"][0]["label"] == "upright"
    out = tmp_path / "model.keras"
    status, lines, _ = verb(capsys, "export", project, "--out", out)
    assert status == 0
    assert lines[-1]["agreement"] == 1.0
    status, again, _ = verb(capsys, "classify", out, photo)
    assert again[0]["top"][0]["label"] == "upright"


@pytest.mark.slow
def test_training_from_disk_gives_the_weights_of_memory(made, tmp_path, capsys, monkeypatch):
    project = tmp_path / "p"
    verb(capsys, "new", project, "--source", made / "set", "--template", "cnn")
    weights = []
    for limit in (None, "0.1"):
        if limit is not None:
            monkeypatch.setenv("NETSMITH_MEMORY_MB", limit)
        status, _, _ = verb(capsys, "train", project, "--epochs", "2")
        assert status == 0
        out = tmp_path / f"{limit}.npz"
        verb(
            capsys,
            "export",
            project,
            "--format",
            "weights",
            "--out",
            tmp_path / f"{limit}.weights.h5",
        )
        samples = np.random.default_rng(0).uniform(0, 255, (3, 30, 40, 3)).astype(np.float32)
        np.savez(tmp_path / "in.npz", x0=samples)
        assert verb(capsys, "predict", project, tmp_path / "in.npz", "--out", out)[0] == 0
        with np.load(out) as answers:
            weights.append(answers["y0"])
    np.testing.assert_array_equal(weights[0], weights[1])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--source", "{flat}"], "put the pictures of each class in a folder of its own"),
        (["--source", "{flat}", "--data", "iris"], "comes with the program"),
        (["--data", "pictures"], "no folder is chosen"),
        (["--source", "{text}"], "no kind of data that is known"),
        (
            ["--source", "{set}", "--set", "data.options.fit=squeeze"],
            "must be stretch, crop or pad",
        ),
    ],
)
def test_what_makes_no_project(tmp_path, capsys, arguments, words):
    two_classes(tmp_path / "set", 10)
    (tmp_path / "flat").mkdir()
    Image.new("RGB", (9, 9)).save(tmp_path / "flat" / "x.png")
    (tmp_path / "text").write_text("x")
    places = {name: tmp_path / name for name in ("flat", "text", "set")}
    status = run_verb(["new", str(tmp_path / "p"), *(each.format(**places) for each in arguments)])
    assert status == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "p").exists()


def test_a_choice_is_settled_once(tmp_path):
    two_classes(tmp_path, 10, mode="L")
    spec = DataSpec(reader="pictures", path=str(tmp_path))
    once = settled(spec, load(spec).info)
    assert once.options == {"height": 16, "width": 20, "colour": "grey", "fit": "stretch"}
    two_classes(tmp_path / "cat", 30, size=(300, 300))
    assert load(once).info.input_shape == (16, 20, 1)
    assert settled(DataSpec(reader="iris"), load(DataSpec(reader="iris")).info) == DataSpec(
        reader="iris"
    )
