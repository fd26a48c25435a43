"""A manifest to change, and any text that a class may be called."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from headstart.bundle.manifest import EncoderEntry, FileEntry, Manifest
from headstart.features import Block
from headstart.types import Modality

HASH = "ab" * 32
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=20)  # lone surrogates too


def manifest(**changes: Any) -> Manifest:
    fields: dict[str, Any] = {
        "name": "pastries",
        "created": "2026-01-01T00:00:00+00:00",
        "headstart": "0.1.0",
        "modality": Modality.IMAGE,
        "classes": ("bagel", "croissant"),
        "encoders": (
            EncoderEntry(
                "tiny", "f00d", 6, {"embedding": 6, "mid": 4}, {"size": 8}, files={"encoder": "encoder.onnx"}
            ),
            EncoderEntry("far", "beef", 3, {"embedding": 3}, {}, linked={"encoder": FileEntry(HASH, 9)}),
        ),
        "blocks": (
            Block("a", "encoder", "tiny", "mid"),
            Block("b", "encoder", "far", "embedding"),
            Block("c", "raw"),
        ),
        "head": {"temperature": 1.5},
        "quality": {"accuracy": {"estimate": None}},
        "data_fingerprint": "abc",
        "libraries": {"numpy": "2.0"},
        "files": {"encoder.onnx": FileEntry(HASH, 12)},
    }
    return Manifest(**fields | changes)
