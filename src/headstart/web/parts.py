"""Read a multipart body part by part, without a temporary file and without trusting any of its numbers."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from headstart.errors import Refused

FORM = "multipart/form-data"
_MOST_HEADERS = 10
_HEADER_BYTES = 4096


class Sink(Protocol):
    """Where the bytes of a part go."""

    def write(self, data: bytes) -> object:
        """Take some bytes."""
        ...


@dataclass(slots=True)
class Memory:
    """A sink in memory."""

    content: bytearray = field(default_factory=bytearray)

    def write(self, data: bytes) -> None:
        """Keep some bytes."""
        self.content += data


@dataclass(slots=True)
class Part:
    """One part of a form.

    Attributes
    ----------
    name
        The form's field.
    filename
        What the sender calls the file, as it was sent: never a path to use. None for a plain field.
    sink
        Where its content went.
    """

    name: str
    filename: str | None
    sink: Sink


def boundary_of(content_type: str) -> bytes:
    """Return the boundary of a multipart content type.

    Raises
    ------
    Refused
        Where there is none.
    """
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary")
    if kind.decode("latin-1").strip().lower() != FORM or not boundary:
        raise Refused(
            400, "form", f"The Content-Type must be {FORM} with a boundary.", "Let your client set it."
        )
    return boundary


async def read_parts(
    stream: AsyncIterable[bytes],
    boundary: bytes,
    *,
    most: int,
    open_sink: Callable[[str, str | None], Sink] = lambda name, filename: Memory(),
) -> list[Part]:
    """Read the parts of a body.

    Parameters
    ----------
    stream
        The body.
    boundary
        From `boundary_of`.
    most
        How many parts are taken.
    open_sink
        Called with the field and the file name of each part; returns where its bytes go.

    Raises
    ------
    Refused
        400 where the body is not a form, 413 where it has too many parts.
    """
    reader = _Reader(most, open_sink)
    try:
        parser = MultipartParser(
            boundary,
            cast(Any, reader.callbacks()),
            max_header_count=_MOST_HEADERS,
            max_header_size=_HEADER_BYTES,
        )
        async for piece in stream:
            parser.write(piece)
        parser.finalize()
    except FormParserError as error:
        raise Refused(
            400, "form", "The body is not a well-formed multipart form.", "Let your client make it."
        ) from error
    if not reader.ended:
        raise Refused(400, "form", "The multipart form ends in the middle.", "Send it again.")
    return reader.parts


class _Reader:
    """Collects what the parser calls out."""

    def __init__(self, most: int, open_sink: Callable[[str, str | None], Sink]) -> None:
        self.parts: list[Part] = []
        self.ended = False
        self._most = most
        self._open_sink = open_sink
        self._name, self._value = b"", b""
        self._disposition = b""

    def callbacks(self) -> dict[str, Callable[..., None]]:
        """Return the parser's callbacks."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._data,
            "on_end": self._end,
        }

    def _begin(self) -> None:
        if len(self.parts) >= self._most:
            raise Refused(
                413,
                "too_many",
                f"The request has more than {self._most} parts, which is the most that is taken.",
                "Send fewer inputs at a time.",
            )
        self._disposition = b""

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        if self._name.lower() == b"content-disposition":
            self._disposition = self._value
        self._name, self._value = b"", b""

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        if b"name" not in options:
            raise Refused(400, "form", "A part of the form has no name.", "Let your client make the form.")
        name = options[b"name"].decode("utf-8", "replace")
        filename = options.get(b"filename")
        called = None if filename is None else filename.decode("utf-8", "replace")
        self.parts.append(Part(name, called, self._open_sink(name, called)))

    def _data(self, data: bytes, start: int, end: int) -> None:
        self.parts[-1].sink.write(data[start:end])

    def _end(self) -> None:
        self.ended = True
