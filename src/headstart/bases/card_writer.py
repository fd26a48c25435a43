"""Writes a card: only what a card holds, so a small part of TOML."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def to_toml(card: Mapping[str, Any]) -> str:
    """Write a card's table as TOML; plain values first, then tables, then sources."""
    lines: list[str] = []
    _table(lines, card, "")
    return "\n".join(lines) + "\n"


def _table(lines: list[str], table: Mapping[str, Any], path: str) -> None:
    later = []
    for key, value in table.items():
        if isinstance(value, Mapping) or (
            isinstance(value, list) and value and isinstance(value[0], Mapping)
        ):
            later.append((key, value))
        else:
            lines.append(f"{key} = {_value(value)}")
    for key, value in later:
        inner = f"{path}{key}"
        for item in value if isinstance(value, list) else [value]:
            lines += ["", f"[[{inner}]]" if isinstance(value, list) else f"[{inner}]"]
            _table(lines, item, f"{inner}.")


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(item) for item in value)}]"
    return repr(value)
