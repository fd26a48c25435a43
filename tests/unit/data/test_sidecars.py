"""What describes a photo or sound under its name is passed over; media are never outvoted by it."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from headstart.data.memory import from_arrays, from_objects
from headstart.data.read import load
from headstart.errors import HeadstartError
from headstart.types import Modality


def photo(path: Path, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(8):
        photo(tmp_path / "ab"[number % 2] / f"{number}.jpg", number)
    return tmp_path


def test_two_texts_for_each_photo_do_not_outvote_it(folder):
    for path in list(folder.rglob("*.jpg")):
        path.with_suffix(".txt").write_text("a caption of this photo")
        path.with_suffix(".caption").write_text("another one")
        path.with_name(path.name + ".json").write_text('{"title": "as Takeout writes"}')
    data = load(folder)
    assert data.modality is Modality.IMAGE
    assert len(data) == 8
    assert data.problems == ()
    assert data.ignored == {"files that describe one beside them": 24}


def test_web_pages_saved_in_place_of_photos_are_listed(folder):
    for number in range(20, 30):
        (folder / "a" / f"{number}.jpg").write_text("<!DOCTYPE html><html><body>404</body></html>")
    data = load(folder)
    assert data.modality is Modality.IMAGE
    assert len(data) == 8
    assert len(data.problems) == 10
    assert "web page" in data.problems[0].reason


def test_texts_beside_a_few_photos_stay_texts(tmp_path):
    for number in range(12):
        path = tmp_path / "ab"[number % 2] / f"{number}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"a letter with the number {number}")
    photo(tmp_path / "a" / "cover.jpg", 1)
    data = load(tmp_path)
    assert data.modality is Modality.TEXT
    assert len(data) == 12


def test_a_copied_manifest_makes_no_model_of_a_class(folder):
    (folder / "a" / "manifest.json").write_text('{"format_version": 1, "headstart": "0.1.0"}')
    assert load(folder).counts == {"a": 4, "b": 4}


def test_pixels_in_a_column_are_no_texts(tmp_path):
    rng = np.random.default_rng(0)
    rows = [f"{n % 2},{' '.join(map(str, rng.integers(0, 256, 64)))}" for n in range(20)]
    (tmp_path / "faces.csv").write_text("emotion,pixels\n" + "\n".join(rows) + "\n")
    with pytest.raises(HeadstartError, match="numbers"):
        load(tmp_path / "faces.csv")


@pytest.mark.parametrize("separator", ["/", " + ", "\t", " "])
def test_several_labels_with_other_separators(separator):
    cells = ["16 0", "16", "0 3", "3", "16 3", "0"] * 4
    if separator != " ":  # words have spaces between them, codes do not
        cells = [cell.replace("16", "car").replace("0", "dog").replace("3", "cat") for cell in cells]
    labels = [cell.replace(" ", separator) for cell in cells]
    texts = [f"the text that has the number {number} in words" for number in range(len(labels))]
    with pytest.raises(HeadstartError, match="several"):
        from_arrays(texts, labels)


def test_labels_in_another_order_than_their_table_are_refused():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"text": [f"a text of number {n}" for n in range(8)], "label": ["a", "b"] * 4})
    shuffled = frame["label"].iloc[::-1]
    with pytest.raises(HeadstartError, match="another index than the inputs"):
        from_objects(frame[["text"]], shuffled)
    assert len(from_objects(frame[["text"]], shuffled.to_numpy())) == 8
