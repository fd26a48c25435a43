"""What people said of answers, kept as plain files in the assistant's folder, one JSON object a line.

==================  =====================================================================
``feedback.jsonl``  thumbs, right passages and corrected answers
``unanswered.jsonl``  questions that were not answered, to write answers for
==================  =====================================================================

They are the person's own: saving or syncing the assistant leaves them where they are, and they may be edited.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headstart.errors import CorruptBundleError
from headstart.files import storage_errors

FEEDBACK, UNANSWERED = "feedback.jsonl", "unanswered.jsonl"
_MOST_UNANSWERED = 64 << 20
"""Bytes of unanswered questions beyond which no more are kept: anybody may ask."""


class Journal:
    """Lines of feedback, in a folder, or in memory for as long as there is none."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self._held: dict[str, list[dict[str, Any]]] = {}

    def add(self, name: str, entry: Mapping[str, Any]) -> None:
        """Keep one line; of unanswered questions only as many as there is room for.

        Raises
        ------
        StorageError
            When it cannot be written.
        """
        if self.folder is None:
            self._held.setdefault(name, []).append(dict(entry))
            return
        line = json.dumps(entry, ensure_ascii=False) + "\n"
        path = self.folder / name
        if name == UNANSWERED and path.is_file() and path.stat().st_size > _MOST_UNANSWERED:
            return
        with storage_errors(path), path.open("ab") as stream:
            # One write: lines of several programs do not mix, and one that was cut off is seen by its end.
            stream.write(line.encode("utf-8", errors="backslashreplace"))

    def read(self, name: str) -> list[dict[str, Any]]:
        """Return all lines.

        Raises
        ------
        CorruptBundleError
            When a line is no JSON object; a last line that was cut off is left out.
        """
        if self.folder is None:
            return list(self._held.get(name, ()))
        path = self.folder / name
        if not path.is_file():
            return []
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
        whole, cut_off = lines[:-1], lines[-1]
        entries = [_parsed(line, path, number) for number, line in enumerate(whole, 1) if line.strip()]
        try:
            return [*entries, *([_parsed(cut_off, path, len(lines))] if cut_off.strip() else [])]
        except CorruptBundleError:
            return entries

    def moved_to(self, folder: Path) -> Journal:
        """Return the journal in a folder, with what was held in memory written there."""
        moved = Journal(folder)
        if self.folder is None or self.folder != folder:
            for name in (FEEDBACK, UNANSWERED):
                known = moved.read(name)
                for entry in self.read(name):
                    if entry not in known:
                        moved.add(name, entry)
        return moved


def _parsed(line: str, path: Path, number: int) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise CorruptBundleError(
            f"{path}, line {number} must be a JSON object: {error}.", "Correct the line, or delete it."
        ) from error
    if not isinstance(entry, dict) or not isinstance(entry.get("question"), str):
        raise CorruptBundleError(
            f"{path}, line {number} must be a JSON object with a question, found {line[:60]!r}.",
            "Correct the line, or delete it.",
        )
    return entry
