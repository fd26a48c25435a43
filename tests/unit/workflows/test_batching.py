"""Any number of inputs: a row for each, in order, once, whatever happens on the way."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from headstart import Model
from headstart.errors import DataError, HeadstartError, ParameterError, StorageError
from headstart.execution import Progress
from headstart.types import Modality
from headstart.workflows import batching, predict_many, train
from headstart.workflows.tables import safe_cell, write_table
from tiny import add_tiny_base, tiny_model, tiny_sources


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    folder = tmp_path_factory.mktemp("batch")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(folder / "cache"))
        patch.setenv("HEADSTART_OFFLINE", "1")
        name = add_tiny_base(patch, folder / "bases", Modality.IMAGE)
        return train(*tiny_sources(Modality.IMAGE, 80), base=name, use_cache=False).model


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Sixty pictures in three folders, two of them no pictures."""
    sources, labels = tiny_sources(Modality.IMAGE, 58, seed=5)
    for number, (pixels, label) in enumerate(zip(sources, labels, strict=True)):
        path = tmp_path / "photos" / str(number % 3) / f"{label}.{number:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
    (tmp_path / "photos" / "1" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    (tmp_path / "photos" / "=cmd|'C calc'!A0.png").write_bytes(b"no picture")
    return tmp_path / "photos"


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch):
    monkeypatch.setattr(batching, "CHUNK", 7)


def read(path: Path) -> list[dict[str, object]]:
    if path.suffix == ".csv":
        with path.open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    parquet = pytest.importorskip("pyarrow.parquet")
    return parquet.read_table(path).to_pylist()


def stop_after(rows: int):
    def tell(step: Progress) -> None:
        if step.done >= rows:
            raise KeyboardInterrupt

    return tell


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_every_input_has_its_row_in_order_and_is_named_as_ever(
    model: Model, photos: Path, tmp_path: Path, kind: str
):
    report = predict_many(model, [photos], out=tmp_path / f"out.{kind}", confidence=0.9)
    rows = read(tmp_path / f"out.{kind}")
    names = [str(row["source"]).removeprefix("'") for row in rows]
    files = sorted(photos.rglob("*.png"), key=lambda path: (path.parent.name != "photos", str(path)))
    assert names == [str(path) for path in files]
    assert (report.done, report.resumed, report.unreadable) == (60, 0, 2)
    assert sum(report.answers.values()) == 58
    plain = model.predict(files, confidence=0.9)
    for row, said in zip(rows, plain, strict=True):
        assert bool(row.get("error")) is (said.error is not None)
        if said.error is None:
            assert row["label"] == said.label
            assert float(row["probability"]) == pytest.approx(said.probability, abs=1e-6)
            assert row["answer"] == said.answer
            found = row["set"].split("|") if kind == "csv" else row["set"]
            assert tuple(found) == said.set
            assert float(row["novelty"]) == pytest.approx(said.novelty, abs=1e-6)
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_stopped_anywhere_it_goes_on_and_gives_the_same(
    model: Model, photos: Path, tmp_path: Path, kind: str
):
    predict_many(model, [photos], out=tmp_path / f"whole.{kind}")
    for rows in (0, 7, 30, 60):
        out = tmp_path / f"out.{kind}"
        out.unlink(missing_ok=True)
        with pytest.raises(KeyboardInterrupt):
            predict_many(model, [photos], out=out, progress=stop_after(rows))
        assert not out.exists()
        assert (tmp_path / f".out.{kind}.headstart-part").exists()
        report = predict_many(model, [photos], out=out)
        assert report.resumed >= rows - 7  # a chunk
        assert out.read_bytes() == (tmp_path / f"whole.{kind}").read_bytes()


def test_an_input_that_came_or_went_meanwhile_is_neither_lost_nor_doubled(
    model: Model, photos: Path, tmp_path: Path
):
    out = tmp_path / "out.jsonl"
    with pytest.raises(KeyboardInterrupt):
        predict_many(model, [photos], out=out, progress=stop_after(28))
    gone = sorted((photos / "0").iterdir())[0]
    gone.unlink()
    (photos / "0" / "aaa.png").write_bytes((photos / "2" / "low.02.png").read_bytes())
    report = predict_many(model, [photos], out=out)
    names = [str(row["source"]) for row in read(out)]
    assert len(set(names)) == len(names) == report.done == 61
    assert set(names) == {str(path) for path in photos.rglob("*.png")} | {str(gone)}


