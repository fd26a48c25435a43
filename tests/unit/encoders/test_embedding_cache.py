from __future__ import annotations

import os
import pickle
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from headstart.encoders.cache import EmbeddingCache
from headstart.encoders.cache_file import CacheFile
from headstart.types import Signature

WIDTHS = (5, 3)


def contents(count: int, start: int = 0) -> list[bytes]:
    return [i.to_bytes(16, "big") for i in range(start, start + count)]


def rows(count: int, start: int = 0) -> tuple[np.ndarray, np.ndarray, list[Signature]]:
    numbers = np.arange(start, start + count, dtype=np.float32)[:, None]
    vectors, rest = numbers + np.arange(5, dtype=np.float32), -numbers - np.arange(3, dtype=np.float32)
    return vectors, rest, [Signature(bytes([i % 256]) * 16, b"p" * 32, f"nöte {i}") for i in range(count)]


@pytest.fixture
def cache(tmp_path: Path) -> EmbeddingCache:
    return EmbeddingCache(tmp_path / "deep" / "embeddings.sqlite")


def test_what_is_stored_is_found_in_the_order_asked(cache: EmbeddingCache) -> None:
    vectors, rest, signatures = rows(1200)
    assert cache.store("enc", contents(1200), vectors, rest, signatures)
    asked = [contents(1200)[i] for i in (7, 1199, 7)] + [None, b"unknown"]
    found = cache.find("enc", asked, WIDTHS, rest=True)
    assert found.positions == [0, 1, 2]
    np.testing.assert_array_equal(found.vectors, vectors[[7, 1199, 7]])
    np.testing.assert_array_equal(found.rest, rest[[7, 1199, 7]])
    assert found.signatures[1] == signatures[1199]
    assert cache.find("enc", asked, WIDTHS).rest.shape == (3, 0)
    assert cache.find("other", asked, WIDTHS).positions == []
    assert cache.notes == ()


def test_a_row_of_another_width_is_not_there(cache: EmbeddingCache) -> None:
    cache.store("enc", contents(1), *rows(1))
    assert cache.find("enc", contents(1), (4, 3)).positions == []
    assert cache.find("enc", contents(1), (5, 2), rest=True).positions == []


def test_it_survives_pickling_and_closing(cache: EmbeddingCache) -> None:
    cache.store("enc", contents(1), *rows(1))
    cache.close()
    assert cache.find("enc", contents(1), WIDTHS).positions == [0]
    assert pickle.loads(pickle.dumps(cache)).find("enc", contents(1), WIDTHS).positions == [0]


def test_info_and_clear(cache: EmbeddingCache) -> None:
    assert cache.info() | {"path": ""} == {
        "path": "", "bytes": 0, "embeddings": 0, "encoders": 0, "files": 0, "notes": [],
    }  # fmt: skip
    assert not cache.path.exists(), "asking must not make the file"
    assert cache.clear() == 0
    cache.store("enc", contents(500), *rows(500))
    assert cache.info()["embeddings"] == 500
    assert cache.info()["bytes"] > 500 * 32
    assert cache.clear() > 500 * 32
    assert cache.info()["embeddings"] == 0
    assert cache.store("enc", contents(1), *rows(1)), "usable after clearing"


def test_a_changed_byte_in_a_row_makes_that_row_unknown(cache: EmbeddingCache) -> None:
    cache.store("enc", contents(3), *rows(3))
    cache.close()
    with sqlite3.connect(cache.path) as file:
        vector = bytearray(
            file.execute("SELECT vector FROM vectors WHERE content=?", contents(1)).fetchone()[0]
        )
        vector[2] ^= 1
        file.execute("UPDATE vectors SET vector=? WHERE content=?", (bytes(vector), contents(1)[0]))
    file.close()
    assert cache.find("enc", contents(3), WIDTHS).positions == [1, 2]
    cache.store("enc", contents(1), *(part[:1] for part in rows(1)))
    assert cache.find("enc", contents(3), WIDTHS).positions == [0, 1, 2], "computed again, it is replaced"


