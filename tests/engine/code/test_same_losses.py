"""The generated script, run alone, against the engine: the same losses from the same seed."""

import json
import subprocess
import sys

import pytest

from engine.code.script import generate
from engine.data.loading import load
from engine.spec.base import ObjectSpec
from engine.spec.data import DataSpec
from engine.spec.project import ProjectSpec
from engine.spec.training import ScheduleSpec, TrainingSpec
from engine.training.live.control import TrainingControl
from engine.training.loop.session import train
from tests.engine.build.network_examples import chain, conv, dense
from tests.engine.training.problems import Follower

# What the script knows at its end, as a last line that is easy to read.
LAST_LINE = """
import json
found = {name: float(values[-1]) for name, values in model.history.history.items()}
print(json.dumps({**found, **{f"test_{name}": value for name, value in figures.items()}}))
"""
CONV = chain("Rescaling", conv(), "Flatten", ("Dropout", {"rate": 0.3}), dense(10, "softmax"))


def project(network, data, **training):
    return ProjectSpec(network=network, data=data, training=TrainingSpec(device="cpu", **training))


def in_the_engine(spec, data):
    follower = Follower()
    train("run", spec, data, follower.emit, TrainingControl())
    assert follower.ended.outcome in ("finished", "stopped_early"), follower.ended.error
    return follower.ended.figures


def started_script(spec, data, folder):
    """Start the script in a process of its own, which loads TensorFlow while the engine trains here."""
    script = folder / "script.py"
    script.write_text(generate(spec, data.info) + LAST_LINE, encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, script.name], cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )  # fmt: skip


def figures_of(process, folder):
    output, errors = process.communicate()
    assert process.returncode == 0, errors[-2000:]
    assert (folder / "model.keras").is_file()
    return json.loads(output.splitlines()[-1])


DIGITS = DataSpec(reader="digits")
SPEC = project(
    CONV,
    DIGITS,
    epochs=2,
    class_weights="balanced",
    schedule=ScheduleSpec(kind="warmup_cosine", warmup=0.5),
    optimizer=ObjectSpec(kind="SGD", parameters={"learning_rate": 0.1, "momentum": 0.9}),
)


@pytest.mark.slow
def test_the_script_has_the_losses_of_the_engine(tmp_path):
    """Of pictures, dropout and a schedule; dense layers and samples in a file are compared with the window's."""
    data = load(SPEC.data)
    with started_script(SPEC, data, tmp_path) as process:
        expected = in_the_engine(SPEC, data)
        figures = figures_of(process, tmp_path)
    losses = [name for name in expected if name.endswith("loss")]
    assert {"loss", "val_loss", "test_loss"} <= set(losses)
    assert {name: figures[name] for name in losses} == pytest.approx(
        {name: expected[name] for name in losses}, abs=1e-5
    )
