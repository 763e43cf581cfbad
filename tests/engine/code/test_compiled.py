import pytest

from engine.build.model import build
from engine.code.compiled import runs_under_xla
from engine.data.choice import describe
from engine.spec.data import DataSpec
from engine.training.loop.compiling import by_kind
from tests.engine.build.network_examples import chain, conv, dense

INNER = {"kind": "LSTM", "parameters": {"units": 4}}
RANDOM = {"kind": "LSTM", "parameters": {"units": 4, "dropout": 0.5}}
ROWS = ("Reshape", {"target_shape": (8, 8)})


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        (("Flatten", dense(10)), True),
        ((conv(), "Flatten", dense(10)), False),
        ((ROWS, ("Bidirectional", {"layer": INNER})), True),
        ((ROWS, ("Bidirectional", {"layer": RANDOM})), False),
        (("Flatten", *[dense(2)] * 110), False),
    ],
    ids=["dense", "conv", "wrapped", "wrapped_random", "many"],
)
def test_the_description_says_what_the_model_says(layers, expected):
    network, info = chain("Rescaling", *layers), describe(DataSpec())
    assert runs_under_xla(network) is expected
    model = build(network, info)
    assert (by_kind(model, "cpu").variant == "xla") is expected
