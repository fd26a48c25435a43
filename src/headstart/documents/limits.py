"""How much is taken from one document, and how long reading it may take."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields

from headstart.errors import ParameterError


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """Limits of reading one document.

    Attributes
    ----------
    file_bytes
        Size of the file.
    pages
        Pages of a PDF.
    characters
        Characters of text in one document.
    seconds
        How long reading it may take.
    memory_bytes
        Memory that reading it may take.
    entries, unpacked_bytes, ratio
        Files in a packed document (Word, EPUB, spreadsheet), their size together, and to how many times its
        packed size one of them may unpack.
    """

    file_bytes: int = 50 << 20
    pages: int = 5_000
    characters: int = 20_000_000
    seconds: float = 30.0
    memory_bytes: int = 1 << 30
    entries: int = 10_000
    unpacked_bytes: int = 500 << 20
    ratio: int = 200

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not value > 0:
                raise ParameterError(
                    f"The limit {field.name} must be larger than 0, got {value}.",
                    "Leave it out for the default.",
                )

    def to_dict(self) -> dict[str, float]:
        """Return the fields as plain data."""
        return asdict(self)
