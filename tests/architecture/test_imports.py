import graphlib
import json
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
HEAVY = ("tensorflow", "keras", "sklearn", "scipy", "h5py")


@pytest.mark.parametrize(
    "module", ["app.bootstrap", "app.cli.verbs", "engine.validation", "engine.templates"]
)
def test_the_window_and_the_verbs_load_without_tensorflow(module):
    code = (
        f"import {module}, json, sys; print(json.dumps([m for m in {HEAVY!r} if m in sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == []


def test_main_is_short():
    assert len((ROOT / "main.py").read_text().splitlines()) < 30


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_locks_name_no_host_and_hash_everything(lock):
    text = (ROOT / lock).read_text()
    assert "://" not in text
    pinned = [line for line in text.splitlines() if "==" in line and not line.startswith(" ")]
    assert len(pinned) > 30
    assert all(line.endswith("\\") for line in pinned)
    assert text.count("--hash=sha256:") >= len(pinned)


def test_no_modules_import_one_another_in_a_circle():
    """Imports inside functions and for type checkers count too."""
    graph = grimp.build_graph("app", "widgets", "engine", "resources")
    imported = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    circle = ()
    try:
        graphlib.TopologicalSorter(imported).prepare()
    except graphlib.CycleError as error:
        circle = error.args[1]
    assert circle == ()
