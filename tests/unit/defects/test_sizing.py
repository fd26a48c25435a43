"""Which size pictures are looked at with, by the smallest defect; what that costs; and what is too small."""

from __future__ import annotations

import pytest

from headstart.defects.graph import LARGEST
from headstart.defects.sizing import cost, notes_on_size, parse_pixels, size_for, width_of
from headstart.errors import ParameterError


@pytest.mark.parametrize(
    ("smallest", "picture", "size"),
    [
        (12, (1280, 1088), 864),  # 8 of 12 pixels are left
        (12, (1088, 1280), 864),
        (24, (1280, 1088), 448),
        (100, (1280, 1088), 320),  # not below the usual size, which finds more
        (12, (4000, 3000), LARGEST),
        (8, (640, 480), 640),
    ],
)
def test_the_smallest_defect_chooses_the_size(smallest: float, picture: tuple[int, int], size: int) -> None:
    assert size_for(smallest, picture) == size


@pytest.mark.parametrize(("text", "pixels"), [("12px", 12), (" 12 px ", 12), ("12", 12), ("7,5 pixels", 7.5)])
def test_a_number_of_pixels_is_read(text: str, pixels: float) -> None:
    assert parse_pixels(text) == pixels


@pytest.mark.parametrize("text", ["12mm", "small", "", "-3px"])
def test_what_is_no_number_of_pixels_is_refused(text: str) -> None:
    with pytest.raises(
        ParameterError, match="must be a number of pixels of the photos as they are, such as 12px"
    ):
        parse_pixels(text)
    with pytest.raises(ParameterError, match="must be 1 pixel or more, got 0"):
        parse_pixels("0px")


def test_large_pictures_have_fewer_numbers_a_place_so_that_models_stay_small() -> None:
    assert (width_of(640), width_of(1280)) == (64, 32)
    assert cost(320) == (31, pytest.approx(5, abs=0.3))
    assert cost(1280)[1] == pytest.approx(10.9, abs=0.5)
    assert cost(2048)[1] == pytest.approx(22.7, abs=1)


def test_the_cost_and_what_is_too_small_are_told() -> None:
    assert notes_on_size(320, None, []) == []
    [told] = notes_on_size(864, 12, [(1280, 1088)])
    assert told == (
        "Photos are looked at with 864 x 864 pixels: about 226 ms a photo on one core, and a model of about "
        "7 MB (with 320: 31 ms, 5 MB)."
    )
    [warned] = notes_on_size(320, 12, [(640, 480), (1280, 1088)])
    assert "A defect of 12 pixels in a photo of 1280 x 1088 has 3.0 of them when it is looked at" in warned
    assert warned.endswith("--input-size 864 shows it better.")
    last = notes_on_size(LARGEST, 6, [(4000, 3000)])[-1]
    assert "has 3.1 of them" in last
    assert last.endswith(
        "Photograph a smaller part of it, or cut the photos into pieces, each a part of its own."
    )
