"""Which column holds the class, told by its cells; and tables whose labels no single column holds."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest

from headstart.data.read import from_objects, load
from headstart.errors import LayoutError

ROWS = 60
TEXTS = [f"note {i} about the {('red', 'blue', 'old')[i % 3]} car and its door" for i in range(ROWS)]
VERDICTS = [("good", "bad", "so so")[i % 7 % 3] for i in range(ROWS)]
KINDS = [("cat", "dog", "bird")[i % 3] for i in range(ROWS)]
ONE_HOT = {name: [int(kind == name) for kind in KINDS] for name in ("cat", "dog", "bird")}
DAYS = [str(datetime.date(2024, 1, 1) + datetime.timedelta(i % 9)) for i in range(ROWS)]
lengths = np.random.default_rng(0).normal(5, 1, (ROWS, 4)).round(1).T
FLOWERS = dict(zip(("sepal_length", "sepal_width", "petal_length", "petal_width"), lengths, strict=True))


def written(path: Path, columns: Mapping[str, Sequence[Any]]) -> Path:
    pandas.DataFrame(columns).to_csv(path, index=False)
    return path


@pytest.mark.parametrize(
    "name",
    ["rating", "stars", "Grade", "Klasse", "Kategorie", "Note", "Bewertung", "clase", "catégorie", "classe"],
)
def test_labels_by_their_names_in_several_languages(tmp_path: Path, name: str) -> None:
    region = [("north", "south")[i % 2] for i in range(ROWS)]
    data = load(written(tmp_path / "t.csv", {"text": TEXTS, "region": region, name: VERDICTS}))
    assert data.labels == VERDICTS
    assert data.notes == (f"t.csv: inputs are in the column 'text', labels in {name!r}.",)


def test_a_note_may_be_the_text(tmp_path: Path) -> None:
    data = load(written(tmp_path / "t.csv", {"note": TEXTS, "verdict": VERDICTS}))
    assert data.sources == TEXTS


@pytest.mark.parametrize(
    "beside", [DAYS, [i % 30 / 4 for i in range(ROWS)], [f"{i % 20} kg" for i in range(ROWS)]]
)
def test_days_and_measures_are_no_rivals_of_classes(tmp_path: Path, beside: Sequence[Any]) -> None:
    data = load(written(tmp_path / "t.csv", {"text": TEXTS, "other": beside, "verdict": VERDICTS}))
    assert data.labels == VERDICTS


@pytest.mark.parametrize("kind", [int, float, bool])
def test_one_hot_columns(tmp_path: Path, kind: type) -> None:
    frame = pandas.DataFrame({"text": TEXTS, **ONE_HOT}).astype(dict.fromkeys(ONE_HOT, kind))
    match = (
        r"'cat', 'dog', 'bird' of {} hold 0 and 1, with one 1 in each row: .* spread over columns \(one-hot\)"
    )
    read = load(written(tmp_path / "t.csv", frame))
    assert read.labels == KINDS
    assert any("the class of a row is the column that holds 1" in note for note in read.notes)
    with pytest.raises(LayoutError, match=match.format("the given DataFrame")) as caught:
        from_objects(frame)
    assert "frame['label'] = frame[['cat', 'dog', 'bird']].idxmax(axis=1)" in str(caught.value.hint)
    assert str(caught.value.hint).endswith("label_column='cat'")
    assert len(load(tmp_path / "t.csv", label_column="cat").classes) == 2
    frame["label"] = frame[["cat", "dog", "bird"]].idxmax(axis=1)  # as the hint says
    assert from_objects(frame).labels == KINDS


def test_columns_of_tags(tmp_path: Path) -> None:
    tags = {"toxic": [i % 2 for i in range(ROWS)], "threat": [i % 3 // 2 for i in range(ROWS)]}
    with pytest.raises(
        LayoutError, match=r"'toxic', 'threat' of t\.csv .*with 0 to 2 1s in a row: .*\(tags\)"
    ):
        load(written(tmp_path / "t.csv", {"text": TEXTS, **tags}))


@pytest.mark.parametrize("label", ["species", "variety_x"])
def test_a_table_of_measurements(tmp_path: Path, label: str) -> None:
    path = written(tmp_path / "t.csv", {**FLOWERS, label: KINDS})
    with pytest.raises(
        LayoutError, match=r"texts or of names of files in t\.csv, found only numbers: 'sepal_le"
    ) as e:
        load(path)
    assert "To learn from the measurements themselves, a row each: " in str(e.value.hint)
    with pytest.raises(LayoutError, match="in the given DataFrame, found only numbers") as e:
        from_objects(pandas.read_csv(path))
    assert str(e.value.hint).endswith("input_column='NAME', modality='text'.")


def test_pixels_as_columns(tmp_path: Path) -> None:
    pixels = {f"pixel{i}": [(i * row) % 256 for row in range(ROWS)] for i in range(784)}
    path = written(tmp_path / "t.csv", {"label": [i % 10 for i in range(ROWS)], **pixels})
    with pytest.raises(LayoutError, match=r"found only numbers: 'pixel0', .* and 764 more") as caught:
        load(path)
    assert "If each row holds the pixels of a picture, save it as one" in str(caught.value.hint)
