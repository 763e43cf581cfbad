"""A data file that moved is looked for where the project is."""

import pytest

from engine.data.locating import located
from engine.spec.data import DataSpec, SplitSpec


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "work" / "project"
    folder.mkdir(parents=True)
    return folder


def test_a_file_that_is_there_stays(project, tmp_path):
    there = tmp_path / "x.npz"
    there.touch()
    (project / "x.npz").touch()
    spec = DataSpec(reader="file", path=str(there))
    assert located(spec, project) is spec


@pytest.mark.parametrize("place", [".", ".."])
@pytest.mark.parametrize("name", ["x.npz", "a folder"])
def test_the_name_is_looked_for_in_the_project_and_beside_it(project, place, name):
    moved = (project / place).resolve() / name
    moved.mkdir() if name == "a folder" else moved.touch()
    found = located(DataSpec(reader="file", path=f"/gone/{name}"), project)
    assert found.path == str(moved)


def test_a_path_of_windows_has_a_name_too(project):
    (project / "x.npz").touch()
    found = located(DataSpec(reader="file", path="C:\\data\\x.npz"), project)
    assert found.path == str(project / "x.npz")


def test_where_the_project_points_now_comes_first(project, tmp_path):
    (project / "x.npz").touch()
    now = tmp_path / "y.npz"
    now.touch()
    then = DataSpec(reader="file", path="/gone/x.npz", split=SplitSpec(seed=3))
    found = located(then, project, DataSpec(reader="file", path=str(now)))
    assert (found.path, found.split.seed) == (str(now), 3)


def test_another_set_of_the_project_does_not_count(project, tmp_path):
    now = tmp_path / "y.npz"
    now.touch()
    then = DataSpec(reader="mnist", path="/gone/x.npz")
    assert located(then, project, DataSpec(reader="file", path=str(now))) == then


def test_what_is_nowhere_stays_as_it_was(project):
    spec = DataSpec(reader="file", path="/gone/x.npz")
    assert located(spec, project) == spec
    assert located(DataSpec(), project) == DataSpec()
