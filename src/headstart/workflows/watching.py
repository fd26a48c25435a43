"""Watch a folder into which a camera writes files, and name each of them once."""

from __future__ import annotations

import csv
import io
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart.data.given_inputs import Inputs
from headstart.data.names import junk_kind
from headstart.data.own import DRIFT_FILE
from headstart.data.stream import Given, Stream
from headstart.errors import DataError, ParameterError
from headstart.execution import Executor
from headstart.types import Prediction
from headstart.workflows import tables
from headstart.workflows.drifting import drifting
from headstart.workflows.journal import identity_of
from headstart.workflows.result import AnyModel, model_of
from headstart.workflows.watched import Stamp, Watched

if TYPE_CHECKING:
    from headstart.model import Model

POLL = 0.5
"""Seconds between two looks at the folder."""
SETTLED = 1.0
"""Seconds without a change after which a file is taken for whole."""
PATIENCE = 10.0
"""Seconds without a change after which a file that cannot be read is given up: its row says why."""

_AT_ONCE = 16
_UNFINISHED = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".filepart", ".swp")


@dataclass
class WatchReport:
    """What watching did.

    Attributes
    ----------
    done
        Files that got their rows.
    before
        Files that had them already, from an earlier run.
    unreadable
        How many of `done` could not be read.
    out
        The table.
    drift
        What the test for drift says; None where the target has no such test.
    """

    done: int = 0
    before: int = 0
    unreadable: int = 0
    out: str = ""
    drift: dict[str, Any] | None = field(default=None)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return asdict(self)


def watch(
    model: AnyModel,
    folder: str | Path,
    out: str | Path,
    *,
    top: int = 3,
    confidence: float | None = None,
    input_column: str | None = None,
    told: Callable[[Sequence[Prediction], WatchReport], None] = lambda predictions, report: None,
    stopped: Callable[[], bool] = lambda: False,
    executor: Executor | None = None,
) -> WatchReport:
    """Name each file that is in a folder, or comes into it, once it is whole; append rows to a table.

    A file is whole when it has not changed for a second and can be read; one that cannot is waited for a
    little longer. What is done is kept beside the table, so that the same call goes on after whatever ended
    it, and no file has its rows twice. A file that is written anew under an old name is another one.

    Parameters
    ----------
    folder
        The folder, with all below it.
    out
        A name that ends in ``.csv`` or ``.jsonl``; rows are appended to it.
    top, confidence, input_column
        As in `headstart.workflows.predict`.
    told
        Called with what was said of new files.
    stopped
        Asked between two looks; the call returns when it says so.

    Raises
    ------
    DataError
        When there is no such folder.
    ParameterError
        When the table is not one of these, or somebody else writes it.
    StorageError
        When it cannot be written.
    """
    model = model_of(model)
    model.check_confidence(confidence)
    folder, target = Path(folder).expanduser(), Path(out).expanduser()
    _check(folder, target)
    names = tables.columns(
        doubted=confidence is not None,
        own_ids=False,
        target=model.target,
        outputs=model.classes,
    )
    drift = drifting(model, identity_of(model), target.parent)
    how = {"top": top, "confidence": confidence, "executor": executor}
    with Watched(target, _header(target, names)) as done:
        report = WatchReport(before=len(done), out=str(target))
        eye = _Eye(folder, done, {target.resolve(), done.path.resolve()})
        while not stopped():
            whole, before = eye.whole()[:_AT_ONCE], report.done
            named = _named(model, [path for path, _ in whole], input_column, how)
            rows: list[dict[str, Any]] = []
            for (path, stamp), predictions in zip(whole, named, strict=True):
                if eye.is_ready(path, stamp, predictions):
                    plain = [tables.row_of(one) for one in predictions]
                    done.add(stamp, _written(target, plain, names))
                    rows += plain
                    report.done += 1
                    report.unreadable += any(one.error is not None for one in predictions)
                    told(predictions, report)
            if drift is not None and rows:
                report.drift = drift.told(rows)
            if report.done == before:
                time.sleep(POLL)
    return report


