"""What the columns of a table are to a model: their roles, as found or as told."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from headstart.data.names import safe_name
from headstart.errors import DataError, ParameterError
from headstart.wording import ENGLISH, Words

if TYPE_CHECKING:
    from headstart.reports import ColumnReport
    from headstart.row import ColumnRole

IMAGE, AUDIO, TEXT = "image", "audio", "text"
NUMBER, CATEGORY, DATE = "number", "category", "date"
IGNORE = "ignore"
AUTO = "auto"
MEDIA = (IMAGE, AUDIO, TEXT)
SIMPLE = (NUMBER, CATEGORY, DATE)
ROLES = (*MEDIA, *SIMPLE, IGNORE)


def parse_roles(given: str | Mapping[str, str] | None) -> dict[str, str] | None:
    """Return the roles that a person named, by column; empty for ``auto``, None where nothing was said.

    Parameters
    ----------
    given
        ``photo=image,price=number``, the same as a mapping, or ``auto``.

    Raises
    ------
    ParameterError
        When it has another form, or a role is not known.
    """
    if given is None:
        return None
    if isinstance(given, str):
        given = {} if given.strip().lower() == AUTO else dict(map(_pair, _parts(given)))
    if not isinstance(given, Mapping):
        raise ParameterError(
            f"columns must name a role for each column, or be 'auto'; got {type(given).__name__}.",
            "Give columns={'photo': 'image', 'price': 'number', 'id': 'ignore'}.",
        )
    roles = {str(column): str(role).strip().lower() for column, role in given.items()}
    for column, role in roles.items():
        if role not in ROLES:
            near = difflib.get_close_matches(role, ROLES, 1)
            raise ParameterError(
                f"A column may be {', '.join(ROLES[:-1])} or {ROLES[-1]}; got {column}={role}.",
                f"Did you mean {column}={near[0]}?" if near else "Name one of these roles.",
            )
    return roles


def require_columns(
    origin: str, columns: Sequence[str], asked: Mapping[str, str], taken: Sequence[str]
) -> None:
    """Refuse roles for columns that are not there, or that are the label.

    Raises
    ------
    DataError
        When a column does not exist.
    ParameterError
        When it has another use already.
    """
    for column in asked:
        if column not in columns:
            near = difflib.get_close_matches(column.lower(), [name.lower() for name in columns], 1)
            match = next((name for name in columns if near and name.lower() == near[0]), None)
            raise DataError(
                f"{origin} has no column {column!r}; its columns are: {', '.join(map(repr, columns))}.",
                f"Did you mean {match!r}?" if match else "Name one of these.",
            )
        if column in taken and asked[column] != IGNORE:
            raise ParameterError(
                f"The column {column!r} of {origin} is the label, the group or the split, and cannot be "
                f"learned from as {asked[column]} too.",
                "Leave it out of the roles, or name another label column.",
            )


def in_words(roles: Sequence[ColumnRole | ColumnReport], words: Words = ENGLISH) -> str:
    """Return what each column is used as, in one line."""
    used = [
        f"{safe_name(role.name)} ({words.say(f'role.{role.role}')})" for role in roles if role.role != IGNORE
    ]
    left = [
        f"{safe_name(role.name)} ({role.reason})" if role.reason else safe_name(role.name)
        for role in roles
        if role.role == IGNORE
    ]
    if not left:
        return words.say("columns.used", used=", ".join(used))
    return words.say("columns.used-and-left", used=", ".join(used), left="; ".join(left))


def _parts(given: str) -> list[str]:
    """Cut at commas; a comma in the name of a column stays with it."""
    parts: list[str] = []
    for part in given.split(","):
        if parts and "=" not in parts[-1]:
            parts[-1] += f",{part}"
        else:
            parts.append(part)
    return parts


def _pair(part: str) -> tuple[str, str]:
    column, mark, role = part.strip().rpartition("=")
    if not mark or not column:
        raise ParameterError(
            f"--columns takes column=role, with commas between, got {part.strip()!r}.",
            "For instance: --columns photo=image,price=number,id=ignore. Or --columns auto.",
        )
    return column.strip(), role
