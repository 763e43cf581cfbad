"""The script that the window writes, run alone, learns what the window learns: the same losses from the same seed."""

import json
import subprocess
import sys

import pytest

from engine.spec.data import DataSpec
from engine.spec.training import EarlyStoppingSpec, TrainingSpec
from engine.templates import new_project

pytestmark = pytest.mark.slow

# What the script knows at its end, as a last line that is easy to read.
LAST_LINE = """
import json
found = {name: float(values[-1]) for name, values in model.history.history.items()}
print(json.dumps({**found, **{f"test_{name}": value for name, value in figures.items()}}))
"""
SOURCE = DataSpec(reader="moons", options={"samples": 60})
TRAINING = TrainingSpec(
    epochs=3,
    batch_size=16,
    seed=7,
    device="cpu",
    class_weights={"upper": 2.0},
    early_stopping=EarlyStoppingSpec(enabled=True, patience=1, monitor="val_accuracy"),
)


def test_the_script_alone_has_the_losses_of_the_window(driver, tmp_path):
    program, app_model = driver.program, driver.program.app_model
    document = program.document
    document.edit("Choose data", document.spec.but(data=SOURCE, training=TRAINING))
    driver.wait_until(lambda: app_model.data is not None and app_model.data.info.source == "moons")
    network = new_project("mlp", SOURCE, app_model.info, "moons").network
    document.edit("Use a network", document.spec.but(network=network, canvas={}))
    driver.wait_checked()
    path = tmp_path / "network.py"
    program.code.save(path)
    driver.wait_until(path.with_suffix(".npz").exists)
    path.write_text(path.read_text(encoding="utf-8") + LAST_LINE, encoding="utf-8")
    script = subprocess.Popen(
        [sys.executable, path.name], cwd=tmp_path, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )  # fmt: skip
    with script:  # it loads TensorFlow while the window trains
        driver.press_train()
        driver.wait_trained()
        output, errors = script.communicate()
    assert script.returncode == 0, errors[-2000:]
    alone = json.loads(output.splitlines()[-1])
    shown = {
        name: value for name, value in app_model.trained.figures.items() if name.endswith("loss")
    }
    assert {"loss", "val_loss", "test_loss"} <= shown.keys()
    assert {name: alone[name] for name in shown} == pytest.approx(shown, abs=1e-5)
