import numpy as np
import pytest

from engine.data.info import DataInfo
from engine.data.loaded import LoadedData, Part, Statistics
from engine.data.loading import load
from engine.data.preview import as_picture, preview
from engine.spec.data import DataSpec


def test_pictures_keep_their_shapes_and_captions():
    data = load(DataSpec(reader="digits"))
    shown = preview(data, count=9)
    assert len(shown.pictures) == len(shown.captions) == 9
    for picture, caption in zip(shown.pictures, shown.captions, strict=True):
        assert picture.shape == (8, 8)
        assert picture.dtype == np.uint8
        matches = np.all(np.abs(data.training.x[..., 0] * 255 / 16 - picture) <= 0.5, axis=(1, 2))
        assert caption in {data.info.labels[i] for i in data.training.y[matches]}
    assert shown.rows == ()
    assert shown.texts == ()


def test_a_picture_spans_its_range_and_not_its_own_extremes():
    info = DataInfo.single(
        "x", "X", "picture", "classification", (1, 2, 1), ("a",), value_range=(0.0, 16.0)
    )
    assert as_picture(np.array([[[4.0], [8.0]]]), info).tolist() == [[64, 128]]
    rgb = DataInfo.single(
        "x", "X", "picture", "classification", (1, 1, 3), ("a",), value_range=(0.0, 255.0)
    )
    assert as_picture(np.array([[[1, 2, 3]]], np.uint8), rgb).tolist() == [[[1, 2, 3]]]


def test_tables_show_rows_and_all_facts():
    data = load(DataSpec(reader="iris"))
    shown = preview(data, count=5)
    assert shown.columns == data.info.feature_names
    assert [len(row) for row in shown.rows] == [4] * 5
    assert shown.rows[0] in {tuple(float(v) for v in row) for row in data.training.x}
    assert [part.samples for part in shown.parts] == list(data.info.counts)
    totals = np.sum([part.class_counts for part in shown.parts], axis=0)
    assert tuple(totals) == data.info.class_counts
    assert (shown.minimum, shown.maximum) == (data.training.x.min(), data.training.x.max())
    assert shown.mean == pytest.approx(data.training.x.mean(), rel=1e-5)
    assert shown.notes == ()


def test_points_and_series_come_as_arrays():
    moons = preview(load(DataSpec(reader="moons", options={"samples": 5000})))
    assert moons.points.shape == (2000, 2)
    assert set(moons.point_answers) == {0, 1}
    parabola = preview(load(DataSpec(reader="parabola", options={"noise": 0.0})))
    assert np.allclose(parabola.point_answers, parabola.points[:, 0] ** 2, atol=1e-6)
    sine = preview(load(DataSpec(reader="sine")), count=3)
    assert sine.series.shape == (3, 20, 1)
    assert len(sine.captions) == 3


def test_equal_seeds_draw_the_same_samples():
    data = load(DataSpec(reader="iris"))
    assert preview(data, seed=1).rows == preview(data, seed=1).rows != preview(data, seed=2).rows


def test_a_part_without_a_class_is_noted():
    info = DataInfo.single(
        "x", "X", "text", "classification", (3,), ("good", "bad"), vocabulary_size=9
    )
    x = np.array([[0, 4, 5], [0, 0, 7]], np.int32)
    both, one, none = (Part(x[:count], np.arange(count, dtype=np.int32)) for count in (2, 1, 0))
    statistics = Statistics(np.zeros(3, np.float32), np.ones(3, np.float32))
    shown = preview(LoadedData(info, both, one, none, statistics))
    assert shown.notes == ('The validation part has no sample of "bad".',)
    assert sorted(shown.texts) == ["4 5", "7"]
