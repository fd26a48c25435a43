"""Sounds of every format and fault come out as one channel at the rate asked for, or with a reason."""

from __future__ import annotations

import contextlib
import io
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile

from headstart.data.audio import decode_audio, downmix
from headstart.errors import SourceError

RATE = 16000


def tone(seconds: float = 1.0, rate: int = RATE, pitch: float = 440.0, peak: float = 0.5) -> np.ndarray:
    return (peak * np.sin(2 * np.pi * pitch * np.arange(int(seconds * rate)) / rate)).astype(np.float32)


def encoded(samples: np.ndarray, rate: int = RATE, kind: str = "WAV", subtype: str = "PCM_16") -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format=kind, subtype=subtype)
    return buffer.getvalue()


def pitch_of(samples: np.ndarray, rate: int = RATE) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(spectrum.argmax() * rate / len(samples))


@pytest.mark.parametrize(
    ("kind", "subtype", "error"),
    [
        ("WAV", "PCM_16", 1e-4),
        ("WAV", "PCM_U8", 0.01),
        ("WAV", "PCM_24", 1e-5),
        ("WAV", "PCM_32", 1e-5),
        ("WAV", "FLOAT", 1e-7),
        ("WAV", "DOUBLE", 1e-7),
        ("WAV", "ULAW", 0.05),
        ("FLAC", "PCM_16", 1e-4),
        ("AIFF", "PCM_16", 1e-4),
        ("OGG", "VORBIS", 0.1),
    ],
)
def test_formats_at_the_same_rate(kind: str, subtype: str, error: float) -> None:
    samples, note = decode_audio(encoded(tone(), kind=kind, subtype=subtype), rate=RATE)
    assert samples.dtype == np.float32
    np.testing.assert_allclose(samples, tone(), atol=error)
    assert note == ""


@pytest.mark.parametrize("kind", ["MP3", "OGG"])
def test_lossy_formats_keep_the_tone(kind: str) -> None:
    subtype = {"MP3": "MPEG_LAYER_III", "OGG": "OPUS"}[kind]
    samples, note = decode_audio(encoded(tone(), kind=kind, subtype=subtype), rate=RATE)
    assert pitch_of(samples) == pytest.approx(440, abs=2)
    assert len(samples) == pytest.approx(RATE, rel=0.1)
    assert note == ""


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 44100, 48000, 96000, 192000])
def test_resampled_to_the_rate_asked_for(rate: int) -> None:
    samples, _ = decode_audio(encoded(tone(3, rate), rate), rate=RATE)
    assert abs(len(samples) - 3 * RATE) <= 1
    np.testing.assert_allclose(samples[800:-800], tone(3)[800 : len(samples) - 800], atol=2e-3)


def test_stereo_at_96_khz_even_in_antiphase() -> None:
    left = tone(1, 96000)
    for right in (left, -left, np.zeros_like(left)):
        samples, _ = decode_audio(encoded(np.stack([left, right], 1), 96000, subtype="PCM_24"), rate=RATE)
        assert np.abs(samples).max() > 0.2
        assert pitch_of(samples) == pytest.approx(440, abs=2)


def test_downmix_keeps_the_mean_unless_it_cancels() -> None:
    rng = np.random.default_rng(0)
    pair = rng.normal(size=(1000, 2)).astype(np.float32)
    np.testing.assert_allclose(downmix(pair), pair.mean(1), rtol=1e-5, atol=1e-6)
    opposite = np.stack([pair[:, 0], -2 * pair[:, 0]], 1)
    assert np.abs(downmix(opposite)).max() > 0.4
    cancelling = np.stack([pair[:, 0], -0.9 * pair[:, 0]], 1)
    np.testing.assert_array_equal(downmix(cancelling), pair[:, 0])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_not_numbers_are_refused(bad: float) -> None:
    samples = tone()
    samples[777] = bad
    for source in (encoded(samples, subtype="FLOAT"), samples):
        with pytest.raises(SourceError, match=r"not numbers.*export") as caught:
            decode_audio(source, rate=RATE)
        assert caught.value.kind == "not_numbers"


def test_no_samples() -> None:
    for source in (encoded(np.zeros(0, np.float32)), np.zeros(0, np.float32)):
        with pytest.raises(SourceError, match="no samples") as caught:
            decode_audio(source, rate=RATE)
        assert caught.value.kind == "empty_sound"


def test_silence_is_used_and_noted() -> None:
    samples, note = decode_audio(encoded(np.zeros(RATE, np.float32)), rate=RATE)
    assert len(samples) == RATE
    assert "silent" in note


def test_thousand_channels_are_refused_before_memory_is_taken() -> None:
    with pytest.raises(SourceError, match="1000 channels"):
        decode_audio(encoded(np.zeros((4, 1000), np.float32)), rate=RATE)


def test_one_sample_is_a_sound() -> None:
    assert len(decode_audio(encoded(np.array([0.5])), rate=RATE)[0]) == 1


