"""Embeddings kept on disk, so that nothing is computed twice.

One SQLite file holds, for each content and encoder, everything the encoder said about it, and for each
file what its content was when it was last read: a second run then reads neither the files nor the base.
Several processes and threads may use it at once. Whatever goes wrong with it, work goes on without it;
`EmbeddingCache.notes` says so.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart.encoders.cache_file import CacheFile
from headstart.encoders.cache_rows import FLOAT, Found, Gatherer, encode_row
from headstart.encoders.stamps import FileStamp
from headstart.errors import StorageError

if TYPE_CHECKING:
    from headstart.types import Float32Array, Signature

_ASKED_AT_ONCE = 500  # SQLite's oldest limit on parameters is 999


class EmbeddingCache:
    """The embeddings kept in one file.

    Parameters
    ----------
    path
        The SQLite file. It is opened at first use; its folder is made then.

    Attributes
    ----------
    notes
        What a person should know about the cache: damaged and rebuilt, or not usable and why.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._file = CacheFile(Path(path))

    def __reduce__(self) -> tuple[Any, ...]:
        return EmbeddingCache, (self._file.path,)

    def __enter__(self) -> EmbeddingCache:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        file: CacheFile | None = getattr(self, "_file", None)
        if file is not None:
            file.close()

    @property
    def path(self) -> Path:
        """The file."""
        return self._file.path

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know; empty where all is well."""
        return tuple(self._file.notes)

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        self._file.close()

    def find(
        self, encoder: str, contents: Sequence[bytes | None], widths: tuple[int, int], *, rest: bool = False
    ) -> Found:
        """Look up what an encoder said about these contents.

        Parameters
        ----------
        encoder
            The encoder's cache key.
        contents
            Content hashes; None is never found.
        widths
            Numbers in the embedding and in the further outputs together.
        rest
            Whether the further outputs are wanted too.
        """
        asked: dict[bytes, list[int]] = {}
        for position, content in enumerate(contents):
            if content is not None:
                asked.setdefault(content, []).append(position)
        empty = Gatherer(asked, widths, rest).found()
        if not asked:
            return empty

        def work(connection: sqlite3.Connection) -> Found:
            gathered = Gatherer(asked, widths, rest)
            number = self._number(connection, encoder)
            columns = "content, checksum, signature, vector" + (", rest" if rest else "")
            query = f"SELECT {columns} FROM vectors WHERE encoder = ? AND content IN"
            for part in _parts(list(asked)):
                for row in connection.execute(f"{query} ({_marks(part)})", (number, *part)):
                    gathered.add(*row)
            return gathered.found()

        return self._file.read(work, empty)

    def store(
        self,
        encoder: str,
        contents: Sequence[bytes],
        vectors: Float32Array,
        rest: Float32Array,
        signatures: Sequence[Signature],
    ) -> bool:
        """Keep rows in one transaction; return whether they are kept."""
        rows = [
            encode_row(content, vector.astype(FLOAT).tobytes(), more.astype(FLOAT).tobytes(), signature)
            for content, vector, more, signature in zip(contents, vectors, rest, signatures, strict=True)
        ]

        def work(connection: sqlite3.Connection) -> None:
            number = self._number(connection, encoder, make=True)
            connection.executemany(
                "INSERT INTO vectors (encoder, content, checksum, signature, vector, rest) "
                f"VALUES ({number}, ?, ?, ?, ?, ?)",
                rows,
            )

        return not rows or self._file.write(work)

    def contents_of(self, stamps: Sequence[FileStamp | None]) -> list[bytes | None]:
        """Return the content hash of each file that is as it was when it was last read."""
        names = {stamp.path: stamp for stamp in stamps if stamp is not None}
        if not names:
            return [None] * len(stamps)

        def work(connection: sqlite3.Connection) -> dict[bytes, bytes]:
            known: dict[bytes, bytes] = {}
            for part in _parts(list(names)):
                columns = "path, size, mtime, ctime, inode, content"
                query = f"SELECT {columns} FROM files WHERE path IN ({_marks(part)})"
                for path, size, mtime, ctime, inode, content in connection.execute(query, part):
                    stamp = FileStamp(path, size, mtime, ctime, inode, 0)
                    if stamp == names[stamp.path]:
                        known[stamp.path] = content
            return known

        known = self._file.read(work, dict[bytes, bytes]())
        return [None if stamp is None else known.get(stamp.path) for stamp in stamps]

    def remember_files(self, contents: Mapping[FileStamp, bytes]) -> bool:
        """Keep what files held; those that changed a moment ago are left out, see `FileStamp.settled`."""
        rows = [
            (stamp.path, stamp.size, stamp.mtime, stamp.ctime, stamp.inode, content)
            for stamp, content in contents.items()
            if stamp.settled
        ]

        def work(connection: sqlite3.Connection) -> None:
            connection.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)", rows)

        return not rows or self._file.write(work)

    def info(self) -> dict[str, Any]:
        """Return ``path``, ``bytes``, ``embeddings``, ``encoders``, ``files``, ``notes``; makes nothing."""
        counts = {"embeddings": 0, "encoders": 0, "files": 0}
        if self.path.exists():

            def work(connection: sqlite3.Connection) -> dict[str, int]:
                tables = {"embeddings": "vectors", "encoders": "encoders", "files": "files"}
                return {
                    name: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                    for name, table in tables.items()
                }

            counts = self._file.read(work, counts)
        return {"path": str(self.path), "bytes": self._bytes(), **counts, "notes": list(self.notes)}

    def clear(self) -> int:
        """Delete everything that is kept, damaged files set aside included; return the bytes freed.

        Other processes that use the cache go on unharmed.

        Raises
        ------
        StorageError
            When the file may not be written to.
        """
        before = self._bytes()
        if self.path.exists():

            def work(connection: sqlite3.Connection) -> None:
                for table in ("vectors", "encoders", "files"):
                    connection.execute(f"DELETE FROM {table}")

            if not self._file.write(work):
                raise StorageError(
                    f"{self.path} could not be cleared.",
                    " ".join(self.notes) or "Allow writing to it, or delete it yourself.",
                )
            self._file.read(_shrink, None)
        for aside in self.path.parent.glob(f"{self.path.name}.damaged-*"):
            aside.unlink(missing_ok=True)
        return max(0, before - self._bytes())

    def _bytes(self) -> int:
        family = [self.path, *self.path.parent.glob(f"{self.path.name}-wal")]
        family += self.path.parent.glob(f"{self.path.name}.damaged-*")
        return sum(file.stat().st_size for file in family if file.exists())

    def _number(self, connection: sqlite3.Connection, encoder: str, *, make: bool = False) -> int:
        """Return the short number that stands for an encoder in this file; 0 where it has none yet.

        Asked anew each time: another process may have cleared the file in between.
        """
        query = "SELECT id FROM encoders WHERE key = ?"
        row = connection.execute(query, (encoder,)).fetchone()
        if row is None and make:
            connection.execute("INSERT OR IGNORE INTO encoders (key) VALUES (?)", (encoder,))
            row = connection.execute(query, (encoder,)).fetchone()
        return 0 if row is None else int(row[0])


def _parts(items: list[bytes]) -> Iterator[list[bytes]]:
    for first in range(0, len(items), _ASKED_AT_ONCE):
        yield items[first : first + _ASKED_AT_ONCE]


def _marks(part: Sequence[bytes]) -> str:
    return ",".join("?" * len(part))


def _shrink(connection: sqlite3.Connection) -> None:
    connection.execute("VACUUM")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
