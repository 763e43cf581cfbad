"""A batch that does not fit into the memory is warned of before training."""

import pytest

from engine.build.shapes import ShapeCache
from engine.validation import validate
from tests.engine.build.network_examples import DIGITS, chain, conv, dense, project, with_counts

INFO = with_counts(DIGITS, 50_000, 0, 0)
NETWORK = chain(conv(32), "Flatten", dense(10, activation="softmax"))
GB = 10**9


def findings(batch_size, free_bytes, info=INFO):
    spec = project(NETWORK, batch_size=batch_size)
    facts = ShapeCache().facts(spec.network, info)
    found = validate(spec, info, facts, free_bytes)
    return [issue for issue in found if "memory" in issue.message]


def test_a_batch_that_fits_is_not_mentioned():
    assert findings(32, GB) == []
    assert findings(40_000, None) == []


def test_one_that_does_not_is_a_warning_with_a_cure_that_fits():
    (issue,) = findings(40_000, GB // 10)
    assert (issue.severity, issue.field) == ("warning", "training.batch_size")
    assert "40,000" in issue.message
    size = issue.cures[0].training.batch_size
    assert f"set at most {size:,}." in issue.message
    assert findings(size, GB // 10) == []
    assert findings(2 * size, GB // 10) != []


def test_a_batch_is_never_larger_than_the_data():
    assert findings(40_000, GB // 10, with_counts(DIGITS, 100, 0, 0)) == []


def test_a_network_that_fits_with_no_batch_has_no_cure_but_words():
    (issue,) = findings(1, 1000)
    assert issue.cures == ()
    assert "make the network smaller" in issue.message


@pytest.mark.parametrize("free", [1000, GB])
def test_unknown_shapes_are_not_guessed(free):
    assert validate(project(NETWORK, batch_size=40_000), INFO, {}, free) == validate(
        project(NETWORK, batch_size=40_000), INFO, {}
    )
