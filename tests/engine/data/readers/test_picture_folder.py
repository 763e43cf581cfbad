import os
import unicodedata

import pytest

from engine.data.readers.picture_folder import find_pictures, holds_pictures
from engine.errors import LONGEST_MESSAGE, BadInput, Cancelled
from tests.engine.data.readers.picture_files import make, two_classes


def names(folder, part="training"):
    return [(folder.labels[file.label], file.name) for file in folder.parts[part]]


def kinds(folder):
    return {finding.kind: finding for finding in folder.findings}


# ---- Classes ----


def test_a_folder_a_class(tmp_path):
    make(tmp_path, ["dog/b.png", "cat/a.png", "dog/a.png"])
    found = find_pictures(tmp_path)
    assert found.labels == ("cat", "dog")
    assert names(found) == [("cat", "cat/a.png"), ("dog", "dog/a.png"), ("dog", "dog/b.png")]
    assert list(found.parts) == ["training"]
    assert found.findings == ()


def test_folders_inside_a_class_belong_to_it(tmp_path):
    make(tmp_path, ["cat/a.png", "cat/old/deep/b.png", "dog/a.png"])
    assert names(find_pictures(tmp_path))[:2] == [
        ("cat", "cat/a.png"),
        ("cat", "cat/old/deep/b.png"),
    ]


def test_parts_with_class_folders(tmp_path):
    make(tmp_path, [f"{part}/{name}/1.png" for part in ("Train", "test", "val") for name in "ab"])
    found = find_pictures(tmp_path)
    counts = {part: len(files) for part, files in found.parts.items()}
    assert counts == {"training": 2, "test": 2, "validation": 2}
    assert names(found, "test") == [("a", "test/a/1.png"), ("b", "test/b/1.png")]


def test_classes_that_are_called_like_parts(tmp_path):
    make(tmp_path, ["train/1.png", "test/1.png", "car/1.png"])
    assert find_pictures(tmp_path).labels == ("car", "test", "train")


def test_a_folder_around_the_class_folders_stands_for_them(tmp_path):
    two_classes(tmp_path / "archive" / "set")
    assert find_pictures(tmp_path).labels == ("cat", "dog")
    assert names(find_pictures(tmp_path))[0][1] == "archive/set/cat/0.png"


def test_names_that_are_composed_differently_are_the_same_class(tmp_path):
    composed, apart = (unicodedata.normalize(form, "café") for form in ("NFC", "NFD"))
    make(tmp_path, [f"train/{composed}/1.png", "train/tea/1.png", f"test/{apart}/1.png"])
    found = find_pictures(tmp_path)
    assert found.labels == (composed, "tea")
    assert names(found, "test") == [(composed, f"test/{apart}/1.png")]


def test_marks_that_turn_text_around_are_taken_out_of_names(tmp_path):
    make(tmp_path, ["a\u202eb/1.png", "c\nd/1.png"])
    assert find_pictures(tmp_path).labels == ("a b", "c d")


def test_two_folders_that_read_the_same_are_refused(tmp_path):
    make(tmp_path, ["a\u202eb/1.png", "a\u202db/1.png"])
    with pytest.raises(BadInput, match='both read "a b": rename one'):
        find_pictures(tmp_path)


# ---- What is left out ----


def test_hidden_and_other_files_are_ignored(tmp_path):
    two_classes(tmp_path)
    make(tmp_path, ["cat/.hidden.png", ".git/1.png", "__MACOSX/1.png"])
    (tmp_path / "cat" / "notes.txt").write_text("x")
    (tmp_path / "Thumbs.db").write_text("x")
    found = find_pictures(tmp_path)
    assert len(found.parts["training"]) == 6
    assert found.findings == ()


def test_a_class_without_pictures_is_none(tmp_path):
    two_classes(tmp_path)
    (tmp_path / "bird").mkdir()
    found = find_pictures(tmp_path)
    assert found.labels == ("cat", "dog")
    assert kinds(found)["empty_class"].text == "1 folder holds no pictures and is no class."
    assert kinds(found)["empty_class"].details == ("bird",)


