"""The engine alone: trained from a script, and asked by every verb, where no window can be made."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.data.choice import describe
from engine.runs.locking import FILE_NAME as LOCK
from engine.runs.project_folder import ProjectFolder
from engine.runs.store import RunStore
from engine.spec.data import DataSpec
from engine.templates import new_project

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parent.parent.parent.parent

# A finder that refuses what it is given, before the usual ones are asked.
BLOCK = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {blocked}:
            raise ModuleNotFoundError("blocked: " + name)

sys.meta_path.insert(0, Blocked())
"""
WINDOW = ("PySide6", "shiboken6", "pyqtgraph", "qtpy", "qtawesome", "superqt", "widgets")
SCRIPT = """
from pathlib import Path
from engine.runs.lifecycle import train_project
from engine.runs.locking import is_held
from engine.training.live.events import EpochsEnded

folder, held = Path(sys.argv[1]), []

def watch(event):
    if isinstance(event, EpochsEnded):
        held.append(is_held(folder / "runs" / event.run))

first = train_project(folder, ["training.epochs=2"], emit=watch)
again = train_project(folder, ["training.epochs=3"], resume=True)
kept = train_project(folder, ["training.epochs=1"], keep_weights=True)
print(first.epochs, again.epochs, again.run == first.run, kept.run != first.run, all(held), len(held))
"""
VERBS = """
from app.start import run

for arguments in json.loads(sys.argv[1]):
    status = run(arguments)
    assert status == 0, arguments
"""


def run(script, *arguments, blocked=WINDOW):
    code = "import json\n" + BLOCK.format(blocked=blocked) + script
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def project(tmp_path):
    data = DataSpec(reader="digits")
    folder = ProjectFolder(tmp_path / "digits")
    folder.create(new_project("mlp", data, describe(data), "digits"))
    return folder


def test_a_script_trains_a_project_by_the_engine_alone(project):
    done = run(SCRIPT, project.path, blocked=(*WINDOW, "app"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["2", "3", "True", "True", "True", "2"]
    runs = RunStore(project.path).runs()
    assert [(each.outcome, each.number) for each in runs] == [("finished", 1), ("finished", 2)]
    assert len(RunStore(project.path).epochs(runs[0].id)) == 3
    for each in runs:
        folder = project.runs / each.id
        assert (folder / "last.keras").is_file()
        assert not (folder / LOCK).exists()
    assert [path.parent.name for path in project.runs.glob("*/resume.npz")] == [runs[1].id]


def test_every_verb_works_where_there_is_no_window(project, tmp_path):
    picture, model = tmp_path / "seven.png", tmp_path / "model.keras"
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(picture)
    np.savez(tmp_path / "in.npz", x0=np.zeros((2, 8, 8, 1), np.float32))
    new, folder = str(tmp_path / "iris"), str(project.path)
    verbs = [
        ["new", new, "--data", "iris"],
        ["train", folder, "--epochs", "1", "--json"],
        ["evaluate", folder],
        ["classify", folder, str(picture)],
        ["export", folder, "--out", str(model)],
        ["inspect", str(model)],
        ["predict", str(model), str(tmp_path / "in.npz"), "--out", str(tmp_path / "out.npz")],
    ]
    done = run(VERBS, json.dumps(verbs))
    assert done.returncode == 0, done.stderr
    assert model.is_file()
    assert (tmp_path / "out.npz").is_file()
    assert ProjectFolder(Path(new)).read().data.reader == "iris"


def test_inspect_imports_no_toolkit():
    file = ROOT / "tests" / "data" / "old_models" / "keras-2.12.0.picture.keras"
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "main.py", "inspect", str(file)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "parameters" in done.stdout
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "engine.importing.opener" in imported
    assert not [name for name in imported if name.partition(".")[0] in WINDOW]
