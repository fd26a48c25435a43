"""Pictures of every depth, mode and orientation come out as upright 8-bit RGB."""

from __future__ import annotations

import contextlib
import io
import struct
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from headstart.data.image import decode_image
from headstart.data.quiet import quietly
from headstart.errors import SourceError


def picture(width: int = 64, height: int = 48) -> np.ndarray:
    """Four quarters of different colours: red, green above; blue, white below."""
    out = np.zeros((height, width, 3), np.uint8)
    out[: height // 2, : width // 2] = (255, 0, 0)
    out[: height // 2, width // 2 :] = (0, 255, 0)
    out[height // 2 :, : width // 2] = (0, 0, 255)
    out[height // 2 :, width // 2 :] = 255
    return out


def encoded(image: Image.Image | np.ndarray, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "WEBP", "GIF"])
def test_lossless_formats_come_back_exactly(kind: str) -> None:
    data = encoded(picture(), kind, **({"lossless": True} if kind == "WEBP" else {}))
    out = decode_image(data)
    assert out.dtype == np.uint8
    assert out.flags["C_CONTIGUOUS"]
    np.testing.assert_array_equal(out, picture())


def test_jpeg_is_scaled_to_at_least_the_size_asked_for() -> None:
    data = encoded(Image.fromarray(picture()).resize((1600, 1200)), "JPEG")
    assert decode_image(data).shape == (1200, 1600, 3)
    assert decode_image(data, cover=250).shape == (300, 400, 3)
    assert decode_image(data, cover=150).shape == (150, 200, 3)
    assert decode_image(data, cover=5000).shape == (1200, 1600, 3)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "BMP"])
def test_other_formats_shrink_too_but_never_below_the_size_asked_for(kind: str) -> None:
    out = decode_image(encoded(Image.fromarray(picture()).resize((1600, 1200)), kind), cover=100)
    assert 100 <= min(out.shape[:2]) < 1200
    assert out.shape[1] / out.shape[0] == pytest.approx(4 / 3, rel=0.02)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_exif_orientation_is_applied(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    options: dict[str, object] = {"quality": 100, "subsampling": 0} if kind == "JPEG" else {}
    if kind == "WEBP":
        options["lossless"] = True
    out = decode_image(encoded(picture(), kind, exif=exif, **options))
    # What each value means, from the EXIF standard: where row 0 and column 0 of the stored picture belong.
    right = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: np.rot90(a, -1),
        7: lambda a: np.rot90(a, 2).transpose(1, 0, 2),
        8: lambda a: np.rot90(a),
    }[orientation](picture())
    assert out.shape == right.shape
    assert np.abs(out.astype(int) - right).mean() < 6


def test_damaged_exif_means_not_turned_and_no_warning() -> None:
    for exif in (
        b"Exif\x00\x00",
        b"Exif\x00\x00MM\x00*\xff\xff\xff\xff",
        b"Exif\x00\x00II*\x00\x08\x00\x00\x00\xff\xff",
    ):
        assert decode_image(encoded(picture(), "JPEG", exif=exif)).shape == (48, 64, 3)


def test_transparency_lies_on_white() -> None:
    rgba = np.zeros((8, 8, 4), np.uint8)
    rgba[..., 0] = 200
    rgba[:4, :, 3] = 255
    rgba[4:, :, 3] = 51  # one fifth
    out = decode_image(encoded(rgba, "PNG"))
    np.testing.assert_array_equal(out[0, 0], (200, 0, 0))
    np.testing.assert_array_equal(out[7, 0], (244, 204, 204))
    np.testing.assert_array_equal(out, decode_image(rgba))


def test_palette_with_transparent_colour() -> None:
    image = Image.new("P", (8, 8), 1)
    image.putpalette([10, 20, 30, 40, 50, 60] + [0] * 762)
    image.putpixel((0, 0), 0)
    out = decode_image(encoded(image, "PNG", transparency=0))
    np.testing.assert_array_equal(out[0, 0], (255, 255, 255))
    np.testing.assert_array_equal(out[1, 1], (40, 50, 60))
    out = decode_image(encoded(image, "PNG", transparency=bytes([255, 0])))
    np.testing.assert_array_equal(out[1, 1], (255, 255, 255))


def test_grey_and_black_and_white() -> None:
    grey = np.arange(64, dtype=np.uint8).reshape(8, 8)
    np.testing.assert_array_equal(decode_image(encoded(grey, "PNG")), np.repeat(grey[..., None], 3, 2))
    bits = Image.fromarray(grey > 30).convert("1")
    assert set(np.unique(decode_image(encoded(bits, "PNG")))) == {0, 255}
    np.testing.assert_array_equal(decode_image(encoded(grey, "PNG", transparency=5))[0, 5], (255, 255, 255))


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_not_cut(kind: str) -> None:
    deep = np.linspace(0, 65535, 256).astype(np.uint16).reshape(16, 16)
    out = decode_image(encoded(Image.fromarray(deep), kind))
    np.testing.assert_allclose(out[..., 0], deep / 257, atol=1)


def test_twelve_bit_data_in_sixteen_bits_is_not_black() -> None:
    deep = np.linspace(0, 4095, 256).astype(np.uint16).reshape(16, 16)
    assert decode_image(encoded(Image.fromarray(deep), "TIFF")).max() == 255


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (0.0, 255.0), (-3.0, 7.0), (0.0, 1e30)])
def test_floating_tiff_keeps_its_order_and_range(low: float, high: float) -> None:
    values = np.linspace(low, high, 256, dtype=np.float32).reshape(16, 16)
    out = decode_image(encoded(Image.fromarray(values), "TIFF"))[..., 0].ravel()
    assert (np.diff(out.astype(int)) >= 0).all()
    assert (out[0], out[-1]) == (0, 255)


