"""Decode a sound to one channel at the rate that is needed, from files that may be hostile or endless."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import soundfile
import soxr

from headstart.data.av_sound import AvSound
from headstart.data.held import is_pillow, refuse_unreadable, wrong_kind
from headstart.data.sound_file import opened_sound
from headstart.errors import SourceError
from headstart.types import Modality, Sound

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.types import Float32Array, Source

MAX_SECONDS = 600.0
_BLOCK_FRAMES = 1 << 15
_RATES = (1_000, 768_000)
_MOST_CHANNELS = 32
_SILENT_PEAK = 1e-4  # -80 dB, below the noise of any microphone
_WHOLE_NUMBER_PEAK = 64.0  # floats this large are 16-bit values that nobody scaled
_LEAST_SHARE = 0.5
_PADDED_FRAMES = 4096  # what MP3 and OGG encoders may add, and decoders take away again
_CANCELS = 0.05


def decode_audio(
    source: Source, *, rate: int, max_seconds: float = MAX_SECONDS, longest: float = math.inf
) -> tuple[Float32Array, str]:
    """Decode one sound.

    Parameters
    ----------
    source
        A path, the bytes of an encoded sound, or an array ``(samples,)`` or ``(samples, channels)`` that
        already has `rate` samples per second; or a `Sound`, which is brought to that rate.
    rate
        Samples per second of the result.
    max_seconds
        Where the sound is cut. A ten-hour file costs no more time or memory than this much of it.
    longest
        Seconds from which on an encoded sound is refused instead, for those who decode for strangers.

    Returns
    -------
    samples
        ``(n,)`` float32, mostly within -1 and 1, one channel: the mean of the channels, or the loudest one
        where they would cancel each other (a wrongly wired cable).
    note
        What a person should know about how it was used, or an empty string: cut, silent, damaged.

    Raises
    ------
    SourceError
        With the reason and a `kind`: ``empty``, ``empty_sound``, ``missing``, ``not_a_sound``,
        ``not_numbers``, ``too_long``, ``truncated``, ``unreadable``, ….
    """
    refuse_unreadable(source)
    if is_pillow(source):
        raise wrong_kind("a picture in memory", Modality.AUDIO)
    if isinstance(source, Sound):
        source = _at_rate(source, rate)
    if isinstance(source, np.ndarray):
        return _decode_array(source, rate, max_seconds)
    assert isinstance(source, str | os.PathLike | bytes | bytearray | memoryview)  # all others are in memory
    with opened_sound(source) as (sound, declared):
        _refuse_longer(sound, longest)
        channels, notes = _resampled(sound, declared, rate, min(max_seconds, longest))
        _refuse_endless(sound, longest)
    return _finished(channels, notes)


def _refuse_longer(sound: Any, longest: float) -> None:
    if sound.frames > longest * sound.samplerate:
        raise SourceError(
            f"It lasts {_duration(sound.frames / sound.samplerate)}, at most {_duration(longest)} are taken; "
            "cut out the part that matters.",
            kind="too_long",
        )


def _refuse_endless(sound: Any, longest: float) -> None:
    """Refuse what goes on after `longest` though its header did not say so."""
    if math.isfinite(longest) and _goes_on(sound) and sound.frames == 0:
        raise SourceError(
            f"It lasts more than {_duration(longest)}, which is the most that is taken; "
            "cut out the part that matters.",
            kind="too_long",
        )


def _goes_on(sound: Any) -> bool:
    return isinstance(sound, AvSound) and sound.has_more


def downmix(channels: Float32Array) -> Float32Array:
    """Mix ``(n, channels)`` to ``(n,)`` without cancelling.

    The mean of unrelated channels keeps half of their energy, of equal ones all. Where less than a
    twentieth is left, the channels are opposite to each other and the loudest is taken instead.
    """
    if channels.shape[1] == 1:
        return np.ascontiguousarray(channels[:, 0])
    middle: Float32Array = channels.mean(axis=1, dtype=np.float32)
    energies = np.einsum("ij,ij->j", channels, channels, dtype=np.float64)
    if float(np.dot(middle, middle)) < _CANCELS * float(energies.mean()):
        return np.ascontiguousarray(channels[:, int(energies.argmax())])
    return middle


def _resampled(sound: Any, declared: int, rate: int, max_seconds: float) -> tuple[Float32Array, list[str]]:
    """Read, check and resample block by block, so that memory is bounded by the result."""
    own = int(sound.samplerate)
    if not _RATES[0] <= own <= _RATES[1]:
        raise SourceError(
            f"Its header claims {own:,} samples per second; export it again.", kind="unreadable"
        )
    if sound.channels > _MOST_CHANNELS:
        raise SourceError(
            f"Its header claims {sound.channels} channels; export it as mono.", kind="unreadable"
        )
    wanted = math.ceil(max_seconds * own)
    stream = None if own == rate else soxr.ResampleStream(own, rate, sound.channels, dtype="float32")
    parts: list[Float32Array] = []
    got = 0
    for block in _blocks(sound, wanted):
        got += len(block)
        parts.append(block if stream is None else _shaped(stream.resample_chunk(block), sound.channels))
    if got == 0:
        _raise_empty(declared)
    if stream is not None:
        parts.append(
            _shaped(
                stream.resample_chunk(np.zeros((0, sound.channels), np.float32), last=True), sound.channels
            )
        )
    slack = _PADDED_FRAMES if sound.format in ("MP3", "OGG", "AV") else 0
    notes = _length_notes(got, declared, wanted, own, slack)
    if not declared and _goes_on(sound):
        notes.append(f"only the first {_duration(max_seconds)} are used")
    return np.concatenate(parts)[: math.ceil(max_seconds * rate)], notes


def _shaped(block: NDArray[Any], channels: int) -> Float32Array:
    return block.reshape(-1, channels).astype(np.float32, copy=False)


def _blocks(sound: Any, wanted: int) -> Iterator[Float32Array]:
    left = wanted
    while left > 0:
        try:
            block: Float32Array = sound.read(min(_BLOCK_FRAMES, left), dtype="float32", always_2d=True)
        except soundfile.SoundFileError:
            return  # damaged from here on: the caller compares what came with what was promised
        if len(block) == 0:
            return
        _refuse_not_numbers(block)
        left -= len(block)
        yield block


def _refuse_not_numbers(block: NDArray[Any]) -> None:
    if not np.isfinite(block).all():
        raise SourceError(
            "Some of its samples are not numbers (NaN or infinite); export it again as 16-bit WAV.",
            kind="not_numbers",
        )


def _raise_empty(declared: int) -> None:
    if declared:
        raise SourceError(
            "The sound is cut off or damaged: nothing of it can be played; copy it again.", kind="truncated"
        )
    raise SourceError("The sound has no samples (0 seconds); record or export it again.", kind="empty_sound")


def _length_notes(got: int, promised: int, wanted: int, rate: int, slack: int = 0) -> list[str]:
    """Judge a sound that is shorter than promised, and tell where a long one was cut; all in frames."""
    expected = min(promised, wanted)
    if got < expected - slack:
        share = f"{got / rate:.1f} of {promised / rate:.1f} seconds are there"
        if got < _LEAST_SHARE * expected:
            raise SourceError(f"The sound is cut off: only {share}; copy it again.", kind="truncated")
        return [f"cut off: {share}"]
    if promised > wanted:
        return [f"only the first {_duration(wanted / rate)} of {_duration(promised / rate)} are used"]
    return []


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.4g} seconds"
    return f"{seconds / 60:.3g} minutes" if seconds < 7200 else f"{seconds / 3600:.3g} hours"


def _at_rate(sound: Sound, rate: int) -> NDArray[Any]:
    """Return the samples at another rate, as those of a file would come out."""
    if not _RATES[0] <= sound.rate <= _RATES[1]:
        raise SourceError(f"Its rate is {sound.rate:,.6g} samples per second; check it.", kind="unreadable")
    if sound.rate == rate or not sound.samples.size or sound.samples.dtype.kind not in "fiub":
        return sound.samples
    array = (
        sound.samples.T
        if sound.samples.ndim == 2 and len(sound.samples) < sound.samples.shape[1]
        else sound.samples
    )
    samples = _to_float(array.reshape(len(array), -1))
    _refuse_not_numbers(samples)
    stream = soxr.ResampleStream(sound.rate, rate, samples.shape[1], dtype="float32")
    starts = range(0, len(samples), _BLOCK_FRAMES)
    parts = [stream.resample_chunk(np.ascontiguousarray(samples[at : at + _BLOCK_FRAMES])) for at in starts]
    parts.append(stream.resample_chunk(samples[:0], last=True))
    return np.concatenate([_shaped(part, samples.shape[1]) for part in parts])


def _decode_array(array: NDArray[Any], rate: int, max_seconds: float) -> tuple[Float32Array, str]:
    if array.ndim not in (1, 2) or array.dtype.kind not in "fiub":
        raise SourceError(
            f"A sound must be numbers of shape (samples,), this array has {array.shape} of {array.dtype}.",
            kind="not_a_sound",
        )
    if array.size == 0:
        _raise_empty(0)
    if array.ndim == 2 and array.shape[0] < array.shape[1]:
        array = array.T  # channels first, as torch has it
    samples = _to_float(array.reshape(len(array), -1))
    _refuse_not_numbers(samples)
    most = math.ceil(max_seconds * rate)
    return _finished(samples[:most], _length_notes(min(len(samples), most), len(samples), most, rate))


def _to_float(array: NDArray[Any]) -> Float32Array:
    if array.dtype.kind not in "iu":
        return array.astype(np.float32)
    limits = np.iinfo(array.dtype)
    middle = 0 if limits.min < 0 else (limits.max + 1) // 2
    return ((array.astype(np.float64) - middle) / (limits.max - middle + 1)).astype(np.float32)


def _finished(channels: Float32Array, notes: list[str]) -> tuple[Float32Array, str]:
    samples = downmix(channels)
    peak = float(max(samples.max(initial=0), -samples.min(initial=0)))
    if peak > _WHOLE_NUMBER_PEAK:
        samples = samples / np.float32(max(peak, 32768.0))
        notes = [*notes, "its values were larger than 1 and were scaled down"]
    if peak < _SILENT_PEAK:
        notes = [*notes, "silent from start to end"]
    return samples, "; ".join(notes)
