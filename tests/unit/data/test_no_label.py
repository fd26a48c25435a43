"""Names that mean "no label" beside the others are told from classes that look like them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from headstart.data.no_label import markers_among, note_on_minus_one, require_no_markers
from headstart.data.read import from_arrays, load
from headstart.errors import LayoutError
from headstart.sklearn_labels import read_labels


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
        (["-1", "0", "1", "2"], ["-1"]), (["-2", "-1", "0", "1", "2"], []), (["-1", "1", "2"], []),
        (["0.5", "1.5", "inf"], ["inf"]), (["INF", "CAV"], []), (["inf"], []), (["none", "crack"], []),
        (["unknown", "a", "b"], []), (["unlabeled", "?", "a", "b"], ["?", "unlabeled"]),
        (["A", "A-", "B+"], []),
    ],
)  # fmt: skip
def test_what_the_others_decide(names: Sequence[str], markers: Sequence[str]) -> None:
    assert markers_among(Counter(names * 3)) == frozenset(markers)


def test_what_is_said() -> None:
    with pytest.raises(
        LayoutError,
        match=r"each cell of the column 'kind', found '\?' in 2 of 4, which often means that nobody",
    ) as caught:
        require_no_markers(Counter({"a": 1, "?": 2, "b": 1}), "the column 'kind'")
    assert "Empty those cells (None in Python)" in str(caught.value.hint)
    assert "--target classes" in str(caught.value.hint)


def test_minus_one_beside_zero_and_one_is_a_class_with_a_note() -> None:
    (note,) = note_on_minus_one(Counter(["-1", "0", "1"]), "the labels")
    assert note.startswith("-1 in the labels is read as a class, beside 0 and 1.")
    assert note_on_minus_one(Counter(["0", "1"]), "the labels") == []


def test_files_and_python_alike(tmp_path: Path) -> None:
    texts = [f"a note about the thing {i}" for i in range(30)]
    labels = [("cat", "dog", "?")[i % 3] for i in range(30)]
    rows = [f"{text},{label}" for text, label in zip(texts, labels, strict=True)]
    (tmp_path / "t.csv").write_text("\n".join(["text,label", *rows]))
    for read in (
        lambda **named: load(tmp_path / "t.csv", **named).classes,
        lambda **named: from_arrays(texts, labels, modality="text", **named).classes,
        lambda target=None: tuple(read_labels(labels, 30, target).class_names),
    ):
        with pytest.raises(LayoutError, match=r"found '\?' in 10 of 30"):
            read()
        assert read(target="classes") == ("?", "cat", "dog")
