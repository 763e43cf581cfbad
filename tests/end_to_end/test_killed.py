"""Kill -9 at ten moments of editing and training: reopening restores every edit but the one in flight."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.project_folder import ProjectFolder

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parent.parent.parent

# Edits without end, each reported once it is done; with "train" a training runs meanwhile.
EDITOR = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from app import bootstrap

application = bootstrap.make_application()
window = bootstrap.build(Path(sys.argv[1]))
window.show()
program, document = window.program, window.program.document
number = 0


def edit():
    global number
    if sys.argv[2] == "train":
        if program.studio.engine is None or program.studio.data is None:
            return
        if not program.studio.training:
            program.actions["train.start"].trigger()
            return
        if window.panels.loss_plot.is_empty():
            return
    number += 1
    if number % 3 == 0:
        program.network.add_layer("Dropout")
    elif number % 7 == 0:
        document.undo_stack.undo()
    training = document.spec.training.but(seed=number)
    document.edit(f"Edit {number}", document.spec.but(training=training))
    print(number, len(document.spec.network.layers), flush=True)


timer = QTimer()
timer.timeout.connect(edit)
timer.start(3)
application.exec()
"""


def killed(project, mode, after):
    """Run the editor until it has reported ``after`` edits, kill it, and return all it reported."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-c", EDITOR, str(project), mode],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment, cwd=ROOT,
    )  # fmt: skip
    reported = []
    with process:
        for line in process.stdout:
            reported.append(tuple(map(int, line.split())))
            if len(reported) >= after:
                break
        process.send_signal(signal.SIGKILL)
        reported += [
            tuple(map(int, line.split()))
            for line in process.stdout.read().splitlines()
            if line.count(" ")
        ]
    return reported


@pytest.fixture
def project(tmp_path):
    from engine.data.sets import describe
    from engine.spec.data import DataSpec
    from engine.templates import new_project

    spec = new_project(
        "cnn", DataSpec(source="digits"), describe(DataSpec(source="digits")), "killed"
    )
    folder = ProjectFolder(tmp_path / "killed")
    folder.create(spec.but(training=spec.training.but(epochs=2000)))
    return folder


def check(project, reported):
    spec = project.read()
    number, layers = reported[-1]
    # The edit in flight may be there or not; nothing older may be missing.
    assert spec.training.seed >= number
    assert spec.training.seed <= number + 1
    assert layers <= len(spec.network.layers) <= layers + 1


def test_killed_while_editing(project):
    for after in (1, 2, 4, 9, 25, 60):
        check(project, killed(project.path, "edit", after))


def test_killed_while_training(project, open_program):
    for after in (1, 5, 40, 150):
        check(project, killed(project.path, "train", after))
    driver = open_program(project.path)
    driver.wait_ready()
    assert driver.program.project.folder.path == project.path
    assert not [path.name for path in project.path.rglob("*.part*")]
