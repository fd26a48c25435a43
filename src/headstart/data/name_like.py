"""Tell cells that name things (files, web addresses, ids, numbers) from cells that are texts themselves."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from headstart.data.lookup import exists, is_known_ending, is_text_ending
from headstart.data.names import safe_name
from headstart.data.wrapped_names import is_record, unwrapped
from headstart.errors import DataError

FILES, ADDRESSES, IDS = "names of files", "web addresses", "names of files or ids"
NUMBERS, DATES, PRINTED = "numbers", "dates", "printed objects"
INSIST = "If these are the texts to learn from, say so: --kind text (modality='text' in Python)."
ADVICE = {
    NUMBERS: INSIST,
    DATES: INSIST,
    PRINTED: "A program has written pictures, sounds or arrays as words, and what they held is lost. Save "
    f"them as files and name these, or write Parquet. {INSIST}",
}
"""What to say of cells that are no names and hardly texts; the keys are their looks."""
NO_NAMES = frozenset(ADVICE)

_MOST_WORDS = 6
FEW = 8
"""Fewer cells than these have to be names beyond doubt."""
_LONGEST_NAME = 260
_TABLES = frozenset(".csv .tsv .jsonl .parquet .xlsx .xls .ods".split())
_ADDRESS = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]+:/|data:[a-z]+/|www\.)\S*", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_DRIVE = re.compile(r"[A-Za-z]:\\|\\\\\w")
_ABSOLUTE = re.compile(r"(?:[A-Za-z]:[\\/]|\\\\|\.{0,2}/|\.{1,2}\\|~/)\S.*")
_RELATIVE = re.compile(r"[\w.\-+=@~%]+(?:[\\/][\w.\-+=@~%]+)+", re.ASCII)
_ONE = r"[-+]?[\d.]+(?:e[-+]?\d+)?"
_NUMBERS = re.compile(rf"[\[(]?\s*{_ONE}(?:[\s,;]+{_ONE}){{7,}}\s*[\])]?", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?\d[\d.,'\s]*(?:e[-+]?\d+)?%?", re.IGNORECASE)
_ID = re.compile(r"(?=.*[\d_])[\w.\-+=@:~#]+", re.ASCII)
_COUNTED = re.compile(r"([^\W\d_]{1,20})[_\-]?\d+")
_STORED = re.compile(
    r"(?:s3[an]?|gs|gcs|hf|file|az|abfss?|wasbs?|dbfs|hdfs|oss|drive|smb|ftp)://.*", re.IGNORECASE
)
_PRINTED = re.compile(
    r"<(?:[A-Za-z_]\w*\.)+\w+[ (:].*>|(?:\w+\.)*(?:tensor|array|ndarray|Tensor)\([\[\d].*"
    r"|\[\s*\[[\[\]\d\s.,eE+\-]*\]|b['\"](?:\\x89PNG|\\xff\\xd8|RIFF|GIF8|ID3|OggS|fLaC).*",
    re.DOTALL,
)
_TIME = (
    r"(?:[ T,]+\d{1,2}[:.h]\d{2}(?:[:.]\d{2}(?:[.,]\d+)?)?\s*(?:[AaPp]\.?[Mm]\.?)?"
    r"\s*(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?"
)
_MONTH = r"(?:jan|feb|mar|m[aä]r|apr|ma[iy]|jun|jul|aug|sep|sept|o[ck]t|nov|de[cz])[a-z]*\.?"
_DATE = re.compile(
    rf"(?:\d{{4}}([-/.])\d{{1,2}}\1\d{{1,2}}|\d{{1,2}}([-/.])\d{{1,2}}\2(?:\d{{4}}|\d{{2}})"
    rf"|\d{{1,2}}\.?[ -]{_MONTH}[ ,-]+(?:\d{{4}}|\d{{2}})|{_MONTH} \d{{1,2}},? \d{{4}}){_TIME}",
    re.IGNORECASE,
)
_CODE = re.compile(r"[A-Za-z0-9_-]{6,32}", re.ASCII)
_CAPITAL_INSIDE = re.compile(r"[a-z][A-Z]")
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
    if _are_codes(stripped):
        return IDS
    if looks.total() < 0.8 * len(stripped) or not stripped:
        return None
    alone = next((look for look in NO_NAMES if looks[look] >= 0.8 * len(stripped)), None)
    if alone is not None:
        return alone
    return IDS if 2 * len(set(stripped)) >= len(stripped) else None


def sure_look_of(cells: Sequence[str]) -> str | None:
    """Return the look of cells that a model for texts is given; a few of them need endings or addresses.

    One row that says "10", "v2" or "and/or" is a text to a model for texts, a column of them is not.
    """
    if len(cells) >= FEW:
        return look_of(cells)
    looks = [_look(cell.strip()) for cell in cells]
    if 2 * looks.count(ADDRESSES) > len(cells):
        return ADDRESSES
    return FILES if 2 * sum(map(_has_known_ending, cells)) > len(cells) else None


def names_a_file(text: str) -> bool:
    """Tell whether one string names a file: one that is there, or one by its ending."""
    if len(text) > _LONGEST_NAME or "\n" in text.strip() or not text.strip():
        return False
    return exists(Path(), text.strip()) or _has_known_ending(text)


def _has_known_ending(text: str) -> bool:
    """Tell one word, or a path, that ends like the name of a file; pages of the web are texts to some."""
    name = unwrapped(text)
    if not name or (len(name.split()) > 1 and "/" not in name and "\\" not in name):
        return False
    ending = os.path.splitext(name.partition("?")[0])[1].lower()  # noqa: PTH122
    known = is_known_ending(ending) and not ("://" in name and is_text_ending(ending))
    return known or ending in _TABLES


def has_text_endings(cells: Sequence[str]) -> bool:
    """Tell whether the cells name files of texts, such as notes/1.txt."""
    endings = (os.path.splitext(cell.strip())[1].lower() for cell in cells)  # noqa: PTH122
    return 2 * sum(map(is_text_ending, endings)) > len(cells)


def require_texts(texts: Sequence[str], what: str = "The given strings", *, by_model: bool = False) -> None:
    """Refuse strings given to Python that name things, where nobody said that they are texts.

    Parameters
    ----------
    by_model
        Whether a model for texts is given them; of a few, see `sure_look_of`.

    Raises
    ------
    DataError
        When they look like names of files, addresses, ids, dates or numbers.
    """
    texts = [text for text in texts if text.strip()]
    look = sure_look_of(texts) if by_model else look_of(texts)
    if look is not None:
        error = refusal(texts, what, safe_name(str(Path.cwd())), look)
        hint = "Give paths as seen from there, or absolute ones."
        raise DataError(error.message, ADVICE.get(look) or f"{hint} {INSIST}")


def refusal(cells: Sequence[str], what: str, searched: str, look: str) -> DataError:
    """Return the error for cells that name things which are not there, or are no texts."""
    shown = repr(safe_name(cells[0].strip()[:80]))
    return DataError(
        f"{what} look like {look} ({shown} for instance), and no such file is in {searched}.",
        f"Put the table beside its files, or write the paths as seen from the table's folder. {INSIST}",
    )


def _look(cell: str) -> str | None:
    if _NUMBERS.fullmatch(cell):  # pixels or a vector
        return NUMBERS
    inner = unwrapped(cell)
    if inner == cell and (is_record(cell) or _PRINTED.fullmatch(cell)):
        return PRINTED
    return _look_of_line(inner)


def _look_of_line(cell: str) -> str | None:
    if not cell or "\n" in cell:
        return None
    ending = os.path.splitext(cell)[1].lower()  # noqa: PTH122
    if len(cell) <= _LONGEST_NAME and (_STORED.fullmatch(cell) or is_known_ending(ending)):
        return ADDRESSES if _SCHEME.match(cell) else FILES
    if len(cell.split(maxsplit=_MOST_WORDS)) > _MOST_WORDS:  # texts are long
        return FILES if _DRIVE.match(cell) else None
    if _DATE.fullmatch(cell):
        return DATES
    return _look_of_words(cell, ending)


def _look_of_words(cell: str, ending: str) -> str | None:
    if _HOST.fullmatch(cell) and ending in _DOMAINS:
        return None
    if _ADDRESS.fullmatch(cell):
        return ADDRESSES
    if _NUMBER.fullmatch(cell):
        return NUMBERS
    if _DRIVE.match(cell) or (_ABSOLUTE.fullmatch(cell) and len(cell.split()) == 1):
        return FILES
    if _RELATIVE.fullmatch(cell):
        return FILES
    counted = _COUNTED.fullmatch(cell)  # letters of scripts without spaces between words have no capitals
    return IDS if _ID.fullmatch(cell) or (counted and counted[1].upper() != counted[1].lower()) else None


def _are_codes(cells: Sequence[str]) -> bool:
    """Tell codes of one length with capitals within, as those of videos and posts: dQwkwNWgXcQ."""
    if len(cells) < FEW or len(set(map(len, cells))) > 1 or 5 * len(set(cells)) < 4 * len(cells):
        return False
    odd = sum(bool(_CODE.fullmatch(cell) and _CAPITAL_INSIDE.search(cell)) for cell in cells)
    return 5 * odd >= 4 * len(cells)


def _share_an_ending(cells: Sequence[str]) -> bool:
    """Tell whether nearly all cells are single words that end alike, as .npy or .dat."""
    endings = Counter(
        ending
        for cell in cells
        if len(cell.split(maxsplit=1)) == 1 and _ENDING.fullmatch(ending := os.path.splitext(cell)[1].lower())  # noqa: PTH122
    )
    common = [ending for ending, _ in endings.most_common(3) if ending not in _DOMAINS]
    return bool(cells) and sum(endings[ending] for ending in common) >= 0.8 * len(cells)
