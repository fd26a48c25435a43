"""Inputs come one after the other, always in the same order."""

from __future__ import annotations

import os
import tracemalloc
from pathlib import Path

import pytest

from headstart.data.gather import gather
from headstart.data.stream import Stream, walk_lazily
from headstart.data.walk import walk
from headstart.errors import ParameterError
from headstart.types import Modality, Problem


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "in"
    for name in (
        "b/2.txt",
        "b/1.txt",
        "a/x/9.txt",
        "a/3.txt",
        "ab/4.txt",
        "0.txt",
        ".hidden/5.txt",
        "a/.DS_Store",
    ):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"the text {name}")
    return root


def test_the_order_is_that_of_reading_all_at_once(folder: Path):
    whole = [found.path for found in walk(folder).files]
    assert [item.source for item in walk_lazily(folder)] == whole
    assert [item.source.name for item in walk_lazily(folder)] == [f"{n}.txt" for n in (0, 3, 9, 4, 1, 2)]


def test_a_loop_of_links_ends_and_a_dead_link_is_told(folder: Path):
    (folder / "a" / "loop").symlink_to(folder, target_is_directory=True)
    (folder / "a" / "dead.txt").symlink_to(folder / "nowhere")
    (folder / "self.txt").symlink_to(folder / "self.txt")
    found = list(walk_lazily(folder))
    assert sum(not isinstance(one, Problem) for one in found) == 6
    assert {one.code for one in found if isinstance(one, Problem)} == {"broken_link"}
    assert sum(isinstance(one, Problem) for one in found) == 2


def test_a_folder_that_may_not_be_read_is_told(folder: Path, monkeypatch):
    everything = os.listdir

    def listed(path: Path) -> list[str]:
        if path.name == "a":  # by hand, for the superuser may read everything
            raise PermissionError(13, "Permission denied")
        return everything(path)

    monkeypatch.setattr("headstart.data.stream.os.listdir", listed)
    found = list(walk_lazily(folder))
    assert [one.code for one in found if isinstance(one, Problem)] == ["forbidden"]
    assert len(found) == 5


def test_pipes_are_passed_over(folder: Path):
    os.mkfifo(folder / "pipe.txt")
    assert len(list(walk_lazily(folder))) == 6


def test_what_is_being_written_is_no_input(folder: Path):
    (folder / "sorted").mkdir()
    (folder / "sorted" / "1.txt").write_text("one")
    (folder / "out.csv").write_text("text\none")
    stream = Stream([folder], Modality.TEXT, apart=[folder / "sorted", folder / "out.csv"])
    assert stream.count() == 6
    assert len(list(stream)) == 6


def test_everything_gather_takes_comes(folder: Path, tmp_path: Path):
    (folder / "b" / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n123456")
    (tmp_path / "t.csv").write_text("id,text\nA,one text\nB,\n")
    inputs = [folder, tmp_path / "t.csv", "a text itself", tmp_path / "missing.txt", "  "]
    examples, problems, _ = gather(inputs, Modality.TEXT)
    found = list(Stream(inputs, Modality.TEXT))
    assert [(one.name, one.source) for one in found if one.source is not None] == [
        (one.name, one.source) for one in examples
    ]
    assert {one.name for one in found if one.source is None} == {one.source for one in problems}
    assert Stream(inputs, Modality.TEXT).count() == len(found) == 12
    assert [one.own_id for one in found if one.own_id] == ["A", "B"]
    assert [one.path for one in found][:1] == [folder / "0.txt"]


def test_standard_input_is_read_once(monkeypatch):
    stream = Stream(["-"], Modality.TEXT)
    assert stream.count() is None
    monkeypatch.setattr("sys.stdin", iter(["one\n", "\n", "two\n"]))
    assert [(one.name, one.source) for one in stream] == [("stdin:1", "one"), ("stdin:3", "two")]
    with pytest.raises(ParameterError, match="takes image"):
        list(Stream(["-"], Modality.IMAGE))


def test_a_table_that_is_none_is_one_row(tmp_path: Path):
    (tmp_path / "t.csv").write_bytes(b"\x00\x01\x02")
    [row] = Stream([tmp_path / "t.csv"], Modality.TEXT)
    assert row.source is None
    assert row.reason


def test_memory_is_that_of_one_folder(tmp_path: Path):
    for number in range(4000):
        path = tmp_path / "in" / f"{number % 40}" / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("text")
    list(walk_lazily(tmp_path / "in" / "0"))
    peaks = []
    for _ in range(3):  # Python's own table of names may grow in one of them
        tracemalloc.start()
        assert sum(1 for _ in walk_lazily(tmp_path / "in")) == 4000
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert min(peaks) < 300_000
