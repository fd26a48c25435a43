"""Names that mean "no label" beside the others are told from classes that look like them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from headstart.data.labels import LabelCells
from headstart.data.no_label import markers_among, without_markers
from headstart.data.read import from_arrays, load
from headstart.errors import LayoutError
from headstart.sklearn_labels import read_labels

CELLS = [LabelCells("the column 'kind' of t.csv", "kind")]


@pytest.mark.parametrize(
    "marker",
    ["?", "??", "-", "--", "—", ".", "nil", "NIL", "undefined", "unlabeled", "Unlabelled", "not_labeled",
     "no label", "<unlabeled>", "TBD", "-1", "-1.0"],
)  # fmt: skip
def test_markers(marker: str) -> None:
    assert markers_among(Counter({"cat": 5, "dog": 5, marker: 5})) == {marker}


@pytest.mark.parametrize(
    ("names", "markers"),
    [
        (["+", "-"], []), (["+", "-", "0"], []), (["?", "!", "."], []), (["x", "-"], []), (["?"], []),
        (["cat", "?"], ["?"]), (["-1", "1"], []), (["-1", "0", "1"], []), (["-1", "1", "neutral"], []),
        (["0.5", "1.5", "inf"], ["inf"]), (["INF", "CAV"], []), (["inf"], []), (["none", "crack"], []),
        (["unknown", "a", "b"], []), (["unlabeled", "?", "a", "b"], ["?", "unlabeled"]),
        (["A", "A-", "B+"], []),
    ],
)  # fmt: skip
def test_what_the_others_decide(names: Sequence[str], markers: Sequence[str]) -> None:
    assert markers_among(Counter(names * 3)) == frozenset(markers)


def test_they_are_left_out_with_a_note() -> None:
    names, notes = without_markers(["a", "?", None, "b", "?"], CELLS)
    assert names == ["a", None, None, "b", None]
    assert notes == [
        "2 cells of 'kind' say '?': read as no label. If it is a class, say so: --target classes "
        '(target="classes" in Python).'
    ]


def test_minus_one_beside_numbers_from_zero_is_refused() -> None:
    with pytest.raises(
        LayoutError,
        match=r"in the column 'kind' of t\.csv, found -1 \(1 of 4\) beside numbers from 0: data sets often",
    ) as caught:
        without_markers(["-1", "0", "1", "2"], CELLS)
    assert "leave these cells empty" in str(caught.value.hint)
    for names in (["-2", "-1", "0", "1", "2"], ["-1", "1", "2"], ["-1", "1"]):
        assert without_markers(names, CELLS) == (names, [])
    _, notes = without_markers(["-1", "0", "1"], CELLS)
    assert notes[0].startswith("-1 in the column 'kind' of t.csv is read as a class, beside 0 and 1.")


def test_files_and_python_alike(tmp_path: Path) -> None:
    texts = [f"a note about the thing {i}" for i in range(30)]
    labels = [("cat", "dog", "?")[i % 3] for i in range(30)]
    rows = [f"{text},{label}" for text, label in zip(texts, labels, strict=True)]
    (tmp_path / "t.csv").write_text("\n".join(["text,label", *rows]))
    for data in (load(tmp_path / "t.csv"), from_arrays(texts, labels, modality="text")):
        assert data.classes == ("cat", "dog")
        assert [one.code for one in data.problems] == ["no_label"] * 10
    assert load(tmp_path / "t.csv", target="classes").classes == ("?", "cat", "dog")
    read = read_labels(labels, 30, None)
    assert read.class_names == ["cat", "dog"]
    assert read.names.count(None) == 10
    assert read_labels(labels, 30, "classes").class_names == ["?", "cat", "dog"]
