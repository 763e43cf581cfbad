"""Which file becomes whose samples; no data are read."""

import numpy as np
import pytest

from app.app_model import AppModel
from app.controllers.data.data import DataController
from app.document import Document
from app.jobs import JobRunner
from app.shell import file_dialogs
from engine.data.readers import READERS
from engine.runs.project_folder import ProjectFolder
from engine.spec.data import DataSpec
from engine.spec.project import ProjectSpec
from tests.engine.data.readers.picture_files import two_classes
from widgets.data import DataPanel


@pytest.fixture
def take(qtbot, monkeypatch, tmp_path):
    """Return what the document says of its data after a file was taken for a choice."""
    made = []

    def controller(data):
        panel, jobs = DataPanel(), JobRunner()
        qtbot.addWidget(panel)
        made.append(jobs)
        document = Document(ProjectSpec(data=data), lambda _spec: None)
        made_controller = DataController(
            document, AppModel(), jobs, lambda: ProjectFolder(tmp_path), panel
        )
        monkeypatch.setattr(made_controller, "load", lambda: None)
        return made_controller, document

    def taken(data, path):
        found, document = controller(data)
        found.take_file(str(path))
        return document.spec.data

    def chosen(data):
        found, document = controller(data)
        found.choose_file()
        return document.spec.data

    taken.chosen = chosen
    yield taken
    for jobs in made:
        jobs.close()


@pytest.mark.parametrize("name", ["train-images-idx3-ubyte.gz", "t10k-images-idx3-ubyte"])
def test_an_idx_file_stands_for_its_folder_only_where_pictures_are_wanted(take, tmp_path, name):
    for other in (name, "t10k-images-idx3-ubyte"):
        (tmp_path / other).write_bytes(b"")
    assert take(DataSpec(reader="mnist"), tmp_path / name).path == str(tmp_path)
    assert take(DataSpec(reader="file"), tmp_path / name).path == str(tmp_path)
    imdb = take(DataSpec(reader="imdb", options={"words": 500}), tmp_path / name)
    assert imdb.path == str(tmp_path / name)
    assert imdb.options == {"words": 500}


def test_options_of_other_samples_are_not_kept(take, tmp_path):
    for name in ("a.npz", "b.npz"):
        np.savez(tmp_path / name, x=np.zeros((4, 2)), y=np.arange(4))
    generated = take(DataSpec(reader="circles", options={"samples": 99}), tmp_path / "a.npz")
    assert (generated.reader, generated.options) == ("file", {})
    chosen = DataSpec(
        reader="file", path=str(tmp_path / "a.npz"), options={"task": "numbers", "inputs": "series"}
    )
    assert take(chosen, tmp_path / "a.npz").options == chosen.options
    assert take(chosen, tmp_path / "b.npz").options == {}


def test_every_set_that_takes_a_file_says_how_it_is_read():
    assert [field.name for field in READERS["file"].options] == ["task", "inputs"]


def test_a_file_that_moved_is_read_from_beside_the_project(qtbot, tmp_path):
    random = np.random.default_rng(0)
    np.savez(tmp_path / "x.npz", x=random.random((40, 3)), y=np.arange(40) % 2)
    panel, jobs, app_model = DataPanel(), JobRunner(), AppModel()
    qtbot.addWidget(panel)
    chosen = DataSpec(reader="file", path="/gone/x.npz")
    document = Document(ProjectSpec(data=chosen), lambda _spec: None)
    folder = ProjectFolder(tmp_path / "project")
    controller = DataController(document, app_model, jobs, lambda: folder, panel)
    try:
        with qtbot.waitSignal(app_model.info_changed):
            controller.load()
        qtbot.waitUntil(lambda: app_model.data is not None)
    finally:
        jobs.close()
    assert app_model.data.info.input_shape == (3,)
    assert document.spec.data == chosen


@pytest.mark.parametrize("source", ["digits", "mnist", "file", "pictures"])
def test_a_folder_of_pictures_is_taken_as_what_it_is(take, tmp_path, source):
    two_classes(tmp_path / "pets")
    found = take(DataSpec(reader=source), tmp_path / "pets")
    assert (found.reader, found.path, found.options) == ("pictures", str(tmp_path / "pets"), {})


def test_options_stay_with_their_folder(take, tmp_path):
    two_classes(tmp_path / "pets")
    two_classes(tmp_path / "others")
    chosen = DataSpec(reader="pictures", path=str(tmp_path / "pets"), options={"height": 32})
    assert take(chosen, tmp_path / "pets").options == {"height": 32}
    assert take(chosen, tmp_path / "others").options == {}


def test_an_archive_after_a_folder_of_pictures(take, tmp_path):
    np.savez(tmp_path / "a.npz", x=np.zeros((4, 2)), y=np.arange(4))
    assert (
        take(DataSpec(reader="pictures", path=str(tmp_path)), tmp_path / "a.npz").reader == "file"
    )


def test_what_nobody_knows_goes_to_the_reader_of_files(take, tmp_path):
    (tmp_path / "cifar.tar.gz").write_bytes(b"")
    assert take(DataSpec(reader="digits"), tmp_path / "cifar.tar.gz").reader == "file"
    assert take(DataSpec(reader="cifar10"), tmp_path / "cifar.tar.gz").reader == "cifar10"


@pytest.mark.parametrize(("source", "asked"), [("pictures", "open_folder"), ("mnist", "open_file")])
def test_choosing_asks_for_what_is_read(take, tmp_path, monkeypatch, source, asked):
    two_classes(tmp_path / "pets")
    calls = []
    for name in ("open_folder", "open_file"):
        monkeypatch.setattr(
            file_dialogs, name, lambda *_, name=name: calls.append(name) or tmp_path / "pets"
        )
    assert take.chosen(DataSpec(reader=source)).reader == "pictures"
    assert calls == [asked]


def test_what_the_user_brought_is_told_once_it_was_read(qtbot, tmp_path):
    two_classes(tmp_path / "pets", 10)
    jobs, app_model = JobRunner(), AppModel()
    panel = DataPanel()
    qtbot.addWidget(panel)
    document = Document(ProjectSpec(), lambda _spec: None)
    controller = DataController(document, app_model, jobs, lambda: ProjectFolder(tmp_path), panel)
    told = []
    controller.taken.connect(lambda: told.append(app_model.data.info.labels))
    try:
        with qtbot.waitSignal(controller.taken, timeout=60_000):
            controller.take_file(str(tmp_path / "pets"))
        with qtbot.waitSignal(controller.preview_changed, timeout=60_000):
            controller.load()  # again, and nothing is new
        qtbot.waitUntil(lambda: app_model.data is not None, timeout=60_000)
    finally:
        jobs.close()
    assert told == [("cat", "dog")]
