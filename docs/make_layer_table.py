"""Writes docs/layers.md: what was tried with every layer of the installed Keras, and how it went.

Run it anywhere; it takes some minutes::

    python3 main.py check     # once, to have the environment
    .venv/bin/python docs/make_layer_table.py
"""

import os
import sys
import tempfile
import warnings
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "docs" / "layers.md"
STEPS = ("placed", "built", "trained", "saved", "exported", "reloaded", "opened")
SHAPES = {1: (12,), 2: (8, 4), 3: (16, 16, 3), 4: (8, 8, 8, 3), 5: (3, 8, 8, 8, 3)}
OWN_SHAPES = {
    "GroupNormalization": (4, 32),  # as many channels as groups
    "HashedCrossing": (1,),
    "TextVectorization": (1,),
    "MelSpectrogram": (4000,),
    "STFTSpectrogram": (600, 1),
}
# A new block leaves the length free; the end of the trial's network needs to know it.
OWN_SETTINGS = {
    "TextVectorization": {"output_sequence_length": 4},
    # Numbers that they would take from data.
    "Normalization": {"mean": (0.5,), "variance": (2.0,)},
    "Rescaling": {"scale": 2.0},
}
WORDS = frozenset({"StringLookup", "TextVectorization"})
WHOLE_NUMBERS = frozenset(
    {"Embedding", "ReversibleEmbedding", "CategoryEncoding", "Hashing", "HashedCrossing"}
    | {"IntegerLookup"}
)
HEAD = """# Every layer of Keras {version}

Made by `docs/make_layer_table.py`; a test runs the same trials. Each layer was placed with the
settings of a new block in a network of its own, and that network was:

* **placed**: accepted by the catalogue's checks;
* **built** by Keras from the description;
* **trained** one step, with a finite loss;
* **saved** as a project and read back equal;
* **exported** as a `.keras` file;
* **reloaded** from it by Keras alone, with equal answers;
* **opened** from it by Netsmith as an editable network, with equal answers.

Formula is Netsmith's own: plain operations of Keras, which Keras reloads without Netsmith. Every
function that a formula may use went the same way.

{count} layers: {placed} can be placed, {inside} more are chosen inside RNN, {refused} cannot be used,
for the reasons in the last table.
"""


@dataclass
class Trial:
    """How far some layers came: the steps done, and what stopped the next one."""

    done: list[str] = field(default_factory=list)
    problem: str = ""


def tried_kinds():
    """Return every kind that can be placed or chosen inside RNN, input layers left out."""
    from engine.catalog import catalog
    from engine.catalog.kind_rows import CELL_GROUP

    kinds = catalog().family("layer").values()
    return [
        kind
        for kind in kinds
        if kind.name != "InputLayer" and (not kind.unsupported or kind.group == CELL_GROUP)
    ]


def sample_of(kind):
    """Return shape and number type of a sample that the layer reads."""
    shape = OWN_SHAPES.get(kind.name) or SHAPES[kind.ranks[0] if kind.ranks else 2]
    if kind.name in WORDS:
        return shape, "string"
    return shape, "int32" if kind.name in WHOLE_NUMBERS else "float32"


def by_sample(kinds):
    """Return lists of kinds that read the same samples, so that one network can hold each list."""
    groups = defaultdict(list)
    for kind in kinds:
        groups[sample_of(kind)].append(kind)
    return list(groups.values())


def network_of(kinds):
    """Return a network of one sample's input, a branch with each layer, and one number at the end."""
    from engine.spec.network import LayerSpec, NetworkSpec, WireSpec

    shape, dtype = sample_of(kinds[0])
    parameters = {"shape": shape} if dtype == "float32" else {"shape": shape, "dtype": dtype}
    network = NetworkSpec(layers=(LayerSpec(id="input", kind="InputLayer", parameters=parameters),))

    def after(sources, name, kind, **settings):
        nonlocal network
        network = network.with_layer(LayerSpec(id=name, kind=kind, parameters=settings))
        for port, source in enumerate(sources):
            network = network.with_wire(WireSpec(source=source, target=name, port=port))
        return name

    ends = []
    for kind in kinds:
        name = kind.name.lower()
        placed, settings = _block(kind)
        after(["input"] * max(1, kind.inputs[0]), name, placed, **settings)
        flat = after([name], f"{name}_flat", "Flatten")
        ends.append(after([flat], f"{name}_number", "Rescaling", scale=0.1))
    joined = after(ends, "joined", "Concatenate") if len(ends) > 1 else ends[0]
    after([joined], "answer", "Dense", units=1)
    return network


def _block(kind):
    """Return kind and settings of a new block; a cell is chosen inside RNN."""
    from engine.catalog import default_parameters
    from engine.catalog.kind_rows import CELL_GROUP

    if kind.group == CELL_GROUP:
        return "RNN", {"cell": {"kind": kind.name, "parameters": default_parameters(kind)}}
    return kind.name, settings_of(kind)


def settings_of(kind):
    """Return the settings with which a new block can stand alone."""
    from engine.catalog import default_parameters

    return {**default_parameters(kind), **OWN_SETTINGS.get(kind.name, {})}


