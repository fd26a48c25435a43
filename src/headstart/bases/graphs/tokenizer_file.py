"""Copies a tokenizer's JSON, without the cutting and padding that its makers left switched on in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from headstart.errors import CorruptBaseError


def write_tokenizer(source: Path, target: Path, prefix: str = "", *, marks: bool = True) -> None:
    """Write ``tokenizer.json`` into the folder `target`.

    Parameters
    ----------
    source
        A file in the format of the ``tokenizers`` library.
    target
        Folder to write to.
    prefix
        Words that the base expects before every text (``query: ``); they become part of the tokenizer.
    marks
        Whether the marks of start and end stay that the tokenizer adds.
    """
    try:
        table = json.loads(source.read_text(encoding="utf-8"))
        table["truncation"] = table["padding"] = None
        if not marks:
            table["post_processor"] = None
        save_tokenizer(table, target, prefix)
    except (ValueError, TypeError, AttributeError) as error:
        raise CorruptBaseError(f"{source.name} is not a tokenizer file.", "Mend the card.") from error


def save_tokenizer(table: dict[str, Any], target: Path, prefix: str = "") -> None:
    """Write a tokenizer's content as ``tokenizer.json``; see `write_tokenizer`."""
    if prefix:
        steps = [{"type": "Prepend", "prepend": prefix}, table.get("normalizer")]
        table["normalizer"] = {"type": "Sequence", "normalizers": [step for step in steps if step]}
    (target / "tokenizer.json").write_text(json.dumps(table, ensure_ascii=False), encoding="utf-8")
