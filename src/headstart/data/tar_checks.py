"""What may be wrong with the entries of a tar archive from a stranger."""

from __future__ import annotations

import tarfile

_PROPERTIES = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE)
_LONGEST_HEADER = 1 << 20


class Header(tarfile.TarInfo):
    """A tar header whose own length is looked at before it is read into memory."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Header:
        """Read a header.

        Raises
        ------
        tarfile.ReadError
            When a name or a list of properties is longer than any is.
        """
        header = super().frombuf(buf, encoding, errors)
        extended = header.type in (*tarfile.GNU_TYPES, *_PROPERTIES)
        if extended and header.type != tarfile.GNUTYPE_SPARSE and header.size > _LONGEST_HEADER:
            raise tarfile.ReadError(f"a header of {header.size:,} bytes")
        return header


def tar_fault(entry: tarfile.TarInfo) -> tuple[str, str]:
    """Say why an entry is not a plain file that can be read, as `zip_checks.entry_fault` does."""
    if entry.issym() or entry.islnk():
        return "link", "is a link, which could lead outside of the folder"
    if not entry.isreg() or entry.issparse():
        return "not_a_file", "is not an ordinary file"
    return "", ""
