"""The SQLite file behind the embedding cache: opening it, its layout, and what to do when it fails.

The cache is a convenience: whatever is wrong with it (damaged, read-only, full, busy), work goes on
without it, and one note says so.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

VERSION = 1
BUSY_SECONDS = 30.0
_ROOM_NEEDED = 1 << 20
_PAGE_BYTES = 8192  # a row of 5 to 10 KB then takes one or two pages
_SCHEMA = (
    """CREATE TABLE encoders (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE)""",
    # `vector` stands before `rest`, so that reading it alone does not read the pages of `rest`.
    """CREATE TABLE vectors (
        encoder INTEGER NOT NULL, content BLOB NOT NULL, checksum INTEGER NOT NULL,
        signature BLOB NOT NULL, vector BLOB NOT NULL, rest BLOB NOT NULL,
        UNIQUE (encoder, content) ON CONFLICT REPLACE)""",
    """CREATE TABLE files (
        path BLOB PRIMARY KEY, size INTEGER NOT NULL, mtime INTEGER NOT NULL, ctime INTEGER NOT NULL,
        inode INTEGER NOT NULL, content BLOB NOT NULL) WITHOUT ROWID""",
)
_SETTINGS = (
    "PRAGMA synchronous=NORMAL",  # with WAL: safe against kill -9; power loss may lose the last rows only
    "PRAGMA cell_size_check=ON",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA mmap_size=268435456",
)


class CacheFile:
    """One SQLite file, opened at first use, shared by threads, replaced where it is damaged.

    Attributes
    ----------
    path
        The file; its folder is made when it is first opened.
    notes
        What a person should know: that the file was damaged and rebuilt, or cannot be used, and why.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notes: list[str] = []
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._process = 0
        self._inode = 0
        self._off = False
        self._read_only = False

    def read(self, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """Run `work` on the open file; return `otherwise` where the cache cannot be used."""
        return self._guarded(work, otherwise, retry=True)

    def write(self, work: Callable[[sqlite3.Connection], None]) -> bool:
        """Run `work` in one transaction; return whether it is stored."""
        if self._read_only:
            return False

        def transaction(connection: sqlite3.Connection) -> bool:
            connection.execute("BEGIN IMMEDIATE")
            try:
                work(connection)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            return True

        return self._guarded(transaction, False, retry=True)

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        with self._lock:
            if self._connection is not None and self._process == os.getpid():
                self._connection.close()
            self._connection = None

    def _guarded(self, work: Callable[[sqlite3.Connection], T], otherwise: T, *, retry: bool) -> T:
        with self._lock:
            if self._off:
                return otherwise
            try:
                return work(self._open())
            except (sqlite3.DatabaseError, OSError) as error:
                if retry and is_damage(error) and self._set_aside():
                    return self._guarded(work, otherwise, retry=False)
                self._give_up(error)
                return otherwise

    def _open(self) -> sqlite3.Connection:
        if self._connection is not None and self._process == os.getpid():
            return self._connection
        # SQLite connections must not cross a fork: the child's copy is dropped unclosed.
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(
            self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            self._inode = self.path.stat().st_ino
            _prepare(connection)
        except BaseException:
            connection.close()
            raise
        self._connection, self._process = connection, os.getpid()
        return connection

    def _set_aside(self) -> bool:
        """Move a damaged file away, unless another process has already put a new one in its place."""
        self.close()
        try:
            if self.path.stat().st_ino == self._inode:
                aside = self.path.with_name(f"{self.path.name}.damaged-{time.time_ns() // 1_000_000}")
                self.path.replace(aside)
                for suffix in ("-wal", "-shm"):
                    self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
                self.notes.append(
                    f"The embedding cache was damaged; it was moved to {aside.name} and started anew."
                )
        except FileNotFoundError:
            pass  # another process moved it a moment ago
        except OSError:
            return False
        return True

    def _give_up(self, error: Exception) -> None:
        """Go on without the cache (without storing, where reading still works), and say so once."""
        words = str(error).lower()
        if "full" in words or "no space" in words or ("disk i/o" in words and _is_full(self.path.parent)):
            reason, self._read_only = "the disk is full: free some space", True
        elif "locked" in words or "busy" in words:
            reason, self._read_only = "another program holds it: try again later", True
        elif "readonly" in words or "read-only" in words:
            reason, self._read_only = "it may not be written: allow writing or set HEADSTART_CACHE", True
        else:
            reason, self._off = f"it cannot be used ({error}): set HEADSTART_CACHE to another folder", True
        note = f"Embeddings are not kept in {self.path}, because {reason}."
        if note not in self.notes:  # where not even reading works, every part of the work comes by here
            self.notes.append(note)


def _is_full(folder: Path) -> bool:
    """Tell whether SQLite's "disk I/O error" means that it found no room for its shared memory."""
    try:
        return shutil.disk_usage(folder).free < _ROOM_NEEDED
    except OSError:
        return False


def is_damage(error: Exception) -> bool:
    """Tell a damaged file from one that cannot be used for other reasons."""
    if isinstance(error, sqlite3.OperationalError):
        words = str(error)  # a table that is missing means another layout: nothing of ours is lost
        return any(part in words for part in ("malformed", "no such table", "no such column"))
    return isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.IntegrityError)


def _prepare(connection: sqlite3.Connection) -> None:
    """Lay out a new file, or check that an old one is of this version."""
    for line in _SETTINGS:
        connection.execute(line)
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version == VERSION:
        return
    if version > VERSION:
        raise sqlite3.OperationalError("a newer version of headstart wrote it")
    if version == 0 and not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
        connection.execute(f"PRAGMA page_size={_PAGE_BYTES}")
        connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("BEGIN IMMEDIATE")
    # Another process may have laid it out while this one waited for the lock.
    if connection.execute("PRAGMA user_version").fetchone()[0] != VERSION:
        for table in ("encoders", "vectors", "files"):
            connection.execute(f"DROP TABLE IF EXISTS {table}")
        for statement in _SCHEMA:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version={VERSION}")
    connection.execute("COMMIT")
