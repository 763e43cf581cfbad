"""Kill -9 at ten moments of editing and training: reopening restores every edit but the one in flight."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.runs.project_folder import ProjectFolder

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
        if program.app_model.engine is None or program.app_model.data is None:
            return
        if not program.app_model.training:
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


class Editing:
    """The editor in a process of its own, on a project folder."""

    def __init__(self, project, mode):
        self._project = project
        self._reported = b""
        self._process = subprocess.Popen(
            [sys.executable, "-c", EDITOR, str(project), mode], cwd=ROOT,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def wait_for(self, edits):
        while self._reported.count(b"\n") < edits:
            self._read()

    def as_killed_now(self, copy):
        """Return what was reported and a copy of the folder as a kill at this moment would leave it."""
        self._process.send_signal(signal.SIGSTOP)
        os.waitpid(self._process.pid, os.WUNTRACED)
        shutil.copytree(self._project, copy)
        os.set_blocking(self._process.stdout.fileno(), False)
        self._read()
        os.set_blocking(self._process.stdout.fileno(), True)
        self._process.send_signal(signal.SIGCONT)
        return self._last_report(), copy

    def kill(self):
        """End it with signal 9; returns what was reported and the folder."""
        with self._process as process:
            process.send_signal(signal.SIGKILL)
            self._reported += process.stdout.read()
        return self._last_report(), self._project

    def _read(self):
        try:
            some = os.read(self._process.stdout.fileno(), 65536)
        except BlockingIOError:
            return
        assert some, "the editor ended by itself"
        self._reported += some

    def _last_report(self):
        whole, _, _ = self._reported.rpartition(b"\n")
        return tuple(map(int, whole.splitlines()[-1].split()))


def kept_edits(project, mode, moments, copies):
    """Tell of a kill after each of these numbers of edits, the last one a real one, whether all was kept."""
    editing, kept = Editing(project.path, mode), []
    try:
        for after in moments[:-1]:
            editing.wait_for(after)
            kept.append(is_kept(*editing.as_killed_now(copies / str(after))))
        editing.wait_for(moments[-1])
    finally:
        left = editing.kill()
    return [*kept, is_kept(*left)]


@pytest.fixture
def project(tmp_path):
    from engine.data.choice import describe
    from engine.spec.data import DataSpec
    from engine.templates import new_project

    spec = new_project(
        "cnn", DataSpec(reader="digits"), describe(DataSpec(reader="digits")), "killed"
    )
    folder = ProjectFolder(tmp_path / "killed")
    folder.create(spec.but(training=spec.training.but(epochs=2000)))
    return folder


def is_kept(reported, folder):
    """Tell whether all is there but the edit in flight, which may be there or not."""
    spec = ProjectFolder(folder).read()
    number, layers = reported
    return spec.training.seed - number in (0, 1) and len(spec.network.layers) - layers in (0, 1)


def test_killed_while_editing(project, tmp_path):
    assert all(kept_edits(project, "edit", (1, 2, 4, 9, 25, 60), tmp_path))


def test_killed_while_training(project, tmp_path, open_program):
    assert all(kept_edits(project, "train", (1, 5, 40, 150), tmp_path))
    driver = open_program(project.path)
    driver.wait_ready()
    assert driver.program.project.folder.path == project.path
    assert not [path.name for path in project.path.rglob("*.part*")]
