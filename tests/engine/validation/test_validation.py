"""Each finding on the smallest project that has it; its cure mends it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.build.shapes import ShapeCache
from engine.data.choice import describe
from engine.spec.base import ObjectSpec
from engine.spec.data import DataSpec, SplitSpec
from engine.spec.issues import LayerFacts
from engine.spec.network import LayerSpec, NetworkSpec
from engine.spec.training import EarlyStoppingSpec, ScheduleSpec
from engine.templates import new_project
from engine.validation import subject, validate
from tests.engine.build.network_examples import (
    DIABETES,
    DIGITS,
    IRIS,
    MOONS,
    NEWS,
    SINE,
    chain,
    classifier,
    conv,
    dense,
    extend,
    project,
    wired,
    with_counts,
)

CACHE = ShapeCache()
EMBEDDING = ("Embedding", {"input_dim": 1000, "output_dim": 4})


def findings(spec, info, *, with_facts=True):
    """Return all but that nothing scales the samples: most networks here are bare."""
    facts = CACHE.facts(spec.network, info) if with_facts and info else {}
    found = validate(spec, info, facts)
    return tuple(issue for issue in found if "as they are: insert" not in issue.message)


def loss(kind, **parameters):
    return {"loss": ObjectSpec(kind=kind, parameters=parameters)}


def metric(kind, **parameters):
    return {"metrics": (ObjectSpec(kind=kind, parameters=parameters),)}


def gathering(steps):
    parameters = {"gradient_accumulation_steps": steps}
    return {"optimizer": ObjectSpec(kind="Adam", parameters=parameters)}


def stopping(monitor):
    return {"early_stopping": EarlyStoppingSpec(enabled=True, monitor=monitor)}


def loose(network, kind="Flatten", name="alone"):
    return network.with_layer(LayerSpec(id=name, kind=kind))


SHALLOW = chain("Flatten", dense(10, "softmax"))
TWO_ENDS = extend(SHALLOW, "flatten", dense(10, "softmax"))
DOUBLED = wired(chain("Add", "Flatten", dense(10, "softmax")), ("input", "add", 0))
CIRCLE = wired(chain("Flatten", "Add", dense(10), dense(10, "softmax")), ("dense", "add", 1))
SEQUENCE = ("LSTM", {"units": 4, "return_sequences": True})

# name: project, data, layer, field, words of the message, whether cures must mend it
BROKEN = {
    "no layers": (project(NetworkSpec()), DIGITS, "", "", "no input", True),
    "no input": (
        project(NetworkSpec(layers=(LayerSpec(id="flatten", kind="Flatten"),))),
        DIGITS, "", "", "no input", True,
    ),
    "no output": (project(chain()), DIGITS, "input", "", "no output", True),
    "two outputs": (project(TWO_ENDS), DIGITS, "dense_2", "", "merge layer", True),
    "unconnected": (project(loose(SHALLOW)), DIGITS, "alone", "", "Nothing is connected", True),
    "idle input": (
        project(loose(SHALLOW, "InputLayer")), DIGITS, "alone", "", "feeds nothing", True,
    ),
    "merge of one": (
        project(chain("Add", "Flatten", dense(10, "softmax"))),
        DIGITS, "add", "", "needs 2 inputs", True,
    ),
    "two wires": (
        project(wired(SHALLOW, ("input", "dense", 1))), DIGITS, "dense", "", "2 wires", True,
    ),
    "wire into input": (
        project(wired(SHALLOW, ("dense", "input", 0))), DIGITS, "input", "", "no input", True,
    ),
    "one port twice": (project(DOUBLED), DIGITS, "add", "", "Two wires", True),
    "empty named port": (
        project(
            wired(
                chain(("MultiHeadAttention", {"num_heads": 1, "key_dim": 2}), "Flatten", dense(1)),
                ("input", "multiheadattention", 2),
            )
        ),
        SINE, "multiheadattention", "", '"value"', False,
    ),
    "circle": (project(CIRCLE), DIGITS, "add", "", "form a circle", True),
    "loop": (
        project(wired(chain("Add", "Flatten", dense(10)), ("add", "add", 1))),
        DIGITS, "add", "", "form a circle", False,
    ),
    "unknown kind": (
        project(chain("Flatten", "Nonsense", dense(10, "softmax"))),
        DIGITS, "nonsense", "", "Keras has no layer", True,
    ),
    "unsupported kind": (
        project(chain("Flatten", "Lambda", dense(10, "softmax"))),
        DIGITS, "lambda", "", "Lambda cannot be used", True,
    ),
    "out of bounds": (
        project(chain("Flatten", dense(0), dense(10, "softmax"))),
        DIGITS, "dense", "units", "units must be", True,
    ),
    "wrong type": (
        project(chain("Flatten", ("Dropout", {"rate": "half"}), dense(10, "softmax"))),
        DIGITS, "dropout", "rate", "rate must be", True,
    ),
    "missing": (
        project(chain("Flatten", "Dense", dense(10, "softmax"))),
        DIGITS, "dense", "units", "units needs a value", True,
    ),
    "unknown name": (
        project(chain(("Flatten", {"unitz": 3}), dense(10, "softmax"))),
        DIGITS, "flatten", "unitz", "unitz", True,
    ),
    "input shape": (
        project(SHALLOW.with_parameters("input", {"shape": (9, 9, 1)})),
        DIGITS, "input", "shape", "8 × 8 × 1", True,
    ),
    "what Keras says": (
        project(chain("Flatten", conv(), "Flatten", dense(10, "softmax"))),
        DIGITS, "conv2d", "", "Conv2D needs a picture", False,
    ),
    "text without embedding": (
        project(chain(dense(5, "softmax"))), NEWS, "dense", "", "insert an Embedding", True,
    ),
    "words behind reshape": (
        project(chain(("Reshape", {"target_shape": (30, 1)}), ("LSTM", {"units": 4}),
                      dense(5, "softmax"))),
        NEWS, "lstm", "", "insert an Embedding", False,
    ),
    "vocabulary": (
        project(chain(("Embedding", {"input_dim": 50, "output_dim": 4}), "Flatten",
                      dense(5, "softmax"))),
        NEWS, "embedding", "input_dim", "1000 words", True,
    ),
    "nothing learns": (
        project(chain("Flatten", ("Reshape", {"target_shape": (64,)}))),
        DIGITS.with_target(labels=tuple(str(i) for i in range(64))),
        "", "", "add a layer with weights", False,
    ),
    "output is a picture": (
        project(chain(conv(10, 8, activation="softmax"))),
        DIGITS, "conv2d", "", "1 × 1 × 10", True,
    ),
    "output is a picture of dense": (
        project(chain(conv(), dense(10, "softmax"))), DIGITS, "dense", "", "insert Flatten", True,
    ),
    "output is a series": (
        project(chain(SEQUENCE, dense(1))), SINE, "dense", "", "return_sequences", True,
    ),
    "too many units": (
        project(chain(dense(10, "softmax"))), IRIS, "dense", "units",
        'The output has 10 units but Iris has 3 classes: set units of "dense" to 3', True,
    ),
    "one unit for three classes": (
        project(chain(dense(1, "sigmoid"))), IRIS, "dense", "units", "1 unit but", True,
    ),
    "units before an activation": (
        project(chain("Flatten", dense(9), ("Activation", {"activation": "softmax"}))),
        DIGITS, "dense", "units", "set units", True,
    ),
    "units of no field": (
        project(chain("Flatten", dense(64, "relu"), ("Reshape", {"target_shape": (64,)}))),
        DIGITS, "reshape", "", "add a Dense layer with 10 units", True,
    ),
    "numbers": (
        project(chain(dense(3))), DIABETES, "dense", "units", "Diabetes has 1 number", True,
    ),
    "softmax of one": (
        project(chain(dense(1, "softmax"))), MOONS, "dense", "activation", "always 1", True,
    ),
    "loss unknown": (
        project(SHALLOW, **loss("Nonsense")), DIGITS, "", "training.loss", "no loss", True,
    ),
    "loss parameter": (
        project(SHALLOW, **loss("SparseCategoricalCrossentropy", from_logits="yes")),
        DIGITS, "", "training.loss", "from_logits", True,
    ),
    "loss never": (
        project(SHALLOW, **loss("CTC")), DIGITS, "", "training.loss", "does not fit", True,
    ),
    "class loss on numbers": (
        project(chain(dense(1)), **loss("BinaryCrossentropy")),
        DIABETES, "", "training.loss", "wants numbers", True,
    ),
    "sparse loss on one unit": (
        project(chain(dense(1, "sigmoid")), **loss("SparseCategoricalCrossentropy")),
        MOONS, "", "training.loss", "use BinaryCrossentropy", True,
    ),
    "softmax twice": (
        project(SHALLOW, **loss("SparseCategoricalCrossentropy", from_logits=True)),
        DIGITS, "", "training.loss", "a second time", True,
    ),
    "softmax never": (
        project(chain("Flatten", dense(10)), **loss("CategoricalCrossentropy")),
        DIGITS, "", "training.loss", "expects probabilities", True,
    ),
    "metric unknown": (
        project(SHALLOW, **metric("Nonsense")), DIGITS, "", "training.metrics", "no metric", True,
    ),
    "metric of other labels": (
        project(SHALLOW, **metric("CategoricalAccuracy")),
        DIGITS, "", "training.metrics", "SparseCategoricalCrossentropy", True,
    ),
    "class metric on numbers": (
        project(chain(dense(1)), **metric("BinaryAccuracy")),
        DIABETES, "", "training.metrics", "does not fit", True,
    ),
    "correlation of one number": (
        project(chain(dense(1)), **metric("PearsonCorrelation")),
        DIABETES, "", "training.metrics", "does not fit", True,
    ),
    "metric that divides by the truth": (
        project(SHALLOW, **loss("MeanSquaredError"), **metric("MeanAbsolutePercentageError")),
        DIGITS, "", "training.metrics", "divides by the true answer, which is 0", True,
    ),
    "loss that divides by the truth": (
        project(SHALLOW, **loss("MeanAbsolutePercentageError")),
        DIGITS, "", "training.loss", "divides by the true answer, which is 0", True,
    ),
    "metric never": (
        project(SHALLOW, **metric("Accuracy")), DIGITS, "", "training.metrics", "exactly", True,
    ),
    "a figure per class": (
        project(chain(dense(1, "sigmoid")), **metric("F1Score")),
        MOONS, "", "training.metrics", "average to macro and threshold to 0.5", True,
    ),
    "metric of logits": (
        project(chain(dense(1)), **metric("AUC")),
        MOONS, "", "training.metrics", "reads probabilities", True,
    ),
    "optimizer unknown": (
        project(SHALLOW, optimizer=ObjectSpec(kind="Nonsense")),
        DIGITS, "", "training.optimizer", "no optimizer", True,
    ),
    "learning rate": (
        project(SHALLOW, optimizer=ObjectSpec(kind="SGD", parameters={"learning_rate": -1})),
        DIGITS, "", "training.optimizer", "learning_rate", True,
    ),
    "no samples": (
        project(SHALLOW), with_counts(DIGITS, 0, 5, 5), "", "data.split", "no samples", False,
    ),
    "monitor unknown": (
        project(SHALLOW, **stopping("val_nonsense")),
        DIGITS, "", "training.early_stopping.monitor", "val_nonsense", True,
    ),
    "monitor without validation": (
        project(SHALLOW, **stopping("val_loss")), with_counts(DIGITS, 100, 0, 10),
        "", "training.early_stopping.monitor", "no validation part", True,
    ),
    "warm-up": (
        project(SHALLOW, epochs=4, schedule=ScheduleSpec(kind="warmup", warmup=4)),
        DIGITS, "", "training.schedule.warmup", "fills the whole run", True,
    ),
    "plateau": (
        project(SHALLOW, schedule=ScheduleSpec(kind="plateau", monitor="val_nonsense")),
        DIGITS, "", "training.schedule.monitor", "watch val_loss", True,
    ),
    "class weights for numbers": (
        project(chain(dense(1)), class_weights="balanced"),
        DIABETES, "", "training.class_weights", "wants numbers", True,
    ),
    "weight of no class": (
        project(SHALLOW, class_weights={"3": 2.0, "three": 1.0, "tree": 1.0}),
        DIGITS, "", "training.class_weights", '"three"', True,
    ),
    "no class counts": (
        project(chain(dense(2, "softmax")), class_weights=dict.fromkeys(MOONS.labels, 0.0)),
        MOONS, "", "training.class_weights", "nothing would be learned", True,
    ),
    "more steps gathered than the run has": (
        project(SHALLOW, epochs=2, batch_size=50, **gathering(5)), with_counts(DIGITS, 100, 10, 10),
        "", "training.optimizer", "5 steps, but the run has 4: nothing would be learned; gather 2", True,
    ),
    "no range to rescale": (
        project(chain("Rescaling", dense(3, "softmax"))), IRIS, "rescaling", "scale", "no fixed range", False,
    ),
    "a normalization amid the network": (
        project(chain("Normalization", dense(4, "relu"), "Normalization", dense(3, "softmax"))),
        IRIS, "normalization_2", "mean", "right behind an input", False,
    ),
    "a normalization along another axis": (
        project(chain(("Normalization", {"axis": 1}), dense(3, "softmax"))),
        IRIS, "normalization", "axis", "It must be -1", False,
    ),
}  # fmt: skip
WARNED = {
    "dense on a picture": (
        project(chain(dense(3, "relu"), "Flatten", dense(10, "softmax"))),
        DIGITS, "dense", "", "each pixel by itself",
    ),
    "relu at the output": (
        project(chain("Flatten", dense(10, "relu"))),
        DIGITS, "dense", "activation", "cuts off negative values",
    ),
    "sigmoid for numbers": (
        project(chain(dense(1, "sigmoid"))), DIABETES, "dense", "activation", "between 0 and 1",
    ),
    "batch": (
        project(SHALLOW, batch_size=500), with_counts(DIGITS, 100, 10, 10),
        "", "training.batch_size", "100 training samples",
    ),
    "more steps gathered than an epoch has": (
        project(SHALLOW, epochs=9, batch_size=99, **gathering(5)), with_counts(DIGITS, 99, 10, 10),
        "", "training.optimizer", "5 steps, but an epoch has 1: some epochs change no weight; switch it off",
    ),
    "gradients left over": (
        project(SHALLOW, epochs=1, batch_size=10, **gathering(4)), with_counts(DIGITS, 100, 10, 10),
        "", "training.optimizer", "the last 2 of 10 steps change no weight; gather 2",
    ),
    "first step of the rate": (
        project(SHALLOW, epochs=9, schedule=ScheduleSpec(kind="step", every=9)),
        DIGITS, "", "training.schedule.every", "first step comes after",
    ),
}  # fmt: skip


def matching(issues, layer, field, words):
    return [i for i in issues if (i.layer, i.field) == (layer, field) and words in i.message]


@pytest.mark.parametrize("name", BROKEN)
def test_an_error_is_found_named_and_mended(name):
    spec, info, layer, field, words, curable = BROKEN[name]
    issues = findings(spec, info)
    (issue,) = matching(issues, layer, field, words)
    assert issue.severity == "error"
    assert bool(issue.cures) or not curable
    for cure in issue.cures:
        mended = cure.applied_to(spec)
        assert mended != spec
        assert not matching(findings(mended, info), layer, field, words)


@pytest.mark.parametrize("name", WARNED)
def test_a_warning_is_found_and_mended(name):
    spec, info, layer, field, words = WARNED[name]
    issues = findings(spec, info)
    (issue,) = matching(issues, layer, field, words)
    assert issue.severity == "warning"
    assert all(i.severity == "warning" for i in issues)
    assert issue.cures
    for cure in issue.cures:
        assert findings(cure.applied_to(spec), info) == ()


@pytest.mark.parametrize(
    "name",
    [
        *("two wires", "unknown kind", "out of bounds", "missing", "unknown name", "input shape"),
        *("two outputs", "merge of one", "vocabulary", "units before an activation"),
        *("output is a picture", "output is a picture of dense", "units of no field", "numbers"),
        *("output is a series", "softmax of one", "softmax twice", "softmax never", "a figure per class"),
        *("metric of logits", "metric unknown", "loss never", "optimizer unknown"),
        *("monitor unknown", "monitor without validation", "sparse loss on one unit"),
        *("warm-up", "plateau", "class weights for numbers", "weight of no class", "no class counts"),
    ],
)  # fmt: skip
def test_the_first_cure_alone_makes_the_project_whole(name):
    spec, info, layer, field, words, _ = BROKEN[name]
    (issue,) = matching(findings(spec, info), layer, field, words)
    assert not [i for i in findings(issue.cures[0].applied_to(spec), info) if i.severity == "error"]


def test_cures_can_be_taken_one_after_another_from_an_empty_page():
    spec = project(NetworkSpec())
    for _ in range(3):
        issues = findings(spec, DIGITS)
        if not issues or not issues[0].cures:
            break
        spec = issues[0].cures[0].applied_to(spec)
    assert [layer.kind for layer in spec.network.layers] == ["InputLayer", "Flatten", "Dense"]
    assert findings(spec, DIGITS) == ()


@pytest.mark.parametrize(
    ("spec", "info"),
    [
        (project(classifier()), DIGITS),
        (project(chain("Flatten", dense(10))), DIGITS),
        (project(chain(dense(1, "sigmoid"))), MOONS),
        (project(chain(dense(1)), **metric("R2Score")), DIABETES),
        (project(chain(EMBEDDING, "Flatten", dense(5, "softmax"))), NEWS),
        (project(SHALLOW, **loss("MeanSquaredError"), **metric("AUC")), DIGITS),
        (project(SHALLOW, **stopping("val_accuracy")), DIGITS),
        (project(SHALLOW), None),
    ],
)
def test_a_sound_project_has_no_findings(spec, info):
    assert findings(spec, info) == ()
    assert findings(spec, info, with_facts=False) == ()


def test_without_counts_the_split_tells_whether_there_is_a_validation_part():
    spec = project(SHALLOW, **stopping("val_loss"))
    unknown = with_counts(DIGITS, 0, 0, 0)
    assert findings(spec, unknown) == ()
    unsplit = spec.but(data=DataSpec(split=SplitSpec(validation=0.0)))
    assert [i.field for i in findings(unsplit, unknown)] == ["training.early_stopping.monitor"]


def test_freezing_everything_leaves_nothing_to_learn():
    spec = project(SHALLOW)
    network = spec.network.with_changed(spec.network.layer("dense").but(trainable=False))
    (issue,) = findings(spec.but(network=network), DIGITS)
    assert "trainable" in issue.message


def test_what_keras_says_is_not_repeated_where_the_cause_is_known():
    facts = {"dense": LayerFacts(None, error="units must be fine", field="units")}
    issues = validate(project(chain("Flatten", dense(0))), DIGITS, facts)
    assert [i.message for i in issues if i.layer == "dense"] == [
        "units must be a whole number from 1 to 1000000000, not 0."
    ]


def test_errors_come_first_and_in_the_order_of_the_graph():
    network = chain(dense(3, "relu"), ("Dropout", {"rate": 2.0}), "Flatten", dense(0))
    shuffled = NetworkSpec(layers=network.layers[::-1], wires=network.wires)
    issues = findings(project(shuffled, **loss("Nonsense")), DIGITS, with_facts=False)
    places = [(i.severity, i.layer, i.field) for i in issues]
    assert places[:2] == [("error", "dropout", "rate"), ("error", "dense_2", "units")]
    assert places[-2:] == [("error", "", "training.loss"), ("warning", "dense", "")]


@pytest.mark.parametrize("name", BROKEN)
def test_messages_are_one_short_plain_sentence_even_with_long_names(name):
    spec, info, *_ = BROKEN[name]
    long = "x" * 95
    for i, layer in enumerate(spec.network.layers):
        spec = spec.but(network=spec.network.renamed(layer.id, f"{long}{i}"))
    for issue in findings(spec, info):
        assert len(issue.message) <= 160
        assert issue.message.endswith(".")
        assert "\n" not in issue.message
        for cure in issue.cures:
            assert len(cure.label) <= 60


TEXT = st.text(max_size=8)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=2)),
    max_leaves=4,
)
NAMES = st.sampled_from(
    ["units", "shape", "filters", "kernel_size", "activation", "layer", "target_shape", "input_dim"]
)
KINDS = st.sampled_from(
    ["Dense", "Conv2D", "InputLayer", "Embedding", "TimeDistributed", "Reshape", "Add", "Nonsense"]
)


@st.composite
def anything(draw):
    """Any description that a project file may hold, however senseless."""
    layers = tuple(
        LayerSpec(id=f"l{i}", kind=draw(KINDS), parameters=draw(st.dictionaries(NAMES, VALUES, max_size=2)))
        for i in range(draw(st.integers(0, 5)))
    )  # fmt: skip
    network = NetworkSpec(layers=layers)
    ends = st.sampled_from([layer.id for layer in layers]) if layers else st.nothing()
    wires = draw(st.lists(st.tuples(ends, ends, st.integers(0, 3)), max_size=8)) if layers else []
    return project(wired(network, *wires), **loss(draw(TEXT)), **metric(draw(TEXT)))


@given(spec=anything(), info=st.sampled_from([DIGITS, IRIS, NEWS, DIABETES, None]))
def test_no_description_makes_validation_or_shapes_stumble(spec, info):
    for issue in findings(spec, info):
        assert 0 < len(issue.message) <= 160
        for cure in issue.cures:
            findings(cure.applied_to(spec), info, with_facts=False)


def test_the_settings_of_a_layer_are_checked_once(monkeypatch):
    asked = []
    check = subject.check_parameters
    monkeypatch.setattr(
        subject, "check_parameters", lambda *given: asked.append(1) or check(*given)
    )
    data = DataSpec(reader="digits")
    info = describe(data)
    spec = new_project("densenet121", data, info, "large")
    validate(spec, info)
    assert len(asked) == len(spec.network.layers)


def test_a_device_that_is_not_here_is_an_error_with_a_cure_where_devices_are_known():
    spec = project(classifier(), device="gpu:1")
    assert not [issue for issue in validate(spec, DIGITS) if issue.field == "training.device"]
    (found,) = [
        issue
        for issue in validate(spec, DIGITS, devices=("cpu", "gpu:0"))
        if issue.field == "training.device"
    ]
    assert found.message == "There is no gpu:1 on this computer: choose auto or cpu or gpu:0."
    assert found.severity == "error"
    mended = found.cures[0].applied_to(spec)
    assert mended.training.device == "auto"
    assert not validate(mended, DIGITS, devices=("cpu", "gpu:0"))
