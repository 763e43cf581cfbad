"""A reader and a kind of column are rows: what is added from outside works like the others."""

import numpy as np
import pytest

from app.cli.verbs import run_verb
from engine.data.choice import find, recognised
from engine.data.features import FEATURES, Feature, FeatureKind, kind_of
from engine.data.info import DataInfo
from engine.data.loaded import Part
from engine.data.loading import load
from engine.data.preprocessing import usual_scaling
from engine.data.preview import preview
from engine.data.readers import READERS, Reader
from engine.data.samples import Samples
from engine.errors import BadInput
from engine.spec.data import DataSpec


def read_lines(request):
    """Read a file with a class letter and two numbers a line."""
    rows = [line.split() for line in request.path.read_text().splitlines()]
    labels = tuple(sorted({row[0] for row in rows}))
    x = np.array([[float(number) for number in row[1:]] for row in rows], np.float32)
    y = np.array([labels.index(row[0]) for row in rows], np.int32)
    kind = "toy" if "toy" in FEATURES else "number"
    info = DataInfo.single("lines", request.path.name, kind, "classification", x.shape[1:], labels)
    return Samples(info, Part(x, y))


@pytest.fixture
def lines(monkeypatch, tmp_path):
    """A file of a kind that a row from outside reads."""
    row = Reader(
        "lines", "Lines", "A letter and two numbers a line.", "number", "classification", "file",
        read_lines, sniff=lambda path: path.suffix == ".lines",
    )  # fmt: skip
    monkeypatch.setitem(READERS, "lines", row)
    path = tmp_path / "own.lines"
    random = np.random.default_rng(0)
    numbers = random.standard_normal((60, 2)).round(3)
    path.write_text("".join(f"{'ab'[int(x > 0)]} {x} {y}\n" for x, y in numbers))
    return path


def test_a_reader_from_outside_is_recognised_and_reads(lines):
    assert recognised(lines).id == "lines"
    assert find("Lines").id == "lines"
    data = load(DataSpec(reader="lines", path=str(lines)))
    assert data.info.labels == ("a", "b")
    assert (data.info.counts, data.info.input_shape) == ((42, 9, 9), (2,))


def test_a_project_of_its_data_trains(lines, tmp_path, capsys):
    folder = tmp_path / "project"
    new = ["new", str(folder), "--data", "lines", "--source", str(lines), "--template", "mlp"]
    assert run_verb(new) == 0
    assert run_verb(["train", str(folder), "--epochs", "1"]) == 0


def test_a_file_that_no_reader_takes_is_refused(tmp_path):
    path = tmp_path / "letter.doc"
    path.write_text("Dear all")
    with pytest.raises(BadInput, match=r'"letter\.doc" is no kind of data'):
        recognised(path)


def test_a_kind_of_column_from_outside_says_how_it_is_scaled_and_captioned(lines, monkeypatch):
    row = FeatureKind(
        "toy", "toys", lambda feature: f"toys of {feature.shape[0]}", lambda _feature, sample: f"<{sample}>",
        Feature("toy", "toy", (2,)), lambda _feature: "none", is_amount=False,
    )  # fmt: skip
    monkeypatch.setitem(FEATURES, "toy", row)
    data = load(DataSpec(reader="lines", path=str(lines)))
    assert kind_of(data.info.inputs[0]).describe(data.info.inputs[0]) == "toys of 2"
    assert usual_scaling(data.info) == "none"
    assert data.statistics.mean.tolist() == [0.0, 0.0]  # its numbers are no amounts
    assert len(preview(data, count=3).captions) == 3


def test_an_unknown_kind_is_refused():
    with pytest.raises(BadInput, match='unknown kind "smell"'):
        kind_of(Feature("nose", "smell", (1,)))
