"""The stored catalogue against the installed Keras."""

import inspect

import pytest

import resources
from engine.build import inspection
from engine.catalog import catalog

# Public classes that are no layer, loss... themselves.
OTHERS = {"layers": {"InputSpec"}, "optimizers": {"OptimizerMap"}}
BASES = {"Initializer", "Regularizer", "Constraint", "Loss", "Optimizer", "Metric"}


def test_the_stored_file_is_what_the_installed_keras_offers():
    stored = resources.path("catalog/keras.json").read_text(encoding="utf-8")
    assert stored == inspection.text(inspection.inspected()), (
        "Keras changed: run python -m engine.build.inspection and mend the tables of the catalogue"
    )


@pytest.mark.parametrize("family", list(inspection.modules()))
def test_every_public_name_leads_to_an_entry(family):
    module, base = inspection.modules()[family]
    found = inspection.public_objects(family)
    for name in dir(module):
        item = getattr(module, name)
        wanted = inspect.isclass(item) if base else inspect.isfunction(item)
        if name.startswith("_") or not wanted or name in {"get", "serialize", "deserialize"}:
            continue
        if name in BASES | OTHERS.get(module.__name__.rpartition(".")[2], set()):
            continue
        (entry,) = [known for known, thing in found.items() if thing is item]
        assert entry in catalog().family(family)
