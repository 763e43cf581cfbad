"""Every ready network against every data set: it fits, or one sentence says why, and the proposal does fit."""

import pytest

from engine.build.shapes import ShapeCache
from engine.data.info import DataInfo
from engine.data.readers import READERS
from engine.editing.preprocessing import with_scaling
from engine.spec.data import DataSpec
from engine.templates import TEMPLATES, new_project, propose
from engine.templates.architectures import FAMILIES
from engine.validation import validate
from engine.validation.fit import fit, inputs_in_words
from tests.engine.build.network_examples import chain, dense, project

ARCHITECTURES = {name.lower() for family in FAMILIES for name in family.names}
INFOS = {each.id: each.info for each in READERS.values() if each.info is not None}
DISTINCT = tuple(
    {(i.kind, i.input_shape, i.task, i.n_targets): s for s, i in INFOS.items()}.values()
)
OWN = [t for t in TEMPLATES.values() if t.id not in ARCHITECTURES and t.id != "empty"]
CACHE = ShapeCache()


def home_of(template):
    """Return the first data set that a ready network is for."""
    return next(source for source in INFOS if not template.why_not(INFOS[source]))


def with_data(spec, source):
    return spec.but(data=DataSpec(reader=source))


def facts_of(spec, info):
    return CACHE.facts(spec.network, info)


@pytest.mark.parametrize("source", DISTINCT)
@pytest.mark.parametrize("template", [each.id for each in OWN])
def test_a_network_fits_if_keras_builds_it_and_it_answers_as_the_data_wants(template, source):
    home, info = home_of(TEMPLATES[template]), INFOS[source]
    made = new_project(template, DataSpec(reader=home), INFOS[home])
    spec = with_data(made, source)
    facts = facts_of(spec, info)
    found = fit(spec, info, facts, INFOS[home])
    wanted = info.input_shape if spec.networks else (info.n_classes or info.n_targets,)
    last = facts[spec.network.outputs[0].id].output_shape
    is_built = not any(fact.error for fact in facts.values())
    if found is None:
        assert is_built
        assert last == wanted
        return
    assert info.title in found.sentence
    assert len(found.sentence) <= 160
    assert found.issues
    # The proposal is one step and fits.
    ready = new_project(propose(info).template, spec.data, info)
    proposed = spec.but(network=ready.network, training=ready.training)
    assert fit(proposed, info, facts_of(proposed, info), info) is None


@pytest.mark.parametrize("template", [each.id for each in OWN])
def test_every_cure_of_a_network_for_other_data_ends_its_problem(template):
    home = home_of(TEMPLATES[template])
    made = new_project(template, DataSpec(reader=home), INFOS[home])
    for source in ("circles", "digits", "sine", "diabetes"):
        spec, info = with_data(made, source), INFOS[source]
        found = fit(spec, info, facts_of(spec, info))
        for issue in found.issues if found else ():
            for cure in issue.cures:
                mended = cure.applied_to(spec)
                left = fit(mended, info, facts_of(mended, info))
                rest = [(each.layer, each.message) for each in left.issues] if left else []
                assert (issue.layer, issue.message) not in rest, (source, cure.label)


def test_no_cure_makes_a_picture_of_two_numbers():
    made = new_project("cnn", DataSpec(reader="digits"), INFOS["digits"])
    spec, info = with_data(made, "circles"), INFOS["circles"]
    found = fit(spec, info, facts_of(spec, info), INFOS["digits"])
    expected = "This network is for pictures of 8 × 8; Circles has points with 2 values."
    assert found.sentence == expected
    labels = [cure.label for issue in found.issues for cure in issue.cures]
    assert labels == ["Remove it and 3 more like it", "Set units to 2"]
    for issue in found.issues:  # both clicks, one after the other, lead to a network that trains
        now = fit(spec, info, facts_of(spec, info))
        spec = (
            next(each for each in now.issues if each.layer == issue.layer).cures[0].applied_to(spec)
        )
    assert fit(spec, info, facts_of(spec, info)) is None


def test_the_same_inputs_with_other_answers_are_said_as_answers():
    made = new_project("mlp", DataSpec(reader="circles"), INFOS["circles"])
    blobs = INFOS["blobs"].with_target(labels=("a", "b", "c", "d", "e"))
    found = fit(with_data(made, "blobs"), blobs, None, INFOS["circles"])
    assert found.sentence == f"This network is for 2 classes; {blobs.title} has 5 classes."


def test_where_nobody_knows_what_it_was_made_for_the_first_problem_is_said():
    made = new_project("cnn", DataSpec(reader="digits"), INFOS["digits"])
    found = fit(with_data(made, "circles"), INFOS["circles"])
    assert found.sentence.startswith("This network does not fit Circles (points with 2 values): ")
    assert "2 classes" in found.sentence


def test_what_is_wrong_whatever_the_data_is_no_mismatch():
    unfinished = project(chain())
    assert fit(unfinished, INFOS["digits"]) is None
    circle_of_kinds = project(chain("Flaten", dense(10, "softmax")))
    assert fit(circle_of_kinds, INFOS["digits"]) is None


def test_samples_have_words_of_their_kind():
    words = {source: inputs_in_words(INFOS[source]) for source in INFOS}
    assert words["digits"] == "pictures of 8 × 8"
    assert words["cifar10"] == "pictures of 32 × 32 in colour"
    assert words["circles"] == "points with 2 values"
    assert words["parabola"] == "points with 1 value"
    assert words["iris"] == "rows of 4 columns"
    assert words["imdb"] == "texts of 200 words"
    assert words["sine"] == "series of 20 steps"


def test_preprocessing_that_the_data_cannot_have_is_no_fault_of_the_network():
    table = DataInfo.single(
        "file", "own.npz", "number", "classification", (4,), ("0", "1"), "float32", None
    )
    ready = new_project("mlp", DataSpec(reader="file", path="/own.npz"), table)
    assert ready.network.layer("input_scaling").kind == "Normalization"
    spec = ready.but(network=with_scaling(ready.network, "unit", table))
    (issue,) = validate(spec, table)
    labels = [cure.label for cure in issue.cures]
    assert (issue.layer, issue.field, labels) == ("input_scaling", "scale", ["Use Normalization"])
    assert fit(spec, table) is None
    assert validate(issue.cures[0].applied_to(spec), table) == ()
