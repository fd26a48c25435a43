"""Decode the sounds of phones and browsers: AAC, AMR, Opus in WebM, Windows Media."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from headstart.data.phone import phone_library
from headstart.errors import SourceError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.types import Float32Array

# kind: the one reader of FFmpeg that may look at it. No other is reached, whatever the bytes are.
_READERS = {
    "m4a": "mov",
    "3gp": "mov",
    "aac": "aac",
    "amr": "amr",
    "webm": "matroska",
    "wma": "asf",
    "speex": "ogg",
    "caf": "caf",
    "ogg": "ogg",
}
_CODECS = (
    "aac,aac_latm,mp3,mp3float,opus,libopus,vorbis,libvorbis,flac,alac,speex,libspeex,ac3,eac3,"
    "amrnb,amrwb,libopencore_amrnb,libopencore_amrwb,wmav1,wmav2,wmapro,wmalossless,wmavoice,"
    "pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_f32le,pcm_f32be,pcm_u8,pcm_alaw,pcm_mulaw,"
    "adpcm_ima_qt,gsm"
)
_OPTIONS = {"protocol_whitelist": "none", "codec_whitelist": _CODECS, "enable_drefs": "0"}
_LENGTH_IS_KNOWN = frozenset({"m4a", "3gp", "webm", "wma", "caf"})
_MOST_SILENT_PACKETS = 4096
"""So many pieces of a file without a sound in them, and it is given up."""


class AvSound:
    """A sound that is read piece by piece, with what `headstart.data.audio` uses of `soundfile.SoundFile`.

    Attributes
    ----------
    samplerate, channels
        Of the first piece that was decoded; what a header claims may be half of it (HE-AAC).
    frames
        How many the container promises; 0 where it does not say.
    """

    format = "AV"

    def __init__(self, handle: IO[bytes], kind: str) -> None:
        library = phone_library(kind)
        self._faults = (library.error.FFmpegError, ValueError, EOFError)
        self._kind = kind
        self.samplerate = self.channels = 0
        with contextlib.ExitStack() as stack:
            try:
                self._container = stack.enter_context(
                    library.open(handle, format=_READERS[kind], options=_OPTIONS, metadata_errors="ignore")
                )
                self._stream = self._first_stream()
                self._pieces = self._decoded()
                self._waiting = next(self._pieces, None)
            except SourceError:
                raise
            except Exception as error:  # FFmpeg's own errors, and whatever else the bytes provoke
                raise self._failure(f" ({_one_line(error)})") from error
            if self._waiting is None:
                raise self._failure("")
            self._open = stack.pop_all()

    @property
    def frames(self) -> int:
        """How many samples a channel the container promises."""
        if self._kind not in _LENGTH_IS_KNOWN:
            return 0
        duration, unit = self._stream.duration, self._stream.time_base
        if duration and unit:
            return max(0, int(duration * unit * self.samplerate))
        return max(0, int((self._container.duration or 0) * self.samplerate // 1_000_000))

    @property
    def has_more(self) -> bool:
        """Whether something is left to read."""
        return self._waiting is not None

    def read(self, frames: int, dtype: str = "float32", always_2d: bool = True) -> Float32Array:
        """Return the next samples, ``(n, channels)``: none at the end, or where damage begins."""
        parts: list[Float32Array] = []
        wanted = frames
        while wanted > 0 and self._waiting is not None:
            piece = self._waiting
            parts.append(piece[:wanted])
            wanted -= len(parts[-1])
            self._waiting = (
                piece[len(parts[-1]) :] if len(parts[-1]) < len(piece) else next(self._pieces, None)
            )
        return np.concatenate(parts) if parts else np.zeros((0, self.channels), np.float32)

    def close(self) -> None:
        """Let go of the file."""
        self._open.close()

    def _first_stream(self) -> Any:
        streams = self._container.streams.audio
        if not streams or streams[0].codec_context is None:
            raise SourceError("It holds no sound that can be decoded; convert it to WAV.", kind="not_a_sound")
        streams[0].codec_context.thread_count = 1  # sounds are decoded side by side already
        return streams[0]

    def _decoded(self) -> Iterator[Float32Array]:
        """Yield what each packet of the stream holds; a damaged packet is passed over."""
        silent = 0
        for packet in self._packets():
            silent += 1
            if silent > _MOST_SILENT_PACKETS:
                return
            with contextlib.suppress(*self._faults):
                for frame in packet.decode():
                    piece = self._piece(frame)
                    if len(piece):
                        silent = 0
                        yield piece

    def _packets(self) -> Iterator[Any]:
        with contextlib.suppress(*self._faults):  # cut off: what came until then is used
            yield from self._container.demux(self._stream)

    def _piece(self, frame: Any) -> Float32Array:
        samples = _as_float(frame)
        if not self.samplerate:
            self.samplerate, self.channels = int(frame.sample_rate), samples.shape[1]
        if frame.sample_rate != self.samplerate:
            raise SourceError("Its rate changes in the middle; export it again.", kind="unreadable")
        if samples.shape[1] != self.channels:
            samples = np.repeat(samples.mean(axis=1, keepdims=True), self.channels, axis=1)
        return samples

    def _failure(self, reason: str) -> SourceError:
        return SourceError(
            f"The {self._kind.upper()} file is cut off or damaged{reason}; export or copy it again.",
            kind="truncated",
        )


def _as_float(frame: Any) -> Float32Array:
    """Return ``(n, channels)`` float32, whole numbers scaled to between -1 and 1."""
    array: NDArray[Any] = frame.to_ndarray()
    channels = len(frame.layout.channels)
    array = array.T if frame.format.is_planar else array.reshape(-1, channels)
    if array.dtype.kind == "u":
        return ((array.astype(np.float32) - 128.0) / 128.0).astype(np.float32)
    if array.dtype.kind == "i":
        return (array / -float(np.iinfo(array.dtype).min)).astype(np.float32)
    return np.ascontiguousarray(array, dtype=np.float32)


def _one_line(error: Exception) -> str:
    return " ".join(str(getattr(error, "strerror", None) or error).split())[:120] or type(error).__name__
