"""Names of files and classes: which to pass over, and how to show any of them."""

from __future__ import annotations

import unicodedata

_JUNK = frozenset(
    {
        ".ds_store",
        "thumbs.db",
        "ehthumbs.db",
        "desktop.ini",
        "__macosx",
        ".ipynb_checkpoints",
        "__pycache__",
        "node_modules",
        "system volume information",
        "@eadir",
        "$recycle.bin",
        "lost+found",
        "icon\r",
    }
)
# Categories of characters that would break a line, hide, or turn the reading direction in a terminal.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_JOINERS = frozenset("\u200c\u200d")  # inside emoji and Persian or Indic words


def junk_kind(name: str) -> str | None:
    """Return what to count a file or folder under that is never data, or None where it may be data."""
    if name.lower() in _JUNK:
        return safe_name(name)
    if name.startswith("."):
        return "hidden"
    return "temporary" if name.startswith("~$") or name.endswith("~") else None


def safe_name(name: str) -> str:
    r"""Make any name printable on one line, in a terminal and as JSON.

    Bytes that are no UTF-8 show as ``\xe9``, line ends and marks that turn the direction as ``\u202e``;
    letters of every script, and emoji, stay as they are.
    """
    if name.isascii() and name.isprintable():
        return name
    return "".join(map(_safe_letter, name))


def class_name(name: str) -> str:
    """Return the class that a folder or cell names: safe, trimmed, and equal for equal looks (NFC)."""
    return safe_name(unicodedata.normalize("NFC", name).strip())


def _safe_letter(letter: str) -> str:
    code = ord(letter)
    if 0xDC80 <= code <= 0xDCFF:  # os.fsdecode's stand-in for a byte that is no UTF-8
        return f"\\x{code - 0xDC00:02x}"
    if letter in _JOINERS or unicodedata.category(letter) not in _UNSAFE:
        return letter
    return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(letter) or (
        f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    )
