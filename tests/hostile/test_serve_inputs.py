"""Bad and hostile inputs through the real server: each has its answer, and the server goes on."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image

from serving import DATA, Server

pytestmark = [pytest.mark.bases, pytest.mark.realdata]

ANSWERED = None  # the input is unusual, and yet has an answer


def photo(mode: str = "RGB", size: tuple[int, int] = (64, 48), kind: str = "PNG", **how: Any) -> bytes:
    pixels = np.random.default_rng(1).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    image = Image.fromarray(pixels)
    image = image.convert("L").convert(mode) if mode in ("I;16", "I", "F") else image.convert(mode)
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def sound(samples: Any = None, rate: int = 16000, kind: str = "WAV", subtype: str = "PCM_16") -> bytes:
    if samples is None:
        samples = np.sin(np.arange(8000) / 5) * 0.3
    out = io.BytesIO()
    soundfile.write(out, samples, rate, subtype, format=kind)
    return out.getvalue()


def png(width: int, height: int, rows: int) -> bytes:
    """A PNG that claims a size and has some of its rows, all zero."""
    return as_png(width, height, zlib.compress(bytes(1 + width * 3) * rows, 1))


def as_png(width: int, height: int, packed: bytes) -> bytes:
    """Wrap packed rows of colours."""

    def chunk(name: bytes, content: bytes) -> bytes:
        seal = struct.pack(">I", zlib.crc32(name + content))
        return struct.pack(">I", len(content)) + name + content + seal

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def gif_of_frames() -> bytes:
    frames = [Image.new("RGB", (40, 40), (n * 8, 0, 0)) for n in range(30)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    return out.getvalue()


def endless_wav() -> bytes:
    """Ten hours by its header, a second of it there."""
    return sound(np.zeros(16000)).replace(b"data\0\x7d\0\0", b"data" + struct.pack("<I", 36000 * 32000))


PHOTOS: dict[str, tuple[Callable[[], bytes], str | None]] = {
    "nothing": (lambda: b"", "empty"),
    "a third of a photo": (lambda: photo(kind="JPEG")[:600], "truncated"),
    "a web page named .jpg": (lambda: b"<!doctype html><html>not found</html>", "not_an_image"),
    "colours of print": (lambda: photo("CMYK", kind="JPEG"), ANSWERED),
    "16 bits": (lambda: photo("I;16"), ANSWERED),
    "floats": (lambda: photo("F", kind="TIFF"), ANSWERED),
    "transparent": (lambda: photo("RGBA"), ANSWERED),
    "turned by EXIF": (
        lambda: photo(kind="JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"),
        ANSWERED,
    ),
    "animated": (gif_of_frames, ANSWERED),
    "one pixel": (lambda: photo(size=(1, 1)), "too_small"),
    "a line": (lambda: photo(size=(1, 20000)), "too_thin"),
    "a bomb": (lambda: png(30_000, 30_000, 300), "too_large"),
    "a bomb within the pixels": (lambda: png(7000, 7000, 7000), ANSWERED),
    "EPS in disguise": (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not_an_image"),
    "EPS behind a DOS head": (lambda: b"\xc5\xd0\xd3\xc6" + bytes(60), "not_an_image"),
    "SVG with a script": (
        lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        "not_an_image",
    ),
    "SVG that fetches": (
        lambda: (
            b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>'
        ),
        "not_an_image",
    ),
    "a PDF": (lambda: b"%PDF-1.7\n" + bytes(100), "not_an_image"),
    "a ZIP behind a photo": (lambda: photo(kind="JPEG") + b"PK\x03\x04" + bytes(2000), ANSWERED),
    "a script behind a GIF head": (lambda: b"GIF89a/*" + b"*/=1;alert(1)//" + bytes(40), "unreadable"),
    "a sound": (sound, "not_an_image"),
    "a pickle": (lambda: b"\x80\x04\x95\x10\0\0\0\0\0\0\0\x8c\x05posix\x94", "not_an_image"),
    "chunks of a PNG that lie": (lambda: photo().replace(b"IDAT", b"IDAT\xff"), "truncated"),
    "a name of a file": (lambda: b"/etc/passwd", "not_an_image"),
    "an address": (lambda: b"http://127.0.0.1:9/x.jpg", "not_an_image"),
    "random bytes": (lambda: np.random.default_rng(0).bytes(5000), "not_an_image"),
}
SOUNDS: dict[str, tuple[Callable[[], bytes], str | None]] = {
    "nothing": (lambda: b"", "empty"),
    "8 bits": (lambda: sound(subtype="PCM_U8"), ANSWERED),
    "stereo, 96 kHz, opposite": (
        lambda: sound(
            np.stack([np.sin(np.arange(48000) / 9), -np.sin(np.arange(48000) / 9)], 1) * 0.3,
            96000,
            "WAV",
            "PCM_24",
        ),
        ANSWERED,
    ),
    "not numbers": (lambda: sound(np.full(8000, np.nan), subtype="FLOAT"), "not_numbers"),
    "no samples": (lambda: sound(np.zeros(0)), "empty_sound"),
    "eleven minutes": (lambda: sound(np.zeros(661 * 1000), 1000), "too_long"),
    "ten hours by its header": (endless_wav, "truncated"),
    "a tenth of a clip": (lambda: sound(kind="FLAC")[:400], "truncated"),
    "a photo": (photo, "not_a_sound"),
    "thirty thousand channels": (
        lambda: b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\1\0\x30\x75" + bytes(10) + b"data\0\0\0\0",
        "truncated",
    ),
}
TEXTS: dict[str, tuple[Callable[[], bytes], str | None]] = {
    "nothing": (lambda: b"", "empty"),
    "spaces": (lambda: b"  \n\t ", "empty_text"),
    "NULs": (lambda: b"stocks\0 fell sharply today in London\0", ANSWERED),
    "a mark": (lambda: "\ufeffstocks fell".encode(), ANSWERED),
    "bad UTF-8": (lambda: b"stocks \xff\xfe fell \xc3", ANSWERED),
    "UTF-16": (lambda: "stocks fell".encode("utf-16"), ANSWERED),
    "too many letters": (lambda: b"a " * 60_000, "too_long"),
    "one endless word": (lambda: b"a" * 90_000, ANSWERED),
    "a photo": (photo, "not_text"),
    "right to left": (lambda: "המניות ירדו \u202e gpj".encode(), ANSWERED),
}
CASES = [
    pytest.param(model, make, code, id=f"{model}: {name}")
    for model, cases in (("photos", PHOTOS), ("voice", SOUNDS), ("news", TEXTS))
    for name, (make, code) in cases.items()
]


@pytest.mark.parametrize(("model", "make", "code"), CASES)
def test_it_has_its_answer_and_so_has_its_neighbour(
    server: Server, model: str, make: Callable[[], bytes], code: str | None
) -> None:
    good = {"photos": photo(kind="JPEG"), "voice": sound(), "news": b"stocks fell"}[model]
    found = server.predict(model, [make(), good])
    assert found.status_code == 200
    bad, neighbour = found.json()["predictions"]
    assert neighbour["label"]
    if code is ANSWERED:
        assert bad["label"], bad
        assert 0 < bad["probability"] <= 1
    else:
        assert bad["code"] == code, bad
        assert "\n" not in bad["error"]
        assert "Traceback" not in bad["error"]


@pytest.mark.parametrize(
    "text",
    ["http://127.0.0.1:1/a.jpg", "file:///etc/passwd", "data:image/png;base64", "🥐", "a=b=", "data:,x"],
)
def test_what_is_no_base64_is_never_fetched(server: Server, text: str) -> None:
    with server.client() as client:
        found = client.post("/v1/models/photos:predict", json={"inputs": [text]})
    assert found.status_code == 422
    assert found.json()["code"] in ("not_base64", "empty", "not_an_image")


def test_files_of_real_data_sets_that_do_not_belong(server: Server) -> None:
    wav = next((DATA / "audio" / "spoken_commands" / "yes").iterdir()).read_bytes()
    jpg = next((DATA / "image" / "stamp_photos" / "bird").iterdir()).read_bytes()
    with server.client() as client:
        for model, content, code in (("photos", wav, "not_an_image"), ("voice", jpg, "not_a_sound")):
            body = {"inputs": [base64.b64encode(content).decode()]}
            assert client.post(f"/v1/models/{model}:predict", json=body).json()["code"] == code
        assert client.post("/v1/models/news:predict", files={"files": jpg}).json()["code"] == "not_text"


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "a\r\nX-Evil: 1", "\u202egpj.exe", "<img src=x>", "x" * 3000]
)
def test_names_of_files_are_words_only(server: Server, name: str) -> None:
    with server.client() as client:
        found = client.post("/v1/models/news:predict", files={"files": (name, b"stocks fell")})
    source = found.json()["predictions"][0]["source"]
    assert "x-evil" not in found.headers
    assert len(source) <= 200
    assert "\n" not in source
    assert "\u202e" not in source


def test_the_server_is_well_after_all_this(server: Server) -> None:
    assert server.is_well()
    assert server.predict("photos", [photo()]).status_code == 200
