"""Which layers keep their weights after an edit, told from descriptions alone."""

import pytest

from engine.models.transfer import Kept, match_weights, transfer_text
from engine.spec import edits
from engine.spec.network import LayerSpec
from tests.engine.training.problems import chain

THEN = chain(
    ("a", "Dense", {"units": 8}),
    ("flat", "Flatten", {}),
    ("b", "Dense", {"units": 8}),
    ("out", "Dense", {"units": 2}),
)


def dense(taken, units):
    return (("kernel", (taken, units)), ("bias", (units,)))


SHAPES = {"a": dense(4, 8), "b": dense(8, 8), "out": dense(8, 2)}


def found(now, **shapes):
    return match_weights(THEN, SHAPES, now, SHAPES | shapes)


def test_an_untouched_network_keeps_all():
    assert found(THEN) == Kept({"a": "a", "b": "b", "out": "out"}, ())


def test_what_leaves_the_weights_alone_does_not_matter():
    now = THEN.with_parameters("a", {"units": 8, "activation": "relu"})
    now = now.with_changed(now.layer("b").but(trainable=False))
    now, _ = edits.add_after(now, "Dropout", {"rate": 0.5}, "a")
    assert found(now).anew == ()


def test_other_units_renew_the_layer_and_the_next():
    now = THEN.with_parameters("a", {"units": 16})
    assert found(now, a=dense(4, 16), b=dense(16, 8)) == Kept({"out": "out"}, ("a", "b"))


def test_another_kind_starts_anew_even_with_the_same_shapes():
    now = THEN.with_changed(LayerSpec(id="b", kind="EinsumDense"))
    assert found(now).anew == ("b",)


def test_another_layer_inside_a_wrapper_starts_anew():
    def wrapped(kind):
        inner = {"kind": kind, "parameters": {"units": 3}}
        return chain(("w", "TimeDistributed", {"layer": inner}))

    shapes = {"w": dense(2, 3)}
    assert match_weights(wrapped("Dense"), shapes, wrapped("EinsumDense"), shapes).anew == ("w",)
    assert match_weights(wrapped("Dense"), shapes, wrapped("Dense"), shapes).anew == ()


def test_renamed_layers_are_known_by_what_they_take():
    now = THEN.renamed("a", "first").renamed("flat", "f").renamed("b", "second")
    shapes = {"first": dense(4, 8), "second": dense(8, 8)}
    assert found(now, **shapes).sources == {"first": "a", "second": "b", "out": "out"}
    assert found(now.renamed("first", "a"), **shapes).sources["a"] == "a"


@pytest.mark.parametrize("removed", ["b", "flat"])
def test_a_new_layer_elsewhere_is_no_renamed_one(removed):
    now, new = edits.add_after(edits.remove(THEN, [removed]), "Dense", {"units": 8}, "out")
    assert found(now, **{new: dense(2, 8)}).anew == (new,)


def test_the_sentences():
    assert transfer_text(Kept({"a": "a"}, ())) == "Every layer keeps its weights."
    assert transfer_text(Kept({}, ("a",))) == "No layer fits what was learned: all start anew."
    assert (
        transfer_text(Kept({"a": "a"}, ("b",)))
        == "1 of 2 layers keep their weights; b starts anew."
    )
    many = transfer_text(Kept({"a": "a"}, ("b", "c", "d", "e")))
    assert many == "1 of 5 layers keep their weights; 4 layers start anew."
