"""What a headless training observes: lines as JSON, kept with the run, refused in a sentence."""

import json

import numpy as np
import pytest

from app.cli.verbs import run_verb
from engine.probes.probe import ProbeError, ProbeKind
from engine.probes.table import PROBES
from engine.runs.store import RunStore


def verb(capsys, *arguments):
    capsys.readouterr()
    status = run_verb([*map(str, arguments), "--json"])
    out, err = capsys.readouterr()
    return status, [json.loads(line) for line in out.splitlines()], err


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("observed") / "iris"
    assert run_verb(["new", str(folder), "--data", "iris", "--template", "mlp"]) == 0
    return folder


def test_samples_are_printed_and_kept_with_the_run(capsys, project):
    status, lines, _ = verb(
        capsys, "train", project, "--epochs", 2,
        "--observe", "activations:dense_3", "--observe", "weights:dense",
    )  # fmt: skip
    assert status == 0
    sampled = [line for line in lines if line["event"] == "sampled"]
    assert {(line["kind"], line["target"]) for line in sampled} == {
        ("activations", "dense_3"), ("weights", "dense"),
    }  # fmt: skip
    last = [line for line in sampled if line["kind"] == "activations"][-1]
    assert (last["payload"]["form"], last["payload"]["shape"]) == ("bars", [3])
    assert sum(last["payload"]["values"]) == pytest.approx(1.0, abs=1e-5)  # of a softmax
    store = RunStore(project)
    kept = store.samples(lines[-1]["run"], "activations", "dense_3")
    assert kept[-1].step == last["step"]
    np.testing.assert_allclose(kept[-1].payload.values, last["payload"]["values"], rtol=1e-6)


def test_observing_changes_nothing_that_is_learned(capsys, project):
    figures = []
    for extra in ((), ("--observe", "activations:dense")):
        _, lines, _ = verb(capsys, "train", project, "--epochs", 2, *extra)
        figures.append(lines[-1]["metrics"])
    assert figures[0] == figures[1]


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("activations:nobody", '"nobody" is no layer of the project: choose one of'),
        ("activations", '"activations" names no layer: write activations:LAYER'),
        ("weights:", '"weights:" names no layer: write weights:LAYER'),
        ("generated", '"generated" is of networks that learn together, not of this one: observe'),
        ("nonsense:dense", '"nonsense:dense" cannot be observed: choose one of weights'),
    ],
)
def test_what_cannot_be_observed_is_refused(capsys, project, wanted, words):
    status, lines, err = verb(capsys, "train", project, "--observe", wanted)
    assert (status, lines) == (2, [])
    assert words in err


def test_a_probe_that_fails_is_told_and_the_training_goes_on(capsys, project, monkeypatch):
    def fails(_subject, _probe):
        raise ProbeError("There is nothing to see.")

    monkeypatch.setitem(PROBES, "toy", ProbeKind("toy", "Toy", fails, str))
    status, lines, err = verb(capsys, "train", project, "--epochs", 1, "--observe", "toy:dense")
    assert status == 0
    (failed,) = [line for line in lines if line["event"] == "sampled"]
    assert failed["error"] == "There is nothing to see."
    assert "toy of dense cannot be observed" in err
