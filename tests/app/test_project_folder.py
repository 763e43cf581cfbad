import os

import pytest

from app.settings import Settings, SettingsFile
from engine.errors import LONGEST_MESSAGE, BadInput
from engine.runs.project_folder import ProjectFolder, new_untitled
from engine.spec.project import SCHEMA, ProjectSpec


@pytest.fixture
def project(tmp_path):
    folder = ProjectFolder(tmp_path / "digits")
    folder.create(ProjectSpec(name="digits"))
    return folder


def contents(folder):
    return {p.relative_to(folder): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_project_reads_back_as_it_was_written(project):
    spec = ProjectSpec(name="digits").but(canvas={})
    project.write(spec)
    assert ProjectFolder(project.path).read() == spec


@pytest.mark.parametrize(
    "damage", ["missing", "empty folder", "file", "cut", "binary", "newer", "unreadable name"]
)
def test_what_is_no_project_is_refused_and_left_alone(tmp_path, project, damage):
    path = tmp_path / "target"
    if damage == "empty folder":
        path.mkdir()
    elif damage == "file":
        path.write_text("hello")
    elif damage != "missing":
        path.mkdir()
        whole = (project.path / "project.json").read_text()
        text = {
            "cut": whole[: len(whole) // 2].encode(),
            "binary": bytes(range(256)),
            "newer": whole.replace(f'"schema": {SCHEMA}', '"schema": 99').encode(),
            "unreadable name": b"{}",
        }[damage]
        (path / "project.json").write_bytes(text)
    before = contents(tmp_path)
    with pytest.raises(BadInput) as caught:
        ProjectFolder(path).read()
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) <= LONGEST_MESSAGE
    assert contents(tmp_path) == before


def test_a_folder_with_something_in_it_is_not_taken(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("x")
    with pytest.raises(BadInput, match="not empty"):
        ProjectFolder(tmp_path / "mine").create(ProjectSpec())
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["thesis.txt"]


def test_save_as_copies_everything_but_the_lock(project, tmp_path, qapp):
    lock = project.lock()
    (project.runs / "r1").mkdir(parents=True)
    (project.runs / "r1" / "last.keras").write_bytes(b"weights")
    target = ProjectFolder(tmp_path / "copy")
    project.copy_to(target)
    assert target.read() == project.read()
    assert (target.runs / "r1" / "last.keras").read_bytes() == b"weights"
    target.lock().release()
    lock.release()


def test_two_windows_do_not_share_a_project(project, qapp):
    lock = project.lock()
    with pytest.raises(BadInput, match="another Netsmith window"):
        project.lock()
    lock.release()
    project.lock().release()


def test_untitled_projects_find_a_free_name(own_home):
    first = new_untitled()
    first.create(ProjectSpec())
    assert first.path == own_home / "projects" / "Untitled"
    assert new_untitled().path.name == "Untitled 2"


def test_settings_survive_damage_in_parts(own_home, caplog):
    file = SettingsFile()
    file.write(Settings(theme="dark").with_recent(own_home / "a"))
    assert file.read().theme == "dark"
    path = own_home / "settings.json"
    path.write_text(path.read_text().replace('"dark"', '"pink"'))
    assert file.read().theme == "system"
    assert file.read().recent == (str(own_home / "a"),)
    path.write_text("{broken")
    assert file.read() == Settings()
    assert (own_home / "settings.json.damaged").exists()


def test_recent_projects_are_unique_and_few(tmp_path):
    settings = Settings()
    for number in [*range(30), 5]:
        settings = settings.with_recent(tmp_path / str(number))
    assert settings.recent[0].endswith(os.sep + "5")
    assert len(settings.recent) == len(set(settings.recent)) == 12
