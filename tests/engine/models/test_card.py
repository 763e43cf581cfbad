import json
import tomllib
import unicodedata
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.info import DataInfo, ImagePreparation
from engine.errors import BadInput, NewerFile
from engine.models.card import NETSMITH_VERSION, ModelCard, card_of, output_activation
from engine.spec.network import LayerSpec, NetworkSpec, WireSpec
from engine.spec.project import ProjectSpec

DIGITS = DataInfo.single(
    source="digits",
    title="Digits",
    kind="picture",
    task="classification",
    input_shape=(8, 8, 1),
    labels=("zero", "one"),
    value_range=(0.0, 16.0),
    counts=(10, 2, 3),
    image=ImagePreparation(8, 8, 1, (0.0, 16.0), fit="glyph", background="dark"),
)


def _chain(*layers):
    wires = [WireSpec(source=a.id, target=b.id) for a, b in pairwise(layers)]
    return NetworkSpec(layers=layers, wires=tuple(wires))


def _layer(kind, number=0, **parameters):
    return LayerSpec(id=f"{kind.lower()}_{number}", kind=kind, parameters=parameters)


def test_the_card_tells_what_the_data_is():
    network = _chain(_layer("InputLayer"), _layer("Dense", units=2, activation="softmax"))
    card = card_of(ProjectSpec(name="My digits", network=network), DIGITS)
    assert card.title == "My digits"
    assert card.labels == ("zero", "one")
    assert card.image == DIGITS.image
    assert (card.output_activation, card.from_logits) == ("softmax", False)
    assert card.netsmith_version == NETSMITH_VERSION
    assert card.keras_version.count(".") == 2
    assert card.info.input_shape == (8, 8, 1)
    assert card.info.n_classes == 2


@pytest.mark.parametrize(
    ("ending", "activation"),
    [
        ([_layer("Dense", units=2)], "linear"),
        ([_layer("Dense", units=2, activation="sigmoid")], "sigmoid"),
        ([_layer("Dense", 1, units=2), _layer("Softmax")], "softmax"),
        ([_layer("Dense", units=2), _layer("Activation", activation="tanh")], "tanh"),
        ([_layer("Dense", units=2, activation="softmax"), _layer("Dropout", rate=0.1)], "softmax"),
        ([_layer("Dropout", rate=0.1)], "linear"),
    ],
)
def test_the_last_activation_is_found(ending, activation):
    network = _chain(_layer("InputLayer"), *ending)
    assert output_activation(network) == activation
    card = card_of(ProjectSpec(network=network), DIGITS)
    assert card.from_logits == (activation == "linear")


def test_a_circle_has_no_output_and_no_activation():
    one, two = _layer("Flatten", 1), _layer("Flatten", 2)
    circle = [WireSpec(source=one.id, target=two.id), WireSpec(source=two.id, target=one.id)]
    assert output_activation(NetworkSpec(layers=(one, two), wires=tuple(circle))) == "linear"


@given(
    labels=st.lists(st.text(max_size=300), max_size=5),
    title=st.text(max_size=300),
    shape=st.lists(st.integers(1, 2**31 - 1), max_size=8),
    n_targets=st.integers(1, 100_000),
)
def test_a_card_survives_its_text(labels, title, shape, n_targets):
    card = ModelCard(labels=labels, title=title, input_shape=shape, n_targets=n_targets)
    again = ModelCard.from_values(json.loads(card.to_json()))
    assert again == card
    letters = {unicodedata.category(letter) for label in again.labels for letter in label}
    assert not letters & {"Cc", "Zl", "Zp"}
    assert all(len(label) <= 200 for label in again.labels)


def test_marks_that_reorder_text_are_removed():
    card = ModelCard(labels=("a\u202eb\x07",), title="<b>\n")
    assert card.labels == ("a b",)
    assert card.title == "<b>"  # shown as plain text wherever it appears


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "null",
        '{"labels": [1]}',
        '{"labels": "abc"}',
        '{"unknown": 1}',
        '{"n_targets": "1"}',
        '{"n_targets": 0}',
        '{"input_shape": [0]}',
        '{"input_shape": [1, 1, 1, 1, 1, 1, 1, 1, 1]}',
        '{"input_dtype": "object"}',
        '{"value_range": [NaN, 1]}',
        '{"value_range": [1, 0]}',
        '{"value_range": [0, 1e999]}',
        '{"from_logits": "yes"}',
        '{"image": {"height": 0, "width": 1, "channels": 1}}',
        '{"image": {"height": 9, "width": 1, "channels": 2}}',
        '{"image": {"height": 9, "width": 99999999, "channels": 3}}',
        '{"format": 0}',
        '{"format": "1"}',
        json.dumps({"labels": ["x"] * 100_001}),
    ],
)
def test_nonsense_is_no_card(text):
    with pytest.raises(BadInput) as refusal:
        ModelCard.from_values(json.loads(text))
    assert len(str(refusal.value)) <= 160


def test_a_newer_card_says_so():
    with pytest.raises(NewerFile):
        ModelCard.from_values({"format": 4, "what": "ever"})


def test_the_version_is_that_of_the_project():
    project = Path(__file__).resolve().parents[3] / "pyproject.toml"
    assert tomllib.loads(project.read_text())["project"]["version"] == NETSMITH_VERSION
