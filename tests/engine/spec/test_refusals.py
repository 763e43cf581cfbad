"""Every value that a description refuses is named with its place and with what must stand there."""

import json

import pytest

from engine.errors import LONGEST_MESSAGE, BadInput, SpecError
from engine.spec import codec
from engine.spec.network import LayerSpec, NetworkSpec, WireSpec
from engine.spec.paths import with_setting
from engine.spec.project import ProjectSpec

SPEC = ProjectSpec(
    network=NetworkSpec(
        layers=(LayerSpec(id="input", kind="InputLayer"), LayerSpec(id="dense", kind="Dense")),
        wires=(WireSpec(source="input", target="dense"),),
    )
)
EPOCHS = "training.epochs: must be a whole number from 1 to 1000000, not "
SHARE = "data.split.validation: must be a number from 0 to 0.8, not "


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("training.epochs=true", f"{EPOCHS}true"),
        ("training.epochs=0", f"{EPOCHS}0"),
        ("training.epochs=5.5", f"{EPOCHS}5.5"),
        ('training.epochs="5"', f'{EPOCHS}"5"'),
        ("training.epochs=5,1", f'{EPOCHS}"5,1"'),
        ("training.epochs=null", f"{EPOCHS}null"),
        ("training.epochs=[1]", f"{EPOCHS}a list"),
        ("training.epochs=1e400", f"{EPOCHS}inf"),
        ("data.split.validation=0.95", f"{SHARE}0.95"),
        ('data.split.validation="0.2"', f'{SHARE}"0.2"'),
        ("data.split.validation=false", f"{SHARE}false"),
        (
            "data.split.stratified=0",
            "data.split.stratified: must be true or false, not 0",
        ),
        (
            "training.schedule.factor=1.5",
            "training.schedule.factor: must be a number above 0 and below 1, not 1.5",
        ),
        (
            "training.device=gpu",
            'training.device: must be auto, cpu, gpu:0, gpu:1 ..., not "gpu"',
        ),
        (
            "training.optimizer=Adam",
            'training.optimizer: must be an object with kind, parameters, not "Adam"',
        ),
        ("training.stages=[]", "training.stages: must be a list of 1 item, not a list of 0"),
        ("name=", 'name: must be a text of 1 to 200 letters, not ""'),
    ],
)
def test_a_refused_setting_says_what_must_stand_there(setting, sentence):
    with pytest.raises(SpecError) as refused:
        with_setting(SPEC, setting)
    assert str(refused.value) == sentence
    assert len(sentence) <= LONGEST_MESSAGE


@pytest.mark.parametrize(
    ("setting", "read", "value"),
    [
        ("training.epochs=1e1", lambda spec: spec.training.epochs, 10),
        ("training.epochs=7.0", lambda spec: spec.training.epochs, 7),
        ("data.split.validation=0", lambda spec: spec.data.split.validation, 0.0),
        ("training.schedule.every=3", lambda spec: spec.training.schedule.every, 3.0),
        ("name=5", lambda spec: spec.name, "5"),
        ("name=true", lambda spec: spec.name, "true"),
    ],
)
def test_whole_numbers_and_texts_are_taken_in_each_way_of_writing(setting, read, value):
    made = read(with_setting(SPEC, setting))
    assert (made, type(made)) == (value, type(value))


@pytest.mark.parametrize("place", ["training.epoch", "training.schedule.step", "notes.0.x"])
def test_a_place_that_does_not_exist_is_named(place):
    with pytest.raises(BadInput, match="there is no"):
        with_setting(SPEC, f"{place}=1")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda content: content["training"].update(epoch=5),
            "training.epoch: there is no setting of this name: remove it",
        ),
        (
            lambda content: content["network"]["wires"][0].update(port=True),
            "network.wires.0.port: must be a whole number from 0 to 999, not true",
        ),
        (
            lambda content: content["network"]["layers"][0].update(trainable="yes"),
            'network.layers.0.trainable: must be true or false, not "yes"',
        ),
        (
            lambda content: content["network"]["layers"][0].pop("kind"),
            "network.layers.0.kind: is missing: add it",
        ),
        (lambda content: content.update(schema=True), '"project.json" does not say its schema'),
    ],
)
def test_a_file_edited_by_hand_is_refused_in_the_same_words(change, sentence):
    content = json.loads(codec.encode(SPEC))
    change(content)
    with pytest.raises(BadInput) as refused:
        codec.decode(json.dumps(content))
    assert str(refused.value).startswith(sentence)