@pytest.mark.parametrize("damage", ["garbage", "empty", "header kept", "cut"])
def test_a_damaged_file_is_moved_aside_and_work_goes_on(cache: EmbeddingCache, damage: str) -> None:
    cache.store("enc", contents(2000), *rows(2000))
    cache.close()
    size = cache.path.stat().st_size
    if damage == "garbage":
        cache.path.write_bytes(b"not a database at all " * 1000)
    elif damage == "empty":
        cache.path.write_bytes(b"")
    elif damage == "header kept":
        cache.path.write_bytes(cache.path.read_bytes()[:100] + os.urandom(size - 100))
    else:
        os.truncate(cache.path, size // 2)
    again = EmbeddingCache(cache.path)
    again.find("enc", contents(2000), WIDTHS, rest=True)
    assert again.store("enc", contents(5), *rows(5))
    assert again.find("enc", contents(5), WIDTHS).positions == [0, 1, 2, 3, 4]
    if damage != "empty":
        assert len(again.notes) == 1
        assert "was damaged; it was moved to embeddings.sqlite.damaged-" in again.notes[0]
        assert len(list(cache.path.parent.glob("*.damaged-*"))) == 1
        again.clear()
        assert not list(cache.path.parent.glob("*.damaged-*"))


def test_a_file_that_another_process_replaced_is_not_moved(tmp_path: Path) -> None:
    file = CacheFile(tmp_path / "c.sqlite")
    file.read(lambda connection: connection.execute("SELECT 1").fetchone(), None)
    replacement = tmp_path / "new.sqlite"
    CacheFile(replacement).read(lambda connection: None, None)
    replacement.replace(file.path)

    def damaged(connection: sqlite3.Connection) -> str:
        if connection.execute("PRAGMA database_list").fetchone() and not seen:
            seen.append(1)
            raise sqlite3.DatabaseError("database disk image is malformed")
        return "fine"

    seen: list[int] = []
    assert file.read(damaged, "given up") == "fine"
    assert file.notes == []


def test_a_file_of_a_newer_version_is_left_alone(cache: EmbeddingCache) -> None:
    cache.store("enc", contents(1), *rows(1))
    cache.close()
    connection = sqlite3.connect(cache.path)
    connection.execute("PRAGMA user_version=99")
    connection.close()
    before = cache.path.read_bytes()
    again = EmbeddingCache(cache.path)
    assert again.find("enc", contents(1), WIDTHS).positions == []
    assert not again.store("enc", contents(1), *rows(1))
    assert len(again.notes) == 1
    assert "a newer version of headstart wrote it" in again.notes[0]
    assert cache.path.read_bytes() == before


def test_where_nothing_can_be_written_work_goes_on_and_one_note_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = EmbeddingCache(tmp_path / "file" / "embeddings.sqlite")
    for _ in range(3):
        assert cache.find("enc", contents(2), WIDTHS).positions == []
        assert not cache.store("enc", contents(2), *rows(2))
        assert cache.contents_of([None, None]) == [None, None]
    assert len(cache.notes) == 1
    assert "Embeddings are not kept in" in cache.notes[0]
    assert "set HEADSTART_CACHE to another folder" in cache.notes[0]


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ("database or disk is full", "the disk is full: free some space"),
        ("attempt to write a readonly database", "it may not be written: allow writing"),
        ("database is locked", "another program holds it"),
    ],
)
def test_a_failing_write_ends_storing_but_not_looking_up(
    cache: EmbeddingCache, monkeypatch: pytest.MonkeyPatch, message: str, says: str
) -> None:
    cache.store("enc", contents(2), *rows(2))
    real = cache._file.write

    def failing(work: object) -> bool:
        def fail(connection: sqlite3.Connection) -> None:
            raise sqlite3.OperationalError(message)

        return real(fail)

    monkeypatch.setattr(cache._file, "write", failing)
    for start in (2, 4):
        assert not cache.store("enc", contents(2, start), *rows(2, start))
    assert cache.find("enc", contents(6), WIDTHS).positions == [0, 1]
    assert len(cache.notes) == 1
    assert says in cache.notes[0]


def test_a_disk_that_really_fills_up(cache: EmbeddingCache) -> None:
    cache.store("enc", contents(2), *rows(2))
    cache._file.read(lambda connection: connection.execute("PRAGMA max_page_count=40").fetchone(), None)
    assert not cache.store("enc", contents(5000, 2), *rows(5000, 2))
    assert cache.find("enc", contents(5002), WIDTHS).positions == [0, 1], (
        "the transaction left nothing behind"
    )
    assert "the disk is full" in cache.notes[0]


WRITER = """
import sys, numpy as np
from headstart.encoders.cache import EmbeddingCache
from headstart.types import Signature
path, start, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
cache = EmbeddingCache(path)
print("ready", flush=True)
for i in range(start, start + rounds):
    contents = [(i * 1000 + j).to_bytes(16, "big") for j in range(40)]
    vectors = np.full((40, 5), i, np.float32)
    cache.store("enc", contents, vectors, -vectors[:, :3], [Signature(b"x" * 16)] * 40)
    print(i, flush=True)
assert not cache.notes, cache.notes
"""


def start_writer(path: Path, start: int, rounds: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", textwrap.dedent(WRITER), str(path), str(start), str(rounds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_several_processes_and_threads_write_at_once(cache: EmbeddingCache) -> None:
    writers = [start_writer(cache.path, start, 20) for start in (0, 100, 200)]
    threads = [
        threading.Thread(target=cache.store, args=("enc", contents(9, 900_000 + 50 * i), *rows(9)))
        for i in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for writer in writers:
        assert writer.communicate(timeout=60)[0].split()[-1].isdigit()
        assert writer.returncode == 0
    assert cache.info()["embeddings"] == 3 * 20 * 40 + 4 * 9
    assert cache.notes == ()


def test_kill_in_the_middle_of_writing_leaves_whole_rows(cache: EmbeddingCache) -> None:
    writer = start_writer(cache.path, 0, 100_000)
    assert writer.stdout is not None
    done = -1
    deadline = time.monotonic() + 30
    while done < 10 and time.monotonic() < deadline:
        line = writer.stdout.readline().strip()
        done = int(line) if line.isdigit() else done
    os.kill(writer.pid, signal.SIGKILL)
    writer.communicate()
    assert done >= 10
    told = [(i * 1000 + j).to_bytes(16, "big") for i in range(done + 1) for j in range(40)]
    found = cache.find("enc", told, WIDTHS, rest=True)
    assert len(found.positions) == len(told), "what was reported as stored is there"
    assert cache.info()["embeddings"] % 40 == 0, "a transaction is there whole or not at all"
    assert cache.store("enc", contents(1, 10**9), *rows(1))
    assert cache.notes == ()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_opens_the_file_anew(cache: EmbeddingCache) -> None:
    import multiprocessing

    cache.store("enc", contents(1), *rows(1))
    context = multiprocessing.get_context("fork")
    child = context.Process(target=cache.store, args=("enc", contents(3, 1), *rows(3)))
    child.start()
    child.join(30)
    assert child.exitcode == 0
    assert cache.store("enc", contents(1, 50), *rows(1))
    assert cache.info()["embeddings"] == 5
