"""Samples that a generator makes, and their files."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.data.info import DataInfo
from engine.data.readers import READERS
from engine.errors import BadInput
from engine.evaluate import sample_files
from engine.evaluate.generation import generated, generator_of
from engine.spec.project import ProjectSpec
from engine.training.loop.preparation import new_program
from tests.engine.training.procedures.test_adversarial import DATA, project

DIGITS = READERS["digits"].info
POINTS = DataInfo.single("ring", "Ring", "point", "classification", (2,), ("a", "b"))


@pytest.fixture(scope="module")
def generator():
    return generator_of(new_program(project(), DATA).model, project())


def test_the_samples_are_what_the_generator_answers_to_the_noise_of_the_seed(generator):
    made = generated(generator, 600, 3)
    noise = np.random.default_rng(3).standard_normal((600, 3)).astype(np.float32)
    np.testing.assert_allclose(made, generator.predict(noise, verbose=0), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(made, generated(generator, 600, 3))
    assert np.any(made != generated(generator, 600, 4))


def test_a_project_without_a_generator_says_so():
    with pytest.raises(BadInput, match="makes none"):
        generator_of(None, ProjectSpec())


def test_points_are_the_array_x(tmp_path):
    points = np.arange(6, dtype=np.float32).reshape(3, 2)
    sample_files.write_samples(tmp_path / "made.npz", points, POINTS)
    with np.load(tmp_path / "made.npz") as stored:
        assert stored.files == ["x"]
        np.testing.assert_array_equal(stored["x"], points)


def pictures(count):
    made = np.zeros((count, 8, 8, 1), np.float32)
    made[:, 0, 0] = 16.0
    made[:, 1, 1] = 8.0
    return made


def test_pictures_become_a_sheet(tmp_path):
    sample_files.write_samples(tmp_path / "made.png", pictures(5), DIGITS)
    sheet = np.asarray(Image.open(tmp_path / "made.png"))
    assert sheet.shape == (2 * 9 - 1, 3 * 9 - 1)
    assert sheet[0, 0] == sheet[9, 9] == 255
    assert sheet[1, 1] == 128
    assert not sheet[9, 18]  # the sixth place is empty


def test_pictures_become_a_folder_of_files(tmp_path):
    sample_files.write_samples(tmp_path / "made", pictures(12), DIGITS)
    names = sorted(file.name for file in (tmp_path / "made").iterdir())
    assert names[0] == "01.png"
    assert names[-1] == "12.png"
    assert np.asarray(Image.open(tmp_path / "made" / "07.png")).max() == 255


@pytest.mark.parametrize(
    ("name", "info", "words"),
    [
        ("made.txt", POINTS, "no known way"),
        ("made.png", POINTS, "no pictures"),
        ("made", POINTS, "no pictures"),
        ("gone/made.npz", POINTS, "does not exist"),
        ("folder.npz", POINTS, "is a folder"),
        ("full", DIGITS, "is there already"),
    ],
)
def test_a_place_that_will_not_do_is_refused_before_any_work(tmp_path, name, info, words):
    (tmp_path / "folder.npz").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("keep")
    with pytest.raises(BadInput, match=words):
        sample_files.check_out(tmp_path / name, info)


def test_a_refused_place_is_named():
    with pytest.raises(BadInput, match=r'^"\." cannot hold'):
        sample_files.check_out(Path(), POINTS)