def _check(folder: Path, target: Path) -> None:
    if not folder.is_dir():
        raise DataError(
            f"Expected a folder to watch, found {'a file' if folder.exists() else 'nothing'}: {folder}.",
            "Name the folder into which the camera writes: --watch FOLDER",
        )
    if target.suffix.lower() not in (".csv", ".jsonl"):
        raise ParameterError(
            f"Rows are appended to a .csv or .jsonl file while a folder is watched, got {target.name}.",
            "Name it for instance --out results.csv",
        )
    tables.check_writable(target, "--out")


class _Eye:
    """Looks at a folder again and again, and tells which files have become whole since."""

    def __init__(self, folder: Path, done: Watched, apart: set[Path]) -> None:
        self._folder, self._done, self._apart = folder, done, apart
        self._changed: dict[Path, tuple[Stamp, float]] = {}

    def whole(self) -> list[tuple[Path, Stamp]]:
        """Return the files that are new and have not changed for a while, the oldest first."""
        now, found, there = time.monotonic(), [], set[Path]()
        for path, stamp in self._files():
            there.add(path)
            if self._done.has(stamp):
                self._changed.pop(path, None)
                continue
            last, since = self._changed.setdefault(path, (stamp, now))
            if last != stamp:
                self._changed[path] = stamp, now
            elif stamp.size and now - since >= SETTLED:
                found.append((path, stamp))
            elif not stamp.size and now - since >= PATIENCE:
                found.append((path, stamp))
        self._changed = {path: known for path, known in self._changed.items() if path in there}
        return sorted(found, key=lambda one: (one[1].mtime, one[1].name))

    def is_ready(self, path: Path, stamp: Stamp, predictions: Sequence[Prediction]) -> bool:
        """Tell whether what was said of a file stands: it is still the same, and was read or given up."""
        try:
            same = _stamp_of(path) == stamp
        except OSError:  # gone meanwhile
            return False
        read = all(one.error is None for one in predictions)
        return same and (read or time.monotonic() - self._changed[path][1] >= PATIENCE)

    def _files(self) -> Iterator[tuple[Path, Stamp]]:
        for root, folders, names in os.walk(self._folder):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in names:
                path = Path(root, name)
                if name.startswith(".") or name.lower().endswith(_UNFINISHED) or name == DRIFT_FILE:
                    continue
                if junk_kind(name) or path.resolve() in self._apart:
                    continue
                try:
                    yield path, _stamp_of(path)
                except OSError:  # gone, or a link that leads nowhere yet
                    continue


def _stamp_of(path: Path) -> Stamp:
    status = path.stat()
    return Stamp(str(path), status.st_size, status.st_mtime_ns)


def _named(
    model: Model, paths: Sequence[Path], input_column: str | None, how: dict[str, Any]
) -> list[list[Prediction]]:
    """Return what is said of each file; of a table what is said of each of its rows."""
    given: list[list[Given]] = []
    for path in paths:
        stream = Stream([path], model.modality, names_as_texts=False, input_column=input_column)
        try:
            given.append(list(stream))
        except DataError as error:  # gone, or no table that can be read
            given.append([Given(str(path), None, error.message)])
    readable = [(one.name, one.source) for file in given for one in file if one.source is not None]
    named = iter(
        model.predict(Inputs([s for _, s in readable]), names=[n for n, _ in readable], **how)
        if readable
        else ()
    )
    return [
        [next(named) if one.source is not None else Prediction(one.name, error=one.reason) for one in file]
        for file in given
    ]


def _header(target: Path, names: dict[str, str]) -> bytes:
    return _line(list(names)) if target.suffix.lower() == ".csv" else b""


def _written(target: Path, rows: Sequence[dict[str, Any]], names: dict[str, str]) -> bytes:
    if target.suffix.lower() == ".csv":
        return b"".join(_line(tables.cells_of(row, names)) for row in rows)
    lines = (json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n" for row in rows)
    return "".join(lines).encode("utf-8", "backslashreplace")


def _line(cells: Sequence[str]) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream).writerow(cells)
    return stream.getvalue().encode("utf-8", "backslashreplace")
