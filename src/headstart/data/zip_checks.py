"""What may be wrong with the entries of a ZIP archive from a stranger, whatever it is said to hold.

Saved models and people's data come in such archives; both are checked here before a byte is written.
"""

from __future__ import annotations

import lzma
import stat
import zipfile
import zlib

UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
"""What the library raises for bytes that are not what they should be."""

UNIX, DARWIN = 3, 19
_ENCRYPTED = 0x1 | 0x40
_LOCAL_HEADER_BYTES = 30
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
_OTHER_COMPRESSIONS = {9: "Deflate64", 93: "Zstandard", 95: "XZ", 98: "PPMd"}
"""Windows writes the first of these for files of 2 GB and more."""


def entry_fault(entry: zipfile.ZipInfo) -> tuple[str, str]:
    """Say why an entry is no plain file that can be read: a stable word and the reason, or nothing."""
    kind = stat.S_IFMT(entry.external_attr >> 16) if entry.create_system in (UNIX, DARWIN) else 0
    if kind == stat.S_IFLNK:
        return "link", "is a link, which could lead outside of the folder"
    if kind not in (0, stat.S_IFREG):
        return "not_a_file", "is not an ordinary file"
    if entry.flag_bits & _ENCRYPTED:
        return "encrypted", "is encrypted"
    return "", ""


def compression_fault(entry: zipfile.ZipInfo) -> tuple[str, str]:
    """Say how an entry is compressed where the library cannot undo that; see `entry_fault`."""
    if entry.compress_type in _COMPRESSIONS:
        return "", ""
    name = _OTHER_COMPRESSIONS.get(entry.compress_type, f"method {entry.compress_type}")
    return "compression", f"is compressed with {name}, which is not read here"


def overlap(packed: zipfile.ZipFile) -> str:
    """Say which entry shares bytes with another, or with the table of contents; empty where none does.

    Sharing bytes is how a small archive holds more than any disk.
    """
    end = 0
    for entry in sorted(packed.infolist(), key=lambda member: member.header_offset):
        if entry.header_offset < end:
            return f"{shown(entry.filename)} overlaps the file before it"
        end = entry.header_offset + _LOCAL_HEADER_BYTES + len(entry.orig_filename) + entry.compress_size
    return "its last file reaches into its table of contents" if end > packed.start_dir else ""


def shown(name: str) -> str:
    """Return a name from an archive as it can be shown: one line, ASCII, not long."""
    flat = name.encode("unicode_escape").decode("ascii")
    return flat if len(flat) <= 80 else flat[:79] + "…"
