"""The one database of a workspace: SQLite, opened for each piece of work, migrated by number."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from headstart.app.faults import BusyError
from headstart.errors import HeadstartError, StorageError

FILE = "headstart.sqlite"
_PATIENCE_MS = 15_000

_MIGRATIONS = (
    """
    CREATE TABLE projects (
        id TEXT PRIMARY KEY, name TEXT NOT NULL, folder TEXT NOT NULL, modality TEXT NOT NULL,
        created REAL NOT NULL, changed REAL NOT NULL, revision INTEGER NOT NULL DEFAULT 0, deleted REAL
    );
    CREATE UNIQUE INDEX projects_folder ON projects (folder COLLATE NOCASE);
    CREATE TABLE classes (
        id TEXT PRIMARY KEY, project TEXT NOT NULL REFERENCES projects ON DELETE CASCADE,
        name TEXT NOT NULL, folder TEXT NOT NULL, added REAL NOT NULL, deleted INTEGER NOT NULL DEFAULT 0
    );
    CREATE UNIQUE INDEX classes_name ON classes (project, name) WHERE deleted = 0;
    CREATE UNIQUE INDEX classes_folder ON classes (project, folder COLLATE NOCASE) WHERE deleted = 0;
    CREATE TABLE examples (
        number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
        project TEXT NOT NULL REFERENCES projects ON DELETE CASCADE,
        class TEXT NOT NULL REFERENCES classes ON DELETE CASCADE,
        file TEXT NOT NULL, at TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, size INTEGER NOT NULL,
        mtime INTEGER NOT NULL, content BLOB, added REAL NOT NULL, width INTEGER, height INTEGER,
        seconds REAL, text TEXT, code TEXT, reason TEXT, kept INTEGER NOT NULL DEFAULT 0,
        deleted INTEGER NOT NULL DEFAULT 0
    );
    CREATE INDEX examples_class ON examples (project, class, deleted, number);
    CREATE INDEX examples_shown ON examples (project, deleted, number);
    CREATE INDEX examples_content ON examples (project, content) WHERE deleted = 0;
    CREATE INDEX examples_code ON examples (project, code) WHERE code IS NOT NULL;
    CREATE TABLE rejects (
        id TEXT PRIMARY KEY, project TEXT NOT NULL REFERENCES projects ON DELETE CASCADE,
        name TEXT NOT NULL, code TEXT NOT NULL, reason TEXT NOT NULL, added REAL NOT NULL
    );
    CREATE INDEX rejects_project ON rejects (project, added);
    CREATE TABLE steps (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        project TEXT NOT NULL REFERENCES projects ON DELETE CASCADE,
        kind TEXT NOT NULL, count INTEGER NOT NULL, names TEXT NOT NULL, change TEXT NOT NULL,
        added REAL NOT NULL, undone INTEGER NOT NULL DEFAULT 0, batch TEXT
    );
    CREATE INDEX steps_project ON steps (project, id);
    CREATE TABLE jobs (
        id TEXT PRIMARY KEY, project TEXT NOT NULL REFERENCES projects ON DELETE CASCADE,
        kind TEXT NOT NULL, method TEXT, target REAL, state TEXT NOT NULL, cancel INTEGER NOT NULL DEFAULT 0,
        progress TEXT NOT NULL DEFAULT '{}', created REAL NOT NULL, started REAL, finished REAL,
        attempt INTEGER NOT NULL DEFAULT 1, error TEXT, revision INTEGER NOT NULL, worker TEXT, beat REAL
    );
    CREATE INDEX jobs_project ON jobs (project, created);
    CREATE INDEX jobs_waiting ON jobs (created) WHERE state IN ('queued', 'running');
    CREATE TABLE results (
        project TEXT NOT NULL REFERENCES projects ON DELETE CASCADE, kind TEXT NOT NULL, job TEXT NOT NULL,
        made REAL NOT NULL, revision INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (project, kind)
    );
    CREATE TABLE apps (id TEXT PRIMARY KEY, seen REAL NOT NULL);
    CREATE TABLE notes (key TEXT PRIMARY KEY, value TEXT NOT NULL);
    """,
    "ALTER TABLE projects ADD COLUMN grouping TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE projects ADD COLUMN setup TEXT NOT NULL DEFAULT ''",
)


def _not_written(path: Path, error: sqlite3.OperationalError) -> HeadstartError:
    """Word what SQLite says where the disk refuses, or another holds the file for too long."""
    if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return BusyError("Something else is still writing.", "Wait a moment and try again.")
    return StorageError(
        f"{path.name} could not be written: {error}.",
        "Free some space or allow writing, then try again. What was saved before is safe.",
    )


class Database:
    """Opens connections to the file; each belongs to one thread and one piece of work."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def migrate(self) -> None:
        """Make the file, or bring it up to this version, one numbered step in one transaction.

        Raises
        ------
        StorageError
            When it was written by a newer version, is damaged, or cannot be written.
        """
        try:
            with self.reading() as connection:
                connection.execute("PRAGMA journal_mode = WAL")
            while True:
                with self.writing() as connection:
                    (version,) = connection.execute("PRAGMA user_version").fetchone()
                    if version >= len(_MIGRATIONS):
                        break
                    for statement in _MIGRATIONS[version].split(";"):
                        connection.execute(statement)
                    connection.execute(f"PRAGMA user_version = {version + 1}")
        except sqlite3.Error as error:
            raise StorageError(
                f"{self.path} cannot be used: {error}.",
                "Name another folder with --workspace, or put back a copy of this file. Your examples are "
                "ordinary files beside it and are not harmed.",
            ) from error
        if version > len(_MIGRATIONS):
            raise StorageError(
                f"{self.path} was written by a newer headstart (its number is {version}, this one knows "
                f"{len(_MIGRATIONS)}).",
                "Update headstart, or name another folder with --workspace.",
            )

    @contextmanager
    def reading(self, *, snapshot: bool = False) -> Iterator[sqlite3.Connection]:
        """Yield a connection to read with.

        Parameters
        ----------
        snapshot
            Whether all that is read has to be of one moment.
        """
        with closing(self.connect()) as connection:
            if snapshot:
                connection.execute("BEGIN")
            yield connection

    @contextmanager
    def writing(self, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """Yield a connection inside a transaction that has the right to write; commit at the end.

        Parameters
        ----------
        durable
            Whether what is committed must survive a cut of the power; progress and heartbeats need not.
        """
        with closing(self.connect()) as connection:
            if not durable:
                connection.execute("PRAGMA synchronous = NORMAL")
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            except BaseException as error:
                connection.rollback()
                if isinstance(error, sqlite3.OperationalError):
                    raise _not_written(self.path, error) from error
                raise

    @staticmethod
    def version(connection: sqlite3.Connection) -> int:
        """Return a number that is another one once somebody else has written."""
        return int(connection.execute("PRAGMA data_version").fetchone()[0])

    def connect(self) -> sqlite3.Connection:
        """Open a connection; what it commits survives a cut of the power."""
        connection = sqlite3.connect(self.path, timeout=_PATIENCE_MS / 1000, isolation_level=None)
        connection.row_factory = sqlite3.Row
        connection.execute(f"PRAGMA busy_timeout = {_PATIENCE_MS}")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        return connection
