"""The generated script, run alone, against the engine: the same losses from the same seed."""

import json
import subprocess
import sys

import pytest

from engine.code.archive import write_parts
from engine.code.script import generate
from engine.data.loading import load
from engine.spec.base import ObjectSpec
from engine.spec.data import DataSpec
from engine.spec.project import ProjectSpec
from engine.spec.training import EarlyStoppingSpec, ScheduleSpec, TrainingSpec
from engine.training.control import TrainingControl
from engine.training.session import train
from tests.engine.build.network_examples import chain, conv, dense
from tests.engine.training.problems import Follower

# What the script knows at its end, as a last line that is easy to read.
LAST_LINE = """
import json
found = {name: float(values[-1]) for name, values in model.history.history.items()}
print(json.dumps({**found, **{f"test_{name}": value for name, value in figures.items()}}))
"""
DENSE = chain("Flatten", dense(16, "relu"), dense(10, "softmax"))
CONV = chain(conv(), "Flatten", ("Dropout", {"rate": 0.3}), dense(10, "softmax"))
POINTS = chain(dense(8, "tanh"), dense(1, "sigmoid"))


def project(network, data, **training):
    return ProjectSpec(network=network, data=data, training=TrainingSpec(device="cpu", **training))


def in_the_engine(spec, data):
    follower = Follower()
    train("run", spec, data, follower.emit, TrainingControl())
    assert follower.ended.outcome in ("finished", "stopped_early"), follower.ended.error
    return follower.ended.figures


def in_a_script(spec, data, folder):
    script = folder / "script.py"
    script.write_text(generate(spec, data.info) + LAST_LINE, encoding="utf-8")
    write_parts(folder / "data.npz", data)
    done = subprocess.run(
        [sys.executable, script.name], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert (folder / "model.keras").is_file()
    return json.loads(done.stdout.splitlines()[-1])


DIGITS = DataSpec(source="digits")
CASES = {
    "dense": project(DENSE, DIGITS, epochs=12, seed=5),
    "dropout": project(
        CONV,
        DIGITS,
        epochs=2,
        class_weights="balanced",
        schedule=ScheduleSpec(kind="warmup_cosine", warmup=0.5),
        optimizer=ObjectSpec(kind="SGD", parameters={"learning_rate": 0.1, "momentum": 0.9}),
    ),
    "file": project(
        POINTS,
        DataSpec(source="moons", options={"samples": 60}, scaling="standard"),
        epochs=3,
        batch_size=16,
        class_weights={"upper": 2.0},
        loss=ObjectSpec(kind="BinaryCrossentropy"),
        early_stopping=EarlyStoppingSpec(enabled=True, patience=1, monitor="val_accuracy"),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_the_script_has_the_losses_of_the_engine(case, tmp_path):
    spec = CASES[case]
    data = load(spec.data)
    figures = in_a_script(spec, data, tmp_path)
    expected = in_the_engine(spec, data)
    losses = [name for name in expected if name.endswith("loss")]
    assert {"loss", "val_loss", "test_loss"} <= set(losses)
    assert {name: figures[name] for name in losses} == pytest.approx(
        {name: expected[name] for name in losses}, abs=1e-5
    )
