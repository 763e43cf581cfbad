import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtWidgets import QWidget

from engine.data.info import DataInfo
from engine.data.preview import PartFacts, Preview
from engine.data.readers import READERS
from engine.spec.data import DataSpec, SplitSpec
from widgets.base.theme import DARK
from widgets.data import DataPanel
from widgets.data.facts import data_text
from widgets.data.preview_view import PreviewView
from widgets.data.set_list import size_text
from widgets.forms.issue_note import IssueNote

MOONS = DataSpec(reader="moons")


def preview(**changes):
    """Return an empty preview of moons with some fields changed."""
    fields = {
        "source": "moons", "title": "Moons", "kind": "point", "task": "classification",
        "input_shape": (2,), "dtype": "float32", "labels": ("upper", "lower"),
        "parts": (
            PartFacts("training", 8, (5, 3)),
            PartFacts("validation", 2, (1, 1)),
            PartFacts("test", 1, (1, 0)),
        ),
        "minimum": -1.0, "maximum": 2.0, "mean": 0.25, "captions": (), "pictures": (),
        "columns": ("x", "y"), "rows": (), "series": np.empty((0, 0, 0), np.float32), "texts": (),
        "points": np.empty((0, 2), np.float32), "point_answers": np.empty(0, np.int32),
        "notes": ("The test part has no sample of \"lower\".",),
    }  # fmt: skip
    return Preview(**{**fields, **changes})


@pytest.fixture
def panel(qtbot):
    panel = DataPanel()
    qtbot.addWidget(panel)
    panel.show_sets(READERS)
    return panel


@pytest.fixture
def changes(panel):
    made = []
    panel.changed.connect(lambda *args: made.append(args))
    return made


def part(panel, name):
    found = panel.findChild(QWidget, name)
    assert found is not None, name
    return found


def show(panel, source, **changes):
    panel.show_data(DataSpec(reader=source, **changes), READERS[source].info)


# ---- Choosing ----


def test_sets_are_listed_under_headings_and_one_is_asked_for(panel, qtbot):
    listed = part(panel, "field.data.source")
    texts = [listed.item(row).text() for row in range(listed.count())]
    assert texts[0] == "Bundled"
    assert {"Generated", "Download", "Your files", "MNIST", "Handwritten digits"} <= set(texts)
    assert len(texts) == len(READERS) + 4
    with qtbot.waitSignal(panel.source_chosen) as asked:
        listed.setCurrentRow(texts.index("Moons"))
    assert asked.args == ["moons"]


def test_every_set_can_be_shown_and_nothing_is_asked(panel, changes, qtbot):
    chosen = []
    panel.source_chosen.connect(chosen.append)
    for source, data_set in READERS.items():
        show(panel, source)
        assert part(panel, "data.title").text() == data_set.title
        for field in data_set.options:
            name = "options.seed" if field.name == "seed" else field.name
            assert part(panel, f"field.data.{name}").isVisibleTo(panel)
    assert changes == []
    assert chosen == []


def test_a_source_that_nobody_knows_is_shown_by_its_name(panel):
    panel.show_data(DataSpec(reader="gone"), None)
    assert part(panel, "data.title").text() == "gone"


@pytest.mark.parametrize(
    ("source", "downloaded", "text"),
    [
        ("digits", False, "1,797 samples"),
        ("mnist", False, "70,000 samples, 11.5 MB"),
        ("mnist", True, "70,000 samples, downloaded"),
        ("moons", False, "as many samples as you like"),
    ],
)
def test_the_size_of_a_set_in_words(source, downloaded, text):
    assert size_text(READERS[source], downloaded) == text


# ---- Editing ----