def test_a_class_of_the_test_alone_is_left_out(tmp_path):
    make(
        tmp_path, ["train/a/1.png", "train/b/1.png", "test/a/1.png", "test/c/1.png", "test/c/2.png"]
    )
    found = find_pictures(tmp_path)
    assert names(found, "test") == [("a", "test/a/1.png")]
    finding = kinds(found)["unknown_class"]
    assert finding.text == (
        "2 pictures of the test part are left out: the training part has no such class."
    )
    assert finding.details == ("c",)


def test_what_lies_beside_the_class_folders_is_said(tmp_path):
    for name in "ab":
        two_classes(tmp_path / "train" / name)
    make(tmp_path, ["1.png", "train/2.png", "extra/a/3.png"])
    finding = kinds(find_pictures(tmp_path))["unused"]
    assert finding.details == (
        '"extra" is none of train, validation and test',
        "2 pictures in no class folder",
    )


def test_links_are_not_followed_and_loops_end(tmp_path):
    two_classes(tmp_path)
    (tmp_path / "cat" / "loop").symlink_to(tmp_path)
    (tmp_path / "cat" / "link.png").symlink_to(tmp_path / "dog" / "0.png")
    found = find_pictures(tmp_path)
    assert len(found.parts["training"]) == 6
    assert kinds(found)["link"].text == "2 are links and not followed."
    assert kinds(found)["link"].details == ("cat/link.png", "cat/loop")


def test_pipes_are_not_waited_for(tmp_path):
    two_classes(tmp_path)
    os.mkfifo(tmp_path / "cat" / "pipe.png")
    assert len(find_pictures(tmp_path).parts["training"]) == 6


def test_a_folder_that_may_not_be_read_is_listed(tmp_path, monkeypatch):
    two_classes(tmp_path)
    (tmp_path / "cat" / "closed").mkdir()
    (tmp_path / "closed").mkdir()
    scandir = os.scandir

    def refusing(path):
        if os.path.basename(path) == "closed":
            raise PermissionError(13, "no")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    found = kinds(find_pictures(tmp_path))
    assert found["closed_folder"].text == "2 folders cannot be read."
    assert found["closed_folder"].details == ("cat/closed", "closed")
    assert "empty_class" not in found


def test_very_deep_folders_end(tmp_path):
    two_classes(tmp_path)
    deep = tmp_path / "cat"
    for _ in range(120):
        deep = deep / "d"
        deep.mkdir()
    found = find_pictures(tmp_path)
    assert len(found.parts["training"]) == 6
    assert "closed_folder" in kinds(found)


# ---- What is refused ----


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([], "holds no folders with pictures"),
        (["1.png", "2.png"], "put the pictures of each class in a folder of its own"),
        (["cat/1.png"], r'one class only \("cat"\)'),
        (["train/cat/1.png", "test/dog/1.png"], r'one class only \("cat"\)'),
    ],
)
def test_what_is_no_folder_of_classes(tmp_path, files, words):
    make(tmp_path, files)
    with pytest.raises(BadInput, match=words) as caught:
        find_pictures(tmp_path)
    assert len(str(caught.value)) <= LONGEST_MESSAGE


def test_a_missing_folder(tmp_path):
    with pytest.raises(BadInput, match='"gone" is no folder'):
        find_pictures(tmp_path / "gone")


def test_the_search_can_be_stopped(tmp_path):
    two_classes(tmp_path)
    with pytest.raises(Cancelled):
        find_pictures(tmp_path, lambda: True)


# ---- Recognised ----


def test_a_folder_of_pictures_is_recognised(tmp_path):
    assert holds_pictures(two_classes(tmp_path / "plain"))
    assert holds_pictures(two_classes(tmp_path / "parts" / "train").parent)
    assert holds_pictures(two_classes(tmp_path / "wrapped" / "in" / "train").parent.parent)
    assert holds_pictures(make(tmp_path / "flat", ["1.png"]))  # reading says what it lacks
    (tmp_path / "other" / "sub").mkdir(parents=True)
    (tmp_path / "other" / "sub" / "x.csv").write_text("1")
    assert not holds_pictures(tmp_path / "other")
    assert not holds_pictures(tmp_path / "gone")
