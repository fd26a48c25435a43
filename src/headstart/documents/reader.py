"""The process that reads documents: it meets hostile bytes, so it may do little and die at any moment.

It is started as ``python -m headstart.documents.reader``. It keeps no state between two documents, opens no
file and no connection, and writes nothing but its answer.
"""

from __future__ import annotations

import importlib
import json
import sys
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from headstart.confined.child import Answer, serve
from headstart.documents.blocks import Draft, sectioned
from headstart.documents.document import Section
from headstart.documents.formats import READERS, format_of
from headstart.documents.limits import ReadingLimits
from headstart.errors import MissingExtraError, SourceError

LIBRARIES = ("lxml.etree", "markdown_it", "pypdfium2", "pypdfium2.raw", "docx", "python_calamine")


def main() -> None:
    """Serve requests until standard input ends."""
    limits = ReadingLimits(**json.loads(sys.argv[1]))
    serve(_prepare, lambda request, content: answer(request["name"], content, limits), limits.memory_bytes)


def _prepare() -> bool:
    """Import what may be needed; what is not installed is told when a document needs it."""
    for name in LIBRARIES:
        with suppress(ImportError):
            importlib.import_module(name)
    with suppress(ImportError):  # it reads its template of styles from a file, once
        importlib.import_module("docx").Document()
    return False


def answer(name: str, content: bytes, limits: ReadingLimits) -> Answer:
    """Read one document, and say what came of it as plain data."""
    try:
        found = format_of(content, name)
        draft = READERS[found](content, name, limits)
        described = _described(draft, limits)
    except SourceError as error:
        return {"reason": error.message, "kind": error.kind}, []
    except MissingExtraError as error:
        return {"reason": f"{error.message} {error.hint}", "kind": "missing_extra"}, []
    except MemoryError:
        most = limits.memory_bytes >> 20
        return {"reason": f"It needs more than {most:,} MB of memory; split it.", "kind": "too_large"}, []
    except RecursionError:
        return {"reason": "Its parts are nested too deeply; save it again.", "kind": "unreadable"}, []
    except Exception as error:  # a library's bug: the next document is read by the same process
        return {
            "reason": f"It could not be read ({type(error).__name__}); save it again.",
            "kind": "unreadable",
        }, []
    return {"format": found}, [json.dumps(described).encode()]


def _described(draft: Draft, limits: ReadingLimits) -> dict[str, Any]:
    title, sections = sectioned(draft)
    letters = sum(len(section.text) for section in sections)
    if letters > limits.characters:
        raise SourceError(
            f"It holds {letters:,} characters of text, at most {limits.characters:,} are read; split it.",
            kind="too_long",
        )
    if not sections and not draft.pairs:
        raise SourceError("It holds no text; fill it in or remove it.", kind="empty_text")
    return {
        "title": title,
        "sections": [_plain(section) for section in sections],
        "pairs": [[pair.question, pair.answer, pair.place] for pair in draft.pairs],
        "notes": list(dict.fromkeys(draft.notes)),
    }


def _plain(section: Section) -> list[Any]:
    plain = asdict(section)
    return [plain[name] for name in ("headings", "text", "page", "anchor")]


if __name__ == "__main__":
    main()
