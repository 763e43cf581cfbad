import json
import shutil

import numpy as np
import pytest

from app.cli.verbs import run_verb
from tests.engine.data.readers.picture_files import two_classes


def summary(capsys):
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_what_a_folder_of_pictures_holds(tmp_path, capsys):
    for part, count in (("train", 5), ("test", 2)):
        two_classes(tmp_path / "pets" / part, count)
    (tmp_path / "pets" / "train" / "cat" / "x.jpg").write_bytes(b"no picture")
    shutil.copy(tmp_path / "pets/train/cat/0.png", tmp_path / "pets/test/cat/again.png")
    assert run_verb(["data", str(tmp_path / "pets"), "--json"]) == 0
    found = summary(capsys)
    assert found["event"] == "summary"
    assert (found["reader"], found["samples"]) == ("pictures", 15)
    assert found["classes"] == ["cat", "dog"]
    assert found["class_counts"] == [8, 7]
    assert found["parts"] == {"training": 8, "validation": 2, "test": 5}
    given, target = found["features"]
    assert (given["role"], given["kind"], given["shape"]) == ("input", "picture", [16, 20, 3])
    assert (target["role"], target["kind"]) == ("target", "category")
    unreadable, leak = found["findings"]
    assert (unreadable["kind"], unreadable["rows"]) == ("unreadable", [])
    assert unreadable["details"] == [
        '"train/cat/x.jpg" is no picture: choose a PNG, JPEG or similar'
    ]
    assert (leak["kind"], leak["rows"]) == ("leak", [0, 12])
    assert not (tmp_path / "project.json").exists()


def test_findings_in_words(tmp_path, capsys):
    two_classes(tmp_path)
    (tmp_path / "cat" / "x.jpg").write_bytes(b"no picture")
    assert run_verb(["data", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert '1 of 7 pictures is left out: it cannot be read.\n  "cat/x.jpg" is no picture' in out
    assert "Folder of pictures, 6 samples, 2 classes: cat, dog" in out


def test_an_archive_is_recognised(tmp_path, capsys):
    np.savez(
        tmp_path / "a.npz", x=np.random.default_rng(0).normal(size=(40, 3)), y=np.arange(40) % 2
    )
    assert run_verb(["data", str(tmp_path / "a.npz"), "--json"]) == 0
    found = summary(capsys)
    assert (found["reader"], found["samples"], found["findings"]) == ("file", 40, [])
    assert found["features"][0]["kind"] == "number"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["gone"], 'no file or folder "gone"'),
        (["x.txt"], "no kind of data that is known"),
        (["x.txt", "--reader", "circles"], "reads no files"),
        (["x.txt", "--reader", "pixtures"], "did you mean pictures"),
        (["x.txt", "--reader", "pictures"], "is no folder"),
    ],
)
def test_what_cannot_be_read(tmp_path, capsys, monkeypatch, arguments, words):
    (tmp_path / "x.txt").write_text("x")
    monkeypatch.chdir(tmp_path)
    assert run_verb(["data", *arguments]) == 2
    captured = capsys.readouterr()
    assert words in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""