@pytest.mark.parametrize(
    ("name", "value", "text", "wanted"),
    [
        ("samples", 200, "Set samples to 200", MOONS.but(options={"samples": 200})),
        ("noise", 0.5, "Set noise to 0.5", MOONS.but(options={"noise": 0.5})),
        ("options.seed", 4, "Set random seed to 4", MOONS.but(options={"seed": 4})),
        ("validation", 0.2, "Set validation to 0.2", MOONS.but(split=SplitSpec(validation=0.2))),
        ("test", 0.0, "Set test to 0", MOONS.but(split=SplitSpec(test=0.0))),
        ("seed", 4, "Set split seed to 4", MOONS.but(split=SplitSpec(seed=4))),
    ],
)
def test_a_number_becomes_one_named_step(panel, changes, name, value, text, wanted):
    show(panel, "moons")
    part(panel, f"field.data.{name}").setValue(value)
    assert [change[:2] for change in changes] == [(text, wanted)]
    assert changes[0][2].startswith("data.")


def test_stratified_becomes_a_step(panel, changes):
    show(panel, "moons")
    part(panel, "field.data.stratified").click()
    assert [change[1] for change in changes] == [MOONS.but(split=SplitSpec(stratified=False))]


def test_an_option_back_at_its_default_leaves_nothing_behind(panel, changes):
    show(panel, "moons", options={"samples": 200})
    part(panel, "field.data.samples").setValue(500)
    assert changes[0][1] == MOONS


def test_shares_that_leave_nothing_to_train_on_are_refused_beside_the_field(panel, changes):
    show(panel, "moons", split=SplitSpec(validation=0.6, test=0.2))
    part(panel, "field.data.test").setValue(0.5)
    note = panel.findChild(IssueNote, "note.field.data.test")
    assert "0.9 together" in note.text()
    assert changes == []
    part(panel, "field.data.test").setValue(0.3)
    assert note.text() == ""
    assert changes[0][1].split == SplitSpec(validation=0.6, test=0.3)


def test_a_test_share_is_not_asked_where_the_set_brings_its_own(panel):
    show(panel, "mnist")
    assert not part(panel, "field.data.test").isEnabled()
    show(panel, "moons")
    assert part(panel, "field.data.test").isEnabled()


def test_the_task_of_a_file_is_a_choice_beside_its_reason(panel, changes):
    chosen = DataSpec(reader="file", path="x.npz", options={"inputs": "series"})
    why = "y holds 3 whole numbers: classes."
    info = DataInfo.single(
        "file", "x.npz", "number", "classification", (3,), ("0", "1"), notes=(why,)
    )
    panel.show_data(chosen, info)
    assert part(panel, "data.notes").text() == why
    assert part(panel, "data.notes").isVisibleTo(panel)
    assert part(panel, "field.data.task").currentText() == "auto"
    assert part(panel, "field.data.inputs").currentText() == "series"
    part(panel, "field.data.task").setCurrentText("numbers")
    assert changes[0][1] == chosen.but(options={"inputs": "series", "task": "numbers"})
    part(panel, "field.data.inputs").setCurrentText("auto")
    show(panel, "moons")
    assert not part(panel, "data.notes").isVisibleTo(panel)


# ---- Files and downloads ----


def test_a_local_file_is_asked_for_and_can_be_forgotten(panel, changes, qtbot):
    show(panel, "mnist", path="<b>my</b>/\u202emnist.npz")
    assert part(panel, "data.path").text() == "<b>my</b>/ mnist.npz"
    with qtbot.waitSignal(panel.file_requested):
        part(panel, "data.choose_file").click()
    part(panel, "data.forget_file").click()
    assert changes[0][:2] == ("Forget the local file", DataSpec(reader="mnist"))
    show(panel, "moons")
    assert not part(panel, "data.choose_file").isVisibleTo(panel)


def test_a_download_is_offered_only_where_one_is_missing(panel, qtbot):
    button = part(panel, "data.download")
    show(panel, "mnist")
    assert button.isVisibleTo(panel)
    assert "11.5 MB" in button.text()
    with qtbot.waitSignal(panel.download_requested):
        button.click()
    panel.show_downloaded(frozenset({"mnist"}))
    assert not button.isVisibleTo(panel)
    show(panel, "cifar10")
    assert button.isVisibleTo(panel)
    show(panel, "cifar10", path="mine.npz")
    assert not button.isVisibleTo(panel)
    show(panel, "moons")
    assert not button.isVisibleTo(panel)


