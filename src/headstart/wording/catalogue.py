"""The sentences of each language, read from the JSON files beside this module."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

Entry = str | Mapping[str, str]
"""A sentence; or several to choose from, with the name of the figure that decides under ``by``."""

ENGLISH_CODE = "en"
BY = "by"


@cache
def codes() -> tuple[str, ...]:
    """Return the languages there are, English first."""
    folder = resources.files("headstart.wording")
    found = {entry.name for entry in folder.iterdir() if entry.joinpath("results.json").is_file()}
    return (ENGLISH_CODE, *sorted(found - {ENGLISH_CODE}))


@cache
def catalogue(language: str) -> Mapping[str, Entry]:
    """Return every entry of a language by its key: the topic, a dot, and the code."""
    folder = resources.files("headstart.wording").joinpath(language)
    found: dict[str, Entry] = {}
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".json"):
            found.update(_flat(json.loads(file.read_text(encoding="utf-8"))))
    return MappingProxyType(found)


def _flat(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Entry]]:
    for name, value in table.items():
        key = f"{before}{name}"
        if isinstance(value, str) or BY in value:
            yield key, value
        else:
            yield from _flat(value, f"{key}.")
