import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCES = sorted(
    path for top in ("app", "widgets", "engine", "resources") for path in (ROOT / top).rglob("*.py")
)
VAGUE = {"utils", "util", "misc", "helpers", "common"}


@cache
def tree_of(path):
    return ast.parse(path.read_text())


def trees():
    for path in SOURCES:
        yield path.relative_to(ROOT), tree_of(path)


def test_no_vague_module_names():
    assert not [
        p
        for p in SOURCES
        if VAGUE & {part.removesuffix(".py") for part in p.relative_to(ROOT).parts}
    ]


def test_functions_stay_readable():
    long = [
        f"{path}:{node.lineno} {node.name}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and node.end_lineno - node.lineno >= 60
    ]
    assert not long


@pytest.mark.parametrize(
    "word", ["eval", "exec", "allow_pickle=True", "safe_mode=False", "shell=True", "os.system"]
)
def test_nothing_that_runs_a_strangers_code(word):
    found = []
    for path, tree in trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = ast.unparse(node.func)
            keywords = {f"{k.arg}={ast.unparse(k.value)}" for k in node.keywords}
            if name == word or word in keywords:
                found.append(f"{path}:{node.lineno}")
    assert not found


def test_only_the_reader_of_known_files_unpickles():
    importers = {
        path
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        and "pickle" in [a.name for a in node.names] + [getattr(node, "module", "") or ""]
    }
    assert {str(path) for path in importers} == {"engine/data/safe_pickle.py"}


def test_tests_never_wait_for_time():
    waits = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in (ROOT / "tests").rglob("*.py")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in {"qtbot.wait", "time.sleep", "QTest.qWait"}
    ]
    assert not waits


def every_test():
    """Give (place, definition, names of what it calls) of each test."""
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                calls = {ast.unparse(n.func) for n in ast.walk(node) if isinstance(n, ast.Call)}
                yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node, calls


def test_tests_read_no_clock():
    """How quick a machine is decides no test; CPU time of the own thread is another matter."""
    clocks = {"perf_counter", "monotonic", "time.time", "time_ns"}
    found = [
        place
        for place, _, calls in every_test()
        if any(call.endswith(clock) for call in calls for clock in clocks)
    ]
    assert not found


def test_every_test_asserts_in_its_own_body():
    waits = ("raises", "warns", "waitUntil", "wait_until", "waitSignal", "waitSignals")
    found = [
        place
        for place, node, calls in every_test()
        if not any(isinstance(inner, ast.Assert) for inner in ast.walk(node))
        and not any(call.endswith(waits) or "assert" in call for call in calls)
    ]
    assert not found


def test_files_stay_short():
    lengths = {path.relative_to(ROOT): len(path.read_text().splitlines()) for path in SOURCES}
    assert {str(path): lines for path, lines in lengths.items() if lines > 400} == {}
