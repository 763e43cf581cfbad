"""Findings on how a project learns."""

import pytest

from engine.data.choice import describe
from engine.spec.base import ObjectSpec
from engine.spec.data import DataSpec
from engine.templates import new_project
from engine.validation import validate

RING = DataSpec(reader="ring")


def findings(template, **training):
    info = describe(RING)
    spec = new_project(template, RING, info, "project")
    spec = spec.but(training=spec.training.but(**training))
    found = validate(spec, info)
    return spec, [
        issue for issue in found if issue.field in {f"training.{name}" for name in training}
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("loss", ObjectSpec(kind="MeanSquaredError")),
        ("metrics", (ObjectSpec(kind="MeanAbsoluteError"),)),
        ("class_weights", "balanced"),
    ],
)
def test_settings_for_answers_are_not_ignored_in_silence(name, value):
    spec, (issue,) = findings("gan_points", **{name: value})

    assert issue.severity == "warning"
    assert issue.sentence.startswith(f"training.{name}: Adversarial (GAN): the ")
    mended = issue.cures[0].training
    assert getattr(mended, name) == getattr(type(spec.training)(), name)
    assert not findings("gan_points", **{name: getattr(mended, name)})[1]


def test_a_network_that_answers_uses_its_class_weights():
    assert not findings("mlp", class_weights="balanced")[1]
