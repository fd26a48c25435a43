"""Which files are archives of examples: told by their endings, and made sure of by their first bytes."""

from __future__ import annotations

from pathlib import Path

from headstart.data.rows import TABLE_SUFFIXES
from headstart.data.sniff import open_regular
from headstart.errors import DataError, SourceError

MEND = "Unpack it and name the folder."
HEAD_BYTES = 512
"""How much of a file `require_kind` wants to see."""

ENDINGS = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tbz", ".tar.xz", ".txz")
_OTHERS = (".rar", ".7z", ".tar.zst", ".tzst", ".tar.lz4", ".tar.z", ".lzh", ".cab")
_SINGLE = tuple(f"{table}{packed}" for table in sorted(TABLE_SUFFIXES) for packed in (".gz", ".bz2", ".xz"))


def is_archive(path: str | Path) -> bool:
    """Tell whether a path names an archive: by its ending, or where it has none by its first bytes."""
    place = Path(path)
    name = place.name.lower()
    try:
        if not place.is_file():
            return False
        if name.endswith((*ENDINGS, *_OTHERS, *_SINGLE)):
            return True
        return not place.suffix and _kind_of(place) in ("zip", "tar")
    except (OSError, ValueError, SourceError):
        return False


def is_one_file(path: Path) -> bool:
    """Tell whether a name is that of one compressed table (``reviews.csv.gz``)."""
    return path.name.lower().endswith(_SINGLE)


def require_kind(path: Path, name: str, head: bytes) -> str:
    """Return ``zip``, ``tar`` or the compression of the stream.

    Raises
    ------
    DataError
        When it is an archive of another kind, or none at all.
    """
    kind, ending = _kind(head), path.name.lower()
    if kind == "other" or ending.endswith(_OTHERS):
        raise DataError(
            f"{name} is an archive of a kind that is not read here; expected a ZIP or tar archive.", MEND
        )
    if not head:
        raise DataError(f"{name} is empty (0 bytes).", "Copy or download it again.")
    if not kind:
        raise DataError(
            f"{name} is named as an archive, but its content is not that of one.",
            "Download it again; where a web page was saved in its place, log in first.",
        )
    return kind


def _kind_of(path: Path) -> str:
    with open_regular(path) as stream:
        return _kind(stream.read(HEAD_BYTES))


def _kind(head: bytes) -> str:
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return "zip"
    if head.startswith((b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\x28\xb5\x2f\xfd")):
        return "other"
    for magic, kind in ((b"\x1f\x8b", "gzip"), (b"BZh", "bzip2"), (b"\xfd7zXZ\x00", "xz")):
        if head.startswith(magic):
            return kind
    return "tar" if head[257:262] == b"ustar" or _is_old_tar(head) else ""


def _is_old_tar(head: bytes) -> bool:
    """Tell whether a block is a tar header by its check sum, as it was before headers were marked."""
    digits = head[148:156].strip(b" \x00")
    if len(head) < HEAD_BYTES or not digits or digits.strip(b"01234567"):
        return False
    return sum(head[:148]) + 8 * 32 + sum(head[156:]) == int(digits, 8)
