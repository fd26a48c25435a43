"""Reads a table of a card, and collects everything that is wrong with it instead of stopping at the first."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

_MISSING = object()


class TableReader:
    """Takes typed values out of one TOML table.

    Each taker returns a usable value even where the table holds none, so that reading goes on and every
    mistake of a card is told at once.

    Parameters
    ----------
    table
        The parsed table.
    where
        Where in the card it stands, as a prefix of messages (``[source 1] ``); empty for the top.
    problems
        The list that mistakes are added to; shared by all readers of one card.
    """

    def __init__(self, table: Mapping[str, Any], where: str, problems: list[str]) -> None:
        self.table = table
        self.where = where
        self.problems = problems
        self._known: list[str] = []

    def text(self, key: str, default: Any = _MISSING) -> str:
        """Take a string."""
        return str(
            self._take(key, str, "a text", "" if default is _MISSING else default, default is _MISSING)
        )

    def flag(self, key: str, default: bool) -> bool:
        """Take true or false."""
        return bool(self._take(key, bool, "true or false", default, False))

    def count(self, key: str, default: Any = _MISSING) -> int:
        """Take a whole number from 0 up."""
        required = default is _MISSING
        value = self._take(key, int, "a whole number from 0 up", 0 if required else default, required)
        if isinstance(value, bool) or (isinstance(value, int) and value < 0):
            self.wrong(key, "a whole number from 0 up", value)
            return 0
        return int(value)

    def number(self, key: str) -> float | None:
        """Take a number, or None where there is none."""
        value = self._take(key, (int, float), "a number", None, False)
        return None if value is None else float(value)

    def texts(self, key: str) -> tuple[str, ...]:
        """Take a list of strings."""
        value = self._take(key, list, "a list of texts", [], False)
        if not all(isinstance(item, str) for item in value):
            self.wrong(key, "a list of texts", value)
            return ()
        return tuple(value)

    def mapping(self, key: str, *, required: bool = False) -> dict[str, Any]:
        """Take a sub-table."""
        return dict(self._take(key, dict, "a table", {}, required))

    def tables(self, key: str) -> list[dict[str, Any]]:
        """Take a list of sub-tables that must hold at least one."""
        value = self._take(key, list, "a list of tables", [], True)
        if key in self.table and not (value and all(isinstance(item, dict) for item in value)):
            self.wrong(key, "a list of at least one table", value)
            return []
        return list(value)

    def wrong(self, key: str, expected: str, actual: Any) -> None:
        """Note that a value is not what it must be."""
        self.problems.append(f"{self.where}{key} must be {expected}, found {actual!r}")

    def finish(self) -> None:
        """Note every key that nobody asked for, with the nearest known name."""
        for key in self.table:
            if key in self._known:
                continue
            near = get_close_matches(key, self._known, n=1, cutoff=0.5)
            meant = f"; did you mean {near[0]!r}?" if near else ""
            self.problems.append(f"{self.where}unknown key {key!r}{meant}")

    def _take(self, key: str, kind: Any, expected: str, default: Any, required: bool) -> Any:
        self._known.append(key)
        if key not in self.table:
            if required:
                self.problems.append(f"{self.where}{key} is missing: it must be {expected}")
            return default
        value = self.table[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.wrong(key, expected, value)
            return default
        return value
