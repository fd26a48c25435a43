"""JSON as pandas and other tools write it is read where it is plain; otherwise what a cell holds is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from headstart.data.gather import gather
from headstart.data.read import load
from headstart.data.row_stream import stream_table
from headstart.data.rows import read_rows
from headstart.data.stream import Stream
from headstart.errors import LayoutError
from headstart.types import Modality, Problem

pandas = pytest.importorskip("pandas")

TEXTS = [f"note number {i} of the {('red', 'blue')[i % 2]} team" for i in range(40)]
LABELS = [("b", "a")[i % 2] for i in range(40)]
FRAME = pandas.DataFrame({"text": TEXTS, "label": LABELS})
RECORDS = FRAME.to_dict("records")


def written(path: Path, document: Any, indent: int | None = None) -> Path:
    path.write_text(json.dumps(document, indent=indent))
    return path


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("orient", ["columns", "index", "records", "split", "table"])
def test_what_pandas_writes(tmp_path: Path, orient: str, indent: int | None) -> None:
    path = tmp_path / "t.json"
    FRAME.to_json(path, orient=orient, indent=indent)
    data = load(path)
    assert data.sources == TEXTS
    assert data.labels == LABELS
    assert data.problems == ()
    streamed = [found for found, _ in stream_table(path)]
    assert [found.source for found in streamed] == TEXTS


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize(
    "document",
    [
        {"version": "1.1", "data": RECORDS},
        {
            "features": [{"name": "text"}],
            "rows": [{"row_idx": i, "row": row} for i, row in enumerate(RECORDS)],
        },
        FRAME.to_dict("list"),
        {f"doc{i}": row for i, row in enumerate(RECORDS)},
        [{"text": text, "label": [label]} for text, label in zip(TEXTS, LABELS, strict=True)],
        [{"text": text, "label": {"choices": [label]}} for text, label in zip(TEXTS, LABELS, strict=True)],
    ],
    ids=["wrapped", "hub", "lists", "keyed", "one-item lists", "choices"],
)
def test_other_plain_documents(tmp_path: Path, document: Any, indent: int | None) -> None:
    data = load(written(tmp_path / "t.json", document, indent))
    assert data.sources == TEXTS
    assert data.labels == LABELS


def test_the_export_of_a_labelling_tool(tmp_path: Path) -> None:
    def task(text: str, *choices: str) -> dict[str, Any]:
        results = [{"from_name": "mood", "type": "choices", "value": {"choices": [one]}} for one in choices]
        return {"id": 1, "data": {"text": text}, "annotations": [{"result": [one]} for one in results]}

    tasks = [task(text, label) for text, label in zip(TEXTS, LABELS, strict=True)]
    data = load(written(tmp_path / "t.json", [*tasks, task("nobody looked at this")], 1), label_column="mood")
    assert data.labels == LABELS
    assert [one.code for one in data.problems] == ["no_label"]
    with pytest.raises(LayoutError, match=r'1 cell holds a list of several, such as \["a", "b"\]'):
        load(written(tmp_path / "t.json", [*tasks, task("they do not agree", "a", "b")]), label_column="mood")


def test_lists_of_splits(tmp_path: Path) -> None:
    path = written(tmp_path / "t.json", {"train": RECORDS[:30], "test": RECORDS[30:]})
    assert load(path).sources == TEXTS[:30]
    assert load(path, split="test").sources == TEXTS[30:]


def test_one_object_is_one_row(tmp_path: Path) -> None:
    assert read_rows(written(tmp_path / "t.json", {"text": "a", "label": "b"}, 1)).rows == [
        {"text": "a", "label": "b"}
    ]


@pytest.mark.parametrize("orient", ["columns", "index", "records", "split", "list"])
def test_a_lone_column_is_read_for_predicting(tmp_path: Path, orient: str) -> None:
    lone = FRAME[["text"]]
    path = tmp_path / "t.json"
    path.write_text(json.dumps(lone.to_dict("list")) if orient == "list" else lone.to_json(orient=orient))
    examples, problems, _ = gather([path], "text")
    assert [one.source for one in examples] == TEXTS
    assert problems == []
    assert [one.source for one in Stream([path], Modality.TEXT)] == TEXTS


def test_one_item_lists_of_parquet(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = pyarrow.table({"text": TEXTS, "label": [[label] for label in LABELS]})
    parquet.write_table(table, tmp_path / "t.parquet")
    assert load(tmp_path / "t.parquet").classes == ("a", "b")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"text": "x", "label": {"id": 3}}, r"The cell in 'label' holds an object, \{\"id\": 3\}, where one"),
        ({"text": {"en": "x"}, "label": "a"}, r"The cell in 'text' holds an object, \{\"en\": \"x\"\}"),
        ({"text": ["one", "two"], "label": "a"}, r"The cell in 'text' holds a list, \[\"one\", \"two\"\]"),
    ],
)
def test_lists_and_objects_are_said_to_be_so(tmp_path: Path, row: dict[str, Any], message: str) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text("\n".join([json.dumps(row)] * 5))
    with pytest.raises(LayoutError, match=message) as caught:
        load(path)
    said = f"{caught.value.message} {caught.value.hint}"
    assert not any(words in said for words in ("is empty", "no label", "JPEG"))
    lone = [json.dumps(one) for one in RECORDS[:5]] + [json.dumps(row)]
    path.write_text("\n".join(lone))
    data = load(path)
    assert len(data) == 5
    assert [(one.source, one.code) for one in data.problems] == [("t.jsonl:6", "nested_cell")]


def test_an_export_of_objects_names_the_columns_that_hold_them(tmp_path: Path) -> None:
    rows = [{"id": i, "facts": {"text": text}} for i, text in enumerate(TEXTS)]
    with pytest.raises(LayoutError, match=r"Lists and objects are in 'facts' \{\"text\": \"note number 0"):
        load(written(tmp_path / "t.json", rows))


def test_lists_without_names_of_columns(tmp_path: Path) -> None:
    FRAME.to_json(tmp_path / "t.json", orient="values")
    with pytest.raises(LayoutError, match="holds lists without the names of their columns"):
        load(tmp_path / "t.json")


def test_rows_and_columns_that_cannot_be_told_apart(tmp_path: Path) -> None:
    with pytest.raises(
        LayoutError, match=r"Cannot tell rows from columns in t\.json: it holds 2 objects of 2"
    ):
        load(written(tmp_path / "t.json", {"u": {"p": "1", "q": "2"}, "v": {"p": "3", "q": "4"}}))


def test_one_long_line_is_a_document_and_many_are_rows(tmp_path: Path) -> None:
    long = pandas.DataFrame({"text": [f"{text} {'x' * 3000}" for text in TEXTS], "label": LABELS})
    path = tmp_path / "t.json"
    for lines in (False, True):
        long.to_json(path, orient="records" if lines else "columns", lines=lines)
        assert [found.source for found, _ in stream_table(path)] == list(long["text"])
    longest = {"text": "x" * 100_000, "label": "a"}
    path.write_text("\n".join([json.dumps(longest)] * 3))
    assert len(list(stream_table(path))) == 3


def test_a_first_line_that_is_broken_does_not_hide_the_others(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text("\n".join(['{"text": "cut', *map(json.dumps, RECORDS)]))
    assert load(path).sources == TEXTS
    streamed = [found for found, _ in stream_table(path)]
    assert isinstance(streamed[0], Problem)
    assert len(streamed) == 41
