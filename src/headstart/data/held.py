"""Look at inputs in every form in which they are held: files, encoded bytes, texts, and things in memory."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np

from headstart import kinds
from headstart.data import sniff
from headstart.data.arrays import is_sound_shaped
from headstart.errors import SourceError
from headstart.types import Modality, Sound, Unreadable

if TYPE_CHECKING:
    from PIL.Image import Image

    from headstart.types import Source

PIXELS, SAMPLES = "pixels in memory", "samples in memory"
"""Kinds of inputs that are no file of any format."""

_MEMORY = {PIXELS: "pixels", SAMPLES: "samples"}
"""What `headstart.kinds.Kind.memory` calls them."""
_WORDS = {PIXELS: "a picture in memory", SAMPLES: "a sound in memory"}


def is_pillow(value: Any) -> TypeGuard[Image]:
    """Tell a Pillow image, without importing Pillow for those who have none."""
    # Another thread may be importing it right now: before the class is there, nothing is one of it.
    image = getattr(sys.modules.get("PIL.Image"), "Image", None)
    return image is not None and isinstance(value, image)


def kind_of(source: Source, wanted: Modality | None) -> str:
    """Name what an input is by looking inside; an array may be what is wanted.

    Raises
    ------
    SourceError
        When a file cannot be opened.
    """
    refuse_unreadable(source)
    if isinstance(source, Path):
        return sniff.sniff_path(source, wanted)
    if isinstance(source, bytes):
        return sniff.sniff_content(source, wanted)
    if isinstance(source, np.ndarray):
        memory = "" if wanted is None else kinds.kind_of(wanted).memory
        is_sound = memory == "samples" or (memory != "pixels" and is_sound_shaped(source))
        return SAMPLES if is_sound else PIXELS
    if isinstance(source, Sound):
        return SAMPLES
    return PIXELS if is_pillow(source) else "text"


def modality_of(kind: str) -> Modality | None:
    """Return the modality whose decoder takes this kind, or None."""
    if kind in _MEMORY:
        holding = kinds.holder(lambda record: record.memory == _MEMORY[kind])
        return None if holding is None else Modality(holding.name)
    return sniff.modality_of(kind)


def rejection(kind: str, modality: Modality) -> SourceError:
    """Say why an input of this kind is not used where `modality` is wanted."""
    if kind in _WORDS:
        return wrong_kind(_WORDS[kind], modality)
    return sniff.rejection(kind, modality)


def wrong_kind(held: str, modality: Modality) -> SourceError:
    """Say that something in memory is not of the modality that is wanted."""
    files = kinds.kind_of(modality).files
    return SourceError(f"It is {held}, not {files.one}; give {files.one} here.", kind=files.code)


def refuse_unreadable(source: object) -> None:
    """Raise the reason why there is no input in this place, if so.

    Raises
    ------
    SourceError
        For an `Unreadable`.
    """
    if isinstance(source, Unreadable):
        raise SourceError(source.reason, kind=source.kind)
