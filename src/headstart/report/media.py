"""Examples as a page can show them without the network: small pictures, short sounds, first lines."""

from __future__ import annotations

import base64
import io
import wave
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.errors import HeadstartError
from headstart.report.wording import clean, snippet

if TYPE_CHECKING:
    from headstart.types import Source

THUMBNAIL = 96
"""Longer side of a picture, in pixels."""

CLIP_SECONDS = 3.0
CLIP_RATE = 16_000
SNIPPET = 260
MEDIA_BUDGET = 3_600_000
"""Characters that pictures and sounds may take on one page, which keeps the whole file under 5 MB."""

_TINY = 48


@dataclass(frozen=True, slots=True)
class Shown:
    """One example on the page.

    Attributes
    ----------
    name
        What to call it, made harmless.
    kind
        ``picture``, ``sound``, ``text``, or ``none`` where there is nothing to show but the name.
    uri
        A ``data:`` address of the picture or sound.
    text
        The first words of a text.
    tiny
        Whether the picture is so small that it is better enlarged with hard edges.
    anchor
        Identifies a sound, which is kept on the page once.
    again
        Whether the sound is on the page already, under `anchor`.
    """

    name: str
    kind: str = "none"
    uri: str = ""
    text: str = ""
    tiny: bool = False
    anchor: str = ""
    again: bool = False


class Shelf:
    """Turns names of examples into what the page shows, within one budget for the whole page.

    Parameters
    ----------
    drawn
        As what the examples are shown: see `headstart.kinds.Kind`.
    sources
        Name of each example to the input itself; names that are missing are shown as names.
    budget
        Characters of ``data:`` addresses in all.
    """

    def __init__(self, drawn: str, sources: Mapping[str, Source], budget: int = MEDIA_BUDGET) -> None:
        self.drawn = drawn
        self._sources = sources
        self._left = budget
        self._made: dict[str, Shown] = {}
        self.left_out = 0

    @property
    def knows(self) -> bool:
        """Whether it has any example to show."""
        return bool(self._sources)

    def show(self, name: Any) -> Shown:
        """Return how the page shows an example. A broken or missing one never stops the page."""
        key = str(name)
        known = self._made.get(key)
        if known is not None and (known.kind != "picture" or self._pay(known)):
            return replace(known, again=True) if known.kind == "sound" else known
        if known is not None:
            return Shown(known.name)
        made = self._make(key)
        if not self._pay(made):
            made = Shown(made.name)
        self._made[key] = made
        return made

    def _pay(self, shown: Shown) -> bool:
        if len(shown.uri) > self._left:
            self.left_out += 1
            return False
        self._left -= len(shown.uri)
        return True

    def _make(self, key: str) -> Shown:
        source = self._sources.get(key)
        bare = Shown(clean(key))
        if source is None:
            return bare
        try:
            if self.drawn == "picture":
                uri, tiny = _thumbnail(source)
                return replace(bare, kind="picture", uri=uri, tiny=tiny)
            if self.drawn == "sound":
                return replace(bare, kind="sound", uri=_clip(source), anchor=f"sound-{len(self._made)}")
        except (HeadstartError, OSError, ValueError):
            return bare  # the person may have moved the file since; its name is still worth telling
        if self.drawn != "text":
            return bare
        return replace(bare, kind="text", text=snippet(_words(source), SNIPPET))


def _thumbnail(source: Source) -> tuple[str, bool]:
    from PIL import Image

    from headstart.data.image import decode_image  # the one decoder that is safe with hostile files

    picture = Image.fromarray(decode_image(source, cover=THUMBNAIL))
    tiny = max(picture.size) < _TINY
    picture.thumbnail((THUMBNAIL, THUMBNAIL))
    file = io.BytesIO()
    picture.save(file, "WEBP", quality=72, method=2)
    return _address("image/webp", file.getvalue()), tiny


def _clip(source: Source) -> str:
    from headstart.data.audio import decode_audio

    samples, _ = decode_audio(source, rate=CLIP_RATE, max_seconds=CLIP_SECONDS)
    peak = float(np.abs(samples).max(initial=0.0))
    louder = (
        samples * (0.9 / peak) if 0 < peak < 0.3 or peak > 1 else samples
    )  # quiet recordings are heard too
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(CLIP_RATE)
        out.writeframes((louder * 32767).astype("<i2").tobytes())
    return _address("audio/wav", file.getvalue())


def _words(source: Source) -> str:
    if isinstance(source, bytes):
        return source[: 8 * SNIPPET].decode("utf-8", errors="replace")
    return source if isinstance(source, str) else ""


def _address(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"
