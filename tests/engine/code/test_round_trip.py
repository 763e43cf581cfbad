import ast
import random as randomness

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.code.reader import parse
from engine.code.script import generate
from engine.data.choice import describe
from engine.editing.preprocessing import with_scaling
from engine.errors import BadInput
from engine.spec.data import DataSpec
from engine.spec.project import ProjectSpec
from engine.templates import TEMPLATES, new_project
from tests.engine.build.network_examples import DIGITS, chain, conv, dense
from tests.engine.code.random_networks import (
    KINDS,
    canonical,
    cleaned,
    random_network,
    random_parameters,
)


@given(st.randoms(use_true_random=False), st.sampled_from(["none", "unit", "standard"]))
def test_a_script_says_all_of_its_network(random, scaling):
    network = random_network(random)
    network = with_scaling(network, scaling, DIGITS)
    text = generate(ProjectSpec(network=network), DIGITS)
    assert canonical(parse(text).network) == canonical(network)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_and_its_settings_come_back(kind):
    random = randomness.Random(kind.name)
    for _ in range(3):
        network = chain((kind.name, random_parameters(kind, random)))
        text = generate(ProjectSpec(network=network), DIGITS)
        assert parse(text).network == network


@pytest.mark.parametrize("source", ["digits", "iris", "moons", "sine", "imdb"])
def test_every_template_comes_back_with_its_training(source):
    data = DataSpec(reader=source)
    info = describe(data)
    for template in TEMPLATES:
        try:
            spec = new_project(template, data, info)
            text = generate(spec, info)
        except BadInput:  # the template does not suit the data, or is empty
            continue
        understood = parse(text)
        assert canonical(understood.network) == canonical(spec.network)
        optimizer = understood.training["optimizer"]
        assert optimizer.kind == spec.training.optimizer.kind
        assert optimizer.parameters == cleaned("optimizer", spec.training.optimizer)
        assert understood.training["epochs"] == spec.training.epochs
        assert understood.training["seed"] == spec.training.seed


def test_a_name_can_never_become_code():
    network = chain(conv(), "Flatten", dense(10, "softmax"))
    spec = ProjectSpec(
        name='x"""\nimport os; os.abort()\n"""',
        network=network,
        data=DataSpec(reader="file", path='/tmp/"; import os #.npz'),
    )
    words = chain(("StringLookup", {"vocabulary": ('"); import os; ("', "'''\n\\", "b")}))
    for each in (spec, ProjectSpec(network=words)):
        tree = ast.parse(generate(each, DIGITS, archive="a'\"\n;import os.npz"))
        imported = {
            name.name
            for node in ast.walk(tree)
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for name in node.names
        }
        assert imported <= {"math", "sys", "keras", "numpy", "layers", "load_digits"}
