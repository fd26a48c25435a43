"""Rows are neither lost nor written twice, wherever a run was stopped."""

from __future__ import annotations

from pathlib import Path

import pytest

from headstart.errors import ParameterError, StorageError
from headstart.workflows.journal import Journal, Known

RUN = {"model": "m", "top": 3}


def rows(*names: str) -> list[dict[str, str]]:
    return [{"source": name} for name in names]


def test_rows_are_there_after_opening_again(tmp_path: Path):
    with Journal(tmp_path / "j", RUN) as journal:
        journal.append(rows("a", "b"))
    with Journal(tmp_path / "j", RUN) as journal:
        assert journal.done == 2
        journal.append(rows("c"))
        assert [row["source"] for row in journal.rows()] == ["a", "b", "c"]


def test_cut_anywhere_it_opens_with_its_whole_rows(tmp_path: Path):
    path = tmp_path / "j"
    with Journal(path, RUN) as journal:
        journal.append(rows("a", "b\n\udcff", "c"))
    content = path.read_bytes()
    ends = [i + 1 for i, byte in enumerate(content) if byte == 10]
    assert len(ends) == 4
    for cut in range(len(content) + 1):
        path.write_bytes(content[:cut])
        with Journal(path, RUN) as journal:
            assert journal.done == max(0, sum(end <= cut for end in ends) - 1)
            journal.append(rows("d"))
            assert [row["source"] for row in journal.rows()][-1] == "d"
            assert sum(1 for _ in journal.rows()) == journal.done


def test_zeros_after_a_power_cut_are_cut_off(tmp_path: Path):
    path = tmp_path / "j"
    with Journal(path, RUN) as journal:
        journal.append(rows("a", "b"))
    with path.open("ab") as file:
        file.write(b"\x00" * 40 + b"\n" + b"\x00" * 9)
    with Journal(path, RUN) as journal:
        assert journal.done == 2


def test_another_run_is_refused(tmp_path: Path):
    with Journal(tmp_path / "j", RUN) as journal:
        journal.append(rows("a"))
    with pytest.raises(ParameterError, match="another model or other settings"):
        Journal(tmp_path / "j", {**RUN, "top": 4})
    with Journal(tmp_path / "j", RUN) as journal:  # and left as it was
        assert journal.done == 1


def test_one_process_at_a_time(tmp_path: Path):
    with Journal(tmp_path / "j", RUN), pytest.raises(ParameterError, match="Another run"):
        Journal(tmp_path / "j", RUN)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path):
    with pytest.raises(StorageError, match="cannot be written"):
        Journal(tmp_path / "nowhere" / "j", RUN)


@pytest.mark.parametrize(
    ("written", "inputs", "fresh"),
    [
        ("", "abc", "abc"),
        ("abc", "abcde", "de"),
        ("abc", "abc", ""),
        ("abc", "xabcd", "xd"),
        ("abc", "acd", "d"),
        ("abc", "cba", ""),
        ("aab", "aaabb", "ab"),
        ("aab", "xaaab", "xa"),
        ("abc", "ab", ""),
    ],
)
def test_each_row_answers_for_one_input(tmp_path: Path, written: str, inputs: str, fresh: str):
    with Journal(tmp_path / "j", RUN) as journal:
        journal.append(rows(*written))
        known = Known(journal)
        found = []
        for name in inputs:
            if not known.has(name):
                found.append(name)
                journal.append(rows(name))
        assert "".join(found) == fresh
