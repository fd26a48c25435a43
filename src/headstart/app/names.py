"""Names that a person gives, and the names of folders that stand for them."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Collection
from pathlib import PurePath

from headstart.data.names import class_name
from headstart.errors import ParameterError

LONGEST = 80
_LONGEST_BYTES = 120
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')
_RESERVED = re.compile(r"(?i)^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$")
_SUFFIX = re.compile(r"^\.[A-Za-z0-9]{1,8}$")


def new_id() -> str:
    """Return an id that nobody can guess and nothing else has."""
    return uuid.uuid4().hex


def checked_name(name: str, what: str) -> str:
    """Return a name a person gave, trimmed and safe to show.

    Raises
    ------
    ParameterError
        When it is empty or too long.
    """
    clean = class_name(name)
    if not clean:
        raise ParameterError(f"The name of the {what} is empty.", "Type a name.")
    if len(clean) > LONGEST:
        raise ParameterError(
            f"The name of the {what} has {len(clean)} letters, at most {LONGEST} are taken.", "Shorten it."
        )
    return clean


def folder_name(name: str, taken: Collection[str] = ()) -> str:
    """Return a folder name for `name` that every file system takes and none of `taken` is.

    Parameters
    ----------
    taken
        Folder names that are in use; capitals make no difference.
    """
    safe = _UNSAFE.sub("_", unicodedata.normalize("NFC", name)).strip(" .~") or "_"
    if _RESERVED.match(safe) or safe.startswith("."):
        safe = f"_{safe}"
    safe = safe.encode()[:_LONGEST_BYTES].decode(errors="ignore").rstrip(" .~") or "_"
    used, found, number = {one.casefold() for one in taken}, safe, 2
    while found.casefold() in used:
        found, number = f"{safe} ({number})", number + 1
    return found


def suffix_of(name: str) -> str:
    """Return the ending of a file's name where it is an ordinary one, else an empty string."""
    dot = name.rfind(".")
    suffix = name[dot:].lower() if dot > 0 else ""
    return suffix if _SUFFIX.match(suffix) else ""


def safe_file_name(name: str) -> str:
    """Return what to call a file that a person gave, with its ending."""
    suffix = suffix_of(name)
    return folder_name(PurePath(name.replace("\\", "/")).name.removesuffix(suffix) or "table") + suffix
