"""Rows under the names of the columns, and at the end, that are no examples."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas
import pytest

from headstart.data.odd_rows import odd_rows
from headstart.data.read import from_objects, load
from headstart.data.row_stream import stream_table
from headstart.data.rows import read_rows
from headstart.errors import DataError

TEXTS = [f"a note of some length number {i}" for i in range(20)]
LABELS = [("good", "bad")[i % 2] for i in range(20)]
WEIGHTS = [str(i) for i in range(20)]


def table(*rows: Sequence[str]) -> dict[str, list[str]]:
    examples = list(zip(TEXTS, LABELS, WEIGHTS, strict=True))
    whole = [*(row for row in rows[:1] if any(row)), *examples, *rows[1:]]
    return dict(zip(("text", "label", "weight"), map(list, zip(*whole, strict=True)), strict=True))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("string", "category", "float"), "It holds types under the names of the columns"),
        (("(free)", "(good/bad)", "(kg)"), "It holds units or remarks under"),
        (("", "", "kg"), "It holds 'kg', where numbers follow, under"),
        (("what they wrote", "their view", "in kg"), "It holds 'in kg', where numbers follow, under"),
    ],
)
def test_units(row: Sequence[str], said: str) -> None:
    found = odd_rows(table(row))
    assert list(found) == [0]
    assert found[0].startswith(said)


@pytest.mark.parametrize(
    "row", [("Total", "20", "190"), ("", "Sum:", "190"), ("Gesamt", "", ""), ("total", "20", "")]
)
def test_totals(row: Sequence[str]) -> None:
    found = odd_rows(table(("", "", ""), row))
    assert list(found) == [20]
    assert "It holds a total" in found[20]
    assert odd_rows(table(("", "", ""), row), is_whole=False) == {}


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (("a note", "good", "unknown"), ("Total", "good", "")),
        (("a note", "bad", "NA"), ("a total", "good", "3")),
        (("string", "good", "3"), ("Total loss of the car", "bad", "7")),
    ],
)
def test_examples(first: Sequence[str], last: Sequence[str]) -> None:
    assert odd_rows(table(first, last)) == {}


def test_they_are_listed_by_line(tmp_path: Path) -> None:
    columns = table(("text", "category", "float"), ("Total", "20", "190"))
    rows = [",".join(row) for row in zip(*columns.values(), strict=True)]
    (tmp_path / "t.csv").write_text("\n".join([",".join(columns), *rows]))
    data = load(tmp_path / "t.csv")
    assert data.labels == LABELS
    assert [one.source for one in data.problems] == ["t.csv:2", "t.csv:23"]


def test_they_are_left_out_of_a_frame() -> None:
    frame = pandas.DataFrame(table(("text", "category", "float"), ("Total", "20", "190")))
    data = from_objects(frame)
    assert data.labels == LABELS
    assert [(one.source, one.code) for one in data.problems] == [("row 0", "odd_row"), ("row 21", "odd_row")]


@pytest.mark.parametrize("titles", ["# exported in May\n", "Survey of May,\n\n", "A title\nof two lines\n"])
def test_titles_above_usual_names_are_passed_over(tmp_path: Path, titles: str) -> None:
    rows = [f"{text},{label}" for text, label in zip(TEXTS, LABELS, strict=True)]
    (tmp_path / "t.csv").write_text(titles + "\n".join(["text,label", *rows]))
    data = load(tmp_path / "t.csv")
    assert data.labels == LABELS
    above = titles.count("\n")
    assert data.examples[0].name == f"t.csv:{above + 2}"
    assert data.notes[0].startswith(f"t.csv: {above} line")
    streamed = [item.source for item, _ in stream_table(tmp_path / "t.csv")]  # type: ignore[union-attr]
    assert streamed == TEXTS


def test_a_table_of_many_rows_is_looked_at_from_both_ends(tmp_path: Path) -> None:
    rows = [f"{TEXTS[i % 20]} and {i},{LABELS[i % 20]},{i}" for i in range(6000)]
    (tmp_path / "t.csv").write_text("\n".join(["text,label,n", "(a),(b),(c)", *rows, "Total,6000,17"]))
    data = load(tmp_path / "t.csv")
    assert data.classes == ("bad", "good")
    assert [one.source for one in data.problems] == ["t.csv:2", "t.csv:6003"]


def test_the_rule_of_a_table_of_markdown_is_no_row(tmp_path: Path) -> None:
    rows = [f"| {text} | {label} |" for text, label in zip(TEXTS, LABELS, strict=True)]
    (tmp_path / "t.csv").write_text("\n".join(["| text | label |", "|------|:-----:|", *rows]))
    data = load(tmp_path / "t.csv")
    assert data.labels == LABELS
    assert data.problems == ()
    assert read_rows(tmp_path / "t.csv").lines[0] == 3


def lines(count: int) -> list[str]:
    return [f"{TEXTS[i % 20]},{LABELS[i % 20]}" for i in range(count)]


@pytest.mark.parametrize("close", [None, 'it closes" here,good', 'and it "closes" here,good'])
def test_rows_lost_behind_an_open_quote_are_refused(tmp_path: Path, close: str | None) -> None:
    rows = [
        "text,label",
        *lines(5),
        '"an open quote,good',
        *lines(20),
        *([close] if close else []),
        *lines(9),
    ]
    (tmp_path / "t.csv").write_text("\n".join(rows) + "\n")
    with pytest.raises(
        DataError, match=r"A quote opens in line 7 of t\.csv and is not closed there: \d+ lines"
    ) as e:
        load(tmp_path / "t.csv")
    assert "Close the quote in line 7" in str(e.value.hint)


def test_a_text_of_many_lines_is_one(tmp_path: Path) -> None:
    poem = "\n".join(f"a line, and another one {i}, of a poem" for i in range(20))
    listed = "\n".join(f"first {i}, then {i}" for i in range(20))
    rows = ["text,label", *lines(5), f'"{poem}",good', f'"{listed}",bad', *lines(9)]
    (tmp_path / "t.csv").write_text("\n".join(rows) + "\n")
    assert len(load(tmp_path / "t.csv")) == 16