@pytest.mark.parametrize(
    ("kind", "subtype"), [("WAV", "PCM_16"), ("FLAC", "PCM_16"), ("MP3", "MPEG_LAYER_III")]
)
def test_truncated_sound_is_used_when_most_is_there(kind: str, subtype: str) -> None:
    noise = np.random.default_rng(0).normal(size=10 * RATE).astype(np.float32) * 0.1
    data = encoded(noise, kind=kind, subtype=subtype)
    samples, note = decode_audio(data[: int(len(data) * 0.8)], rate=RATE)
    assert 5 * RATE < len(samples) < 9 * RATE
    assert "cut off" in note
    assert "of 10.0 seconds" in note
    with pytest.raises(SourceError, match="cut off") as caught:
        decode_audio(data[: int(len(data) * 0.2)], rate=RATE)
    assert caught.value.kind == "truncated"


@pytest.mark.parametrize(("kind", "subtype"), [("WAV", "PCM_16"), ("FLAC", "PCM_16"), ("OGG", "VORBIS")])
@pytest.mark.parametrize("size", [12, 30, 60])
def test_nothing_but_a_header_is_refused(kind: str, subtype: str, size: int) -> None:
    with pytest.raises(SourceError):
        decode_audio(encoded(tone(), kind=kind, subtype=subtype)[:size], rate=RATE)


def never_finished(size: int) -> bytes:
    """Return a WAV whose recorder was switched off before it wrote the length."""
    data = bytearray(encoded(tone()))
    at = data.index(b"data") + 4
    data[at : at + 4] = data[4:8] = struct.pack("<I", size)
    return bytes(data)


def test_recorder_that_never_wrote_the_length() -> None:
    samples, note = decode_audio(never_finished(0xFFFFFFFF), rate=RATE)
    assert (len(samples), note) == (RATE, "")
    # libsndfile takes a length of zero at its word.
    with pytest.raises(SourceError, match="no samples"):
        decode_audio(never_finished(0), rate=RATE)


def ten_hours(path: Path) -> None:
    """Write a WAV of ten hours, 8-bit, 8 kHz, nearly all of it a hole in the file."""
    frames = 10 * 3600 * 8000
    header = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        frames + 36,
        b"WAVE",
        b"fmt ",
        16,
        1,
        1,
        8000,
        8000,
        1,
        8,
        b"data",
        frames,
    )
    with path.open("wb") as handle:
        handle.write(header + (128 + 100 * tone(60, 8000)).astype(np.uint8).tobytes())
        handle.truncate(len(header) + frames)


def test_ten_hours_cost_no_more_than_what_is_used(tmp_path: Path) -> None:
    ten_hours(tmp_path / "long.wav")
    tracemalloc.start()
    samples, note = decode_audio(tmp_path / "long.wav", rate=RATE, max_seconds=30)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(samples) == 30 * RATE
    assert note == "only the first 30 seconds of 10 hours are used"
    assert peak < 20_000_000  # 30 s are 1.9 MB; the whole would be 2.3 GB
    assert pitch_of(samples) == pytest.approx(440, abs=1)


def test_arrays() -> None:
    np.testing.assert_array_equal(decode_audio(tone(), rate=RATE)[0], tone())
    np.testing.assert_allclose(
        decode_audio((tone() * 32767).astype(np.int16), rate=RATE)[0], tone(), atol=1e-4
    )
    assert decode_audio(np.stack([tone(), tone()]), rate=RATE)[0].shape == (RATE,)
    samples, note = decode_audio(tone() * 30000, rate=RATE)
    assert np.abs(samples).max() <= 1
    assert "scaled" in note
    cut, note = decode_audio(tone(3), rate=RATE, max_seconds=1)
    assert len(cut) == RATE
    assert "first 1 seconds of 3 seconds" in note
    with pytest.raises(SourceError):
        decode_audio(np.zeros((2, 3, 4)), rate=RATE)
    with pytest.raises(SourceError):
        decode_audio(np.array(["a"]), rate=RATE)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"<html></html>", "web page"),
        (b"\xff\xd8\xff\xe0 jpeg", "JPEG"),
        (b"\0\0\0\x20ftypM4A ", "M4A"),
    ],
)
def test_what_is_no_sound_is_named(tmp_path: Path, data: bytes, words: str) -> None:
    (tmp_path / "a.wav").write_bytes(data)
    with pytest.raises(SourceError, match=words):
        decode_audio(tmp_path / "a.wav", rate=RATE)


def test_damaged_bytes_never_raise_anything_else() -> None:
    rng = np.random.default_rng(1)
    for kind, subtype in (("WAV", "PCM_16"), ("FLAC", "PCM_16"), ("OGG", "VORBIS")):
        good = bytearray(encoded(tone(0.2), kind=kind, subtype=subtype))
        for _ in range(60):
            bad = bytearray(good)
            for place in rng.integers(0, min(len(bad), 200), 4):
                bad[place] = rng.integers(0, 256)
            with contextlib.suppress(SourceError):  # anything else fails the test
                samples, _ = decode_audio(bytes(bad), rate=RATE, max_seconds=2)
                assert samples.ndim == 1
                assert len(samples) <= 2 * RATE
