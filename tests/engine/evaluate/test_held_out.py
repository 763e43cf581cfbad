"""A run's test samples, known by content in data that changed since."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.features import Feature
from engine.data.info import DataInfo
from engine.data.loaded import LoadedData, Part, Statistics
from engine.data.sample_parts import SampleParts, digests, read_parts
from engine.errors import BadInput
from engine.evaluate.held_out import held_out

LABELS = ("cat", "dog")
INFO = DataInfo.single("file", "pets", "number", "classification", (2,), LABELS)
NUMBERS = replace(INFO, targets=(Feature("target", "number", (1,), columns=("weight",)),))


def _data(*sizes, info=INFO, labels=None, seed=0):
    """Return data with parts of the given sizes: training, validation, test."""
    random = np.random.default_rng(seed)
    info = info if labels is None else info.with_target(labels=labels)
    parts = []
    for size in sizes:
        x = random.standard_normal((size, 2)).astype(np.float32)
        y = (x[:, 0] > 0).astype(np.int32)
        parts.append(Part(x, y if info.n_classes else x[:, :1]))
    return LoadedData(info, *parts, Statistics(np.zeros(2), np.ones(2)))


def _joined(*parts):
    return Part(np.concatenate([p.x for p in parts]), np.concatenate([p.y for p in parts]))


def _none(data):
    return Part(data.test.x[:0], data.test.y[:0])


def test_the_same_data_gives_the_same_test_part():
    data = _data(20, 4, 6)
    found = held_out(data.parts, INFO, _data(20, 4, 6))
    assert np.array_equal(found.part.x, data.test.x)
    assert found.notes == ()


def test_samples_that_were_cut_otherwise_are_found_and_no_others():
    data = _data(20, 4, 6)
    everything = _joined(data.test, data.training, data.validation)
    cut = replace(data, training=everything, validation=_none(data), test=_none(data))
    found = held_out(data.parts, INFO, cut)
    assert {row.tobytes() for row in found.part.x} == {row.tobytes() for row in data.test.x}
    assert (found.missing, found.new) == (0, 0)


def test_appended_samples_are_new_and_are_not_measured():
    data, more = _data(20, 4, 6), _data(5, 0, 5, seed=1)
    grown = replace(
        data,
        training=_joined(data.training, more.training, data.test),
        test=more.test,
    )
    found = held_out(data.parts, INFO, grown)
    assert {row.tobytes() for row in found.part.x} == {row.tobytes() for row in data.test.x}
    assert (found.missing, found.new) == (0, 10)
    assert "10 samples are new" in found.notes[0]


def test_a_changed_label_is_not_the_sample_of_then():
    data = _data(20, 4, 6)
    y = data.test.y.copy()
    y[0] = 1 - y[0]
    found = held_out(data.parts, INFO, replace(data, test=Part(data.test.x, y)))
    assert (len(found.part), found.missing) == (5, 1)
    assert "1 of its 6 test samples is gone" in found.notes[-1]


def test_a_class_keeps_its_number_though_another_class_came_before_it():
    data = _data(20, 4, 6)
    shifted = _data(20, 4, 6, labels=("ape", *LABELS))
    shifted = replace(
        shifted,
        **{
            name: Part(getattr(shifted, name).x, getattr(shifted, name).y + 1)
            for name in ("training", "validation", "test")
        },
    )
    ape = Part(np.full((1, 2), 9, np.float32), np.zeros(1, np.int32))
    shifted = replace(shifted, training=_joined(shifted.training, ape))
    found = held_out(data.parts, INFO, shifted)
    assert np.array_equal(found.part.y, data.test.y)
    assert (found.missing, found.new) == (0, 1)


def test_a_sample_that_is_there_twice_is_taken_as_often_as_the_run_had_it():
    data = _data(20, 4, 6)
    doubled = replace(data, training=_joined(data.training, data.test, data.test))
    assert len(held_out(data.parts, INFO, doubled).part) == 6


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (_data(20, 4, 6, seed=7), "none of the samples"),
        (_data(20, 4, 6, info=NUMBERS), "answers are of another kind"),
        (_data(20, 4, 6, info=INFO.with_input(shape=(3,))), "the samples are 3 now"),
    ],
)
def test_other_data_is_refused_with_what_to_do(data, words):
    with pytest.raises(BadInput, match=words) as caught:
        held_out(_data(20, 4, 6).parts, INFO, data)
    assert "choose the data" in str(caught.value)


def test_numbers_to_predict_are_part_of_a_sample():
    data = _data(20, 4, 6, info=NUMBERS)
    other = replace(data, test=Part(data.test.x, data.test.y + 1))
    with pytest.raises(BadInput, match="none of the samples"):
        held_out(data.parts, NUMBERS, other)


def test_parts_come_back_from_their_file(tmp_path):
    parts = _data(20, 4, 6).parts
    parts.write(tmp_path / "samples.npz")
    back = read_parts(tmp_path / "samples.npz")
    assert back is not None
    assert back.key == parts.key
    assert np.array_equal(back.test, parts.test)


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 no archive"])
def test_a_missing_or_damaged_file_is_as_none(tmp_path, content):
    if content is not None:
        (tmp_path / "samples.npz").write_bytes(content)
    assert read_parts(tmp_path / "samples.npz") is None


@given(st.permutations(range(6)), st.integers(0, 6))
def test_the_key_tells_order_and_parts_apart(order, cut):
    numbers = np.arange(6, dtype=np.uint64)
    usual = SampleParts(numbers[:4], numbers[4:5], numbers[5:])
    other = SampleParts(numbers[order][:cut], numbers[order][cut:], numbers[:0])
    assert (usual.key == other.key) is False


def test_digests_follow_from_inputs_and_answer():
    x = np.array([[1.0, 2.0], [1.0, 2.0], [1.0, 3.0]], np.float32)
    same, other_label, other_input = digests([x], [np.array([0, 1, 0])], [LABELS])
    assert len({same, other_label, other_input}) == 3
    assert digests([x[:1]], [np.array([1])], [("dog", "cat")])[0] == same


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.float32, np.float64])
def test_digests_follow_from_values_whatever_type_holds_them(dtype):
    x = np.array([[0, 3, 255], [7, 0, 1]])
    wanted = digests([x.astype(np.uint8)], [np.array([0, 1])], [LABELS])
    assert np.array_equal(digests([x.astype(dtype)], [np.array([0, 1])], [LABELS]), wanted)


def test_a_zero_with_a_sign_is_zero_in_inputs_and_answers():
    x, y = np.array([[0.0, 1.0]]), np.array([[0.0]])
    assert digests([-x * [[1, -1]]], [-y], [()]) == digests([x], [y], [()])


def test_digests_tell_what_only_64_bits_tell_apart():
    x = np.array([[1.7e9], [1.7e9 + 1], [1.7e9 + 2]])
    assert len(set(digests([x], [np.zeros((3, 1))], [()]))) == 3


def test_samples_of_32_bits_are_found_in_data_that_grew_to_64():
    data = _data(20, 4, 6)
    wide = {
        name: Part(part.x.astype(np.float64) * (1 + 1e-9), part.y)
        for name, part in (("training", data.training), ("test", data.test))
    }
    grown = replace(data, info=INFO.with_input(dtype="float64"), **wide)
    found = held_out(data.parts, INFO, grown)
    assert np.array_equal(found.part.x.astype(np.float32), data.test.x)


def test_the_same_samples_count_classes_as_the_run_did_whatever_the_order_of_labels():
    data = _data(20, 4, 6)
    turned = replace(
        _data(20, 4, 6, labels=LABELS[::-1]),
        **{
            name: Part(getattr(data, name).x, 1 - getattr(data, name).y)
            for name in ("training", "validation", "test")
        },
    )
    assert turned.parts.key == data.parts.key
    assert np.array_equal(held_out(data.parts, INFO, turned).part.y, data.test.y)
