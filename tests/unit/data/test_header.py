"""A first line that is data is never lost for names of columns, and names are never taken for data."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from pathlib import Path

import pandas
import pytest

from headstart.data.gather import gather
from headstart.data.read import load
from headstart.data.row_stream import stream_table
from headstart.errors import DataError, LayoutError
from headstart.types import Problem


def table(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


SAID = [f"{number} words of the person" for number in range(10)]
RATED = [f"{text},{'positive' if number % 3 else 'negative'}" for number, text in enumerate(SAID)]


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["such a good film,positive", *RATED], "'positive' stands in its column again below"),
        (
            ["such a good film,1", *(f"{text},{number % 2}" for number, text in enumerate(SAID))],
            "'1' stands in its",
        ),
        (["such a good film,7.5", *(f"{text},{number}.5" for number, text in enumerate(SAID))], "'7.5' "),
        (["a.jpg,x", *(f"{number}.jpg,{'yz'[number % 2]}" for number in range(10))], "'a.jpg' names a file"),
        (["https://a.org/b,x", *(f"https://a.org/{n},{'yz'[n % 2]}" for n in range(10))], "names a file"),
        (["IMG_0100,x", *(f"IMG_{number:04},{'yz'[number % 2]}" for number in range(10))], "has the form of"),
        (
            ["2024-01-31,x", *(f"2024-02-1{number},{'yz'[number % 2]}" for number in range(10))],
            "has the form of",
        ),
        (["I did not like this film at all.", *SAID], "is a sentence"),
        (["bonjour,fr", "hello,en", "salut,fr", "dog,en"], "'fr' stands in its column again below"),
    ],
)
def test_a_first_line_of_data_is_refused(tmp_path: Path, lines: Sequence[str], reason: str) -> None:
    path = table(tmp_path / "t.csv", *lines)
    for read in (load, lambda one: list(stream_table(one)), lambda one: load(one, labelled=False)):
        with pytest.raises(LayoutError, match="first line of t.csv looks like data.*" + reason) as caught:
            read(path)
        assert "text,label" in (caught.value.hint or "")
    _, problems, _ = gather([path], "text")
    assert "looks like data" in problems[0].reason
    first = lines[0].split(",")[0]
    if len(lines[0].split(",")) > 1:  # who names the columns by the first line is believed
        columns = {"input_column": first, "label_column": lines[0].split(",")[1]}
        assert len(load(path, **columns, modality="text", target="classes")) >= 1


@pytest.mark.parametrize(
    "header",
    [
        "text,label",
        "review,spam",
        "What did you think of our service?,Rating (1-5)",
        "v1,v2",
        "0,1",
        "message,positive?",
    ],
)
def test_names_of_columns_are_kept_as_they_are(tmp_path: Path, header: str) -> None:
    assert len(load(table(tmp_path / "t.csv", header, *RATED))) == 10


@pytest.mark.parametrize("label", ["label", "question", "2019"])
def test_a_usual_name_vouches_for_the_line(tmp_path: Path, label: str) -> None:
    rows = [f"{text},{number % 2}" for number, text in enumerate(SAID)]
    assert len(load(table(tmp_path / "t.csv", f"text,{label}", *rows))) == 10


def test_the_line_of_names_in_the_middle(tmp_path: Path) -> None:
    path = table(tmp_path / "t.csv", "text,label", *RATED[:5], "text,label", *RATED[5:])
    data = load(path)
    assert data.classes == ("negative", "positive")
    assert [(problem.source, problem.code) for problem in data.problems] == [("t.csv:7", "repeated_header")]
    streamed = [found for found, _ in stream_table(path) if isinstance(found, Problem)]
    assert streamed == list(data.problems)


def test_columns_without_a_name(tmp_path: Path) -> None:
    path = table(
        tmp_path / "t.csv", ",text,,label", *(f"{n},{row.replace(',', ',x,')}" for n, row in enumerate(RATED))
    )
    assert load(path).sources == SAID
    with pytest.raises(DataError, match="'column_1', 'text', 'column_3', 'label'"):
        load(path, input_column="other")
    with pytest.raises(LayoutError, match="more than one column 'text'"):
        load(table(tmp_path / "u.csv", "text,text,label", "a,b,c"))


@pytest.mark.parametrize("sep", [",", ";", "\t", "|"])
@pytest.mark.parametrize("index", [True, False])
def test_what_pandas_writes(tmp_path: Path, sep: str, index: bool) -> None:
    frame = pandas.DataFrame(
        {"text": [f'{text}; "so", a|b\n\tnext' for text in SAID], "label": list("ab" * 5)}
    )
    for name in ("t.csv", "t.csv.gz", "t.tsv"):
        frame.to_csv(tmp_path / name, sep=sep, index=index)
        data = load(tmp_path / name)
        assert data.sources == list(frame["text"])
        assert data.labels == list(frame["label"])


def test_the_line_of_excel_that_names_the_separator(tmp_path: Path) -> None:
    path = table(
        tmp_path / "t.csv",
        "sep=;",
        "text;price;label",
        *(f"{t};1,{n};{'ab'[n % 2]}" for n, t in enumerate(SAID)),
    )
    data = load(path)
    assert data.sources == SAID
    assert data.examples[0].name == "t.csv:3"
    assert [found.name for found, _ in stream_table(path)] == [example.name for example in data.examples]  # type: ignore[union-attr]


def test_packed_tables(tmp_path: Path) -> None:
    content = ("text,label\n" + "\n".join(RATED) + "\n").encode()
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(content))
    assert load(tmp_path / "t.csv.gz").sources == SAID
    examples, problems, _ = gather([tmp_path / "t.csv.gz"], "text")
    assert [example.source for example in examples] == SAID
    assert problems == []
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(content)[:-20])
    with pytest.raises(DataError, match="cut off or damaged"):
        load(tmp_path / "cut.csv.gz")