def tried(kinds, folder):
    """Return how far a network with these layers comes; they read the same samples."""
    trial = Trial()
    state = {"network": network_of(kinds), "path": Path(folder, "tried.keras")}
    state["samples"] = samples_of(*sample_of(kinds[0]))
    for step in STEPS:
        try:
            with warnings.catch_warnings():
                # The end of the trial's network flattens what Masking gives.
                warnings.filterwarnings("ignore", ".*does not support masking")
                _STEPS[step](state)
        except Exception as error:  # noqa: BLE001 - the table shows whatever went wrong
            lines = str(error).splitlines() or [type(error).__name__]
            trial.problem = f"not {step}: {lines[0].partition(' was not opened: ')[2] or lines[0]}"
            return trial
        trial.done.append(step)
    return trial


def samples_of(shape, dtype):
    """Return two samples, (2, *shape)."""
    import numpy as np

    generator = np.random.default_rng(0)
    if dtype == "string":
        return np.full((2, *shape), "yes", dtype=object)
    if dtype == "int32":
        return generator.integers(0, 10, (2, *shape)).astype("int32")
    return generator.random((2, *shape), "float32")


def tensor_of(samples):
    """Return samples as Keras takes them, words included."""
    import keras

    return keras.ops.convert_to_tensor(samples.tolist() if samples.dtype == object else samples)


def _answers(model, samples):
    import numpy as np

    return np.asarray(model(tensor_of(samples), training=False))


def _place(state):
    from engine.catalog import catalog, check_parameters

    for layer in state["network"].layers:
        problems = check_parameters(catalog().layer(layer.kind), layer.parameters)
        if problems:
            raise ValueError(next(iter(problems.values())))


def _build(state):
    from engine.build.model import build_as_described

    state["model"] = build_as_described(state["network"])


def _train(state):
    import keras
    import numpy as np

    model = state["model"]
    model.compile(keras.optimizers.SGD(0.001), "mean_squared_error", run_eagerly=True)
    loss = model.train_on_batch(tensor_of(state["samples"]), np.ones((2, 1), "float32"))
    if not np.isfinite(loss):
        raise ValueError(f"the loss is {loss}")


def _save(state):
    from engine.spec import codec
    from engine.spec.project import ProjectSpec

    project = ProjectSpec(network=state["network"])
    if codec.decode(codec.encode(project)) != project:
        raise ValueError("the project read back is another one")


def _export(state):
    from engine.export.writers import fill_keras
    from engine.models.card import ModelCard

    state["path"].unlink(missing_ok=True)
    state["answers"] = _answers(state["model"], state["samples"])
    card = ModelCard(labels=("a", "b"), input_shape=state["samples"].shape[1:])
    fill_keras(state["model"], card, state["path"])


def _reload(state):
    import keras

    _compare(state, keras.saving.load_model(state["path"]))


def _open(state):
    from engine.importing.opener import open_model, restore

    _compare(state, restore(open_model(state["path"])))


def _compare(state, model):
    import numpy as np

    np.testing.assert_allclose(
        _answers(model, state["samples"]), state["answers"], rtol=1e-4, atol=1e-5
    )


_STEPS = {
    "placed": _place,
    "built": _build,
    "trained": _train,
    "saved": _save,
    "exported": _export,
    "reloaded": _reload,
    "opened": _open,
}


def text(trials):
    """Return the table: ``trials`` holds a `Trial` for each kind's name."""
    from engine.catalog import catalog
    from engine.catalog.kind_rows import CELL_GROUP
    from engine.spec.network import MODEL_KIND, OUTPUT_KIND

    layers = {
        name: kind
        for name, kind in catalog().family("layer").items()
        if name not in (MODEL_KIND, OUTPUT_KIND)
    }
    tried_names = {kind.name for kind in tried_kinds()}
    refused = [kind for kind in layers.values() if kind.unsupported and kind.group != CELL_GROUP]
    cells = [kind for kind in layers.values() if kind.group == CELL_GROUP]
    lines = [
        HEAD.format(
            version=catalog().keras_version,
            count=len(layers),
            placed=len(layers) - len(refused) - len(cells),
            inside=len(cells),
            refused=len(refused),
        ),
        f"| layer | group | {' | '.join(STEPS)} | note |",
        "|---" * (len(STEPS) + 3) + "|",
    ]
    for name in sorted(layers):
        if name not in tried_names and name != "InputLayer":
            continue
        trial = trials.get(name, Trial(list(STEPS)))  # an input is part of every trial
        marks = " | ".join("yes" if step in trial.done else "no" for step in STEPS)
        note = trial.problem or ("inside RNN" if layers[name].group == CELL_GROUP else "")
        lines.append(f"| {name} | {layers[name].group} | {marks} | {note.replace('|', '/')} |")
    lines += ["", "## What cannot be used, and why", "", "| layer | why |", "|---|---|"]
    lines += [f"| {kind.name} | {kind.unsupported} |" for kind in sorted(refused, key=_name)]
    return "\n".join(lines) + "\n"


def _name(kind):
    return kind.name


def main():
    """Try every layer by itself and write the table."""
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    trials = {}
    with tempfile.TemporaryDirectory() as folder:
        for kind in tried_kinds():
            trials[kind.name] = tried([kind], folder)
            print(kind.name, trials[kind.name].problem or "all steps")
    TABLE.write_text(text(trials), encoding="utf-8")


if __name__ == "__main__":
    main()
