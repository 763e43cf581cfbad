"""A network inside a layer, as its block and its form show it."""

from PySide6.QtWidgets import QWidget

from engine.catalog import catalog
from engine.spec.inner import FIELD
from engine.spec.network import MODEL_KIND, LayerSpec
from widgets.canvas.facts import describe
from widgets.forms import LayerForm

KIND = catalog().layer(MODEL_KIND)
DENSE = {"kind": "Dense", "parameters": {"units": 3}}
BLOCK = LayerSpec(
    id="siamese",
    kind=MODEL_KIND,
    parameters={
        FIELD: {
            "layers": [
                {"id": "left", "kind": "InputLayer"},
                {"id": "right", "kind": "InputLayer"},
                {"id": "tower", **DENSE},
                {"id": "tower_2", **DENSE},
                {"id": "apart", "kind": "Subtract"},
            ],
            "wires": [
                {"source": "left", "target": "tower"},
                {"source": "right", "target": "tower_2"},
                {"source": "tower", "target": "apart", "port": 0},
                {"source": "tower_2", "target": "apart", "port": 1},
            ],
            "shared": {"tower_2": "tower"},
        }
    },
)


def test_the_block_is_called_like_the_model_and_has_its_inputs_as_ports():
    facts = describe(BLOCK, KIND, None, (), ())
    assert facts.title == "siamese"
    assert facts.detail == "2 layers · 1 shared"
    assert (facts.n_inputs, facts.spare, facts.input_names) == (2, False, ("left", "right"))


def test_the_form_tells_what_is_inside_and_offers_no_way_back_to_a_default(qtbot):
    form = LayerForm()
    qtbot.addWidget(form)
    form.show_layer(BLOCK, KIND, None)
    told = form.findChild(QWidget, "field.siamese.network").text()
    assert told == "tower: Dense, used 2 times\napart: Subtract"
    assert form.findChild(QWidget, "reset.field.siamese.network").isHidden()
