"""Reading rows one after the other gives what reading them all at once gives."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest

from headstart.data.row_stream import stream_table
from headstart.data.table import read_table
from headstart.errors import DataError
from headstart.types import Problem

TABLES = {
    "plain.csv": b"text,label\nhello there,a\nanother one,b\n",
    "ids.csv": b"id,text\nA7,hello there\nA8,another one\n",
    "quoted.csv": b'text,label\n"over\ntwo lines",a\n"a, comma",b\n"a ""quote""",c\n',
    "windows.csv": "text;label\r\ncafé crème;a\r\nthé;b\r\n".encode("cp1252"),
    "marked.csv": "\ufefftext,label\nnaïve,a\n".encode(),
    "wide.csv": "text,label\nnaïve one,a\nanother,b\n".encode("utf-16"),
    "nul.csv": b"text,label\nhe\x00llo there,a\n",
    "old_mac.csv": b"text,label\rhello there,a\ranother,b\r",
    "mixed_ends.csv": b"text,label\nhello\rthere,a\nanother,b\r\n",
    "ragged.csv": b"text,label\nonly one\nhello there,a,b,c\nfine,a\n\n   \nlast,b\n",
    "empty_cell.csv": b"text,label\n,a\n  ,b\nfine,c\n",
    "open_quote.csv": b'text,label\nfine,a\n"never closed,b\nlost,c\nlost too,d\n',
    "cyrillic.csv": "text;label\nхороший товар;a\n\nочень плохо;b\n".encode("cp1251"),
    "japanese.csv": "text,label\nこの商品は表示がとても良い,a\n品質が悪い,b\n".encode("shift_jis"),
    "late.csv": b"text,label\n" + b"plain words,a\n" * 9000 + "schöne Straße,b\n".encode("cp1252"),
    "damaged.csv": "text,label\nschöne Straße,a\nüber alles,b\n".encode() + b"a \xff b,a\n",
    "separator.csv": b"sep=;\r\ntext;label\r\nhello, there;a\r\nanother;b\r\n",
    "twice.csv": b"text,label\nhello there,a\ntext,label\nanother one,b\n",
    "blank_name.csv": b",text,label\n0,hello there,a\n1,another one,b\n",
    "commas.tsv": b"text,label\nhello there,a\nanother one,b\n",
    "tabs.tsv": b"text\tlabel\nhello there\ta\n",
    "lines.jsonl": b'{"text": "hello there", "id": 7}\n\nnonsense\n[1]\n{"text": ""}\n{"text": "last"}',
    "array.jsonl": b'[{"text": "hello there"}, {"text": "another"}]',
}


@pytest.mark.parametrize("name", sorted(TABLES))
def test_both_ways_give_the_same(name: str, tmp_path: Path):
    path = tmp_path / name
    path.write_bytes(TABLES[name])
    whole = read_table(path, labelled=False)
    streamed = [found for found, _ in stream_table(path)]
    items = [found for found in streamed if not isinstance(found, Problem)]
    problems = [found for found in streamed if isinstance(found, Problem)]
    assert [(one.name, one.source) for one in items] == [(one.name, one.source) for one in whole.items]
    assert sorted(problems, key=str) == sorted(whole.problems, key=str)
    assert items


def test_parquet_too(tmp_path: Path):
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    table = arrow.table({"id": ["x", "y"], "text": ["hello there", None]})
    parquet.write_table(table, tmp_path / "t.parquet")
    found = list(stream_table(tmp_path / "t.parquet"))
    assert (found[0][0].source, found[0][1]) == ("hello there", "x")
    assert (found[1][0].code, found[1][1]) == ("empty_text", "y")


def test_rows_carry_their_own_id(tmp_path: Path):
    (tmp_path / "a.csv").write_bytes(TABLES["ids.csv"])
    assert [own for _, own in stream_table(tmp_path / "a.csv")] == ["A7", "A8"]
    (tmp_path / "a.jsonl").write_bytes(TABLES["lines.jsonl"])
    assert [own for _, own in stream_table(tmp_path / "a.jsonl")] == ["7", "", "", "", ""]


def test_a_column_of_paths_is_one(tmp_path: Path):
    (tmp_path / "a.jpg").write_bytes(b"x")
    (tmp_path / "t.csv").write_text("file_name,label\na.jpg,1\nmissing.jpg,2\n")
    found = [one for one, _ in stream_table(tmp_path / "t.csv")]
    assert [one.source for one in found] == [tmp_path / "a.jpg", tmp_path / "missing.jpg"]
    assert found[0].name == "t.csv:2 (a.jpg)"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x89PNG\r\n\x1a\n1234", "to be a table"),
        (b"", "to be a table"),
        (b"text\n", "holds no rows"),
        (b"a,a\n1,2\n", "more than one column"),
    ],
)
def test_what_is_no_table_is_refused(content: bytes, said: str, tmp_path: Path):
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(DataError, match=said):
        list(stream_table(tmp_path / "t.csv"))


def test_a_column_that_is_not_there_is_named(tmp_path: Path):
    (tmp_path / "t.csv").write_bytes(TABLES["plain.csv"])
    with pytest.raises(DataError, match="no column 'txt'"):
        list(stream_table(tmp_path / "t.csv", input_column="txt"))


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_a_large_table_is_never_held(kind: str, tmp_path: Path):
    path = tmp_path / f"t.{kind}"
    with path.open("w") as file:
        if kind == "csv":
            file.write("id,text\n")
        for number in range(8_000):
            text = f"text number {number} " + "x" * 2000
            row = json.dumps({"id": number, "text": text}) if kind == "jsonl" else f"{number},{text}"
            file.write(row + "\n")
    assert path.stat().st_size > 16_000_000
    tracemalloc.start()
    count = sum(1 for _ in stream_table(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 8_000
    assert peak < 8_000_000  # half of it; the first rows, a million characters, tell which column is which
