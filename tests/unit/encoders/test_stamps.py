from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from headstart.encoders.cache import EmbeddingCache
from headstart.encoders.stamps import FileStamp

LONG_AGO = 1_600_000_000_123_456_789
CONTENT = b"c" * 16


@pytest.fixture
def cache(tmp_path: Path) -> EmbeddingCache:
    return EmbeddingCache(tmp_path / "cache.sqlite")


def stamp(**changes: object) -> FileStamp:
    settled = FileStamp(b"/a/b.jpg", 10, LONG_AGO, LONG_AGO, 7, LONG_AGO + 10**10)
    return replace(settled, **changes)  # type: ignore[arg-type]


def test_an_unchanged_file_is_known(cache: EmbeddingCache) -> None:
    cache.remember_files({stamp(): CONTENT})
    assert cache.contents_of([None, stamp(seen_ns=0), stamp(path=b"/other")]) == [None, CONTENT, None]


@pytest.mark.parametrize("field", ["size", "mtime", "ctime", "inode"])
def test_any_difference_makes_it_unknown(cache: EmbeddingCache, field: str) -> None:
    cache.remember_files({stamp(): CONTENT})
    assert cache.contents_of([stamp(**{field: getattr(stamp(), field) + 1})]) == [None]


@pytest.mark.parametrize(
    ("changed", "seen_after", "trusted"),
    [
        (LONG_AGO, 50_000_000, False),  # within a clock tick: it may change again unseen
        (LONG_AGO, 200_000_000, True),
        (LONG_AGO, -1, False),  # from the future
        (1_600_000_000_000_000_000, 1_500_000_000, False),  # whole seconds: a coarse clock, perhaps FAT
        (1_600_000_000_000_000_000, 2_500_000_000, True),
    ],
)
@pytest.mark.parametrize("which", ["mtime", "ctime"])
def test_a_file_that_has_just_changed_is_not_trusted(
    cache: EmbeddingCache, changed: int, seen_after: int, trusted: bool, which: str
) -> None:
    times = {"mtime": LONG_AGO - 10**12, "ctime": LONG_AGO - 10**12} | {which: changed}
    racy = stamp(**times, seen_ns=changed + seen_after)
    cache.remember_files({racy: CONTENT})
    assert cache.contents_of([racy]) == [CONTENT if trusted else None]


def test_a_file_rewritten_in_the_same_tick_with_the_same_size_is_read_again(
    cache: EmbeddingCache, tmp_path: Path
) -> None:
    file = tmp_path / "a.bin"
    file.write_bytes(b"one")
    first = FileStamp.of(file)
    assert first is not None
    cache.remember_files({first: CONTENT})
    file.write_bytes(b"two")
    os.utime(file, ns=(first.mtime, first.mtime))
    assert cache.contents_of([FileStamp.of(file)]) == [None]


def test_names_that_are_not_text(cache: EmbeddingCache, tmp_path: Path) -> None:
    file = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9\n.jpg"))
    file.write_bytes(b"x")
    os.utime(file, ns=(LONG_AGO, LONG_AGO))
    found = FileStamp.of(file)
    assert found is not None
    cache.remember_files({replace(found, ctime=LONG_AGO): CONTENT})
    assert cache.contents_of([replace(found, ctime=LONG_AGO)]) == [CONTENT]


def test_a_file_that_is_not_there_has_no_stamp(tmp_path: Path) -> None:
    assert FileStamp.of(tmp_path / "none") is None
    assert FileStamp.of("nul\0name") is None