def test_floating_pixels_that_are_not_numbers() -> None:
    values = np.linspace(0, 1, 64, dtype=np.float32).reshape(8, 8)
    values[3, 3] = np.nan
    assert decode_image(values)[3, 3, 0] == 0
    with pytest.raises(SourceError, match="None of its pixels is a number") as caught:
        decode_image(np.full((8, 8), np.nan))
    assert caught.value.kind == "not_numbers"


def test_cmyk_jpeg_is_not_inverted() -> None:
    red = Image.new("RGB", (16, 16), (250, 5, 5))
    out = decode_image(encoded(red.convert("CMYK"), "JPEG", quality=100))
    np.testing.assert_allclose(out[8, 8], (250, 5, 5), atol=8)


def test_first_frame_of_an_animation() -> None:
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "lime", "blue")]
    for kind, options in (("GIF", {}), ("WEBP", {"lossless": True}), ("PNG", {})):
        data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], **options)
        np.testing.assert_array_equal(decode_image(data)[8, 8], (255, 0, 0))


def test_arrays_of_each_shape() -> None:
    rgb = picture()
    assert np.shares_memory(decode_image(rgb), rgb)
    assert decode_image(rgb[..., 0]).shape == (48, 64, 3)
    assert decode_image(rgb[..., :1]).shape == (48, 64, 3)
    np.testing.assert_array_equal(decode_image(rgb.astype(np.float32) / 255), rgb)
    np.testing.assert_array_equal(decode_image(rgb[..., 0] > 0)[0, 0], (255, 255, 255))
    for bad in (np.zeros((3, 48, 64)), np.zeros(5), np.zeros((4, 4, 3), complex)):
        with pytest.raises(SourceError) as caught:
            decode_image(bad)
        assert caught.value.kind == "not_an_image"


def test_path_and_bytes_agree(tmp_path: Path) -> None:
    data = encoded(picture(), "JPEG")
    (tmp_path / "a.dat").write_bytes(data)
    np.testing.assert_array_equal(decode_image(tmp_path / "a.dat"), decode_image(data))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP"])
