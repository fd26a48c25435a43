"""Suggesting what to label next: the loop of a person with a pile of photos, and what may go wrong in it."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import headstart as hs
from headstart.data.read import load as read
from headstart.errors import DataError, NotEnoughDataError, ParameterError, StorageError
from headstart.types import Example
from headstart.workflows.suggesting import suggest, suggest_from


@pytest.fixture
def pile(data_root: Path, bases_cache: Path, tmp_path: Path) -> Path:
    """40 photos of two classes in one folder, without their labels."""
    folder = tmp_path / "pile"
    folder.mkdir()
    for name in ("bird", "coin"):
        for path in sorted((data_root / "image" / "stamp_photos" / name).iterdir())[:20]:
            shutil.copy(path, folder / f"{name}-{path.name}")
    return folder


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fill_in(path: Path) -> None:
    rows = rows_of(path)
    for row in rows:
        row["label"] = Path(row["file"]).name.split("-")[0]
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, rows[0])
        out.writeheader()
        out.writerows(rows)


def test_from_a_pile_to_a_model_and_on(pile: Path, tmp_path: Path):
    listed = tmp_path / "labels.csv"
    shutil.copy(next(pile.iterdir()), pile / "copy.jpg")
    (pile / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0nothing")
    first = suggest(pile, count=10)
    assert (len(first.items), first.count("typical"), first.count("random")) == (10, 8, 2)
    assert [problem.source for problem in first.problems] == ["broken.jpg"]
    assert first.left == 30  # the copy counts once
    first.write(listed)
    fill_in(listed)
    result = hs.train(hs.load(listed))
    assert result.report.used == 8
    assert hs.load(listed, split="test").labels.count("bird") <= 2

    second = suggest(pile, result, count=10, offered=listed)
    assert second.count("uncertain") == 8
    assert {item.guess for item in second.items} <= {"bird", "coin"}
    second.write(listed)
    rows = rows_of(listed)
    assert len(rows) == len({row["file"] for row in rows}) == 20
    assert [row["label"] for row in rows].count("") == 10  # what was filled in stayed


def test_everything_is_suggested_once_and_then_nothing(pile: Path, tmp_path: Path):
    listed = tmp_path / "labels.jsonl"
    suggest(pile, count=100).write(listed)
    names = [json.loads(line)["file"] for line in listed.read_text(encoding="utf-8").splitlines()]
    assert len(names) == len(set(names))
    with pytest.raises(NotEnoughDataError, match="have been suggested"):
        suggest(pile, count=100, offered=listed)


def test_a_table_of_texts_whose_cells_a_spreadsheet_would_run(bases_cache: Path, tmp_path: Path):
    table, listed = tmp_path / "mails.csv", tmp_path / "labels.csv"
    lines = [f"=please send order number {n} to our warehouse" for n in range(12)]
    table.write_text("message\n" + "\n".join(lines) + "\n", encoding="utf-8")
    suggest(table, count=6, input_column="message").write(listed)
    assert all(row["text"].startswith("'=") for row in rows_of(listed))
    again = suggest(table, count=12, input_column="message", offered=listed)
    assert len(again.items) == 6


def test_a_file_that_is_no_list_is_left_alone(pile: Path, tmp_path: Path):
    other = tmp_path / "mine.csv"
    other.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(ParameterError, match="is no list of suggestions: it has the columns a, b"):
        suggest(pile, offered=other)
    with pytest.raises(ParameterError, match=r"must end in \.csv or \.jsonl"):
        suggest(pile, offered=tmp_path / "labels.xlsx")
    with pytest.raises(StorageError, match="there is no folder"):
        suggest(pile, offered=tmp_path / "nowhere" / "labels.csv")
    assert other.read_text(encoding="utf-8") == "a,b\n1,2\n"


def test_a_list_with_rows_that_cannot_be_read_is_not_written_anew(pile: Path, tmp_path: Path):
    listed = tmp_path / "labels.csv"
    listed.write_text("file,label,split,why\na.jpg,x,train,typical,1,2,3\n", encoding="utf-8")
    with pytest.raises(DataError, match="which would be lost"):
        suggest(pile, offered=listed)


def test_numbers_out_of_range_are_refused(pile: Path):
    with pytest.raises(ParameterError, match="count must be from 1 up"):
        suggest(pile, count=0)
    with pytest.raises(ParameterError, match="random_share from 0 to 1"):
        suggest(pile, random_share=1.5)


def test_archives_are_refused(tmp_path: Path):
    packed = tmp_path / "pile.zip"
    shutil.make_archive(str(packed.with_suffix("")), "zip", root_dir=tmp_path)
    with pytest.raises(DataError, match="Unpack it"):
        suggest(packed)


def test_labelled_examples_say_where_a_pile_is_uncertain(pile: Path):
    whole = read(pile, labelled=False)
    labelled = replace(whole, examples=tuple(_labelled(example) for example in whole.examples[5:25]))
    left = replace(whole, examples=whole.examples[:5] + whole.examples[25:])
    found = suggest_from(left, labelled, count=6, random_share=0.0)
    assert found.count("uncertain") == 6
    assert {item.guess for item in found.items} <= {"bird", "coin"}
    assert suggest_from(left, None, count=6).count("typical") == 5
    assert suggest_from(labelled, labelled).items == ()


def _labelled(example: Example) -> Example:
    return replace(example, label=example.name.split("-")[0])
