"""Names inside archives: where a file may be written, and in which letters old programs meant its name."""

from __future__ import annotations

import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Sequence

from headstart.data.names import junk_kind

MAX_DEPTH = 32
"""Folders inside folders that are unpacked."""

MAX_NAME_BYTES = 255
"""Longest name of a file or folder: what file systems take."""

_DRIVE = re.compile(r"[A-Za-z]:")
_UTF8 = 0x800
_UNICODE_PATH = 0x7075
_SCRIPTS = {
    "cp932": {"CJK", "HIRAGANA", "KATAKANA"},
    "cp949": {"HANGUL"},
    "gbk": {"CJK"},
    "big5": {"CJK"},
    "cp866": {"CYRILLIC"},
    "cp1251": {"CYRILLIC"},
    "cp850": {"LATIN"},
    "cp1252": {"LATIN"},
}
_OLD_CODES = tuple(_SCRIPTS)
_WIDE = frozenset({"cp932", "cp949", "gbk", "big5"})
_COMMON_LEADS = {"gbk": (0xB0, 0xD7), "big5": (0xA4, 0xC6)}
_COMMON = 0.6
_COMMON_HANGUL = frozenset(
    "이다는가고기에나리지시사대자도어아을의인스수전정한해원일부동장상구주제보서과관소조국성세로유하여학교무양그라우선신생"
    "산안연영오용물비개방경화문회공분마말강당발진들모식통치미반계결합불량품음성"
)
_LATIN = ("cp850", "cp1252")
_ODD_CASE = re.compile(r"[a-z][À-ÖØ-Þ]")
_MIXED = re.compile(r"[A-Za-z][^\W\d_A-Za-z]|[^\W\d_A-Za-z][A-Za-z]")
_DOS = "cp437"  # what the format says, and how the library reads names that are not marked as UTF-8


def parts_of(name: str) -> tuple[tuple[str, ...], str]:
    """Return the folders and the file that a name means, and why nothing can be written there.

    Both kinds of slashes part folders: some programs on Windows write back slashes.

    Returns
    -------
    parts, fault
        No parts where there is a fault; an empty fault where there is none.
    """
    flat = name.replace("\\", "/")
    parts = tuple(part for part in flat.split("/") if part not in ("", "."))
    fault = ""
    if flat.startswith("/") or _DRIVE.match(flat):
        fault = "its name is a path from the root of a disk"
    elif ".." in parts:
        fault = "its name leads out of the archive"
    elif "\0" in flat:
        fault = "its name holds a byte that no name may hold"
    elif len(parts) > MAX_DEPTH + 1:
        fault = f"it stands in more than {MAX_DEPTH} folders"
    elif any(len(part.encode("utf-8", "surrogateescape")) > MAX_NAME_BYTES for part in parts):
        fault = f"its name is longer than {MAX_NAME_BYTES} bytes"
    elif not parts:
        fault = "it has no name"
    return ((), fault) if fault else (parts, "")


def junk_in(parts: Sequence[str]) -> str | None:
    """Return what to count a file under that is never data (``__MACOSX``, hidden files); None for data."""
    return next((kind for part in parts if (kind := junk_kind(part)) is not None), None)


def zip_names(entries: Sequence[zipfile.ZipInfo]) -> tuple[list[str], str]:
    """Return the names in a ZIP archive, and the code page that names without a mark were read as.

    The format marks names that are UTF-8. Without the mark they are UTF-8 all the same (macOS), or in the
    code page of the computer that made the archive, which is told by what the letters give.

    Returns
    -------
    names, code
        `code` is empty where nothing had to be guessed.
    """
    raw = {place: _raw(entry) for place, entry in enumerate(entries) if not entry.flag_bits & _UTF8}
    names = [entry.orig_filename for entry in entries]
    unknown = {}
    for place, name in raw.items():
        if name.isascii():
            continue
        marked = _unicode_path(entries[place].extra, name)
        if marked is None:
            unknown[place] = name
        else:
            names[place] = marked
    code = _code_of(list(unknown.values()))
    for place, name in unknown.items():
        names[place] = name.decode(code)
    return names, code if unknown and code != "utf-8" else ""


def _raw(entry: zipfile.ZipInfo) -> bytes:
    return entry.orig_filename.encode(_DOS)


def _unicode_path(extra: bytes, raw: bytes) -> str | None:
    """Return the name that Info-ZIP stores in UTF-8 beside the old one, if it is of this name."""
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        field, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == _UNICODE_PATH and len(field) == size and size > 5 and field[0] == 1:
            if int.from_bytes(field[1:5], "little") == zlib.crc32(raw):
                try:
                    return field[5:].decode("utf-8")
                except UnicodeDecodeError:
                    return None
    return None


def _code_of(names: Sequence[bytes]) -> str:
    """Return the code page in which names make words: letters of one script, none of Latin between others."""
    if all(_is_utf8(name) for name in names):
        return "utf-8"
    fitting = [code for code in _OLD_CODES if all(_makes_words(name, code) for name in names)]
    chinese = {code: _common_share(names, code) for code in fitting if code in _COMMON_LEADS}
    best = max(chinese, key=lambda code: chinese[code], default="")
    fitting = [code for code in fitting if code not in chinese or (code == best and chinese[code] >= _COMMON)]
    return fitting[0] if fitting else _DOS


def _common_share(names: Sequence[bytes], code: str) -> float:
    """Return how many signs of all names together are among the common half of a Chinese code page.

    The same bytes mean signs in both code pages, but those of the wrong one are mostly rare.
    """
    signs = [
        letter.encode(code) for name in names for letter in name.decode(code) if _script(letter) == "CJK"
    ]
    low, high = _COMMON_LEADS[code]
    least = 0xA1 if code == "gbk" else 0x40
    common = sum(low <= sign[0] <= high and sign[1] >= least for sign in signs)
    return common / len(signs) if signs else 0.0


def _makes_words(name: bytes, code: str) -> bool:
    try:
        text = name.decode(code)
    except UnicodeDecodeError:
        return False
    wide = code in _WIDE
    foreign = [letter for letter in text if not letter.isascii() and not (wide and _is_wide_mark(letter))]
    if not foreign or not all(_script(letter) in _SCRIPTS[code] for letter in foreign):
        return False
    if code == "cp949":  # the same bytes are common in Chinese, but give syllables that are rare in Korean
        return 2 * sum(letter in _COMMON_HANGUL for letter in foreign) >= len(foreign)
    return not (_ODD_CASE if code in _LATIN else _MIXED).search(text)


def _is_wide_mark(letter: str) -> bool:
    """Tell brackets, stops and digits as wide as an ideograph, which come with the East's scripts."""
    return not letter.isalpha() and unicodedata.east_asian_width(letter) in ("W", "F")


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").split(" ")[0].split("-")[0] if letter.isalpha() else ""


def _is_utf8(name: bytes) -> bool:
    try:
        name.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
