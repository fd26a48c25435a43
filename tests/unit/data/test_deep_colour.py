"""Colour pictures of 16 bits are read with all of their bits, whoever wrote them."""

from __future__ import annotations

import io
import shutil
import struct
import subprocess
import zlib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from headstart.data.deep_pictures import find_scale
from headstart.data.image import decode_image, stored_pixels
from headstart.data.pixel_scale import PixelScale
from headstart.encoders.image import decode_with_thumb
from headstart.errors import DataError, SourceError

TWELVE_BITS = PixelScale(whole=(0, 4095))


def colours(high: int = 3900, channels: int = 3, shape: tuple[int, int] = (24, 40)) -> NDArray[np.uint16]:
    values = np.random.default_rng(5).integers(0, high, (*shape, channels), dtype=np.uint16)
    if channels in (2, 4):
        values[:, :, -1] = 65535
    return values


def png(values: NDArray[np.uint16], exif: bytes = b"") -> bytes:
    """Write a PNG of 16 bits, which Pillow cannot."""
    height, width, channels = values.shape
    kind = {2: 4, 3: 2, 4: 6}[channels]
    head = struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    chunks = [
        (b"IHDR", head),
        *([(b"eXIf", exif)] if exif else []),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def expected(values: NDArray[np.uint16], high: int) -> NDArray[np.uint8]:
    return np.rint(np.clip(values.astype(float) * 255 / high, 0, 255)).astype(np.uint8)


def near(found: NDArray[np.uint8], wanted: NDArray[np.uint8], most: int = 1) -> bool:
    return found.shape == wanted.shape and bool((abs(found.astype(int) - wanted.astype(int)) <= most).all())


@pytest.mark.parametrize("channels", [3, 4])
def test_all_bits_of_colours_are_read(channels: int) -> None:
    values = colours(channels=channels)
    found = decode_image(png(values), scale=TWELVE_BITS)
    assert near(found, expected(values[:, :, :3], 4095))
    assert len(np.unique(found)) > 200  # of the upper byte alone, 16


def test_grey_with_opacity() -> None:
    values = colours(channels=2)
    found = decode_image(png(values), scale=TWELVE_BITS)
    assert near(found[:, :, 0], expected(values[:, :, 0], 4095))
    values[:, :, 1] = 0
    assert decode_image(png(values), scale=TWELVE_BITS).min() == 255


def test_opacity_has_a_scale_of_its_own() -> None:
    values = np.zeros((8, 8, 4), np.uint16)
    values[:, :, 3] = 32768
    assert near(decode_image(png(values), scale=TWELVE_BITS), np.full((8, 8, 3), 127, np.uint8))


def test_one_scale_for_a_data_set_in_colour() -> None:
    pictures = [png(colours(high)) for high in (3900, 3000, 2000)]
    scale, note = find_scale(pictures)
    assert scale == PixelScale(whole=(0, 4095))
    assert note == "3 pictures have more than 8 bits; one scale for all: 0 to 4,095."
    means = [decode_image(one, scale=scale).mean() for one in pictures]
    assert means[0] > 1.2 * means[1] > 1.2 * 1.2 * means[2]  # what is darker stays darker
    hot = colours(3900)
    hot[3, 3] = 65535
    assert find_scale([png(hot), *pictures])[0] == scale


def test_photos_of_16_bits_beside_others_stay_as_bright_as_they_are() -> None:
    values = colours(50_000)
    plain = expected(values, 65535)
    out = io.BytesIO()
    Image.fromarray(plain).save(out, "PNG")
    scale, _ = find_scale([png(values), out.getvalue()])
    assert scale == PixelScale(whole=(0, 65535))
    assert near(decode_image(png(values), scale=scale), decode_image(out.getvalue(), scale=scale))
    assert near(decode_image(png(values)), plain)


def test_turned_as_its_exif_says() -> None:
    values = colours()
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = decode_image(png(values, exif.tobytes().removeprefix(b"Exif\0\0")), scale=TWELVE_BITS)
    assert near(turned, expected(np.rot90(values, -1), 4095))


def test_a_deep_picture_that_is_cut_off_is_refused() -> None:
    content = png(colours())
    with pytest.raises(SourceError, match="cut off or damaged"):
        decode_image(content[: len(content) // 2], scale=TWELVE_BITS)
    assert stored_pixels(content[: len(content) // 2]) is None


def test_strips_of_a_large_picture_fit_together() -> None:
    values = colours(shape=(600, 40))
    assert near(decode_image(png(values), scale=TWELVE_BITS), expected(values, 4095))


magick = pytest.mark.skipif(shutil.which("convert") is None, reason="needs ImageMagick")
WAYS = {
    "raw": ["-compress", "None"],
    "lzw": ["-compress", "LZW"],
    "zip": ["-compress", "Zip"],
    "big-endian": ["-endian", "MSB", "-compress", "None"],
    "big-endian lzw": ["-endian", "MSB", "-compress", "LZW"],
    "tiles": ["-define", "tiff:tile-geometry=16x16"],
}


def converted(folder: Path, values: NDArray[np.uint16], name: str, *options: str) -> Path:
    height, width, _ = values.shape
    (folder / "raw.rgb").write_bytes(values.astype("<u2").tobytes())
    given = ["-size", f"{width}x{height}", "-depth", "16", "-endian", "LSB", f"RGB:{folder / 'raw.rgb'}"]
    command = ["convert", *given, "-type", "TrueColor", *options, str(folder / name)]
    subprocess.run(command, capture_output=True)  # it warns of tags of its own and fails, the file written
    assert (folder / name).is_file()
    return folder / name


@magick
@pytest.mark.parametrize("way", WAYS)
def test_tiff_of_another_program(tmp_path: Path, way: str) -> None:
    values = colours()
    path = converted(tmp_path, values, "a.tif", *WAYS[way])
    assert near(decode_image(path, scale=TWELVE_BITS), expected(values, 4095))
    stored = stored_pixels(path)
    assert stored is not None
    assert (stored == values).all()


@magick
def test_png_of_another_program(tmp_path: Path) -> None:
    values = colours()
    for options in ([], ["-interlace", "PNG"]):
        path = converted(tmp_path, values, "a.png", *options, "-define", "png:color-type=2")
        assert near(decode_image(path, scale=TWELVE_BITS), expected(values, 4095))


@magick
def test_what_pillow_reads_wrongly_is_refused(tmp_path: Path) -> None:
    planes = converted(tmp_path, colours(), "a.tif", "-interlace", "plane", "-compress", "None")
    with pytest.raises(
        SourceError, match=r"stand in a plane each, which is not read; save it with the colours"
    ):
        decode_image(planes)
    floating = converted(
        tmp_path, colours(), "b.tif", "-depth", "32", "-define", "quantum:format=floating-point"
    )
    with pytest.raises(SourceError, match="stores its colours in a way that is not read here"):
        decode_image(floating)


# --- arrays of floating numbers ---------------------------------------------------------------------------


def test_arrays_of_two_scales_are_refused() -> None:
    unit = [np.random.default_rng(n).random((8, 8, 3)).astype(np.float32) for n in range(4)]
    with pytest.raises(
        DataError, match=r"from 0 to 1 \(4 of 8 that were looked at\), others to 255"
    ) as caught:
        find_scale([*unit, *(255 * one for one in unit)])
    assert "multiply those" in str(caught.value.hint)
    assert find_scale(unit) == (None, "")
    assert find_scale([255 * one for one in unit])[0] == PixelScale(floating=(0, 255))


def test_what_resizing_adds_changes_no_scale() -> None:
    plain = np.linspace(0, 1, 192, dtype=np.float32).reshape(8, 8, 3)
    more = np.linspace(-0.04, 1.05, 192, dtype=np.float32).reshape(8, 8, 3)
    assert find_scale([plain, more]) == (None, "")
    assert abs(decode_image(plain).mean() - decode_image(more).mean()) < 2


def test_normalised_pixels_have_one_scale_or_none() -> None:
    normalised = [np.random.default_rng(n).normal(0, 1, (8, 8, 3)).astype(np.float32) for n in range(4)]
    scale, _ = find_scale(normalised)
    assert scale is not None
    assert scale.floating is not None
    bright = normalised[0] + np.float32(0.5)
    means = [decode_with_thumb(one, None, scale=scale).value.thumb.mean() for one in (normalised[0], bright)]
    assert means[1] > means[0] + 10
    for without in (None, PixelScale(whole=(0, 4095))):
        with pytest.raises(SourceError, match=r"as after normalising for a network.*x \* std \+ mean"):
            decode_with_thumb(normalised[0], None, scale=without)
