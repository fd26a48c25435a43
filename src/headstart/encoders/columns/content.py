"""What a row holds, as one hash: equal rows are one example only where a photo, sound or text is in them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart.data.content import content_hash
from headstart.data.lookup import FileLookup
from headstart.data.mixed.roles import AUDIO, IMAGE, MEDIA
from headstart.data.mixed.values import is_absent, level_of
from headstart.data.names import safe_name
from headstart.data.objects import as_source
from headstart.encoders.contract import Predecoded, content_of
from headstart.errors import DataError, HeadstartError, SourceError
from headstart.row import Row
from headstart.types import Modality

if TYPE_CHECKING:
    from headstart.types import Source

Lookups = dict[str, FileLookup]


def source_of(row: Row, column: str, role: str, lookups: Lookups) -> Source:
    """Return the photo, sound or text of a cell that is not missing.

    Raises
    ------
    SourceError
        When a file that it names is not there, or could be one of two.
    """
    cell = row.cells[column]
    if role not in (IMAGE, AUDIO):
        return level_of(cell)
    if isinstance(cell, Predecoded):
        return cell
    if not isinstance(cell, str):
        return as_source(cell, column, Modality(role))
    if row.root not in lookups:
        lookups[row.root] = FileLookup(Path(row.root), modality=Modality(role))
    try:
        path = lookups[row.root].find(cell)
    except DataError as error:
        raise SourceError(f"{error.message} {error.hint or ''}".strip(), kind="ambiguous") from error
    if path is None:
        shown = safe_name(cell.strip()[:80])
        reason = (
            f"The cell in {column!r} names {shown!r}, which is not there; add the file or empty the cell."
        )
        raise SourceError(reason, kind="missing")
    return path


def row_content(row: Row, roles: Mapping[str, str], lookups: Lookups) -> bytes:
    """Hash what a row holds.

    Simple columns alone repeat without being the same thing (two cars of one price), so rows without a photo,
    a sound or a text are told apart by where they stood, too.
    """
    if "content" not in row.memo:
        parts = [_part(row, column, role, lookups) for column, role in sorted(roles.items())]
        media = any(roles[name] in MEDIA and not is_absent(row.cells.get(name)) for name in roles)
        row.memo["content"] = content_of(*parts, b"" if media else row.name.encode(errors="replace"))
    content: bytes = row.memo["content"]
    return content


def _part(row: Row, column: str, role: str, lookups: Lookups) -> bytes:
    cell: Any = row.cells.get(column)
    if is_absent(cell):
        return b"\0missing"
    if isinstance(cell, Predecoded):
        return b"\0decoded elsewhere"  # by a server, which compares it with nothing
    if role in (IMAGE, AUDIO):
        try:
            return content_hash(source_of(row, column, role, lookups))
        except HeadstartError:
            return b"\0unreadable"
    return b"\1" + level_of(cell).encode(errors="replace")
