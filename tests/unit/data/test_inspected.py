"""Photos of parts that were inspected: which are good, in the layouts that people have."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import headstart
from headstart.data.inspected import is_good, require_inspected, suggestion
from headstart.errors import LayoutError, ParameterError


def _photos(root: Path, *folders: str, count: int = 3) -> None:
    for number, folder in enumerate(folders):
        (root / folder).mkdir(parents=True, exist_ok=True)
        for i in range(count):
            pixels = np.random.default_rng([number, i]).integers(0, 256, (16, 16, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(root / folder / f"{i:03d}.png")


def _mvtec(root: Path) -> None:
    _photos(root, "train/good", "test/good", "test/crack", "test/dent", "ground_truth/crack")
    for path in (root / "ground_truth" / "crack").iterdir():
        path.rename(path.with_name(f"{path.stem}_mask.png"))


@pytest.mark.parametrize(
    "name", ["good", "OK", "Normal", "intact", "pass", "no_defect", "Defect-free", "i.O.", "In Ordnung", None]
)
def test_names_of_good_parts(name: str | None) -> None:
    assert is_good(name)


@pytest.mark.parametrize("name", ["bad", "scratch", "anomaly", "not ok", "nok", "0", "train", "goods"])
def test_names_of_anything_else(name: str) -> None:
    assert not is_good(name)


@pytest.mark.parametrize("name", ["good", "ok", "normal"])
def test_good_parts_alone_are_learned_to_find_defects(tmp_path: Path, name: str) -> None:
    _photos(tmp_path, name)

    data = headstart.load(tmp_path)

    assert (data.target, data.classes, len(data)) == ("defects", (name,), 3)
    assert any("so what is learned is to find defects" in note for note in data.notes)


def test_one_folder_of_another_name_is_no_set_of_good_parts(tmp_path: Path) -> None:
    _photos(tmp_path, "cat")

    assert headstart.load(tmp_path).target == "classes"


def test_mvtec_trains_on_its_good_parts_and_keeps_the_rest_to_measure_with(tmp_path: Path) -> None:
    _mvtec(tmp_path)

    train, test = headstart.load(tmp_path), headstart.load(tmp_path, split="test", target="defects")

    assert (train.target, train.counts) == ("defects", {"good": 3})
    assert test.counts == {"crack": 3, "dent": 3, "good": 3}
    assert any("9 examples of the test split were left out" in note for note in train.notes)


def test_visa_as_folders_and_as_its_table_of_one_object(tmp_path: Path) -> None:
    root = tmp_path / "candle"
    _photos(root, "Data/Images/Normal", "Data/Images/Anomaly", "Data/Masks/Anomaly")
    folders = headstart.load(root, target="defects")
    lines = [f"Data/Images/Normal/00{i}.png,normal," for i in range(3)]
    lines += [f"Data/Images/Anomaly/00{i}.png,bent,Data/Masks/Anomaly/00{i}.png" for i in range(3)]
    (root / "image_anno.csv").write_text("\n".join(["image,label,mask", *lines]) + "\n")

    table = headstart.load(root / "image_anno.csv", target="defects")

    assert folders.counts == {"Anomaly": 3, "Normal": 3}
    assert table.counts == {"bent": 3, "normal": 3}


def test_good_and_defective_are_classes_unless_defects_are_asked_for(tmp_path: Path) -> None:
    _photos(tmp_path, "good", "scratch", "dent")

    assert headstart.load(tmp_path).target == "classes"
    asked = headstart.load(tmp_path, target="defects")
    assert (asked.target, asked.counts) == ("defects", {"dent": 3, "good": 3, "scratch": 3})
    assert headstart.load(tmp_path, target="classes").target == "classes"


def test_a_folder_of_nothing_but_photos_is_good_parts_where_defects_are_asked_for(tmp_path: Path) -> None:
    _photos(tmp_path, ".")

    data = headstart.load(tmp_path, target="defects")

    assert (data.target, data.labels) == ("defects", [None] * 3)
    with pytest.raises(LayoutError, match="Expected a folder for each class"):
        headstart.load(tmp_path)


def test_photos_in_memory_need_no_labels(tmp_path: Path) -> None:
    _photos(tmp_path, "good")
    paths = sorted(str(path) for path in (tmp_path / "good").iterdir())

    data = headstart.load(paths, target="defects")
    labelled = headstart.load(paths, ["ok", "ok", "bent"], target="defects")

    assert (data.target, len(data)) == ("defects", 3)
    assert labelled.counts == {"bent": 1, "ok": 2}


def test_no_good_parts_are_refused_with_what_was_found(tmp_path: Path) -> None:
    _photos(tmp_path, "batch1", "batch2")

    with pytest.raises(LayoutError) as raised:
        require_inspected(headstart.load(tmp_path, target="defects"))
    assert "found 'batch1', 'batch2', and nothing says which of them are good" in raised.value.message
    assert "Call the folder (or the label) of the good parts 'good'" in (raised.value.hint or "")


def test_the_root_of_visa_is_refused_with_one_of_its_objects(tmp_path: Path) -> None:
    _photos(tmp_path, "candle/Data/Images/Normal", "candle/Data/Images/Anomaly")
    _photos(tmp_path, "fryum/Data/Images/Normal", "fryum/Data/Images/Anomaly")
    (tmp_path / "split_csv").mkdir()

    with pytest.raises(LayoutError) as raised:
        require_inspected(headstart.load(tmp_path, target="defects", layout="folders"))
    assert "give one of its objects, headstart train" in (raised.value.hint or "")
    assert "/candle --target defects" in (raised.value.hint or "")


def test_texts_are_refused() -> None:
    data = headstart.load(["all is well", "it broke"], ["good", "bad"], target="defects")

    with pytest.raises(ParameterError, match="Defects are found in photos; these examples are text"):
        require_inspected(data)


@pytest.mark.parametrize(
    ("counts", "suggested"),
    [
        ({"good": 200, "defective": 12}, True),
        ({"ok": 40, "dent": 10, "scratch": 9}, True),
        ({"good": 39, "dent": 10}, False),
        ({"cat": 200, "dog": 12}, False),
        ({"good": 50}, False),
    ],
)
def test_a_few_defects_among_many_good_parts_suggest_this_target(
    counts: dict[str, int], suggested: bool
) -> None:
    said = suggestion(counts)

    assert bool(said) is suggested
    if suggested:
        assert "--target defects" in said
        assert f"{max(counts.values())} good" in said
