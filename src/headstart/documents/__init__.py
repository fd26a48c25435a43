"""Documents that a person has (manuals, help pages, mails), read into sections with their place.

The names below are loaded when they are first used; `document` needs the standard library alone.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from headstart.documents.alike import without_repeats
    from headstart.documents.document import Document, QuestionAnswer, Section
    from headstart.documents.limits import ReadingLimits
    from headstart.documents.personal import PersonalData, find_personal_data
    from headstart.documents.reading import Reading, read_documents

_HOME = {
    "Document": "document",
    "PersonalData": "personal",
    "QuestionAnswer": "document",
    "Reading": "reading",
    "ReadingLimits": "limits",
    "Section": "document",
    "find_personal_data": "personal",
    "read_documents": "reading",
    "without_repeats": "alike",
}

__all__ = [
    "Document",
    "PersonalData",
    "QuestionAnswer",
    "Reading",
    "ReadingLimits",
    "Section",
    "find_personal_data",
    "read_documents",
    "without_repeats",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'headstart.documents' has no attribute {name!r}")
    import importlib

    value = getattr(importlib.import_module(f"headstart.documents.{_HOME[name]}"), name)
    globals()[name] = value
    return value
