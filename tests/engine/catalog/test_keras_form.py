"""Values as Keras's constructors take them."""

import pytest

from engine.catalog import catalog, clean_parameters
from engine.catalog.keras_form import plain
from engine.code import script
from engine.data.choice import describe
from engine.spec.base import ObjectSpec
from engine.spec.data import DataSpec
from engine.templates import new_project

SGD = catalog().family("optimizer")["SGD"]


@pytest.mark.parametrize(
    ("kind", "name", "value", "made"),
    [
        ("SGD", "learning_rate", 1, 1.0),
        ("SGD", "momentum", 0, 0.0),
        ("SGD", "weight_decay", None, None),
        ("SGD", "gradient_accumulation_steps", 4, 4),
    ],
)
def test_numbers_get_the_type_that_keras_asks_for(kind, name, value, made):
    found = plain(catalog().family("optimizer")[kind].field(name), value)
    assert (found, type(found)) == (made, type(made))


def test_what_a_form_stores_is_a_fraction_where_one_is_wanted():
    stored = clean_parameters(SGD, {"learning_rate": 1, "momentum": 0})
    assert stored == {"learning_rate": 1.0}
    assert type(stored["learning_rate"]) is float


def test_a_script_of_a_project_edited_by_hand_gives_keras_fractions():
    data = DataSpec(reader="iris")
    spec = new_project("mlp", data, describe(data), "Iris")
    optimizer = ObjectSpec(kind="SGD", parameters={"learning_rate": 1, "momentum": 0})
    text = script.generate(
        spec.but(training=spec.training.but(optimizer=optimizer)), describe(data)
    )
    assert "SGD(learning_rate=1.0, momentum=0.0)" in text
