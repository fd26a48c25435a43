"""Processes that read documents, seen from the threads that hand out the work: one document at a time."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Mapping
from pathlib import PurePosixPath
from types import TracebackType
from typing import Any

from headstart.confined.process import ConfinedProcess
from headstart.documents.blocks import with_places
from headstart.documents.document import Document, QuestionAnswer, Section
from headstart.documents.limits import ReadingLimits
from headstart.errors import SourceError

_MOST_HEAD = 1 << 16
_WATCH_SECONDS = 0.1
_MOST_NAME = 1_000


class ReadingPool:
    """A few confined processes; any thread may ask for a document.

    Parameters
    ----------
    limits
        What one document may take.
    workers
        How many processes.
    """

    def __init__(self, limits: ReadingLimits, workers: int) -> None:
        self._limits = limits
        command = ("headstart.documents.reader", json.dumps(limits.to_dict()))
        self._processes = [ConfinedProcess(command) for _ in range(max(1, workers))]
        self._free: queue.SimpleQueue[ConfinedProcess] = queue.SimpleQueue()
        for process in self._processes:
            self._free.put(process)
        self._closed = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="documents-watch", daemon=True)

    def __enter__(self) -> ReadingPool:
        self._watcher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed.set()
        for process in self._processes:
            process.close()
        self._watcher.join()
        for process in self._processes:
            process.end()

    def read(self, name: str, content: bytes, sha256: str) -> Document:
        """Read one document; `name` is its path relative to the folder.

        Raises
        ------
        SourceError
            When it cannot be used, or the process ended over it.
        """
        process = self._free.get()
        try:
            about, described = self._ask(process, name, content)
            if "reason" in about:
                raise SourceError(str(about["reason"])[:1000], kind=str(about["kind"])[:40])
            return _document(name, sha256, str(about["format"])[:40], json.loads(bytes(described)))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            process.end()
            raise _died() from error
        finally:
            self._free.put(process)

    def _ask(self, process: ConfinedProcess, name: str, content: bytes) -> tuple[dict[str, Any], memoryview]:
        most = 12 * self._limits.characters + (1 << 20)  # a letter takes up to twelve bytes in JSON
        try:
            process.hand_over({"name": name}, content, seconds=self._limits.seconds)
            return process.receive(head=_MOST_HEAD, content=most)
        except OSError as error:
            process.end()
            raise self._overdue() if process.overdue else _died() from error
        finally:
            process.deadline = None

    def _overdue(self) -> SourceError:
        return SourceError(
            f"Reading it took longer than {self._limits.seconds:g} seconds; split it or save it again.",
            kind="timeout",
        )

    def _watch(self) -> None:
        """Kill a process whose time is over; the thread that waits for it then sees its end."""
        while not self._closed.wait(_WATCH_SECONDS):
            for process in self._processes:
                process.kill_overdue()


def _died() -> SourceError:
    return SourceError(
        "The process that read it ended (out of memory, or a fault in a library); save it again or split it.",
        kind="reader_died",
    )


def _document(name: str, sha256: str, found: str, plain: Mapping[str, Any]) -> Document:
    """Make a document of what a process says, which has met hostile bytes."""
    sections = [
        Section(
            tuple(str(heading) for heading in headings),
            str(text),
            int(page) if page is not None else None,
            str(anchor)[:_MOST_NAME],
        )
        for headings, text, page, anchor in plain["sections"]
    ]
    path = PurePosixPath(name)
    return Document(
        name=name,
        title=str(plain["title"])[:_MOST_NAME] or path.name,
        sections=with_places(sections),
        content=sha256,
        format=found,
        pairs=tuple(QuestionAnswer(*map(str, pair)) for pair in plain["pairs"]),
        notes=tuple(str(note)[:_MOST_NAME] for note in plain["notes"]),
        group=path.parts[0] if len(path.parts) > 1 else "",
    )
