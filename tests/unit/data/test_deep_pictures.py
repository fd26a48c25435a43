"""Pictures of more than 8 bits: one scale for a data set, which no single pixel and no odd picture moves."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from headstart.data import deep_pictures, image
from headstart.data.deep_pictures import find_scale
from headstart.data.image import decode_image, stored_pixels
from headstart.data.pixel_scale import PixelScale


def ramp(high: float, low: float = 0, side: int = 64) -> NDArray[np.uint16]:
    values = np.add.outer(np.arange(side), np.arange(side)) / (2 * side - 2)
    return np.rint(low + values * (high - low)).astype(np.uint16)


def encoded(array: NDArray[np.generic], kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.fromarray(array).save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize("value", [4200, 300, 65535])
@pytest.mark.parametrize("high", [3780, 250, 60_000])
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_a_few_hot_pixels_change_nothing_in_a_picture_alone(value: int, high: int, kind: str) -> None:
    plain, hot = ramp(high), ramp(high)
    hot[[3, 20, 50], [3, 41, 7]] = value
    before, after = (decode_image(encoded(one, kind)).astype(int) for one in (plain, hot))
    assert before.max() == pytest.approx(after.max(), abs=40)
    assert np.abs(before - after).sum(axis=2).astype(bool).sum() <= 3  # the pixels themselves


@pytest.mark.parametrize("dtype", [np.int16, np.int32, np.uint32, np.int64, np.float32, np.float64])
def test_an_odd_value_in_an_array_changes_nothing_else(dtype: type) -> None:
    plain = ramp(3780).astype(dtype)
    hot = plain.copy()
    hot[5, 5], hot[9, 9] = 32_000, 0 if np.issubdtype(dtype, np.unsignedinteger) else -32_000
    assert (decode_image(plain) != decode_image(hot)).any(axis=2).sum() <= 2


def test_a_pixel_above_one_in_floating_pictures() -> None:
    plain = ramp(1000).astype(np.float32) / 1000
    hot = plain.copy()
    hot[5, 5] = 1.7
    assert (decode_image(plain) != decode_image(hot)).any(axis=2).sum() <= 1
    assert decode_image(hot).max() == 255


@pytest.mark.parametrize(
    ("low", "high", "scale"),
    [
        (0, 4095, (0, 4095)),
        (0, 3780, (0, 4095)),
        (0, 65_535, (0, 65_535)),
        (0, 800, (0, 896)),
        (0, 250, (0, 255)),
        (30_000, 31_020, (29_952, 31_104)),
    ],
)
def test_the_scale_of_a_data_set_is_what_its_values_fill(low: int, high: int, scale: tuple[int, int]) -> None:
    found, note = find_scale([encoded(ramp(high, low)) for _ in range(5)])
    assert found is not None
    assert found.whole == scale
    assert found.floating is None
    assert note == f"5 pictures have more than 8 bits; one scale for all: {scale[0]:,} to {scale[1]:,}."


def test_neither_hot_pixels_nor_an_odd_picture_move_it() -> None:
    pictures = [ramp(3700 - 10 * i) for i in range(40)]
    plain, _ = find_scale(pictures)
    for picture in pictures:
        picture[7, 7] = 65_535
    assert find_scale(pictures)[0] == plain
    pictures[11][:] = 65_535
    pictures[12][:] = 0
    assert find_scale(pictures)[0] == plain


def test_one_scale_keeps_what_is_dark_dark() -> None:
    bright, dark = ramp(4000), ramp(200)
    scale, _ = find_scale([bright, dark])
    assert decode_image(bright, scale=scale).max() > 240
    assert decode_image(dark, scale=scale).max() < 20
    assert decode_image(dark).max() > 190  # alone it cannot be known


def test_the_scale_is_used_for_files_bytes_and_arrays_alike(tmp_path: Path) -> None:
    scale = PixelScale(whole=(1000.0, 3000.0))
    picture = ramp(3000, 1000)
    picture[0, 0], picture[-1, -1] = 0, 9000
    Image.fromarray(picture).save(tmp_path / "a.png")
    for source in (picture, encoded(picture), encoded(picture, "TIFF"), tmp_path / "a.png"):
        out = decode_image(source, scale=scale)[..., 0]
        assert (out[0, 0], out[-1, -1]) == (0, 255)
        np.testing.assert_allclose(out, np.clip((picture - 1000.0) / 2000, 0, 1) * 255, atol=0.51)


def test_pictures_of_eight_bits_have_no_scale_and_are_not_read_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    eight = ramp(255).astype(np.uint8)
    colour = np.repeat(eight[:, :, None], 3, axis=2)
    for kind in ("PNG", "JPEG", "TIFF", "GIF", "WEBP", "BMP"):
        Image.fromarray(colour).save(tmp_path / f"a.{kind.lower()}", kind)
    Image.fromarray(eight).save(tmp_path / "grey.png")
    files = sorted(tmp_path.iterdir())
    monkeypatch.setattr(image.PngImageFile, "load", refuse)
    monkeypatch.setattr(image.TiffImageFile, "load", refuse)
    assert find_scale([*files, eight, colour, eight > 3]) == (None, "")
    deep = PixelScale(whole=(0.0, 10.0), floating=(0.0, 10.0))
    np.testing.assert_array_equal(decode_image(eight, scale=deep)[..., 0], eight)


def refuse(*_: object) -> None:
    raise AssertionError("pixels were read")


def test_floating_pictures_between_zero_and_one_say_themselves_what_is_white() -> None:
    assert find_scale([ramp(1000).astype(np.float32) / 1000]) == (None, "")
    scale, note = find_scale([ramp(16).astype(np.float64)] * 3)  # as the digits of scikit-learn
    assert scale == PixelScale(floating=(0.0, 16.0))
    assert note == "3 pictures have more than 8 bits; one scale for all: 0 to 16."
    assert decode_image(ramp(16).astype(np.float64), scale=scale).max() == 255


def test_what_cannot_be_read_or_has_no_numbers_has_no_say(tmp_path: Path) -> None:
    broken = encoded(ramp(60_000))[:200]
    pictures = [
        tmp_path / "missing.png",
        broken,
        b"no picture",
        "a text",
        np.full((8, 8), np.nan),
        ramp(3780),
    ]
    scale, _ = find_scale(pictures)
    assert scale == PixelScale(whole=(0.0, 4095.0))
    assert find_scale([broken]) == (None, "")


def test_of_many_pictures_a_part_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deep_pictures, "MOST_LOOKED_AT", 10)
    read: list[object] = []
    monkeypatch.setattr(deep_pictures, "stored_pixels", counting(read))
    scale, note = find_scale([ramp(3780)] * 95)
    assert scale == PixelScale(whole=(0.0, 4095.0))
    assert len(read) == 10
    assert note.startswith("95 pictures have more than 8 bits")


def counting(read: list[object]):
    def stored(source: object, *, only_look: bool = False) -> object:
        if not only_look:
            read.append(source)
        return stored_pixels(source, only_look=only_look)  # type: ignore[arg-type]

    return stored


def test_a_recipe_without_a_scale_means_each_picture_by_itself() -> None:
    assert PixelScale.of({"size": 224}) is None
    scale = PixelScale(whole=(0.0, 4095.0))
    assert PixelScale.of({"size": 224, **scale.recipe}) == scale
    assert scale.recipe == {"pixel_scale": {"whole": [0.0, 4095.0]}}
