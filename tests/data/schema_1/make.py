# ruff: noqa: I001 - the modules are those of version 0.1
"""Make the examples of version 0.1, whose ``project.json`` has schema 1; runs on the source of that version only.

    python -m tests.data.schema_1.make

writes beside this script

``descriptions.json.gz``
    ``sets``: what is known of each data set, and the scaling layer that 0.1 put behind the input (kind and parameters,
    None if there was none). ``projects``: the text of ``project.json`` of every template on every set that it suits,
    by ``"<template>/<set>"``; some architectures of keras.applications on one set.
``answers.npz``
    ``<set>.x``: four samples of each set; made up where the set is a download. ``<set>.mean`` and ``<set>.variance``
    of its training part. ``<template>/<set>``: what the model answers to them with the weights of `fill`.
``flowers``, ``digits``, ``two_inputs``, ``own_file``
    Project folders with a run of two epochs that can go on, and an exported model (``flowers/model.keras``).
    ``figures.json`` holds the figures after two epochs, and after two more in 0.1.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
SAMPLES = 4
_MADE_UP = 200  # samples of a download, from which statistics are taken
_SHARED = "mlp"  # the template whose answers are kept on every set
_LARGE_SET = "cifar10"  # the set for the architectures of keras.applications, and those of them that are kept
_LARGE = ("vgg16", "resnet50", "inceptionv3", "mobilenetv2", "convnexttiny")


def fill(model: Any) -> None:
    """Give a model weights that any computer makes alike, whatever made its first ones."""
    random = np.random.default_rng(15)
    values = []
    for weight in model.weights:
        numbers = random.random(tuple(weight.shape), np.float32) * 0.4 - 0.2
        values.append(numbers + 0.7 if weight.path.endswith("variance") else numbers)
    model.set_weights(values)


def main() -> None:
    """Write all files."""
    os.environ["NETSMITH_HOME"] = tempfile.mkdtemp()
    descriptions, answers = _descriptions()
    text = json.dumps(descriptions, separators=(",", ":"))
    (HERE / "descriptions.json.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    np.savez_compressed(HERE / "answers.npz", **answers)
    figures = {name: make() for name, make in _FOLDERS.items()}
    (HERE / "figures.json").write_text(json.dumps(figures, indent=1) + "\n")


# ---- Every template on every set ----


def _descriptions() -> tuple[dict[str, Any], dict[str, Any]]:
    from engine.data.readers import READERS
    from engine.scaling import fitted_scaling
    from engine.spec.codec import encode
    from engine.spec.data import DataSpec
    from engine.templates import TEMPLATES, default_scaling, new_project
    from engine.templates.architectures import FAMILIES

    large = {name.lower() for family in FAMILIES for name in family.names}
    sets: dict[str, Any] = {}
    projects: dict[str, Any] = {}
    answers: dict[str, Any] = {}
    seen = set()
    for source, data_set in READERS.items():
        info = data_set.info
        if info is None:
            continue
        samples, statistics = _samples(data_set)
        fitted = fitted_scaling(info, default_scaling(info), statistics)
        sets[source] = {
            "info": asdict(info),
            "scaling": None if fitted is None else fitted.model_dump(mode="json"),
        }
        answers[f"{source}.x"] = samples[:SAMPLES].astype(info.input_dtype)
        answers[f"{source}.mean"], answers[f"{source}.variance"] = (
            statistics.mean,
            statistics.variance,
        )
        what = (info.kind, info.input_shape, info.task, info.n_targets)
        is_new = what not in seen
        seen.add(what)
        for template in TEMPLATES.values():
            if template.why_not(info) or (template.id in large and source != _LARGE_SET):
                continue
            if template.id in large and template.id not in _LARGE:
                continue
            spec = new_project(template.id, DataSpec(source=source), info, template.title)
            name = f"{template.id}/{source}"
            projects[name] = json.loads(encode(spec))
            small = template.id not in (*large, "empty")
            if small and (is_new or template.id == _SHARED):
                answers[name] = _answer(spec, info, statistics, answers[f"{source}.x"])
                print(name, answers[name].shape, flush=True)
    return {"sets": sets, "projects": projects}, answers


def _samples(data_set: Any) -> tuple[Any, Any]:
    from engine.data.loaded import Statistics
    from engine.data.loading import load
    from engine.spec.data import DataSpec

    if data_set.origin != "download":
        data = load(DataSpec(source=data_set.id))
        return data.training.x, data.statistics
    random = np.random.default_rng(1)
    shape = (_MADE_UP, *data_set.info.input_shape)
    low, high = data_set.info.value_range or (-3.0, 9.0)
    whole = data_set.info.value_range is not None
    x = random.integers(int(low), int(high) + 1, shape) if whole else random.random(shape) * 12 - 3
    x = x.astype(data_set.info.input_dtype)
    axes = tuple(range(x.ndim - 1))
    return x, Statistics(x.mean(axes, np.float64), x.var(axes, np.float64))


def _answer(spec: Any, info: Any, statistics: Any, x: Any) -> Any:
    from engine.build.model import build

    model = build(spec.network, info, spec.data.scaling, statistics)
    fill(model)
    return np.asarray(model(x), np.float32)


# ---- Project folders ----


def _netsmith(*arguments: str | Path) -> dict[str, Any]:
    command = [sys.executable, str(ROOT / "main.py"), *map(str, arguments), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr + done.stdout)
    return json.loads(done.stdout.splitlines()[-1])


def _trained(folder: Path, *, exported: bool = False) -> dict[str, Any]:
    """Train two epochs, keep that, and return the figures after two and after four."""
    two = _netsmith("train", folder, "--epochs", "2")
    if exported:
        _netsmith("export", folder, "--format", "keras", "--out", folder / "model.keras")
    for lock in folder.rglob("*.lock"):
        lock.unlink()
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / folder.name
        shutil.copytree(folder, copy)
        four = _netsmith("train", copy, "--resume", "--epochs", "4")
    return {"two": two["metrics"], "four": four["metrics"], "run": two["run"]}


def _fresh(name: str) -> Path:
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    return folder


def _flowers() -> dict[str, Any]:
    folder = _fresh("flowers")
    _netsmith("new", folder, "--data", "iris", "--template", "mlp")
    return _trained(folder, exported=True)


def _digits() -> dict[str, Any]:
    folder = _fresh("digits")
    _netsmith("new", folder, "--data", "digits", "--template", "cnn")

    def change(content: dict[str, Any]) -> None:
        content["data"]["split"].update(validation=0.05, test=0.8)
        for layer in content["network"]["layers"]:
            if layer["kind"] == "Conv2D":
                layer["parameters"]["filters"] = 4

    _change(folder, change)
    return _trained(folder)


def _two_inputs() -> dict[str, Any]:
    """Two input layers of the same points, a layer that took the scaling's name, and a group around the inputs."""
    folder = _fresh("two_inputs")
    _netsmith("new", folder, "--data", "moons", "--template", "mlp")

    def change(content: dict[str, Any]) -> None:
        network = content["network"]
        network["layers"] = [
            _layer("left", "InputLayer"),
            _layer("right", "InputLayer"),
            _layer("left_scaling", "Dense", units=8, activation="relu"),
            _layer("dropout", "Dropout", rate=0.25),
            _layer("wide", "Dense", units=8, activation="tanh"),
            _layer("join", "Concatenate"),
            _layer("last", "Dense", units=2, activation="softmax"),
        ]
        wires = [
            ("left", "left_scaling", 0), ("left_scaling", "dropout", 0), ("right", "wide", 0),
            ("dropout", "join", 0), ("wide", "join", 1), ("left", "join", 2), ("join", "last", 0),
        ]  # fmt: skip
        network["wires"] = [{"source": s, "target": t, "port": p} for s, t, p in wires]
        content["canvas"] = {"left": [0.0, 0.0], "right": [300.0, 0.0], "wide": [300.0, 100.0]}
        content["groups"] = [
            {"id": "both", "title": "Both", "layers": ["left", "right"], "collapsed": False}
        ]

    _change(folder, change)
    return _trained(folder)


def _own_file() -> dict[str, Any]:
    """A file of one's own, whose range only loading tells, scaled to [-1, 1]."""
    folder = _fresh("own_file")
    random = np.random.default_rng(4)
    x = random.integers(0, 256, (60, 5, 5), np.uint8)
    file = Path("/tmp/pictures.npz")  # stands in the files that are kept
    np.savez_compressed(file, x=x, y=(x.mean((1, 2)) > 127).astype(np.int64))
    _netsmith("new", folder, "--data", "file", "--source", file, "--template", "perceptron")
    _change(folder, lambda content: content["data"].update(scaling="symmetric"))
    figures = _trained(folder)
    shutil.move(file, folder / file.name)
    return figures


def _layer(name: str, kind: str, **parameters: Any) -> dict[str, Any]:
    return {"id": name, "kind": kind, "parameters": parameters, "trainable": True}


def _change(folder: Path, change: Any) -> None:
    file = folder / "project.json"
    content = json.loads(file.read_text())
    change(content)
    file.write_text(json.dumps(content, indent=1) + "\n")


_FOLDERS = {
    "flowers": _flowers,
    "digits": _digits,
    "two_inputs": _two_inputs,
    "own_file": _own_file,
}

if __name__ == "__main__":
    main()
