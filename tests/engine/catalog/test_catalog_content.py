"""The catalogue as it is stored: complete, explained and consistent with itself."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from engine.catalog import catalog, check_value, choosable, clean_parameters, default_parameters
from engine.catalog.field_rows import FIELD_ROWS, KEPT, LEFT_OUT, SUFFIX_ROWS, field_row
from engine.catalog.kind_rows import CELL_GROUP, FORMULA, GROUP_ICONS, KIND_ROWS
from engine.catalog.ports import wires_taken
from engine.errors import LONGEST_MESSAGE
from engine.spec.network import MODEL_KIND, OUTPUT_KIND, LayerSpec

ROOT = Path(__file__).resolve().parent.parent.parent.parent
KINDS = [kind for kinds in catalog().kinds.values() for kind in kinds.values()]
FIELDS = [(kind, field) for kind in KINDS for field in kind.fields]
STORED = json.loads((ROOT / "resources/catalog/keras.json").read_text())
HELP = json.loads((ROOT / "resources/catalog/help.json").read_text())


def called(kind):
    return f"{kind.family} {kind.name}"


def test_every_stored_kind_has_an_entry_and_no_entry_is_made_up():
    for family, stored in STORED["families"].items():
        own = {FORMULA, MODEL_KIND, OUTPUT_KIND} if family == "layer" else set()
        assert set(catalog().family(family)) == set(stored) | own == set(KIND_ROWS[family])


def test_every_kind_is_explained_in_one_sentence():
    wrong = [
        called(kind)
        for kind in KINDS
        if not (20 <= len(kind.help) <= LONGEST_MESSAGE) or not kind.help.endswith(".")
    ]
    assert not wrong


def test_every_field_is_explained_in_one_sentence():
    wrong = {
        f"{kind.name}.{field.name}"
        for kind, field in FIELDS
        if not (10 <= len(field.help) <= LONGEST_MESSAGE) or not field.help.endswith(".")
    }
    assert not wrong


def test_every_field_has_a_row_written_by_hand():
    missing = {f"{k.name}.{f.name}" for k, f in FIELDS if field_row(k.name, f.name) is None}
    assert not missing


def test_tables_name_nothing_that_does_not_exist():
    names = {field.name for _, field in FIELDS}
    places = {f"{kind.name}.{field.name}" for kind, field in FIELDS}
    arguments = {
        name
        for kinds in STORED["families"].values()
        for kind, facts in kinds.items()
        for argument in [*facts["required"], *facts["defaults"]]
        for name in (argument, f"{kind}.{argument}")
    }
    assert set(FIELD_ROWS) <= names | places
    assert set(HELP["fields"]) <= names | places | set(SUFFIX_ROWS)
    assert set(LEFT_OUT) | KEPT <= arguments
    for family in KIND_ROWS:
        assert set(HELP[family]) <= set(catalog().family(family))


def test_every_argument_is_a_field_or_left_out_for_a_reason():
    for family, kinds in STORED["families"].items():
        for name, facts in kinds.items():
            kind = catalog().family(family)[name]
            if not kind.fields:
                continue
            shown = {field.name for field in kind.fields}
            hidden = {*facts["required"], *facts["defaults"]} - shown
            assert all(n in LEFT_OUT or f"{name}.{n}" in LEFT_OUT for n in hidden), (name, hidden)


def test_every_default_is_within_its_own_bounds():
    found = {
        f"{kind.name}.{field.name}": check_value(field, field.default) for kind, field in FIELDS
    }
    assert not {place: problem for place, problem in found.items() if problem}


def test_a_new_object_holds_the_required_fields_and_cleaning_keeps_them():
    for kind in KINDS:
        started = default_parameters(kind)
        assert set(started) == {field.name for field in kind.fields if field.required}
        assert clean_parameters(kind, started) == started


def test_cleaning_drops_every_default():
    for kind in KINDS:
        full = {field.name: field.default for field in kind.fields}
        assert clean_parameters(kind, full) == default_parameters(kind)


def test_common_kinds_come_first():
    for kinds in catalog().kinds.values():
        flags = [kind.common for kind in kinds.values()]
        assert flags == sorted(flags, reverse=True)
        assert any(flags)


def test_what_is_common_can_be_used():
    assert not [called(kind) for kind in KINDS if kind.common and kind.unsupported]


def test_reasons_are_sentences():
    reasons = {kind.unsupported for kind in KINDS if kind.unsupported}
    assert all(reason.endswith(".") and len(reason) <= LONGEST_MESSAGE for reason in reasons)


@pytest.mark.parametrize(
    "name",
    ["Lambda", "TFSMLayer", "JaxLayer", "FlaxLayer", "TorchModuleWrapper", "Layer", "Wrapper"],
)
def test_what_runs_foreign_code_or_is_only_a_base_cannot_be_placed(name):
    assert catalog().layer(name).unsupported
    assert name not in choosable(catalog().layer("TimeDistributed").field("layer"))


def test_cells_are_chosen_inside_recurrent_layers_only():
    cells = {kind.name for kind in KINDS if kind.group == CELL_GROUP}
    assert cells == {"LSTMCell", "GRUCell", "SimpleRNNCell", "StackedRNNCells"}
    assert set(choosable(catalog().layer("RNN").field("cell"))) == cells
    assert not cells & set(choosable(catalog().layer("TimeDistributed").field("layer")))


def test_only_layers_with_one_wire_can_be_wrapped():
    names = choosable(catalog().layer("TimeDistributed").field("layer"))
    assert "Dense" in names
    assert not {"Add", "InputLayer", "MultiHeadAttention", "Lambda"} & set(names)


def test_ports_are_named_as_often_as_there_are_wires():
    for kind in KINDS:
        if kind.input_names:
            of_call = {field.name: True for field in kind.fields if field.of_call}
            layer = LayerSpec(id="x", kind=kind.name, parameters=of_call)
            most = kind.inputs[1] if kind.name == FORMULA else wires_taken(layer, kind)[1]
            assert len(kind.input_names) == most
            assert kind.inputs[0] >= 1


@pytest.mark.parametrize(
    ("name", "ranks", "inputs"),
    [
        ("Conv2D", (3,), (1, 1)),
        ("Conv1D", (2,), (1, 1)),
        ("ConvLSTM2D", (4,), (1, 1)),
        ("Dense", (), (1, 1)),
        ("InputLayer", (), (0, 0)),
        ("Add", (), (2, None)),
        ("Subtract", (), (2, 2)),
        ("MultiHeadAttention", (2, 3, 4), (2, 3)),
    ],
)
def test_ranks_and_wires(name, ranks, inputs):
    kind = catalog().layer(name)
    assert (kind.ranks, kind.inputs) == (ranks, inputs)


@pytest.mark.parametrize(
    ("place", "default", "length"),
    [
        ("Conv2D.kernel_size", (3, 3), 2),
        ("Conv1D.strides", (1,), 1),
        ("ConvLSTM2D.dilation_rate", (1, 1), 2),
        ("MaxPooling2D.strides", None, 2),
        ("ZeroPadding2D.padding", (1, 1, 1, 1), 4),
        ("Cropping2D.cropping", (0, 0, 0, 0), 4),
        ("Cropping3D.cropping", (1,) * 6, 6),
        ("Dense.activation", "linear", 0),
        ("Dense.kernel_initializer", {"kind": "GlorotUniform", "parameters": {}}, 0),
        ("Embedding.embeddings_initializer", {"kind": "RandomUniform", "parameters": {}}, 0),
        ("RandomBrightness.value_range", (0.0, 1.0), 2),
    ],
)
def test_defaults_are_written_in_one_way(place, default, length):
    name, field_name = place.split(".")
    field = catalog().layer(name).field(field_name)
    assert (field.default, field.length) == (default, length)


def test_every_layer_has_an_icon_of_the_icon_font():
    import qtawesome

    folder = Path(qtawesome.__file__).parent / "fonts"
    (charmap,) = folder.glob("materialdesignicons6*charmap*.json")
    drawn = {f"mdi6.{name}" for name in json.loads(charmap.read_text())}
    assert set(GROUP_ICONS.values()) <= drawn
    groups = {kind.group for kind in catalog().family("layer").values()}
    assert groups == set(GROUP_ICONS)


def test_reading_needs_neither_keras_nor_tensorflow():
    program = (
        "import sys; from engine.catalog import catalog; catalog();"
        "print(sorted({'keras', 'tensorflow', 'PySide6'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ast.literal_eval(done.stdout) == []
