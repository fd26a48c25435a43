"""What one column of a table is used as. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ColumnRole:
    """What one column is used as.

    Attributes
    ----------
    name
        The column.
    role
        ``image``, ``audio``, ``text``, ``number``, ``category``, ``date`` or ``ignore``.
    reason
        Why it is left out; for the others what it was told by, where that needs to be said.
    """

    name: str
    role: str
    reason: str = ""

    def to_dict(self) -> dict[str, str]:
        """Return the fields as plain data."""
        return {"name": self.name, "role": self.role, "reason": self.reason}
