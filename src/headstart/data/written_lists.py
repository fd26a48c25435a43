"""Read a list or an object that a text writes out: as JSON, as Python, as NumPy or as a database does."""

from __future__ import annotations

import ast
import json
import re
from typing import Any

_BRACKETS = frozenset({("[", "]"), ("{", "}"), ("(", ")")})
_WRAPPED = re.compile(
    r"(?:np\.)?(?:array|list|tuple|set|frozenset|Index|Series)\((?P<inner>.*?)(?:,\s*dtype=[^()]*)?\)",
    re.DOTALL,
)
_ADJACENT = re.compile(r"""['"]\s+['"]""")
_WORD = re.compile(r"[^\W\d_][\w .&/+-]{0,39}")


def written_out(text: str) -> Any:
    """Return the list or object that a text writes out, None where it writes none.

    A pair in round brackets is one only where it holds texts: ``(0, 10]`` and ``(0, 10)`` are intervals.
    Words without quotes are one where a comma stands between them: ``{a,b}``, as PostgreSQL writes it.
    """
    wrapped = _WRAPPED.fullmatch(text)
    if wrapped is not None:
        text = wrapped["inner"].strip() or "[]"
    ends = (text[:1], text[-1:])
    if ends not in _BRACKETS:
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = _of_python(text)
    if isinstance(value, set | frozenset):
        return sorted(value, key=str)
    if isinstance(value, tuple):
        return list(value) if value and all(isinstance(part, str) for part in value) else None
    return value if isinstance(value, list | dict) else None


def _of_python(text: str) -> Any:
    if _ADJACENT.search(text):  # NumPy writes no commas: ['a' 'b']
        return [part for part in re.split(r"""['"\s]+""", text[1:-1]) if part]
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return _of_words(text)


def _of_words(text: str) -> list[str] | None:
    """Return words without quotes, of which there are several: {a,b}, [a, b]."""
    parts = [part.strip() for part in text[1:-1].split(",")]
    several = len(parts) > 1 and text[0] in "[{"
    return parts if several and all(map(_WORD.fullmatch, parts)) else None
