import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import LONGEST_MESSAGE, BadInput, NewerFile, SpecError
from engine.spec import codec
from engine.spec.base import ObjectSpec
from engine.spec.data import DataSpec, SplitSpec
from engine.spec.network import LayerSpec, NetworkSpec, WireSpec
from engine.spec.paths import with_setting
from engine.spec.project import SCHEMA, ProjectSpec
from engine.spec.training import ScheduleSpec, TrainingSpec

SPEC = ProjectSpec(
    name="Ziffern",
    network=NetworkSpec(
        layers=(
            LayerSpec(id="input", kind="InputLayer"),
            LayerSpec(id="conv", kind="Conv2D", parameters={"filters": 8, "kernel_size": [3, 3]}),
        ),
        wires=(WireSpec(source="input", target="conv"),),
    ),
    canvas={"conv": (10.5, 20.0)},
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip


@given(
    name=st.text(min_size=1, max_size=20),
    parameters=st.dictionaries(st.text(max_size=8), json_values, max_size=4),
    batch=st.integers(1, 1000),
    validation=st.floats(0, 0.4),
)
def test_decoding_what_was_encoded_gives_the_same(name, parameters, batch, validation):
    spec = ProjectSpec(
        name=name,
        network=NetworkSpec(layers=(LayerSpec(id="a", kind="Dense", parameters=parameters),)),
        data=DataSpec(split=SplitSpec(validation=validation)),
        training=TrainingSpec(
            batch_size=batch, optimizer=ObjectSpec(kind="SGD", parameters=parameters)
        ),
    )
    assert codec.decode(codec.encode(spec)) == spec


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.99])
def test_a_cut_description_is_refused_in_one_sentence(share):
    text = codec.encode(SPEC)
    with pytest.raises(BadInput) as caught:
        codec.decode(text[: int(len(text) * share)])
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) <= LONGEST_MESSAGE


@pytest.mark.parametrize(
    "text",
    ["[]", "3", '"text"', "null", '{"schema": 1}', "[" * 100_000, '{"a": NaN}', '{"a": 1e999}'],
)
def test_other_files_are_refused(text):
    with pytest.raises(BadInput):
        codec.decode(text)


def test_a_newer_schema_says_so():
    content = json.loads(codec.encode(SPEC))
    content["schema"] = SCHEMA + 1
    with pytest.raises(NewerFile, match="newer Netsmith"):
        codec.decode(json.dumps(content))


def test_every_older_schema_has_its_migration():
    assert set(codec.MIGRATIONS) == set(range(1, SCHEMA))


def test_a_wrong_field_is_named_with_its_value():
    content = json.loads(codec.encode(SPEC))
    content["training"]["batch_size"] = 0
    with pytest.raises(SpecError) as caught:
        codec.decode(json.dumps(content))
    assert caught.value.where == "training.batch_size"
    assert "0" in caught.value.problem


def test_a_position_that_is_no_number_is_refused():
    content = json.loads(codec.encode(SPEC))
    content["canvas"] = {"conv": ["nan", 0]}
    with pytest.raises(SpecError, match=r"canvas\.conv\.0: must be a valid number"):
        codec.decode(json.dumps(content))


def test_positions_of_layers_that_are_gone_are_dropped():
    assert SPEC.but(network=SPEC.network.without_layers(["conv"])).canvas == {}


@pytest.mark.parametrize(
    ("setting", "read"),
    [
        ("training.batch_size=64", lambda s: s.training.batch_size == 64),
        ("training.optimizer.parameters.learning_rate=0.01",
         lambda s: s.training.optimizer.parameters == {"learning_rate": 0.01}),
        ("network.layers.conv.parameters.filters=16", lambda s: s.network.layer("conv").parameters["filters"] == 16),
        ("data.reader=iris", lambda s: s.data.reader == "iris"),
        ("data.options.noise=0.2", lambda s: s.data.options == {"noise": 0.2}),
        ("training.metrics.0.kind=AUC", lambda s: s.training.metrics[0].kind == "AUC"),
    ],
)  # fmt: skip
def test_settings_reach_every_value(setting, read):
    assert read(with_setting(SPEC, setting))


@pytest.mark.parametrize(
    "setting",
    [
        "training.batch_size",
        "=3",
        "training.size=3",
        "network.layers.dense.kind=x",
        "a..b=1",
        "training=3",
        "network.layers.conv.parameters=" + "[" * 100_000,
    ],
)
def test_settings_that_do_not_exist_are_refused(setting):
    with pytest.raises(BadInput):
        with_setting(SPEC, setting)


def test_a_value_that_is_not_possible_is_refused():
    with pytest.raises(SpecError, match="batch_size"):
        with_setting(SPEC, "training.batch_size=0")


def test_a_project_from_before_schedules_and_class_weights_opens_with_the_usual_ones():
    content = json.loads(codec.encode(SPEC))
    for name in ("schedule", "class_weights"):
        del content["training"][name]
    spec = codec.decode(json.dumps(content))
    assert spec == SPEC
    assert (spec.training.schedule.kind, spec.training.class_weights) == ("constant", "none")


@pytest.mark.parametrize("weights", ["none", "balanced", {"cat": 2.0, "dog": 0.5}])
def test_schedule_and_class_weights_survive_the_text(weights):
    schedule = ScheduleSpec(kind="warmup_cosine", warmup=2.5, final=0.01)
    spec = SPEC.but(training=TrainingSpec(schedule=schedule, class_weights=weights))
    assert codec.decode(codec.encode(spec)) == spec


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("class_weights", "heavy"),
        ("class_weights", {"cat": -1.0}),
        ("schedule", {"kind": "zigzag"}),
        ("schedule", {"kind": "step", "factor": 1.5}),
        ("schedule", {"kind": "step", "every": 0}),
    ],
)
def test_impossible_schedules_and_weights_are_refused_by_name(name, value):
    content = json.loads(codec.encode(SPEC))
    content["training"][name] = value
    with pytest.raises(SpecError, match=rf"training\.{name}"):
        codec.decode(json.dumps(content))
