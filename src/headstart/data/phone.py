"""What only the extra ``phone`` can read: HEIC photos, sounds in AAC, AMR, WebM and the like."""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module
from types import ModuleType

from headstart.data.formats import PHONE_AUDIO_KINDS, PHONE_IMAGE_KINDS, describe
from headstart.errors import SourceError


def phone_library(kind: str) -> ModuleType:
    """Import the library that reads this kind, or say how to get it.

    Raises
    ------
    SourceError
        With the kind ``needs_phone``, when it is not installed.
    """
    name = "pi_heif" if kind in PHONE_IMAGE_KINDS else "av"
    module = _imported(name)
    if module is None:
        raise SourceError(
            f"It is {describe(kind)}, which needs a part that is not installed; "
            "install it with: pip install 'headstart[phone]'",
            kind="needs_phone",
        )
    return module


def check_phone(kind: str) -> None:
    """Refuse a kind whose library is not installed; every other kind passes.

    Raises
    ------
    SourceError
        See `phone_library`.
    """
    if kind in PHONE_IMAGE_KINDS | PHONE_AUDIO_KINDS:
        phone_library(kind)


def has_phone(kind: str) -> bool:
    """Tell whether the library that would read this kind is installed."""
    return _imported("pi_heif" if kind in PHONE_IMAGE_KINDS else "av") is not None


@cache
def _imported(name: str) -> ModuleType | None:
    try:
        module = import_module(name)
    except ImportError:
        sys.modules.pop(name, None)
        return None
    if name == "av":
        module.logging.set_level(None)  # what a decoder has to say is told as a reason or a note
    return module
