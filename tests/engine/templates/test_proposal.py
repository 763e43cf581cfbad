import pytest

from engine.data.readers import READERS
from engine.templates import TEMPLATES, propose
from tests.engine.build.network_examples import (
    DIABETES,
    DIGITS,
    IRIS,
    MOONS,
    NEWS,
    SINE,
    samples_of,
    with_counts,
)

LONG_TEXT = NEWS.with_input(shape=(200,))
LONG_SERIES = SINE.with_input(shape=(400, 2))


@pytest.mark.parametrize(
    ("info", "template"),
    [
        (DIGITS, "cnn"),
        (samples_of((3, 3, 1), kind="picture"), "mlp"),
        (samples_of((28, 28, 1), kind="picture"), "cnn2"),
        (samples_of((32, 32, 3), kind="picture"), "resnet"),
        (with_counts(samples_of((64, 64, 3), kind="picture"), 255, 45, 100), "photos"),
        (with_counts(samples_of((64, 64, 3), kind="picture"), 50_000, 0, 100), "resnet"),
        (MOONS, "mlp"),
        (IRIS, "mlp"),
        (DIABETES, "mlp"),
        (with_counts(IRIS, 5000, 100, 100), "normalized"),
        (NEWS, "bidirectional_gru"),
        (LONG_TEXT, "conv1d"),
        (SINE, "gru"),
        (LONG_SERIES, "dilated"),
    ],
)
def test_kind_shape_and_size_decide(info, template):
    assert propose(info).template == template


def test_every_data_set_gets_a_network_that_suits_it_and_a_sentence():
    for data_set in READERS.values():
        if data_set.info is not None:
            proposal = propose(data_set.info)
            assert not TEMPLATES[proposal.template].why_not(data_set.info)
            assert proposal.why.endswith(".")
            assert len(proposal.why) <= 110
