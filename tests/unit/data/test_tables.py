"""Tables of every dialect, and of every fault, give examples named by line or a clear refusal."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from PIL import Image

from headstart.data.read import load
from headstart.data.rows import read_rows
from headstart.errors import DataError, LayoutError, NotEnoughDataError
from headstart.types import Modality


def table(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def problems(data: Any) -> dict[str, str]:
    return {problem.source: problem.code for problem in data.problems}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", 'text,label\n"one, two",yes\nthree,no\n'),
        ("a.csv", 'text;label\n"one, two";yes\nthree;no\n'),
        ("a.csv", "text\tlabel\r\none, two\tyes\r\nthree\tno\r\n"),
        ("a.tsv", "text\tlabel\none, two\tyes\nthree\tno"),
        ("a.csv", "text|label\none, two|yes\nthree|no\n"),
        ("a.csv", '\ufefftext,label\n"one, two",yes\n\n\nthree,no\n'),
        ("a.jsonl", '{"text": "one, two", "label": "yes"}\n\n{"text": "three", "label": "no"}\n'),
        ("a.json", '[{"text": "one, two", "label": "yes"}, {"text": "three", "label": "no"}]'),
    ],
)
def test_dialects(tmp_path: Path, name: str, content: str) -> None:
    data = load(table(tmp_path / name, content))
    assert data.modality is Modality.TEXT
    assert data.sources == ["one, two", "three"]
    assert data.labels == ["yes", "no"]
    assert data.problems == ()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_encodings_of_spreadsheets(tmp_path: Path, encoding: str) -> None:
    data = load(table(tmp_path / "a.csv", "text,label\nsüß,ja\nsauer und größer,nein\n".encode(encoding)))
    assert data.sources == ["süß", "sauer und größer"]
    assert ("Windows-1252" in " ".join(data.notes)) == (encoding == "cp1252")


def test_examples_are_named_by_the_line_they_begin_on(tmp_path: Path) -> None:
    data = load(table(tmp_path / "r.csv", 'text,label\n"two\nlines",a\n\nfour,b\n'))
    assert [example.name for example in data.examples] == ["r.csv:2", "r.csv:5"]


def test_ragged_rows_are_listed_and_the_others_used(tmp_path: Path) -> None:
    data = load(table(tmp_path / "r.csv", "text,label\ngood,a\nshort\nlong, too long,b\nfine,b,,\n"))
    assert data.sources == ["good", "fine"]
    assert problems(data) == {"r.csv:3": "ragged_row", "r.csv:4": "ragged_row"}
    assert "3 cells where the first line names 2" in data.problems[1].reason
    assert "quotes" in data.problems[1].reason


def test_empty_cells_are_listed(tmp_path: Path) -> None:
    data = load(table(tmp_path / "r.csv", "text,label\n,a\nwords,\n  ,b\nmore,a\nlast,b\n"))
    assert data.sources == ["more", "last"]
    assert problems(data) == {"r.csv:2": "empty_text", "r.csv:3": "no_label", "r.csv:4": "empty_text"}


def test_nul_and_ten_megabytes_and_an_open_quote(tmp_path: Path) -> None:
    long = "word " * 2_000_000
    data = load(table(tmp_path / "r.csv", f"text,label\na\x00b,x\n{long},y\nok,y\n"))
    assert data.sources == ["ab", "ok"]
    assert problems(data) == {"r.csv:3": "too_long"}
    data = load(table(tmp_path / "r.csv", 'text,label\nfirst,x\nsecond,y\n"never closed,x\na,x\nb,y\n'))
    assert data.sources == ["first", "second"]
    assert problems(data) == {"r.csv:4": "open_quote"}
    assert "close it" in data.problems[0].reason


def test_missing_column_names_those_that_exist(tmp_path: Path) -> None:
    path = table(tmp_path / "r.csv", "Text,Label\na,x\nb,y\n")
    with pytest.raises(DataError, match="no column 'text'; its columns are: 'Text', 'Label'") as caught:
        load(path, input_column="text")
    assert caught.value.hint == "Did you mean 'Text'?"
    with pytest.raises(DataError, match="no column 'speaker'"):
        load(path, group_column="speaker")
    assert load(path).sources == ["a", "b"]


def test_columns_are_guessed_by_name(tmp_path: Path) -> None:
    path = table(tmp_path / "r.csv", "id,Review,stars,Sentiment\n1,fine,5,pos\n2,awful,1,neg\n")
    data = load(path)
    assert (data.sources, data.labels) == (["fine", "awful"], ["pos", "neg"])
    assert load(path, label_column="stars").labels == ["5", "1"]


def test_columns_are_guessed_by_their_cells(tmp_path: Path) -> None:
    rows = "\n".join(
        f"{n},a sentence that goes on for a while {n},{'wet' if n % 3 else 'dry'}" for n in range(30)
    )
    data = load(table(tmp_path / "r.csv", f"n,said,weather\n{rows}\n"))
    assert data.classes == ("dry", "wet")
    assert str(data.sources[0]).startswith("a sentence")
    assert data.notes == ("r.csv: inputs are in the column 'said', labels in 'weather'.",)


def test_columns_that_cannot_be_told_are_refused(tmp_path: Path) -> None:
    rows = "\n".join(f"{'ab'[n % 2]},{'xy'[n % 2]},words that differ {n}" for n in range(20))
    with pytest.raises(LayoutError, match=r"'p', 'q', 'r'.*'p', 'q' all look like classes") as caught:
        load(table(tmp_path / "r.csv", f"p,q,r\n{rows}\n"))
    assert "--label-column" in (caught.value.hint or "")
    with pytest.raises(LayoutError, match="both the input and the label"):
        load(tmp_path / "r.csv", input_column="p", label_column="p")


def test_first_line_that_is_data_is_refused_with_the_mend(tmp_path: Path) -> None:
    rows = "\n".join(f"some words {n},{n * 7}" for n in range(9))
    with pytest.raises(LayoutError, match="none has few, repeated values") as caught:
        load(table(tmp_path / "r.csv", f"good film,positive\n{rows}\n"))
    assert "text,label" in (caught.value.hint or "")


def test_two_columns_of_one_name_and_no_columns(tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match="more than one column 'text'"):
        load(table(tmp_path / "r.csv", "text,text,label\na,b,c\n"))
    with pytest.raises(LayoutError, match="no line with the names"):
        load(table(tmp_path / "r.csv", ",,\n\n"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(30), "PNG picture"),
        (b"PK\x03\x04 xlsx", "Save it as CSV"),
    ],
)
def test_what_is_no_table_is_named(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(DataError, match=words):
        load(table(tmp_path / "r.csv", content))


def test_only_a_header(tmp_path: Path) -> None:
    with pytest.raises(NotEnoughDataError):
        load(table(tmp_path / "r.csv", "text,label\n"))


def test_bad_json_lines_are_listed(tmp_path: Path) -> None:
    lines = ['{"text": "a", "label": 7}', '{"text": "b", ', "[1, 2]", '{"text": "c", "label": true}']
    lines.append('{"text": ["d", "e"], "label": 2}')
    data = load(table(tmp_path / "r.jsonl", "\n".join(lines)))
    assert data.sources == ["a", "c"]
    assert data.labels == ["7", "true"]
    assert problems(data) == {"r.jsonl:2": "bad_json", "r.jsonl:3": "bad_json", "r.jsonl:5": "nested_cell"}
    deep = "[" * 100_000
    with pytest.raises(DataError):
        load(table(tmp_path / "r.jsonl", deep))


def test_lone_surrogates_in_json_become_text(tmp_path: Path) -> None:
    data = load(
        table(tmp_path / "r.jsonl", '{"text": "a \\ud800 b", "label": "x"}\n{"text": "c", "label": "y"}\n')
    )
    assert data.sources[0] == "a � b"


def test_paths_in_a_column_are_found_by_looking(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        Image.new("RGB", (8, 8)).save(tmp_path / name)
    data = load(table(tmp_path / "r.csv", "text,label,group\na.png,x,g1\nb.png,y,g2\ngone.png,x,g1\n"))
    assert data.modality is Modality.IMAGE
    assert [example.source for example in data.examples] == [tmp_path / "a.png", tmp_path / "b.png"]
    assert [example.group for example in data.examples] == ["g1", "g2"]
    assert problems(data) == {"r.csv:4 (gone.png)": "missing"}


def test_paths_that_lead_nowhere_are_refused(tmp_path: Path) -> None:
    path = table(tmp_path / "r.csv", "file,label\nimg/a.png,x\nimg/b.png,y\n")
    with pytest.raises(DataError, match="names files, but none of them is in") as caught:
        load(path)
    assert "img/a.png" in caught.value.message
    assert "beside its files" in (caught.value.hint or "")


def test_split_column(tmp_path: Path) -> None:
    path = table(tmp_path / "r.csv", "text,label,split\na,x,train\nb,y,train\nc,x,test\nd,y,dev\n")
    assert load(path).sources == ["a", "b", "d"]
    assert load(path, split="test").sources == ["c"]
    assert load(path, split="validation").sources == ["d"]


def test_classes_are_trimmed_and_composed(tmp_path: Path) -> None:
    data = load(table(tmp_path / "r.csv", "text,label\na,café\nb, cafe\u0301 \nc,tea\n"))
    assert data.counts == {"café": 2, "tea": 1}


def test_parquet(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(buffer, "PNG")
    features = {"info": {"features": {"label": {"names": ["cat", "dog"], "_type": "ClassLabel"}}}}
    content = pyarrow.table(
        {"image": [{"bytes": buffer.getvalue(), "path": None}] * 2, "label": [1, 0]},
    ).replace_schema_metadata({b"huggingface": json.dumps(features).encode()})
    parquet.write_table(content, tmp_path / "train-00000-of-00001.parquet")
    data = load(tmp_path)
    assert data.modality is Modality.IMAGE
    assert data.labels == ["dog", "cat"]
    assert data.sources == [buffer.getvalue()] * 2
    (tmp_path / "bad.parquet").write_bytes(b"PAR1" + bytes(100))
    with pytest.raises(DataError, match="damaged Parquet"):
        load(tmp_path / "bad.parquet")


def test_parquet_without_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r"headstart\[parquet\]"):
        load(table(tmp_path / "a.parquet", b"PAR1" + bytes(100)))


# Without control characters, of which a file full would rightly be taken for no text.
_letters = st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="\ufeff")
_cell = st.text(alphabet=st.one_of(_letters, st.sampled_from('\n\t",;|')), max_size=40)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=st.lists(st.tuples(_cell, _cell), min_size=1, max_size=12))
def test_what_csv_writes_is_read_back(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    buffer = io.StringIO()
    csv.writer(buffer, quoting=csv.QUOTE_ALL).writerows([("text", "label"), *rows])
    data = b"\xef\xbb\xbf" + buffer.getvalue().encode()
    found = read_rows(table(tmp_path / "t.csv", data))
    kept = [(text, label) for text, label in rows if text.strip() or label.strip()]
    assert [(row["text"], row["label"]) for row in found.rows] == kept
    assert found.problems == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.binary(max_size=300), name=st.sampled_from(["a.csv", "a.tsv", "a.jsonl", "a.json"]))
def test_any_bytes_give_rows_or_a_reason(tmp_path: Path, data: bytes, name: str) -> None:
    assume(not data.startswith(b"PAR1"))
    try:
        found = read_rows(table(tmp_path / name, data))
    except DataError:
        return
    assert len(found.rows) == len(found.lines)
    for row in found.rows:
        json.dumps(row).encode()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(body=st.text(alphabet=st.one_of(_letters, st.sampled_from('\n\t",;|')), max_size=200))
def test_any_body_accounts_for_every_row(tmp_path: Path, body: str) -> None:
    path = table(tmp_path / "a.csv", ("text,label\nfirst,x\n" + body).encode("utf-8", "replace"))
    data = load(path, input_column="text", label_column="label")
    assert data.sources[:1] == ["first"] or '"' in body
    assert all(
        problem.source.startswith("a.csv") for problem in data.problems if problem.code != "similar_classes"
    )
