"""Decode a text from a file or bytes, whatever program wrote it."""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from headstart.data import held
from headstart.data.encodings import GUESSED, SAMPLE_BYTES, Found, find, wide_codec
from headstart.data.sniff import TEXT_KINDS, open_regular, rejection, sniff_content
from headstart.data.wordless import wordless_kind
from headstart.errors import SourceError
from headstart.types import Modality

if TYPE_CHECKING:
    from headstart.types import Source

MAX_CHARACTERS = 1_000_000
"""Longest text that is taken as one example (a thick novel)."""

MAX_BYTES = 4 * MAX_CHARACTERS

# UTF-32 first: its mark begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SURROGATES = re.compile("[\ud800-\udfff]")


class TextTooLong(SourceError):
    """A text has more characters than one example may have."""

    def __init__(self, characters: int) -> None:
        super().__init__(
            f"It has {characters:,} characters, at most {MAX_CHARACTERS:,} are taken as one text; "
            "split it into parts (in a table: look for a quote that is opened and never closed).",
            kind="too_long",
        )

    def __reduce__(self) -> tuple[type[SourceError], tuple[str, str | None, str]]:  # type: ignore[override]
        return SourceError, (self.message, self.hint, self.kind)


def decode_text(source: Source) -> str:
    """Return one text, normalised.

    Parameters
    ----------
    source
        The text itself (`str`), the path of a text file (`Path`), or its bytes.

    Returns
    -------
    str
        Without byte-order mark, NUL and lone surrogates, with line ends as line feeds, not blank.

    Raises
    ------
    SourceError
        With the reason and a `kind`: ``empty_text``, ``too_long``, ``not_text``, ``missing``, ….
    """
    return read_text(source)[0]


def read_text(source: Source, encoding: Found | None = None) -> tuple[str, str]:
    """Return one text as `decode_text` does, and a note where reading it needed a guess.

    `encoding` is taken instead of a guess: that of the files beside it.
    """
    held.refuse_unreadable(source)
    if isinstance(source, str):
        return _checked(source), ""
    if isinstance(source, bytes | bytearray | memoryview):
        text, note = _with_words(*decode_bytes(_checked_bytes(bytes(source)), encoding))
    elif isinstance(source, os.PathLike):
        with open_regular(source) as handle:
            text, note = _with_words(*decode_bytes(_checked_bytes(handle.read(MAX_BYTES + 1)), encoding))
    else:
        raise _no_text(source)
    return _checked(text), note


def _no_text(source: Source) -> SourceError:
    kind = held.kind_of(source, None)
    if kind in (held.PIXELS, held.SAMPLES):
        return held.rejection(kind, Modality.TEXT)
    return SourceError(f"It is {type(source).__name__}, not a text; give a string.", kind="not_text")


def decode_bytes(data: bytes, encoding: Found | None = None) -> tuple[str, str]:
    """Decode bytes of unknown encoding: mark, then UTF-16 without mark, UTF-8, then what fits the letters.

    Where a guess is needed, `encoding` is taken for it if given.

    Returns
    -------
    text, note
        The note is empty unless a guess was needed.
    """
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return _decode_marked(data[len(mark) :], codec)
    wide = wide_codec(data)
    if wide:
        return data.decode(wide, errors="replace"), f"read as {wide.upper()[:6]}; save it as UTF-8 to be sure"
    best_codec = find([data])
    if encoding is not None and best_codec.note.startswith(GUESSED):
        best_codec = encoding
    return data.decode(best_codec.codec, best_codec.errors), best_codec.note


def common_encoding(sources: Iterable[Source]) -> Found:
    """Return the encoding of several files that are no UTF-8, told from all of them together."""
    return find(_beginnings(sources))


def _beginnings(sources: Iterable[Source]) -> Iterator[bytes]:
    held = 0
    for source in sources:
        if held > SAMPLE_BYTES:
            return
        if isinstance(source, os.PathLike):
            with open_regular(source) as handle:
                data = handle.read(SAMPLE_BYTES // 4)
        else:
            data = bytes(source[:SAMPLE_BYTES]) if isinstance(source, bytes) else b""
        held += len(data)
        yield data + b"\n"


def clean(text: str) -> str:
    """Remove what no tokenizer should see: NUL, lone surrogates, foreign line ends."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii():
        text = _SURROGATES.sub("�", text).removeprefix("\ufeff")
    return text


def _decode_marked(data: bytes, encoding: str) -> tuple[str, str]:
    try:
        return data.decode(encoding), ""
    except UnicodeDecodeError:
        text = data.decode(encoding, errors="replace")
        return text, f"{text.count('�')} damaged characters; save it again as UTF-8"


def _checked_bytes(data: bytes) -> bytes:
    if len(data) > MAX_BYTES:
        raise TextTooLong(len(data))
    kind = sniff_content(data, Modality.TEXT)
    if kind not in TEXT_KINDS:
        raise rejection(kind, Modality.TEXT)
    return data


def _with_words(text: str, note: str) -> tuple[str, str]:
    """Refuse a file of text that holds no words; what is given as a string is taken as it is."""
    kind = wordless_kind(text)
    if kind is not None:
        raise rejection(kind, Modality.TEXT)
    return text, note


def _checked(text: str) -> str:
    if len(text) > MAX_CHARACTERS:
        raise TextTooLong(len(text))
    text = clean(text)
    if not text or text.isspace():
        raise SourceError("The text is empty; fill it in or remove it.", kind="empty_text")
    return text
