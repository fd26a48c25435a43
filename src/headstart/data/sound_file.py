"""Open an encoded sound with the library that reads its kind."""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import soundfile

from headstart.data.av_sound import AvSound
from headstart.data.formats import AUDIO_KINDS, PHONE_AUDIO_KINDS
from headstart.data.phone import has_phone
from headstart.data.sniff import open_regular, rejection, sniff_content, sniff_handle
from headstart.errors import SourceError
from headstart.types import Modality

_HEAD = 4096  # a WAV's data chunk may stand behind others
_ALSO_BY_AV = frozenset({"caf", "ogg"})
"""Containers of sounds that libsndfile knows only some of: AAC in CAF, FLAC from FFmpeg in OGG."""


@contextmanager
def opened_sound(source: str | os.PathLike[str] | bytes) -> Iterator[tuple[Any, int]]:
    """Open an encoded sound; yield it and the number of frames its header promises."""
    if isinstance(source, bytes | bytearray | memoryview):
        head, kind = bytes(source[:_HEAD]), sniff_content(bytes(source), Modality.AUDIO)
        target: Any = io.BytesIO(source)
    else:
        with open_regular(source) as handle:
            kind = sniff_handle(handle)
            head = handle.read(_HEAD)
        target = os.fsencode(source)  # a name of any bytes, read without going through Python
    if kind not in AUDIO_KINDS:
        raise rejection(kind, Modality.AUDIO)
    with ExitStack() as stack:
        sound = _open(source, target, kind, stack)
        try:
            yield sound, max(sound.frames, _promised_frames(head))
        except soundfile.SoundFileError as error:
            raise _cut_off(kind) from error


def _open(source: str | os.PathLike[str] | bytes, target: Any, kind: str, stack: ExitStack) -> Any:
    if kind not in PHONE_AUDIO_KINDS:
        try:
            return stack.enter_context(soundfile.SoundFile(target))
        except soundfile.SoundFileError as error:
            if kind not in _ALSO_BY_AV or (kind == "ogg" and not has_phone(kind)):
                raise _cut_off(kind) from error
    is_content = isinstance(source, bytes | bytearray | memoryview)
    handle = io.BytesIO(source) if is_content else open_regular(source)  # type: ignore[arg-type]
    sound = AvSound(stack.enter_context(handle), kind)
    stack.callback(sound.close)
    return sound


def _cut_off(kind: str) -> SourceError:
    return SourceError(
        f"The {kind.upper()} file is cut off or damaged; export or copy it again.", kind="truncated"
    )


def _promised_frames(head: bytes) -> int:
    """Return the length that a WAV header claims; soundfile tells only what is there."""
    at, frame_bytes = 12, 0
    if head[:4] != b"RIFF":
        return 0
    while at + 8 <= len(head):
        name, size = head[at : at + 4], struct.unpack_from("<I", head, at + 4)[0]
        if name == b"fmt " and at + 22 <= len(head):
            (frame_bytes,) = struct.unpack_from("<H", head, at + 20)
        if name == b"data":
            # Recorders that were switched off, and pipes, leave zero or the largest value.
            return 0 if size >= 0x7FFFFFFF or not frame_bytes else size // frame_bytes
        at += 8 + size + size % 2
    return 0


def promised_seconds(source: str | os.PathLike[str] | bytes) -> float:
    """Return how long a sound is by its header; 0 where it does not say.

    Raises
    ------
    SourceError
        When it cannot be opened.
    """
    with opened_sound(source) as (sound, _):
        return float(sound.frames / max(sound.samplerate, 1))
