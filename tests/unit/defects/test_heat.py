"""Heat maps on pictures, on one scale, and boxes around what is hot."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from headstart.defects.heat import coco_boxes, mask, painted, spread
from headstart.defects.regions import boxes, oddest_box


def _heat(value: float = 1.2) -> np.ndarray:
    heat = np.full((10, 10), 0.3, np.float32)
    heat[2:4, 5:8] = value
    return heat


def test_places_that_touch_are_one_box_and_the_hottest_comes_first() -> None:
    heat = _heat()
    heat[4, 8] = 1.1  # touches at a corner
    heat[9, 0] = 2.0

    found = boxes(heat)

    assert found == [((0.0, 0.9, 0.1, 1.0), 2.0), ((0.5, 0.2, 0.9, 0.5), pytest.approx(1.2))]
    assert oddest_box(heat) == (0.0, 0.9, 0.1, 1.0)


def test_where_nothing_is_hot_the_box_is_the_hottest_place() -> None:
    heat = _heat(0.9)
    heat[3, 6] = 0.95

    assert boxes(heat) == []
    assert oddest_box(heat) == (0.6, 0.3, 0.7, 0.4)
    assert coco_boxes(heat, 100, 100)[0]["bbox"] == [60.0, 30.0, 10.0, 10.0]


def test_the_map_is_laid_between_the_middles_of_places_on_both_scales() -> None:
    heat = np.array([[0, 1], [0, 1]], np.float32)

    wide = spread(heat, 8, 2)

    np.testing.assert_allclose(wide[0], [0, 0, 0.125, 0.375, 0.625, 0.875, 1, 1])
    assert spread(heat, 30, 50).shape == (50, 30)


def test_boxes_in_pixels_undo_the_squash_with_two_scales() -> None:
    (one,) = coco_boxes(_heat(), 400, 100)

    assert one["bbox"] == [200.0, 20.0, 120.0, 20.0]
    assert one["area"] == 2400.0
    assert one["score"] == pytest.approx(1.2)


def test_a_good_picture_stays_as_it_is_and_a_hot_place_is_painted_with_a_line_around_it() -> None:
    picture = Image.new("RGB", (200, 100), (40, 90, 160))

    assert np.array_equal(np.asarray(painted(picture, np.full((10, 10), 0.69, np.float32))), picture)
    hot = np.asarray(painted(picture, _heat(2.0)))
    assert hot.shape == (100, 200, 3)
    assert (hot[0:10, 0:80] == (40, 90, 160)).all()
    assert hot[30, 130, 0] > 180 > 90 > hot[30, 130, 2]
    assert (hot == (255, 255, 255)).all(2).any()


def test_the_scale_is_the_same_for_all_pictures() -> None:
    picture = Image.new("RGB", (100, 100), (40, 90, 160))
    half, full = (np.asarray(painted(picture, np.full((4, 4), v, np.float32)))[50, 50, 0] for v in (0.9, 3))

    assert 40 < half < full


def test_the_mask_is_where_defects_begin() -> None:
    inside = mask(_heat(2.0), 100, 100)

    assert inside[30, 65]
    assert 300 < inside.sum() < 900
    assert not mask(_heat(0.9), 100, 100).any()
