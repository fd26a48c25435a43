"""Tell cells that name things (files, web addresses, ids, numbers) from cells that are texts themselves."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from headstart.data.lookup import is_known_ending, is_text_ending
from headstart.data.names import safe_name
from headstart.errors import DataError

FILES, ADDRESSES, NUMBERS, IDS = "names of files", "web addresses", "numbers", "names of files or ids"

_MOST_WORDS = 6
_ADDRESS = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]+:/|data:[a-z]+/|www\.)\S*", re.IGNORECASE)
_ABSOLUTE = re.compile(r"(?:[A-Za-z]:[\\/]|\\\\|\.{0,2}/|\.{1,2}\\|~/)\S.*")
_RELATIVE = re.compile(r"[\w.\-+=@~%]+(?:[\\/][\w.\-+=@~%]+)+", re.ASCII)
_ONE = r"[-+]?[\d.]+(?:e[-+]?\d+)?"
_NUMBERS = re.compile(rf"[\[(]?\s*{_ONE}(?:[\s,;]+{_ONE}){{7,}}\s*[\])]?", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?\d[\d.,'\s]*(?:e[-+]?\d+)?%?", re.IGNORECASE)
_ID = re.compile(r"(?=.*[\d_])[\w.\-+=@:~#]+", re.ASCII)
_COUNTED = re.compile(r"([^\W\d_]{1,20})[_\-]?\d+")
_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}")
_ENDING = re.compile(r"\.(?=.*[a-z])[a-z0-9]{1,5}")
# Endings of names of computers, which are texts to some; those that are endings of files too are left out.
_DOMAINS = frozenset(
    f".{name}" for name in "com org net edu gov info biz io de uk fr it es ru cn jp eu us xyz top".split()
)


def look_of(cells: Sequence[str]) -> str | None:
    """Say what the cells of a column look like that are no texts; None where they may be texts.

    Half of the cells decide where they are paths or addresses, four in five where they are numbers or ids.
    Ids hardly repeat; single words without digits and underscores are texts, in every script.
    """
    stripped = [cell.strip() for cell in cells]
    looks = Counter(filter(None, map(_look, stripped)))
    if 2 * looks[ADDRESSES] > len(stripped):
        return ADDRESSES
    if 2 * (looks[FILES] + looks[ADDRESSES]) > len(stripped) or _share_an_ending(stripped):
        return FILES
    if looks.total() < 0.8 * len(stripped) or not stripped:
        return None
    if looks[NUMBERS] == looks.total():
        return NUMBERS
    return IDS if 2 * len(set(stripped)) >= len(stripped) else None


def has_text_endings(cells: Sequence[str]) -> bool:
    """Tell whether the cells name files of texts, such as notes/1.txt."""
    endings = (os.path.splitext(cell.strip())[1].lower() for cell in cells)  # noqa: PTH122
    return 2 * sum(map(is_text_ending, endings)) > len(cells)


def require_texts(texts: Sequence[str], what: str = "The given strings") -> None:
    """Refuse strings given to Python that name things, where nobody said that they are texts.

    Raises
    ------
    DataError
        When they look like names of files, addresses, ids or numbers.
    """
    look = look_of(texts)
    if look is not None:
        error = refusal(texts, what, safe_name(str(Path.cwd())), look)
        hint = (
            "Give paths as seen from there, or absolute ones. If these are the texts to learn from, say "
            "modality='text'."
        )
        raise DataError(error.message, hint)


def refusal(cells: Sequence[str], what: str, searched: str, look: str) -> DataError:
    """Return the error for cells that name things which are not there."""
    shown = repr(safe_name(cells[0].strip()[:80]))
    return DataError(
        f"{what} look like {look} ({shown} for instance), and no such file is in {searched}.",
        "Put the table beside its files, or write the paths as seen from the table's folder. If these are "
        "the texts to learn from, say so: --kind text (modality='text' in Python).",
    )


def _look(cell: str) -> str | None:
    if _NUMBERS.fullmatch(cell):  # pixels or a vector
        return NUMBERS
    if len(cell.split()) > _MOST_WORDS or not cell or "\n" in cell:
        return None
    ending = os.path.splitext(cell)[1].lower()  # noqa: PTH122
    if _HOST.fullmatch(cell) and ending in _DOMAINS:
        return None
    if _ADDRESS.fullmatch(cell):
        return ADDRESSES
    if _NUMBER.fullmatch(cell):
        return NUMBERS
    if is_known_ending(ending) or (_ABSOLUTE.fullmatch(cell) and len(cell.split()) == 1):
        return FILES
    if _RELATIVE.fullmatch(cell):
        return FILES
    counted = _COUNTED.fullmatch(cell)  # letters of scripts without spaces between words have no capitals
    return IDS if _ID.fullmatch(cell) or (counted and counted[1].upper() != counted[1].lower()) else None


def _share_an_ending(cells: Sequence[str]) -> bool:
    """Tell whether nearly all cells are single words that end alike, as .npy or .dat."""
    endings = Counter(
        ending
        for cell in cells
        if len(cell.split()) == 1 and _ENDING.fullmatch(ending := os.path.splitext(cell)[1].lower())  # noqa: PTH122
    )
    common = [ending for ending, _ in endings.most_common(3) if ending not in _DOMAINS]
    return bool(cells) and sum(endings[ending] for ending in common) >= 0.8 * len(cells)
