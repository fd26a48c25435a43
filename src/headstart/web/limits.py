"""How much is taken from a stranger, and how long it may take."""

from __future__ import annotations

from dataclasses import dataclass, fields

from headstart.errors import ParameterError


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of an HTTP surface.

    Attributes
    ----------
    body_bytes
        Bytes in the body of one request.
    held_bytes
        Bytes in all bodies, and in all decoded inputs, that are held at one time.
    parts
        Inputs in one request.
    connections
        Connections that may be open at one time.
    header_seconds, body_seconds
        How long a sender may take to send the head, and the body, of a request.
    pixels
        Pixels in one photo.
    seconds
        Seconds in one sound.
    characters
        Characters in one text.
    decode_seconds
        How long decoding one photo or sound may take.
    decode_bytes
        Memory that decoding one photo or sound may take.
    """

    body_bytes: int = 32 << 20
    held_bytes: int = 256 << 20
    parts: int = 100
    connections: int = 512
    header_seconds: float = 10.0
    body_seconds: float = 30.0
    pixels: int = 50_000_000
    seconds: float = 600.0
    characters: int = 100_000
    decode_seconds: float = 10.0
    decode_bytes: int = 1 << 30

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not value > 0:
                raise ParameterError(
                    f"The limit {field.name} must be larger than 0, got {value}.",
                    "Leave it out for the default.",
                )