@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9])
def test_truncated_files_are_refused_with_a_reason(kind: str, share: float) -> None:
    rng = np.random.default_rng(0)
    data = encoded(rng.integers(0, 255, (64, 64, 3), dtype=np.uint8), kind)
    with pytest.raises(SourceError) as caught:
        decode_image(data[: int(len(data) * share)])
    assert caught.value.kind in ("truncated", "unreadable")
    assert "again" in caught.value.message
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("cover", [None, 16])
def test_truncated_jpeg_is_called_cut_off(cover: int | None) -> None:
    rng = np.random.default_rng(0)
    data = encoded(rng.integers(0, 255, (256, 256, 3), dtype=np.uint8), "JPEG")
    with pytest.raises(SourceError, match="cut off") as caught:
        decode_image(data[: len(data) // 2], cover=cover)
    assert caught.value.kind == "truncated"


def test_damaged_bytes_never_raise_anything_else() -> None:
    rng = np.random.default_rng(1)
    for kind in ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP"):
        good = bytearray(encoded(picture(), kind))
        for _ in range(60):
            bad = bytearray(good)
            for place in rng.integers(0, len(bad), 6):
                bad[place] = rng.integers(0, 256)
            with contextlib.suppress(SourceError):  # anything else fails the test
                assert decode_image(bytes(bad)).ndim == 3


def bomb_png(width: int, height: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        import zlib

        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    import zlib

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def test_decompression_bombs_are_refused_before_memory_is_taken() -> None:
    gif = encoded(picture(), "GIF")
    for data in (bomb_png(60_000, 60_000), gif[:6] + struct.pack("<HH", 65535, 65535) + gif[10:]):
        with pytest.raises(SourceError, match="Save it smaller") as caught:
            decode_image(data)
        assert caught.value.kind == "too_large"


def test_large_but_honest_header_of_a_progressive_jpeg_counts_in_full() -> None:
    for progressive in (True, False):
        data = bytearray(encoded(picture(), "JPEG", progressive=progressive))
        frame = data.index(b"\xff\xc2" if progressive else b"\xff\xc0")
        data[frame + 5 : frame + 9] = struct.pack(">HH", 16_000, 16_000)
        if progressive:
            with pytest.raises(SourceError) as caught:
                decode_image(bytes(data), cover=224)
            assert caught.value.kind == "too_large"
        else:  # never held in full: scaled down while it is decoded
            assert decode_image(bytes(data), cover=224).shape == (2000, 2000, 3)


@pytest.mark.parametrize(
    ("size", "kind"), [((1, 1), "too_small"), ((1, 20000), "too_thin"), ((20000, 8), "too_thin")]
)
def test_specks_and_lines_are_refused(size: tuple[int, int], kind: str) -> None:
    with pytest.raises(SourceError) as caught:
        decode_image(encoded(Image.new("RGB", size), "PNG"))
    assert caught.value.kind == kind
    assert f"{size[0]} x {size[1]}" in caught.value.message


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "web page"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "EPS"),
        (b"\xc5\xd0\xd3\xc6" + bytes(40), "EPS"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "HEIC"),
        (b"%PDF-1.7\n", "PDF"),
        (b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
        (b"just words", "plain text"),
        (bytes(range(256)), "unknown kind"),
    ],
)
def test_what_is_not_a_picture_is_named(tmp_path: Path, data: bytes, words: str) -> None:
    (tmp_path / "photo.jpg").write_bytes(data)
    with pytest.raises(SourceError, match=words):
        decode_image(tmp_path / "photo.jpg")


def test_polyglot_is_what_its_first_bytes_say() -> None:
    data = encoded(picture(), "JPEG") + b"PK\x03\x04" + b"<html><script>alert(1)</script>" * 20
    assert decode_image(data).shape == (48, 64, 3)
    html_first = b"<html>" + encoded(picture(), "JPEG")
    with pytest.raises(SourceError, match="web page"):
        decode_image(html_first)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file") as caught:
        decode_image(tmp_path / "nothing.jpg")
    assert caught.value.kind == "missing"
    with pytest.raises(SourceError, match="folder"):
        decode_image(tmp_path)


def test_quietly_restores_warnings_whatever_threads_do() -> None:
    before = list(warnings.filters)

    def noisy(_: int) -> None:
        with quietly():
            warnings.warn("nobody hears this", stacklevel=1)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(noisy, range(200)))
    assert warnings.filters == before
    with pytest.raises(UserWarning, match="heard"):
        warnings.warn("heard", stacklevel=1)
