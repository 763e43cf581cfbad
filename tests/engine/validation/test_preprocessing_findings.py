"""Findings about how samples are prepared, each with a cure that ends it."""

from dataclasses import replace

import pytest

from engine.build.shapes import ShapeCache
from engine.data.info import DataInfo
from engine.data.readers import READERS
from engine.editing.preprocessing import with_scaling
from engine.validation import validate
from tests.engine.build.network_examples import (
    DIGITS,
    IRIS,
    MOONS,
    NEWS,
    chain,
    classifier,
    dense,
    project,
    with_counts,
)

CACHE = ShapeCache()
SCALED_PICTURE = ("Rescaling", {"scale": 1 / 255})
WORDS = ("Embedding", {"input_dim": 1000, "output_dim": 4})


def findings(network, info):
    return validate(project(network), info, CACHE.facts(network, info))


def cured(network, info, words):
    """Return what is left once the first cure of the only such finding was taken."""
    (issue,) = [each for each in findings(network, info) if words in each.message]
    mended = issue.cures[0].applied_to(project(network))
    return issue, mended.network, findings(mended.network, info)


@pytest.mark.parametrize(
    ("network", "info", "words", "kind"),
    [
        (classifier(), DIGITS, 'Values from 0 to 16 reach "conv2d" as they are', "Rescaling"),
        (chain(dense(3, "softmax")), IRIS, 'The columns reach "dense"', "Normalization"),
        (chain(("Dropout", {"rate": 0.1}), dense(2, "softmax")), MOONS, 'The columns reach "dense"', "Normalization"),
    ],
)  # fmt: skip
def test_samples_that_nothing_scales_are_said_and_one_click_scales_them(network, info, words, kind):
    issue, mended, left = cured(network, info, words)
    assert (issue.severity, issue.cures[0].label) == ("warning", f"Insert {kind}")
    assert mended.layer("input_scaling").kind == kind
    assert left == ()


@pytest.mark.parametrize(
    ("network", "info"),
    [
        (chain("BatchNormalization", dense(3, "softmax")), IRIS),
        (chain(("Rescaling", {"scale": 0.1}), dense(3, "softmax")), IRIS),
        (chain(WORDS, "GlobalAveragePooling1D", dense(5, "softmax")), NEWS),
        (classifier(), replace(DIGITS, inputs=(replace(DIGITS.inputs[0], value_range=(0.0, 1.0)),))),
    ],
)  # fmt: skip
def test_samples_that_need_no_scaling_are_left_alone(network, info):
    assert findings(network, info) == ()


def test_a_rescaling_for_another_range_is_said_and_one_click_sets_its_scale():
    network = chain(SCALED_PICTURE, "Flatten", dense(10, "softmax"))
    issue, mended, left = cured(network, DIGITS, "takes the values of Digits to 0 to 0.0627")
    assert (issue.layer, issue.field, issue.severity) == ("rescaling", "scale", "warning")
    assert mended.layer("input_scaling").parameters == {"scale": 1 / 16}
    assert left == ()


def test_one_for_pictures_of_bytes_is_too_large_for_nobody():
    photos = with_counts(READERS["mnist"].info, 900, 99, 99)
    network = chain(SCALED_PICTURE, "Flatten", dense(10, "softmax"))
    assert findings(network, photos) == ()
    wide = chain(("Rescaling", {"scale": 1 / 16}), "Flatten", dense(10, "softmax"))
    assert [issue.layer for issue in findings(wide, photos)] == ["rescaling"]


def test_no_range_makes_a_rescaling_a_normalization():
    network = with_scaling(chain(dense(3, "softmax")), "unit", IRIS)
    issue, mended, left = cured(network, IRIS, "no fixed range")
    assert (issue.severity, issue.field) == ("error", "scale")
    assert mended.layer("input_scaling").kind == "Normalization"
    assert left == ()


def test_amid_the_network_it_becomes_batch_normalization_or_goes():
    network = chain("Normalization", dense(4, "relu"), "Normalization", dense(3, "softmax"))
    issue, mended, left = cured(network, IRIS, "nly right behind an input")
    assert issue.layer == "normalization_2"
    assert mended.layer("normalization_2").kind == "BatchNormalization"
    assert left == ()
    assert [cure.label for cure in issue.cures] == ["Use BatchNormalization", "Remove it"]


@pytest.mark.parametrize("setting", [{"axis": 1}, {"invert": True}])
def test_a_setting_that_statistics_of_columns_do_not_serve_goes_back(setting):
    network = chain(("Normalization", setting), dense(3, "softmax"))
    issue, mended, left = cured(network, IRIS, "where mean and variance come from the data")
    assert issue.field == next(iter(setting))
    assert mended.layer("normalization").parameters == {}
    assert left == ()


def test_an_input_with_nothing_but_preprocessing_has_no_output_and_no_more_to_say():
    (issue,) = findings(chain("Rescaling"), DIGITS)
    assert issue.message.startswith("The network has no output")
    assert issue.layer == "rescaling"
    mended = issue.cures[0].applied_to(project(chain("Rescaling")))
    assert findings(mended.network, DIGITS) == ()


def test_a_series_is_normalized_too():
    wave = DataInfo.single("sine", "Sine", "sequence", "regression", (20, 1), ("next value",))
    network = chain(("GRU", {"units": 4}), dense(1))
    _, mended, left = cured(network, wave, "The columns reach")
    assert mended.layer("input_scaling").kind == "Normalization"
    assert left == ()


@pytest.mark.parametrize(
    ("kind", "parameters", "field"),
    [
        ("Normalization", {"mean": [1.0, 2.0, 3.0], "variance": [1.0, 1.0, 1.0]}, "mean"),
        ("Normalization", {"mean": [1.0, 2.0, 3.0, 4.0], "variance": [1.0, 1.0]}, "variance"),
        ("Rescaling", {"scale": [1.0, 2.0]}, "scale"),
        ("Rescaling", {"scale": 1.0, "offset": [1.0] * 5}, "offset"),
    ],
)
def test_numbers_for_other_features_are_refused(kind, parameters, field):
    network = chain((kind, parameters), dense(3, "softmax"))
    (issue,) = [each for each in findings(network, IRIS) if each.severity == "error"]
    assert (issue.layer, issue.field) == (network.layers[1].id, field)
    assert issue.message.startswith(f"{field} holds {len(parameters[field])} numbers but ")
    assert issue.message.endswith(" takes 4 features: give one for each.")


def test_the_data_gives_the_numbers_of_other_features():
    wrong = {"mean": [1.0] * 3, "variance": [1.0] * 3}
    network = chain(("Normalization", wrong), dense(3, "softmax"))
    assert cured(network, IRIS, "holds 3 numbers")[2] == ()


@pytest.mark.parametrize("scale", [[0.1], [0.1, 0.2, 0.3, 0.4]])
def test_one_number_or_one_for_each_feature_is_right(scale):
    assert findings(chain(("Rescaling", {"scale": scale}), dense(3, "softmax")), IRIS) == ()
