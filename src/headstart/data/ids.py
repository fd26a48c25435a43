"""Columns of a table that look like ids: who spoke, whose scan it is, which site a text is from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from headstart.data.missing import is_missing
from headstart.data.names import safe_name

if TYPE_CHECKING:
    from headstart.data.columns import Columns

_WORDS = frozenset(
    "speaker patient subject participant customer client user author writer reader reviewer annotator "
    "person voice singer artist actor owner session recording record interview conversation dialog "
    "dialogue thread call visit study case source site host domain url uri link publisher outlet "
    "newspaper journal book document doc article page channel shop store seller vendor brand supplier "
    "product item part lot batch plate slide specimen sample sensor device camera microphone mic "
    "machine kit location place room plot field farm hospital clinic scanner video movie film clip "
    "album group cluster day date".split()
)
_ENDINGS = ("id", "no", "nr", "number", "name", "code", "key", "index", "idx")
_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_ADDRESS = re.compile(r"^(?:https?|ftp)://", re.IGNORECASE)
_SAMPLE = 2000
_LONGEST = 200


def find_id_columns(
    columns: Sequence[str], rows: Sequence[Mapping[str, Any]], *, taken: Columns
) -> tuple[str, ...]:
    """Return the columns that may say what belongs together though nobody said so.

    They are named like an id (``speaker``, ``patient_id``, ``url``) or hold web addresses, and they repeat
    their values. Where a person named the groups, nothing is looked for.
    """
    if taken.group is not None:
        return ()
    used = {taken.input, taken.label, taken.split}
    sample = rows[:_SAMPLE]
    return tuple(name for name in columns if name not in used and _is_id(name, sample))


def _is_id(name: str, sample: Sequence[Mapping[str, Any]]) -> bool:
    cells = [cell for row in sample if (cell := _cell(row, name))]
    if len(cells) < 4 or max(map(len, cells)) > _LONGEST:
        return False
    addresses = sum(bool(_ADDRESS.match(cell)) for cell in cells)
    if 2 * addresses < len(cells) and not _named_like_an_id(name):
        return False
    distinct = len({group_name(cell) for cell in cells})
    return 2 <= distinct <= len(cells) // 2


def _named_like_an_id(name: str) -> bool:
    words = [word.lower() for word in _PARTS.findall(name)]
    while len(words) > 1 and words[-1] in _ENDINGS:
        words.pop()
    return bool(words) and (words[-1] in _WORDS or words[-1].removesuffix("s") in _WORDS or words == ["id"])


def group_name(cell: str) -> str:
    """Return the group that a cell names: itself, or the host where it is a web address."""
    cell = cell.strip()
    if not _ADDRESS.match(cell):
        return cell
    try:
        return (urlsplit(cell).hostname or cell).removeprefix("www.")
    except ValueError:
        return cell


def row_ids(row: Mapping[str, Any], columns: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return the columns that a row fills, each with the group that it names."""
    return tuple(
        (safe_name(name), safe_name(group_name(cell))) for name in columns if (cell := _cell(row, name))
    )


def _cell(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if isinstance(value, float) and value.is_integer():  # whole numbers beside empty cells
        value = int(value)
    return "" if is_missing(value) or isinstance(value, float | bytes | list | dict) else str(value).strip()
