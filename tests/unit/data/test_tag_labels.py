"""Tags are read from lists, separators, columns of 0 and 1, matrices and folders; the unclear is refused."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

import headstart as hs
from headstart.data.tag_labels import rarest_tag, require_tags, tag_values, without_empty_tags
from headstart.errors import DataError, LayoutError, NotEnoughDataError, ParameterError

TEXTS = [f"{a} {b} {n}" for n in range(3) for a in ("warm", "cold") for b in ("bread", "soup")]
TAGS = [["warm"] * ("warm" in text) + ["baked"] * ("bread" in text) for text in TEXTS]


def table(folder: Path, rows: list, *header: str) -> Path:
    place = folder / "food.csv"
    with place.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return place


def tags_of(data: hs.Dataset) -> list[list[str]]:
    return [
        [name for name, one in zip(data.classes, example.value, strict=True) if one == 1]
        for example in data.examples
    ]


@pytest.mark.parametrize("separator", ["|", ";", ", ", "/"])
def test_a_column_with_a_separator(tmp_path: Path, separator: str) -> None:
    rows = [(text, separator.join(tags) or "[]") for text, tags in zip(TEXTS, TAGS, strict=True)]
    data = hs.load(table(tmp_path, rows, "text", "tags"), target="tags")
    assert (data.target, data.classes) == ("tags", ("baked", "warm"))
    assert tags_of(data) == [sorted(tags) for tags in TAGS]
    assert data.examples[0].label == "baked, warm"
    assert data.examples[-1].label == "no tags"
    assert f"are separated by {separator.strip()!r}." in data.notes[0]


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_lists_in_json_lines_and_parquet(tmp_path: Path, ending: str) -> None:
    place = tmp_path / f"food.{ending}"
    if ending == "jsonl":
        rows = [json.dumps({"text": text, "labels": tags}) for text, tags in zip(TEXTS, TAGS, strict=True)]
        place.write_text("\n".join(rows))
    else:
        pq.write_table(pa.table({"text": TEXTS, "labels": TAGS}), place)
    data = hs.load(place, target="tags")
    assert tags_of(data) == [sorted(tags) for tags in TAGS]
    assert not data.problems


def test_a_missing_list_is_not_an_empty_one(tmp_path: Path) -> None:
    place = tmp_path / "food.jsonl"
    rows = [{"text": text, "labels": tags} for text, tags in zip(TEXTS, TAGS, strict=True)]
    rows[2]["labels"] = None
    place.write_text("\n".join(map(json.dumps, rows)))
    data = hs.load(place, target="tags")
    assert len(data) == len(TEXTS) - 1
    assert [problem.reason for problem in data.problems] == [
        "It has no tags; write [] where it has none, or remove it."
    ]


def test_an_empty_cell_is_left_out_and_told(tmp_path: Path) -> None:
    rows = [(text, ";".join(tags)) for text, tags in zip(TEXTS, TAGS, strict=True)]
    data = hs.load(table(tmp_path, rows, "text", "tags"), target="tags")
    assert len(data) == 9
    assert "write [] where it has none" in data.problems[0].reason


def test_one_column_a_tag_with_unknown_cells(tmp_path: Path) -> None:
    rows = [
        (text, int("warm" in tags), "" if place == 4 else int("baked" in tags), 0)
        for place, (text, tags) in enumerate(zip(TEXTS, TAGS, strict=True))
    ]
    data = hs.load(table(tmp_path, rows, "text", "warm", "baked", "is_valid"), target="tags")
    assert data.classes == ("warm", "baked")
    assert data.examples[4].value[0] == 1
    assert np.isnan(data.examples[4].value[1])
    assert "Tags of food.csv are the columns of 0 and 1: 'warm', 'baked'." in data.notes
    frame = pd.read_csv(tmp_path / "food.csv")
    assert tags_of(hs.load(frame, target="tags")) == tags_of(data)


def test_a_row_for_which_nothing_is_known_is_left_out(tmp_path: Path) -> None:
    rows = [(text, int("warm" in tags), int("baked" in tags)) for text, tags in zip(TEXTS, TAGS, strict=True)]
    rows[3] = (TEXTS[3], "", "")
    data = hs.load(table(tmp_path, rows, "text", "warm", "baked"), target="tags")
    assert len(data) == len(TEXTS) - 1
    assert data.problems[0].reason == "None of its tags is known; fill in 1 or 0, or remove it."


def test_matrices_and_lists_in_python() -> None:
    matrix = np.array([["warm" in tags, "baked" in tags] for tags in TAGS])
    named = pd.DataFrame(matrix, columns=["warm", "baked"])
    assert hs.load(TEXTS, named, target="tags").classes == ("warm", "baked")
    assert hs.load(TEXTS, matrix, target="tags").classes == ("tag 0", "tag 1")
    assert tags_of(hs.load(TEXTS, TAGS, target="tags")) == [sorted(tags) for tags in TAGS]
    assert tags_of(hs.load(TEXTS, [set(tags) for tags in TAGS], target="tags")) == [sorted(t) for t in TAGS]


def test_a_matrix_of_something_else_is_refused() -> None:
    matrix = np.zeros((len(TEXTS), 2))
    matrix[3, 1] = 0.5
    with pytest.raises(ParameterError, match=r"got 0.5 in row 3, column 'tag 1'"):
        hs.load(TEXTS, matrix, target="tags")
    with pytest.raises(ParameterError, match="Expected 12 rows of tags"):
        hs.load(TEXTS, np.eye(3), target="tags")
    with pytest.raises(ParameterError, match="A matrix of tags must hold 1"):
        hs.load(TEXTS, np.full((len(TEXTS), 2), "yes"), target="tags")


def test_one_file_in_several_folders_has_the_tags_of_all(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for number in range(8):
        picture = Image.fromarray(rng.integers(0, 255, (16, 16, 3), dtype=np.uint8))
        for tag, has in (("round", number % 2 == 0), ("brown", number % 4 < 3)):
            if has:
                (tmp_path / tag).mkdir(exist_ok=True)
                picture.save(tmp_path / tag / f"photo {number}.png")
    data = hs.load(tmp_path, target="tags")
    assert data.classes == ("brown", "round")
    assert [sum(example.value) for example in data.examples].count(2) == 4
    assert len(data) == 6
    assert "4 files lie in several folders: each has the tags of all of them." in data.notes


def test_what_hardly_repeats_is_no_column_of_tags(tmp_path: Path) -> None:
    rows = [(text, f"a{n};b{n}") for n, text in enumerate(TEXTS)]
    with pytest.raises(
        LayoutError, match=r"Expected tags that recur in the column 'tags' .* found 12 different"
    ):
        hs.load(table(tmp_path, rows, "text", "tags"), target="tags")


def test_names_with_a_comma_stay_whole_beside_lists(tmp_path: Path) -> None:
    place = tmp_path / "food.jsonl"
    rows = [
        {"text": text, "labels": ["salt, pepper"] if n % 2 else ["salt, pepper", "hot"]}
        for n, text in enumerate(TEXTS)
    ]
    place.write_text("\n".join(map(json.dumps, rows)))
    assert hs.load(place, target="tags").classes == ("hot", "salt, pepper")


def test_without_a_word_tags_are_refused_with_the_flag_that_learns_them(tmp_path: Path) -> None:
    rows = [(text, ";".join(tags) or "plain") for text, tags in zip(TEXTS, TAGS, strict=True)]
    with pytest.raises(LayoutError) as raised:
        hs.load(table(tmp_path, rows, "text", "tags"))
    assert "say that they are tags: --target tags" in str(raised.value.hint)
    rows = [(text, int("warm" in tags), int("baked" in tags)) for text, tags in zip(TEXTS, TAGS, strict=True)]
    with pytest.raises(LayoutError) as raised:
        hs.load(table(tmp_path, rows, "text", "warm", "baked"))
    assert "--target tags" in str(raised.value.hint)


def test_an_empty_list_is_still_no_class(tmp_path: Path) -> None:
    place = tmp_path / "food.jsonl"
    rows = [{"text": text, "label": ["warm"] if "warm" in text else ["cold"]} for text in TEXTS]
    rows[0]["label"] = []
    place.write_text("\n".join(map(json.dumps, rows)))
    data = hs.load(place)
    assert data.classes == ("cold", "warm")
    assert [problem.code for problem in data.problems] == ["no_label"]


def test_tags_that_all_have_teach_nothing() -> None:
    with pytest.raises(NotEnoughDataError, match="that some examples have and others do not"):
        require_tags(hs.load(TEXTS, [["warm"]] * len(TEXTS), target="tags"))


def test_tags_that_no_example_has_any_more_are_dropped_and_told() -> None:
    matrix = np.array([["warm" in tags, "baked" in tags, False] for tags in TAGS], dtype=float)
    left = without_empty_tags(hs.load(TEXTS, matrix, target="tags"))
    assert left.classes == ("tag 0", "tag 1")
    assert tag_values(left).tolist() == matrix[:, :2].tolist()
    assert left.problems[-1].source == "tag 2"


def test_folds_are_dealt_by_the_rarest_tag() -> None:
    data = hs.load(TEXTS, np.array([[1, 1], [1, 0], [0, 0]] * 4), target="tags")
    assert rarest_tag(data).tolist() == [1, 0, 2] * 4


def test_a_matrix_written_as_lists_is_one() -> None:
    rows = [[int("warm" in tags), int("baked" in tags)] for tags in TAGS]
    assert hs.load(TEXTS, rows, target="tags").classes == ("tag 0", "tag 1")


def test_a_matrix_beside_a_table_names_its_columns() -> None:
    frame = pd.DataFrame({"text": TEXTS})
    matrix = pd.DataFrame(
        {"warm": ["warm" in tags for tags in TAGS], "baked": ["baked" in tags for tags in TAGS]}
    )
    assert tags_of(hs.load(frame, matrix, target="tags")) == [sorted(tags) for tags in TAGS]
    with pytest.raises(ParameterError, match="cannot leave cells unknown"):
        hs.load(frame, matrix.astype(float).replace(0.0, np.nan), target="tags")


def test_lists_of_flags_in_a_file_have_no_names(tmp_path: Path) -> None:
    place = tmp_path / "food.jsonl"
    rows = [{"text": text, "labels": [int("warm" in text), 1, 0]} for text in TEXTS]
    place.write_text("\n".join(map(json.dumps, rows)))
    with pytest.raises(LayoutError, match=r"Expected names of tags in .* found lists of 0 and 1"):
        hs.load(place, target="tags")


def test_roles_of_columns_beside_tags_in_columns_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    rows = [f"table {n},{'acme' if n % 2 else 'zed'},{n % 2},{(n + 1) % 2}" for n in range(20)]
    path.write_text("\n".join(["description,maker,oak,pine", *rows, ""]))
    with pytest.raises(ParameterError, match=r"tags stand in columns of 0 and 1 \(oak, pine\)"):
        hs.load(path, target="tags", columns={"description": "text", "maker": "category"})


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_lists_of_names_that_recur_are_taken_for_tags_and_said_first(tmp_path: Path, ending: str) -> None:
    texts = [
        f"{a} {b} {c}" for a in ("warm", "cold") for b in ("bread", "soup") for c in ("sweet", "salty")
    ] * 4
    tags = [[word for word in text.split() if word in ("warm", "bread", "sweet")] for text in texts]
    place = tmp_path / f"food.{ending}"
    if ending == "jsonl":
        rows = [
            json.dumps({"text": f"{text} {n}", "labels": own})
            for n, (text, own) in enumerate(zip(texts, tags, strict=True))
        ]
        place.write_text("\n".join(rows))
    else:
        pq.write_table(
            pa.table({"text": [f"{text} {n}" for n, text in enumerate(texts)], "labels": tags}), place
        )
    data = hs.load(place)
    assert (data.target, data.classes, len(data)) == ("tags", ("bread", "sweet", "warm"), 32)
    assert data.notes[0].startswith(
        "Tags are learned: there are lists of names in the column 'labels' of food."
    )
    assert "--target classes" in data.notes[0]
    assert [example.label for example in data.examples].count("no tags") == 4


@pytest.mark.parametrize(
    "lists",
    [
        [["yes", "yes", "no"], ["no", "no", "yes"], ["yes", "no", "maybe"]],  # votes
        [["0", "1", "1"], ["1", "0", "0"], ["0", "0", "1"]],
        [["12", "40", "7"], ["3", "9", "11"], ["12", "9", "7"]],  # corners of a box
    ],
)
def test_lists_that_may_be_something_else_are_asked_about(lists: list[list[str]]) -> None:
    with pytest.raises(LayoutError, match="found several labels in one cell") as raised:
        hs.load([f"a text {n}" for n in range(30)], lists * 10)
    assert "--target tags" in str(raised.value.hint)


def test_tags_that_may_be_one_are_told_as_tags() -> None:
    lists = [["Warm", "bread"], ["warm"], ["bread"], ["soup", "Warm"]] * 8
    data = hs.load([f"a text {n}" for n in range(32)], lists, target="tags")
    assert data.problems[0].reason.startswith("The tags 'Warm' and 'warm' differ only in capitals")
    assert data.problems[0].reason.endswith("if they are one tag, give them one name.")


def test_several_label_columns_are_told_how_tags_are_learned(tmp_path: Path) -> None:
    rows = [(text, int("warm" in tags), int("baked" in tags)) for text, tags in zip(TEXTS, TAGS, strict=True)]
    place = table(tmp_path, rows, "text", "warm", "baked")
    with pytest.raises(
        DataError, match="it has 'warm', 'baked', and one column is learned at a time"
    ) as raised:
        hs.load(place, label_column="warm,baked")
    assert "say --target tags and name none" in str(raised.value.hint)
