import numpy as np
import pytest

from benchmarks.cases import CASES, SEED
from benchmarks.in_torch import is_here
from engine.build.shapes import ShapeCache
from engine.spec import codec
from engine.validation import validate

IDS = (
    "dense-784-128-10", "dense-64-32-10", "conv-28-b32", "conv-28-b128", "conv-bn-28", "residual-32",
    "lstm-text-40", "gru-series", "table-20", "circles-b10",
)  # fmt: skip


def test_the_cases_are_the_reference_cases():
    assert tuple(CASES) == IDS


@pytest.mark.parametrize("case", CASES.values(), ids=lambda case: case.id)
def test_a_case_can_be_trained(case):
    data = case.data()
    assert data.info.counts == (case.samples, 0, 0)
    assert data.training.x.shape == (case.samples, *case.info.input_shape)
    assert data.training.x.dtype == case.info.input_dtype
    assert len(data.training.y) == case.samples
    if case.info.n_classes:
        assert set(np.unique(data.training.y)) == set(range(case.info.n_classes))
    spec = case.project(3)
    assert codec.decode(codec.encode(spec)) == spec
    facts = ShapeCache().facts(case.network, case.info)
    errors = [issue for issue in validate(spec, data.info, facts) if issue.severity == "error"]
    assert not errors
    (output,) = case.network.outputs
    assert facts[output.id].output_shape == (case.info.n_classes or case.info.n_targets,)


def test_a_case_has_the_same_samples_in_every_process():
    first, again = (CASES["lstm-text-40"].data().training for _ in range(2))
    np.testing.assert_array_equal(first.x, again.x)
    np.testing.assert_array_equal(first.y, again.y)
    assert CASES["lstm-text-40"].project(1).training.seed == SEED


@pytest.mark.skipif(not is_here(), reason="PyTorch is not installed")
@pytest.mark.parametrize("case", CASES.values(), ids=lambda case: case.id)
def test_torch_trains_the_same_network(case):
    from benchmarks.in_torch import _model

    facts = ShapeCache().facts(case.network, case.info)
    ours = sum(fact.trainable_parameters for fact in facts.values())
    theirs = sum(p.numel() for p in _model(__import__("torch"), case, case.data()).parameters())
    recurrent_biases = {"lstm-text-40": 4 * 32, "gru-series": 0}  # PyTorch adds two of them
    assert theirs == ours + recurrent_biases.get(case.id, 0)