def test_progress_can_be_cancelled_and_copes_with_large_or_unknown_sizes(panel, qtbot):
    show(panel, "mnist")
    bar = part(panel, "data.progress")
    panel.show_progress("Downloading", 3 * 10**9, 4 * 10**9)
    assert bar.isVisibleTo(panel)
    assert bar.value() / bar.maximum() == 0.75
    assert not part(panel, "data.download").isVisibleTo(panel)
    with qtbot.waitSignal(panel.cancel_requested):
        part(panel, "data.cancel").click()
    panel.show_progress("Unpacking", 5, 0)
    assert bar.maximum() == 0
    panel.show_progress("", 0, 0)
    assert not bar.isVisibleTo(panel)


def test_a_message_offers_a_local_file_where_that_helps(panel, qtbot):
    show(panel, "mnist")
    panel.show_message("MNIST could not be downloaded.")
    assert part(panel, "data.message").isVisibleTo(panel)
    with qtbot.waitSignal(panel.file_requested):
        part(panel, "data.message_choose_file").click()
    show(panel, "moons")
    panel.show_message("Something else.")
    assert not part(panel, "data.message_choose_file").isVisibleTo(panel)
    panel.show_message("")
    assert not part(panel, "data.message").isVisibleTo(panel)


def test_a_locked_page_takes_no_change_and_says_why(panel):
    show(panel, "moons")
    panel.set_locked(True, "Training is running.")
    for name in ("field.data.samples", "field.data.source"):
        assert not part(panel, name).isEnabled()
    assert part(panel, "data.lock").text() == "Training is running."
    assert part(panel, "data.lock").isVisibleTo(panel)
    panel.set_locked(False)
    assert part(panel, "field.data.samples").isEnabled()


# ---- Looking ----


def visible_preview(panel):
    names = ("pictures", "table", "texts", "plot")
    found = {name: panel.findChild(QWidget, f"data.preview.{name}") for name in names}
    return {name for name, page in found.items() if page and page.isVisibleTo(panel)}


@pytest.mark.parametrize(
    ("changes", "page"),
    [
        ({"pictures": (np.zeros((4, 6), np.uint8),), "captions": ("7",), "kind": "picture"}, "pictures"),
        ({"rows": ((1.0, 2.0),), "captions": ("upper",), "kind": "number"}, "table"),
        ({"texts": ("14 22",), "captions": ("upper",), "kind": "text"}, "texts"),
        (
            {
                "points": np.array([[0, 1], [1, 0]], np.float32),
                "point_answers": np.array([0, 1]),
                "rows": ((0.0, 1.0), (1.0, 0.0)),
                "captions": ("upper", "lower"),
            },
            "plot",
        ),
        (
            {
                "points": np.array([[0.5]], np.float32),
                "point_answers": np.array([0.25]),
                "task": "regression",
                "labels": ("y",),
                "columns": ("x",),
            },
            "plot",
        ),
        (
            {
                "series": np.zeros((3, 20, 1), np.float32),
                "kind": "sequence",
                "task": "regression",
                "columns": (),
            },
            "plot",
        ),
    ],
)  # fmt: skip
def test_each_kind_of_sample_has_its_picture(panel, changes, page):
    show(panel, "moons")
    panel.show_preview(preview(**changes))
    assert visible_preview(panel) == {page}
    panel.set_theme(DARK)
    assert visible_preview(panel) == {page}
    panel.show_preview(None)
    assert visible_preview(panel) == set()


def test_points_of_two_numbers_to_predict_one_are_a_table_if_no_plot_fits(panel):
    rows = {"rows": ((1.0, 2.0),), "captions": ("3.5",), "labels": ("z",), "task": "regression"}
    points = {"points": np.array([[1, 2]], np.float32), "point_answers": np.array([3.5])}
    panel.show_preview(preview(**rows, **points))
    assert visible_preview(panel) == {"table"}


