"""What ``types/api.d.ts`` says of the app's answers, held against real ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TYPES = Path(__file__).resolve().parents[3] / "types" / "api.d.ts"
_INTERFACE = re.compile(r"^  interface (\w+)(?: extends (\w+))? \{\n(.*?)^  \}", re.M | re.S)
_FIELD = re.compile(r"^    (\w+)(\??): (.*);$", re.M)
_PLAIN: dict[str, type | tuple[type, ...]] = {"string": str, "number": (int, float), "boolean": bool}
_LOOKED_AT = 5


@dataclass(frozen=True)
class Field:
    """A field of an interface: whether it may be missing, and its type as it is written."""

    optional: bool
    type: str


def interfaces() -> dict[str, dict[str, Field]]:
    """Every interface with its fields, those of what it extends among them."""
    declared: dict[str, dict[str, Field]] = {}
    for name, base, body in _INTERFACE.findall(TYPES.read_text(encoding="utf-8")):
        fields = {field: Field(mark == "?", kind) for field, mark, kind in _FIELD.findall(body)}
        assert len(fields) == len([line for line in body.splitlines() if ":" in line]), name
        declared[name] = {**declared.get(base, {}), **fields}
    return declared


def differences(name: str, value: Any, *, excerpts: frozenset[str] = frozenset()) -> list[str]:
    """What an answer has otherwise than its interface says; of `excerpts` only the declared fields count."""
    return list(_Comparison(interfaces(), excerpts).of(name, value, name))


@dataclass(frozen=True)
class _Comparison:
    known: Mapping[str, Mapping[str, Field]]
    excerpts: frozenset[str]

    def of(self, kind: str, value: Any, where: str) -> Iterator[str]:
        options = kind.split(" | ")
        if value is None and "null" in options:
            return
        options = [option for option in options if option != "null"]
        if all(option.startswith('"') for option in options):
            if f'"{value}"' not in options:
                yield f"{where} is {value!r}, not one of {options}"
        elif options[0] in _PLAIN:
            yield from _plain(options[0], value, where)
        elif options[0] in self.known:
            yield from self._fields(options[0], value, where)
        else:
            for place, inner, inner_kind in _within(options[0], value):
                yield from self.of(inner_kind, inner, f"{where}{place}")

    def _fields(self, kind: str, value: Mapping[str, Any], where: str) -> Iterator[str]:
        fields = self.known[kind]
        needed = (name for name, field in fields.items() if not field.optional)
        yield from (f"{where}.{name} is missing" for name in needed if name not in value)
        if kind not in self.excerpts:
            undeclared = (name for name in value if name not in fields)
            yield from (f"{where}.{name} is not declared in {kind}" for name in undeclared)
        for name in fields:
            if name in value:
                yield from self.of(fields[name].type, value[name], f"{where}.{name}")


def _plain(kind: str, value: Any, where: str) -> Iterator[str]:
    if not isinstance(value, _PLAIN[kind]) or (kind == "number" and isinstance(value, bool)):
        yield f"{where} is {value!r}, not a {kind}"


def _within(kind: str, value: Any) -> Iterator[tuple[str, Any, str]]:
    """The first of a list or a record, with where they are and the type of each; nothing of other types."""
    if kind.endswith("[]") and not kind.startswith("["):
        yield from ((f"[{place}]", inner, kind[:-2]) for place, inner in enumerate(value[:_LOOKED_AT]))
    elif match := re.fullmatch(r"Record<string, (.*)>", kind):
        some = list(value.items())[:_LOOKED_AT]
        yield from ((f".{key}", inner, match[1]) for key, inner in some)