def test_other_settings_or_another_model_do_not_go_on(model: Model, photos: Path, tmp_path: Path):
    out = tmp_path / "out.csv"
    with pytest.raises(KeyboardInterrupt):
        predict_many(model, [photos], out=out, progress=stop_after(28))
    other = replace(model, head=replace(model.head, bias=model.head.bias + 1))
    for given, how in ((model, {"top": 1}), (model, {"confidence": 0.9}), (other, {})):
        with pytest.raises(ParameterError, match="another model or other settings"):
            predict_many(given, [photos], out=out, **how)
    assert predict_many(model, [photos], out=out).resumed >= 21


def test_an_older_result_stays_until_the_new_one_is_whole(model: Model, photos: Path, tmp_path: Path):
    out = tmp_path / "out.csv"
    out.write_text("older")
    with pytest.raises(KeyboardInterrupt):
        predict_many(model, [photos], out=out, progress=stop_after(28))
    assert out.read_text() == "older"
    predict_many(model, [photos], out=out)
    assert out.read_text().startswith("source,label,probability,error")


def test_no_cell_is_a_formula(model: Model, photos: Path, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(photos)
    predict_many(model, ["=cmd|'C calc'!A0.png"], out=tmp_path / "out.csv")
    [row] = read(tmp_path / "out.csv")
    assert row["source"] == "'=cmd|'C calc'!A0.png"
    for start in "=+-@\t\r\n＝＋－＠":
        assert safe_cell(f"{start}1+1") == f"'{start}1+1"
    assert safe_cell("a=1") == "a=1"
    hostile = [{"source": "a", "label": "@SUM(A1)", "set": ["-1", "b"], "answer": "+1", "id": "=1"}]
    write_table(hostile, tmp_path / "t.csv", ("source", "id", "label", "answer", "set"))
    assert list(read(tmp_path / "t.csv")[0].values()) == ["a", "'=1", "'@SUM(A1)", "'+1", "'-1|b"]


def test_rows_of_tables_keep_their_ids(tmp_path: Path):
    model = tiny_model(tmp_path / "base", Modality.TEXT)
    table = tmp_path / "reviews.csv"
    table.write_text("id,text\nA1,good film\nA2,\nA3,bad food\n", encoding="utf-8")
    for kind in ("csv", "jsonl", "parquet"):
        predict_many(model, [table], out=tmp_path / f"out.{kind}")
        rows = read(tmp_path / f"out.{kind}")
        assert [row["source"] for row in rows] == ["reviews.csv:2", "reviews.csv:3", "reviews.csv:4"]
        assert [row["id"] for row in rows] == ["A1", "A2", "A3"]
        assert [bool(row.get("error")) for row in rows] == [False, True, False]


def test_files_are_sorted_and_again_changes_nothing(model: Model, photos: Path, tmp_path: Path):
    first = predict_many(model, [photos], sort_into=tmp_path / "sorted", confidence=0.9)
    there = {path: path.read_bytes() for path in (tmp_path / "sorted").rglob("*") if path.is_file()}
    assert first.placed == 58
    assert len(there) == 60
    assert (
        tmp_path / "sorted" / ".headstart-sorted"
    ).is_file()  # so that it is never read as examples by chance
    assert {path.parent.name for path in there} <= {"high", "low", "unsure", "none of these", "sorted"}
    right = [path.name.startswith(path.parent.name) for path in there if path.parent.name in ("high", "low")]
    assert sum(right) > 40
    with (tmp_path / "sorted" / "unreadable.csv").open(newline="") as file:
        listed = list(csv.reader(file))
    assert [Path(row[0]).name for row in listed[1:]] == ["=cmd|'C calc'!A0.png", "broken.png"]
    again = predict_many(model, [photos], sort_into=tmp_path / "sorted", confidence=0.9)
    assert (again.placed, again.there) == (0, 58)
    assert {path: path.read_bytes() for path in (tmp_path / "sorted").rglob("*") if path.is_file()} == there
    assert all(path.exists() for path in photos.rglob("high*"))


def test_sorting_goes_on_where_it_stopped_also_inside_the_inputs(model: Model, photos: Path):
    target = photos / "sorted"
    with pytest.raises(KeyboardInterrupt):
        predict_many(model, [photos], sort_into=target, link=True, progress=stop_after(30))
    some = sum(1 for path in target.rglob("*.png"))
    assert 20 < some < 40
    report = predict_many(model, [photos], sort_into=target, link=True)
    assert report.done == 60
    assert sum(1 for path in target.rglob("*.png")) == 58
    assert all(path.stat().st_nlink == 2 for path in target.rglob("*.png"))


def test_a_file_that_goes_while_it_is_sorted_is_a_row_with_an_error(
    model: Model, photos: Path, tmp_path: Path, monkeypatch
):
    named = Model.answer

    def vanish(self: Model, *args, **how):
        for path in photos.rglob("low.03.png"):
            path.unlink()
        return named(self, *args, **how)

    monkeypatch.setattr(Model, "answer", vanish)
    report = predict_many(model, [photos], out=tmp_path / "o.jsonl", sort_into=tmp_path / "sorted")
    assert report.unreadable in (2, 3)
    assert report.done == 60


def test_the_table_that_is_read_is_never_written_over(tmp_path: Path):
    model = tiny_model(tmp_path / "base", Modality.TEXT)
    (tmp_path / "t.csv").write_text("text\ngood film\n")
    (tmp_path / "link.csv").symlink_to(tmp_path / "t.csv")
    for out in ("t.csv", "link.csv"):
        with pytest.raises(ParameterError, match="would be read and written at once"):
            predict_many(model, [tmp_path / "t.csv"], out=tmp_path / out)
    assert (tmp_path / "t.csv").read_text() == "text\ngood film\n"


def test_what_is_wrong_is_said_before_any_work(model: Model, photos: Path, tmp_path: Path):
    def never(_: Progress) -> None:
        raise AssertionError("work was begun")

    (tmp_path / "file").write_text("x")
    (tmp_path / "empty").mkdir()
    for how, kind, said in (
        ({}, ParameterError, "Nothing says where"),
        ({"out": tmp_path / "out.xlsx"}, ParameterError, r"must end in \.csv, \.jsonl or \.parquet"),
        ({"out": tmp_path / "no" / "out.csv"}, StorageError, "there is no folder"),
        ({"out": tmp_path / "empty"}, ParameterError, "must end in"),
        ({"sort_into": tmp_path / "file"}, StorageError, "is a file, not a folder"),
        ({"out": tmp_path / "out.csv", "link": True}, ParameterError, "link is for sorting"),
        ({"out": tmp_path / "out.csv", "confidence": 0.999}, ParameterError, "999 independent"),
    ):
        with pytest.raises(kind, match=said):
            predict_many(model, [photos], progress=never, **how)
    with pytest.raises(DataError, match="Nothing to predict"):
        predict_many(model, [tmp_path / "empty"], out=tmp_path / "out.csv", progress=never)
    assert {path.name for path in tmp_path.iterdir()} == {"file", "empty", "photos"}


def test_a_full_disk_keeps_what_was_done(model: Model, photos: Path, tmp_path: Path, monkeypatch):
    real = batching.Journal.append
    calls = []

    def full(self, rows):
        calls.append(len(rows))
        if len(calls) == 4:
            raise StorageError("no room")
        real(self, rows)

    monkeypatch.setattr(batching.Journal, "append", full)
    with pytest.raises(HeadstartError, match="no room"):
        predict_many(model, [photos], out=tmp_path / "out.csv")
    monkeypatch.undo()
    assert predict_many(model, [photos], out=tmp_path / "out.csv").resumed == 21


def test_progress_counts_every_input_and_resumed_ones_at_once(model: Model, photos: Path, tmp_path: Path):
    steps: list[Progress] = []
    with pytest.raises(KeyboardInterrupt):
        predict_many(model, [photos], out=tmp_path / "o.csv", progress=stop_after(14))
    predict_many(model, [photos], out=tmp_path / "o.csv", progress=steps.append)
    assert [steps[0].done, steps[-1].done] == [7, 60]
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert len(steps) > 12
    assert {step.total for step in steps} == {60}


def test_an_endless_stream_is_no_trouble(tmp_path: Path, monkeypatch):
    model = tiny_model(tmp_path / "base", Modality.TEXT)

    def lines() -> Iterator[str]:
        yield from ("good film\n" for _ in range(40))

    monkeypatch.setattr("sys.stdin", lines())
    report = predict_many(model, ["-"], out=tmp_path / "o.jsonl")
    assert report.done == 40
    assert [row["source"] for row in read(tmp_path / "o.jsonl")][-1] == "stdin:40"
