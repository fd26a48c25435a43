"""What stands beside the pixels never condemns a picture, and lets no bomb through."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from headstart.data.dimensions import picture_size
from headstart.data.image import decode_image
from headstart.errors import SourceError

PICTURE = np.random.default_rng(0).integers(0, 256, (40, 56, 3), dtype=np.uint8)
LONG = b"x" * 50_000_000


def encoded(kind: str, **options: object) -> bytes:
    held = io.BytesIO()
    Image.fromarray(PICTURE).save(held, kind, **options)
    return held.getvalue()


def chunk(name: bytes, body: bytes, check: int | None = None) -> bytes:
    found = zlib.crc32(name + body) if check is None else check
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", found)


def png(*chunks: bytes, at: int = 33) -> bytes:
    plain = encoded("PNG")
    return plain[:at] + b"".join(chunks) + plain[at:]


def exif(orientation: int) -> bytes:
    found = Image.Exif()
    found[0x0112] = orientation
    found[0x010E] = "a picture"
    return found.tobytes()


@pytest.mark.parametrize(
    "chunks",
    [
        [chunk(b"tEXt", b"Comment\x00" + LONG)],
        [chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(LONG))],
        [chunk(b"iTXt", b"Comment\x00\x01\x00\x00\x00" + zlib.compress(LONG))],
        [chunk(b"tEXt", b"k%d\x00" % number + LONG[:900_000]) for number in range(90)],
        [chunk(b"iCCP", b"profile\x00\x00" + zlib.compress(LONG))],
        [chunk(b"iCCP", b"profile\x00\x07odd")],
        [chunk(b"iCCP", b"")],
        [chunk(b"tEXt", b"Comment\x00damaged", check=1)],
        [chunk(b"eXIf", b"\xff" * 40)],
        [chunk(b"eXIf", b"\xff" * 40, check=1)],
        [chunk(b"gAMA", b"x"), chunk(b"cHRM", b"x"), chunk(b"pHYs", b"x"), chunk(b"tIME", b"x")],
    ],
)
def test_png_is_read_whatever_it_says_about_itself(chunks: list[bytes]) -> None:
    np.testing.assert_array_equal(decode_image(png(*chunks)), PICTURE)


def test_long_texts_after_the_pixels_and_rubbish_after_the_end() -> None:
    text = chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(LONG))
    np.testing.assert_array_equal(decode_image(png(text, at=-12)), PICTURE)
    np.testing.assert_array_equal(decode_image(png() + b"rubbish" * 9000), PICTURE)


def test_png_passed_over_texts_is_still_turned_upright(tmp_path: Path) -> None:
    text = chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(LONG))
    (tmp_path / "a.png").write_bytes(png(text, chunk(b"eXIf", exif(6).removeprefix(b"Exif\x00\x00"))))
    np.testing.assert_array_equal(decode_image(tmp_path / "a.png"), np.rot90(PICTURE, -1))
    assert picture_size(tmp_path / "a.png") == (40, 56)


def test_a_bomb_with_long_texts_is_still_a_bomb() -> None:
    text = chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(LONG))
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
    bomb = (
        b"\x89PNG\r\n\x1a\n"
        + header
        + text
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )
    with pytest.raises(SourceError, match="60000 x 60000 pixels") as caught:
        decode_image(bomb)
    assert caught.value.kind == "too_large"


def test_a_cut_png_with_long_texts_is_called_cut_off() -> None:
    text = chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(LONG))
    with pytest.raises(SourceError, match="again"):
        decode_image(png(text)[:-3000])


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


@pytest.mark.parametrize(
    "segments",
    [
        [segment(0xE1, b"http://ns.adobe.com/xmp/extension/\x00" + LONG[:65_000])] * 800,
        [segment(0xE2, b"ICC_PROFILE\x00" + bytes([n, 255]) + LONG[:65_000]) for n in range(1, 256)],
        [segment(0xFE, LONG[:65_000])] * 800,
        [segment(0xE2, b"ICC_PROFILE\x00")],
        [segment(0xE2, b"MPF\x00abc")],
        [segment(0xE0, b"JFIF")],
        [segment(0xEE, b"Adobe")],
        [segment(0xED, b"Photoshop 3.0\x008BIM\x03\xed\x00\x00\x00\x00\x00\x10abc")],
        [segment(0xE1, b"Exif\x00\x00MM\x00*\xff\xff\xff\xff")],
    ],
)
def test_jpeg_is_read_whatever_it_says_about_itself(segments: list[bytes]) -> None:
    plain = encoded("JPEG")
    out = decode_image(plain[:2] + b"".join(segments) + plain[2:] + b"rubbish" * 9000)
    np.testing.assert_array_equal(out, decode_image(plain))


def test_jpeg_with_a_broken_profile_is_still_turned_upright() -> None:
    plain = encoded("JPEG", exif=exif(6))
    out = decode_image(plain[:2] + segment(0xE2, b"ICC_PROFILE\x00") + plain[2:])
    np.testing.assert_array_equal(out, decode_image(plain))
    assert out.shape == (56, 40, 3)


@pytest.mark.parametrize("kind", ["WEBP", "TIFF", "AVIF", "JPEG2000"])
def test_large_profiles_in_other_formats(kind: str) -> None:
    options = {"lossless": True} if kind == "WEBP" else {"quality": 100} if kind == "AVIF" else {}
    out = decode_image(encoded(kind, icc_profile=LONG[:8_000_000], **options))
    np.testing.assert_array_equal(out, decode_image(encoded(kind, **options)))


def test_avif_with_broken_exif_is_read() -> None:
    whole = encoded("AVIF", exif=exif(6))
    at = whole.rindex(exif(6)[6:10])
    out = decode_image(whole[:at] + b"XXXX" + whole[at + 4 :])
    np.testing.assert_array_equal(out, decode_image(whole))
