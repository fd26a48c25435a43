"""What a saved model says about itself, as typed data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from headstart.errors import CorruptBundleError
from headstart.features import Block
from headstart.targets import CLASSES
from headstart.types import Modality

FORMAT_VERSION = 1
MANIFEST = "manifest.json"
SEAL = "manifest.sha256"
HEAD = "head.safetensors"
CARD = "README.md"
SEEN = "seen.safetensors"
DOUBT = "doubt.safetensors"

MAX_MANIFEST_BYTES = 64 << 20  # a thousand classes with their confusion table take about 3 MB


@dataclass(frozen=True, slots=True)
class FileEntry:
    """What a file must be: its SHA-256 (hexadecimal) and its size."""

    sha256: str
    bytes: int


@dataclass(frozen=True)
class EncoderEntry:
    """One encoder of a saved model.

    Attributes
    ----------
    files
        Role (``encoder``, ``tokenizer``) to the file's name inside the bundle; empty where linked.
    linked
        Role to what the file in the cache of bases must be, where the bundle refers to the base instead of
        holding a copy (``--link-base``); empty otherwise.
    card
        What to say of the base in the model card: title, licence, what it was trained on.
    """

    name: str
    fingerprint: str
    width: int
    outputs: Mapping[str, int]
    recipe: Mapping[str, Any]
    class_names: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    linked: Mapping[str, FileEntry] = field(default_factory=dict)
    card: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Manifest:
    """Everything in ``manifest.json``, checked; see `headstart.model.Model` for the shared fields."""

    name: str
    created: str
    headstart: str
    modality: Modality
    classes: tuple[str, ...]
    encoders: tuple[EncoderEntry, ...]
    blocks: tuple[Block, ...]
    head: Mapping[str, Any]
    quality: Mapping[str, Any]
    data_fingerprint: str
    libraries: Mapping[str, str]
    files: Mapping[str, FileEntry]
    target: str = CLASSES.name


def to_bytes(table: Mapping[str, Any]) -> bytes:
    """Write a manifest: one top-level key a line, so that people and ``diff`` can read it."""
    lines = (
        f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False, allow_nan=False)}"
        for key, value in table.items()
    )
    # A lone surrogate (from a file name that is not UTF-8) has no UTF-8 form, but JSON can spell it \\udcff.
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode("utf-8", errors="backslashreplace")


def parse_json(content: bytes, where: str) -> dict[str, Any]:
    """Read one JSON object, refusing what JSON does not allow (NaN, two equal keys).

    Raises
    ------
    CorruptBundleError
        When it is not one.
    """
    try:
        table = json.loads(content.decode("utf-8"), parse_constant=_refuse, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise CorruptBundleError(
            f"{where} must be JSON, but is not: {error}.", "Restore the file from a copy, or train again."
        ) from error
    if not isinstance(table, dict):
        raise CorruptBundleError(
            f"{where} must hold one JSON object, found {type(table).__name__}.",
            "Restore the file from a copy, or train again.",
        )
    return table


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not allowed")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r} stands twice")
    return table
