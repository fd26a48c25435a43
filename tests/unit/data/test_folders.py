"""Folders of every arrangement are read as a person would read them, or refused with what was seen."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PIL import Image

from headstart.data.enough import require_trainable
from headstart.data.read import load
from headstart.errors import DataError, LayoutError, NotEnoughDataError, ParameterError
from headstart.types import Dataset, Modality


def photo(path: Path, colour: str = "red") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8), colour).save(path, "PNG")
    return path


def photos(root: Path, *names: str) -> Path:
    for name in names:
        photo(root / name)
    return root


def codes(dataset: Dataset) -> dict[str, str]:
    return {problem.source: problem.code for problem in dataset.problems}


def test_a_folder_for_each_class(tmp_path: Path) -> None:
    data = load(photos(tmp_path, "cat/a.jpg", "cat/b.png", "dog/c.dat"))
    assert data.modality is Modality.IMAGE
    assert data.classes == ("cat", "dog")
    assert data.counts == {"cat": 2, "dog": 1}
    assert [example.name for example in data.examples] == ["cat/a.jpg", "cat/b.png", "dog/c.dat"]
    assert data.examples[0].source == tmp_path / "cat" / "a.jpg"
    assert data.problems == ()
    assert data.notes == ()
    require_trainable(data)


def test_texts_are_read(tmp_path: Path) -> None:
    for name, words in {
        "good/a.txt": "I like it",
        "bad/b.md": "\ufeffnot so\r\ngood",
        "bad/c.txt": " ",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(words, newline="")
    data = load(tmp_path)
    assert data.modality is Modality.TEXT
    assert data.sources == ["not so\ngood", "I like it"]
    assert codes(data) == {"bad/c.txt": "empty_text"}


def test_modality_is_what_most_files_are_whatever_their_names(tmp_path: Path) -> None:
    photos(tmp_path, "a/1.txt", "a/2.wav", "b/3.mp3")
    (tmp_path / "a" / "caption.jpg").write_text("a caption")
    (tmp_path / "b" / "empty.jpg").touch()
    data = load(tmp_path)
    assert data.modality is Modality.IMAGE
    assert len(data) == 3
    assert codes(data) == {"a/caption.jpg": "not_an_image", "b/empty.jpg": "empty"}
    assert all("; " in problem.reason for problem in data.problems)
    as_text = load(tmp_path, modality="text")
    assert as_text.sources == ["a caption"]
    assert as_text.modality is Modality.TEXT


def test_captions_beside_photos_do_not_outvote_them(tmp_path: Path) -> None:
    photos(tmp_path, "a/1.jpg", "b/2.jpg")
    for name in ("a/1.txt", "b/2.txt"):
        (tmp_path / name).write_text("a caption")
    assert load(tmp_path).modality is Modality.IMAGE


def test_leftovers_are_ignored_and_counted(tmp_path: Path) -> None:
    photos(
        tmp_path,
        "a/1.png",
        "b/2.png",
        ".git/x.png",
        "a/.hidden.png",
        "a/.ipynb_checkpoints/1.png",
        "__MACOSX/a/._1.png",
    )
    for name in ("a/Thumbs.db", "a/.DS_Store", "b/.DS_Store", "README.md", "LICENSE"):
        (tmp_path / name).write_text("x")
    data = load(tmp_path)
    assert len(data) == 2
    assert data.problems == ()
    assert data.ignored == {
        "hidden": 2,
        ".DS_Store": 2,
        "Thumbs.db": 1,
        "__MACOSX": 1,
        ".ipynb_checkpoints": 1,
        "files beside the class folders": 2,
    }


@pytest.mark.parametrize("pattern", ["{split}/{label}/{file}", "{label}/{split}/{file}"])
@pytest.mark.parametrize("wrapper", ["", "unpacked/"])
def test_splits_above_or_below_the_classes(tmp_path: Path, pattern: str, wrapper: str) -> None:
    for split, count in (("Train", 3), ("valid", 2), ("test", 1)):
        for label in ("cat", "dog"):
            for file in range(count):
                photo(
                    tmp_path / (wrapper + pattern.format(split=split, label=label, file=f"{split}{file}.png"))
                )
    data = load(tmp_path)
    assert data.classes == ("cat", "dog")
    assert len(data) == 10
    (note,) = [note for note in data.notes if "test split" in note]
    assert "2 examples of the test split were left out" in note
    assert "split='test'" in note
    assert [len(load(tmp_path, split=name)) for name in ("train", "validation", "test")] == [6, 4, 2]
    assert len(load(tmp_path, labelled=False)) == 12


def test_a_lone_split_is_read(tmp_path: Path) -> None:
    assert len(load(photos(tmp_path, "test/cat/1.png", "test/dog/2.png"))) == 2
    with pytest.raises(DataError, match=r"has no train split.*it has test"):
        load(tmp_path, split="train")
    with pytest.raises(ParameterError, match="train, validation or test"):
        load(tmp_path, split="val")


def test_split_folders_without_classes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match="'test', 'train', which name a split, but no class folders"):
        load(photos(tmp_path, "train/1.png", "test/2.png"))
    assert len(load(tmp_path, labelled=False)) == 2


def test_split_folders_beside_others_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match="beside 'extra'"):
        load(photos(tmp_path, "train/cat/1.png", "test/cat/2.png", "extra/cat/3.png"))


def test_a_class_may_be_called_train(tmp_path: Path) -> None:
    assert load(photos(tmp_path, "train/1.png", "bus/2.png", "tram/3.png")).classes == (
        "bus",
        "train",
        "tram",
    )


def test_a_wrapping_folder_is_looked_through(tmp_path: Path) -> None:
    data = load(photos(tmp_path, "download/photos/cat/1.png", "download/photos/dog/2.png"))
    assert data.classes == ("cat", "dog")
    assert data.notes == ("The classes are the folders inside download/photos.",)


def test_ambiguous_nesting_is_refused_with_what_was_seen(tmp_path: Path) -> None:
    photos(tmp_path, "monday/cat/1.png", "monday/dog/2.png", "tuesday/cat/3.png", "tuesday/dog/4.png")
    with pytest.raises(
        LayoutError, match="'monday', 'tuesday', or the folders inside them, 'cat', 'dog'"
    ) as caught:
        load(tmp_path)
    assert "metadata.csv" in (caught.value.hint or "")


def test_folders_below_a_class_that_has_files_count_as_the_class(tmp_path: Path) -> None:
    data = load(photos(tmp_path, "cat/1.png", "dog/poodle/2.png", "dog/beagle/3.png", "cat/more/deep/4.png"))
    assert data.counts == {"cat": 2, "dog": 2}
    assert "Files in folders below a class count as that class" in data.notes[0]


def test_no_class_folders(tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match="found 2 files that are in no such folder") as caught:
        load(photos(tmp_path, "1.png", "2.png"))
    assert "one folder for each class" in (caught.value.hint or "")
    assert len(load(tmp_path, labelled=False)) == 2


def test_a_photo_beside_the_class_folders_is_a_problem(tmp_path: Path) -> None:
    data = load(photos(tmp_path, "cat/1.png", "dog/2.png", "lost.png"))
    assert codes(data) == {"lost.png": "not_in_class"}


def test_empty_class_folder(tmp_path: Path) -> None:
    photos(tmp_path, "cat/1.png", "dog/2.png")
    (tmp_path / "bird").mkdir()
    data = load(tmp_path)
    assert data.classes == ("cat", "dog")
    assert codes(data) == {"bird": "empty_class"}


def test_one_class_only(tmp_path: Path) -> None:
    data = load(photos(tmp_path, "cat/1.png", "cat/2.png"))
    with pytest.raises(NotEnoughDataError, match=r"at least two classes.*found one: 'cat'") as caught:
        require_trainable(data)
    assert "Add a folder" in (caught.value.hint or "")


def test_no_examples_at_all(tmp_path: Path) -> None:
    with pytest.raises(NotEnoughDataError, match="found none in 0 files"):
        load(tmp_path)
    (tmp_path / "cat").mkdir()
    (tmp_path / "cat" / "a.jpg").touch()
    with pytest.raises(NotEnoughDataError, match=r"cat/a.jpg: The file is empty"):
        load(tmp_path)
    unusable = load(tmp_path, modality="image")
    with pytest.raises(NotEnoughDataError, match=r"No usable example.*empty") as caught:
        require_trainable(unusable)
    assert "cat/a.jpg" in (caught.value.hint or "")


def test_classes_that_differ_in_capitals_are_kept_and_told(tmp_path: Path) -> None:
    data = load(photos(tmp_path, "Cat/1.png", "cat/2.png", "dog/3.png"))
    if len(list(tmp_path.iterdir())) < 3:
        pytest.skip("this disk does not tell capitals apart")
    assert data.classes == ("Cat", "cat", "dog")
    (problem,) = data.problems
    assert problem.code == "similar_classes"
    assert "give them one name" in problem.reason


def test_missing_path(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no file or folder"):
        load(tmp_path / "nothing")
    with pytest.raises(ParameterError, match="image, text, audio"):
        load(tmp_path, modality="video")


def metadata(path: Path, columns: list[str], *rows: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as handle:
        csv.writer(handle).writerows([columns, *rows])


def test_metadata_beside_the_files(tmp_path: Path) -> None:
    photos(tmp_path, "1.png", "in/2.png", "3.png")
    metadata(
        tmp_path / "metadata.csv",
        ["file_name", "label", "group"],
        ["1.png", "cat", "p"],
        ["in/2.png", "dog", "q"],
        ["4.png", "dog", ""],
    )
    data = load(tmp_path)
    assert [(e.name, e.label, e.group) for e in data.examples] == [
        ("1.png", "cat", "p"),
        ("in/2.png", "dog", "q"),
    ]
    assert codes(data) == {"3.png": "not_listed", "4.png": "missing"}


def test_metadata_in_each_split_as_the_hub_has_it(tmp_path: Path) -> None:
    for split in ("train", "test"):
        photos(tmp_path / split, "1.png", "2.png")
        lines = ['{"file_name": "1.png", "category": "cat"}', '{"file_name": "2.png", "category": "dog"}']
        (tmp_path / split / "metadata.jsonl").write_text("\n".join(lines))
    data = load(tmp_path)
    assert [example.name for example in data.examples] == ["train/1.png", "train/2.png"]
    assert data.classes == ("cat", "dog")
    assert len(load(tmp_path, split="test")) == 2


def test_metadata_may_add_groups_to_class_folders(tmp_path: Path) -> None:
    photos(tmp_path, "cat/1.png", "dog/2.png")
    metadata(tmp_path / "metadata.csv", ["file_name", "group"], ["cat/1.png", "a"], ["dog/2.png", "b"])
    assert [(e.label, e.group) for e in load(tmp_path).examples] == [("cat", "a"), ("dog", "b")]


def test_metadata_cannot_reach_outside_its_folder(tmp_path: Path) -> None:
    photo(tmp_path / "secret.png")
    photos(tmp_path / "data", "1.png", "2.png")
    metadata(
        tmp_path / "data" / "metadata.csv",
        ["file_name", "label"],
        ["1.png", "a"],
        ["../secret.png", "b"],
        ["2.png", "b"],
    )
    data = load(tmp_path / "data")
    assert len(data) == 2
    assert codes(data) == {"../secret.png": "missing"}


def test_metadata_without_file_names_is_refused(tmp_path: Path) -> None:
    photos(tmp_path, "1.png", "2.png")
    metadata(tmp_path / "metadata.csv", ["name", "kind"], ["1.png", "cat"])
    with pytest.raises(DataError, match="no column file_name; its columns are: 'name', 'kind'"):
        load(tmp_path)
    metadata(tmp_path / "metadata.csv", ["file_name", "kind"], ["1.png", "cat"])
    with pytest.raises(DataError, match="no column 'label'; its columns are: 'file_name', 'kind'"):
        load(tmp_path, label_column="label")


def test_groups_from_a_list(tmp_path: Path) -> None:
    photos(tmp_path / "data", "cat/1.png", "cat/2.png", "dog/3.png")
    metadata(
        tmp_path / "groups.csv",
        ["file", "label", "group"],
        ["cat/1.png", "cat", "x"],
        ["dog/3.png", "dog", "x"],
    )
    assert [e.group for e in load(tmp_path / "data", groups=tmp_path / "groups.csv").examples] == [
        "x",
        None,
        "x",
    ]
    metadata(tmp_path / "wrong.csv", ["file", "group"], ["1.png", "x"])
    with pytest.raises(DataError, match=r"None of the files.*'1.png'.*'cat/1.png'"):
        load(tmp_path / "data", groups=tmp_path / "wrong.csv")
    metadata(tmp_path / "bad.csv", ["file", "speaker"], ["cat/1.png", "x"])
    with pytest.raises(DataError, match="no column 'group'; its columns are: 'file', 'speaker'"):
        load(tmp_path / "data", groups=tmp_path / "bad.csv")


def test_folder_of_tables(tmp_path: Path) -> None:
    metadata(tmp_path / "train.csv", ["text", "label"], ["a b", "x"], ["c d", "y"])
    metadata(tmp_path / "test.csv", ["text", "label"], ["e f", "x"])
    (tmp_path / "README.md").write_text("about")
    assert load(tmp_path).sources == ["a b", "c d"]
    assert load(tmp_path, split="test").sources == ["e f"]
    metadata(tmp_path / "more.csv", ["text", "label"], ["e f", "x"])
    with pytest.raises(LayoutError, match=r"several tables: more.csv, test.csv, train.csv"):
        load(tmp_path)


@pytest.mark.realdata
def test_real_data_sets_are_read_whole(data_root: Path) -> None:
    import json

    tasks = json.loads((data_root / "meta" / "tasks.json").read_text())
    for name, task in tasks.items():
        place = data_root / name
        data = load(place if place.is_dir() else place.with_suffix(".csv"))
        assert data.counts == task["counts"], name
        assert data.problems == (), name