def test_a_scatter_plot_has_each_class_at_its_points(panel):
    points = np.array([[0, 1], [1, 0], [2, 2]], np.float32)
    panel.show_preview(preview(points=points, point_answers=np.array([0, 1, 1])))
    plot = part(panel, "data.preview.plot")
    drawn = [item.getData() for item in plot.listDataItems()]
    assert [list(zip(*pair, strict=True)) for pair in drawn] == [[(0, 1)], [(1, 0), (2, 2)]]


def test_a_table_shows_the_answer_and_the_values_as_plain_text(panel):
    panel.show_preview(
        preview(kind="number", rows=((1.5, 2.0),), captions=("<b>upper</b>",), columns=("a", "b"))
    )
    table = part(panel, "data.preview.table")
    assert [table.item(0, column).text() for column in range(3)] == ["<b>upper</b>", "1.5", "2"]


def test_a_table_of_64_bits_shows_the_digits_that_count(panel):
    clock = preview(
        kind="number", rows=((1700000001.25,),), captions=("a",), columns=("t",), dtype="float64"
    )
    panel.show_preview(clock)
    assert part(panel, "data.preview.table").item(0, 1).text() == "1700000001.25"


def test_another_set_takes_the_old_samples_away(panel):
    show(panel, "moons")
    panel.show_preview(preview(rows=((1.0, 2.0),), captions=("upper",)))
    show(panel, "moons", options={"samples": 20})
    assert visible_preview(panel) == {"table"}
    show(panel, "circles")
    assert visible_preview(panel) == set()


def test_notes_and_facts_of_the_loaded_set_are_said(panel):
    panel.show_preview(preview())
    text = part(panel, "data.preview_facts").text()
    assert "8 training, 2 validation, 1 test" in text
    assert 'no sample of "lower"' in text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("digits", "input 8 × 8 × 1 · 10 classes · values 0 to 16"),
        ("parabola", "input 1 · predicts y · values -1 to 1"),
        ("imdb", "input 200 · 2 classes · 10,000 words"),
        ("digits_to_clean", "input 8 × 8 × 1 · 64 numbers · values 0 to 16"),
    ],
)
def test_facts_in_words(source, text):
    assert data_text(READERS[source].info) == text


def test_counts_stand_in_front_of_the_facts():
    info = DataInfo.single(
        "x", "X", "number", "regression", (3,), (), n_targets=2, counts=(1000, 200, 34)
    )
    assert data_text(info) == "1,234 samples · input 3 · 2 numbers"


def test_a_circle_is_round(qtbot, panel):
    """The axes were stretched to the plot: circles were ellipses."""
    angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32)
    panel.show_preview(preview(points=circle, point_answers=np.zeros(40, np.int32)))
    panel.resize(900, 700)
    panel.show()
    plot = part(panel, "data.preview.plot")
    box = plot.getPlotItem().getViewBox()
    qtbot.waitUntil(lambda: box.width() > box.height() > 0)
    across, up = (high - low for low, high in box.viewRange())
    assert across / box.width() == pytest.approx(up / box.height(), rel=0.02)
    line = np.array([[0.0], [50.0]], np.float32)
    panel.show_preview(preview(task="regression", labels=("y",), columns=("x",), input_shape=(1,),
                               points=line, point_answers=np.array([0.0, 1.0])))  # fmt: skip

    def is_stretched():
        across, up = (high - low for low, high in box.viewRange())
        return across > 10 * up

    qtbot.waitUntil(is_stretched)


def test_no_two_classes_of_points_look_alike(panel):
    points = np.random.default_rng(1).normal(size=(40, 2)).astype(np.float32)
    labels = tuple(f"mode {number}" for number in range(20))
    parts = tuple(PartFacts(name, 40, (2,) * 20) for name in ("training", "validation", "test"))
    shown = {"labels": labels, "points": points, "parts": parts}
    panel.show_preview(preview(**shown, point_answers=np.arange(40) % 20))
    plot = panel.findChild(PreviewView)._plot
    dots = [each for each in plot.getPlotItem().items if isinstance(each, pg.ScatterPlotItem)]
    looks = {(each.opts["symbol"], each.opts["brush"].color().name()) for each in dots}
    assert len(dots) == len(looks) == 20
