"""Decoding in processes that may die: same pixels, bounded harm."""

from __future__ import annotations

import io
import os
import shutil
import signal
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from headstart.encoders.audio import decode_sound
from headstart.encoders.image import cut_out, decode_with_thumb
from headstart.errors import SourceError
from headstart.web import wire
from headstart.web.limits import Limits
from headstart.web.sandbox import Sandbox

IMAGE = ("image", 300)
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of POSIX")


def png(width: int = 40, height: int = 30, seed: int = 0) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 255, (height, width, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(Limits(decode_seconds=3, pixels=1_000_000, decode_bytes=200 << 20), workers=2) as made:
        yield made


def settled(sandbox: Sandbox, workers: int = 2) -> list[int]:
    """Wait until all processes run."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if len(sandbox.pids) == workers and sandbox.ready:
            return sandbox.pids
        time.sleep(0.02)
    raise AssertionError("the processes did not start")


@pytest.mark.realdata
def test_photos_come_out_as_they_do_in_process(sandbox: Sandbox, data_root: Path) -> None:
    photos = sorted((data_root / "image" / "stamp_photos").rglob("*.*"))[::20]
    keys = [IMAGE, ("image", 600), ("image", None)]
    futures = [sandbox.submit(photo.read_bytes(), keys) for photo in photos]
    for photo, future in zip(photos, futures, strict=True):
        for key in keys:
            here, there = decode_with_thumb(photo, key[1]), future.result()[key]
            assert np.array_equal(np.asarray(here.value.image), np.asarray(there.value.image))
            assert np.array_equal(here.value.thumb, there.value.thumb)
            assert (here.perceptual, here.note) == (there.perceptual, there.note)
    by_path = sandbox.submit(photos[0], [IMAGE]).result()[IMAGE]
    assert by_path.value.image.size == decode_with_thumb(photos[0], 300).value.image.size


@pytest.mark.realdata
def test_cuts_come_out_as_they_do_in_process_and_alone(sandbox: Sandbox, data_root: Path) -> None:
    photos = sorted((data_root / "image" / "stamp_photos").rglob("*.*"))[::20]
    cuts = [(256, 224, "bicubic"), (280, 240, "bilinear")]
    for photo in photos:
        here = decode_with_thumb(photo, 300).value
        there = sandbox.submit(photo.read_bytes(), [(*IMAGE, *cuts)]).result()[IMAGE].value
        assert list(there.cuts) == cuts
        for cut in cuts:
            assert np.array_equal(there.cuts[cut], cut_out(here.image, cut))
        assert np.array_equal(here.thumb, there.thumb)
        assert there.image.size == (64, 64), "the picture itself stays behind"


@pytest.mark.realdata
def test_sounds_come_out_as_they_do_in_process(data_root: Path) -> None:
    sounds = sorted((data_root / "audio" / "spoken_commands").rglob("*.*"))[::100]
    key = ("audio", 16000, 600.0)
    with Sandbox(Limits(seconds=30), kind="audio", workers=1) as sandbox:
        for sound in sounds:
            there = sandbox.submit(sound.read_bytes(), [key]).result()[key]
            assert np.array_equal(there.value, decode_sound(sound, 16000).value)
        out = io.BytesIO()
        soundfile.write(out, np.zeros(31 * 8000), 8000, format="WAV")
        with pytest.raises(SourceError, match=r"lasts 31 seconds, at most 30") as caught:
            sandbox.submit(out.getvalue(), [key]).result()
        assert caught.value.kind == "too_long"


def test_a_reason_is_told_as_in_process(sandbox: Sandbox) -> None:
    for content in (b"", b"<html>no</html>", b"%!PS-Adobe-3.0", png()[:200], png(3, 3)):
        with pytest.raises(SourceError) as there:
            sandbox.submit(content, [IMAGE]).result()
        with pytest.raises(SourceError) as here:
            decode_with_thumb(content, 300)
        assert (there.value.message, there.value.kind) == (here.value.message, here.value.kind)


def test_the_limit_of_pixels_holds_before_memory_is_taken(sandbox: Sandbox) -> None:
    with pytest.raises(SourceError, match="at most 1 million") as caught:
        sandbox.submit(png(1001, 1001), [IMAGE]).result()
    assert caught.value.kind == "too_large"


@posix
def test_killing_idle_processes_costs_nothing(sandbox: Sandbox) -> None:
    before = sandbox.restarts
    for pid in settled(sandbox):
        os.kill(pid, signal.SIGKILL)
    futures = [sandbox.submit(png(seed=n), [IMAGE]) for n in range(6)]
    assert all(future.result()[IMAGE].value.image.size == (40, 30) for future in futures)
    settled(sandbox)
    assert sandbox.restarts == before + 2


@posix
def test_a_process_that_hangs_is_ended_and_replaced() -> None:
    with Sandbox(Limits(decode_seconds=0.3), workers=1) as sandbox:
        [pid] = settled(sandbox, 1)
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(SourceError, match=r"longer than 0\.3 seconds") as caught:
            sandbox.submit(png(), [IMAGE]).result(timeout=30)
        assert caught.value.kind == "decode_timeout"
        assert sandbox.submit(png(), [IMAGE]).result()[IMAGE].value.image.size == (40, 30)
        assert sandbox.pids != [pid]


@posix
@pytest.mark.slow
def test_a_process_killed_at_work_costs_that_input_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """The picture takes seconds to decode; its process is killed in the middle."""
    slow = bomb(20_000, 9_000)
    with Sandbox(Limits(pixels=200_000_000, decode_bytes=2 << 30), workers=1) as sandbox:
        [pid] = settled(sandbox, 1)
        future = sandbox.submit(slow, [("image", None)])
        after = sandbox.submit(png(), [IMAGE])
        until = time.monotonic() + 20
        while resident(pid) < 200 << 20 and time.monotonic() < until:
            time.sleep(0.005)
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(SourceError) as caught:
            future.result()
        assert caught.value.kind == "decoder_died"
        assert after.result()[IMAGE].value.image.size == (40, 30)


@posix
def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    with Sandbox(Limits(pixels=200_000_000, decode_bytes=50 << 20), workers=1) as sandbox:
        with pytest.raises(SourceError, match="needs more memory") as caught:
            sandbox.submit(bomb(12_000, 12_000), [IMAGE]).result()
        assert caught.value.kind == "too_large"
        assert sandbox.submit(png(), [IMAGE]).result()[IMAGE].value.image.size == (40, 30)


@posix
@pytest.mark.parametrize("kind", ["image", "audio"])
def test_a_process_has_no_secrets_and_can_write_nothing(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setenv("HEADSTART_TOKEN", "very-secret")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very-secret")
    with Sandbox(Limits(), kind=kind, workers=1) as sandbox:
        [pid] = settled(sandbox, 1)
        assert b"very-secret" not in Path(f"/proc/{pid}/environ").read_bytes()
        limits = Path(f"/proc/{pid}/limits").read_text()
    for name in ("Max file size", "Max core file size", "Max processes"):
        line = next(line for line in limits.splitlines() if line.startswith(name))
        soft, hard = line.removeprefix(name).split()[:2]
        if name == "Max processes" and kind == "image":  # HEIC photos are decoded in a thread
            assert int(soft) == int(hard) <= 1 << 16
        else:
            assert (soft, hard) == ("0", "0"), line


@posix
@pytest.mark.skipif(shutil.which("heif-enc") is None, reason="heif-enc is not installed")
def test_photos_of_phones_are_decoded_as_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "in.png").write_bytes(png(120, 90))
    subprocess.run(["heif-enc", "in.png", "-o", "a.heic"], cwd=tmp_path, check=True, capture_output=True)
    content = (tmp_path / "a.heic").read_bytes()
    with Sandbox(Limits(), workers=1) as sandbox:
        decoded = sandbox.submit(content, [IMAGE]).result()[IMAGE]
    assert decoded.value.image.tobytes() == decode_with_thumb(content, 300).value.image.tobytes()


@posix
@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
def test_sounds_of_phones_are_decoded_as_elsewhere(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "in.wav", np.random.default_rng(0).uniform(-0.3, 0.3, 16000), 16000)
    subprocess.run(["ffmpeg", "-i", "in.wav", "a.m4a"], cwd=tmp_path, check=True, capture_output=True)
    content, key = (tmp_path / "a.m4a").read_bytes(), ("audio", 16000, 600.0)
    with Sandbox(Limits(), kind="audio", workers=1) as sandbox:
        decoded = sandbox.submit(content, [key]).result()[key]
    np.testing.assert_array_equal(decoded.value, decode_sound(content, 16000).value)


def test_what_waits_is_refused_when_it_closes() -> None:
    sandbox = Sandbox(Limits(), workers=1)
    sandbox.close()
    with pytest.raises(SourceError, match="is stopping"):
        sandbox.submit(png(), [IMAGE]).result(timeout=5)


@pytest.mark.parametrize(
    ("about", "size"),
    [
        ({"width": 10, "height": 10, "note": "", "perceptual": ""}, 299 + 64 * 64 * 3),
        ({"width": -1, "height": -100, "note": "", "perceptual": ""}, 300 + 64 * 64 * 3),
        ({"width": "x", "height": 10, "note": "", "perceptual": ""}, 300),
        ({"width": 10, "height": 10, "note": "", "perceptual": "zz"}, 300 + 64 * 64 * 3),
        ({"height": 10, "note": "", "perceptual": ""}, 300),
    ],
)
def test_a_decoder_that_lies_is_not_believed(about: dict[str, object], size: int) -> None:
    with pytest.raises((ValueError, KeyError)):
        wire.unpacked(IMAGE, about, memoryview(bytes(size)))


def test_a_sound_of_no_numbers_is_not_believed() -> None:
    about = {"note": "", "perceptual": ""}
    key = ("audio", 16000, 600.0)
    with pytest.raises(ValueError, match="not numbers"):
        wire.unpacked(key, about, memoryview(np.array([np.nan], dtype="<f4").tobytes()))
    with pytest.raises(ValueError, match="whole"):
        wire.unpacked(key, about, memoryview(b"abcde"))


def bomb(width: int, height: int) -> bytes:
    """A small PNG file that unpacks to a large picture."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        )

    row = b"\0" + bytes(width * 3)
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096
    except (OSError, IndexError):
        return 1 << 60
