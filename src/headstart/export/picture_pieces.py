"""Pillow's two ways of making a picture smaller, as graphs that give the same pixels to the last bit.

Resizing is two matrix products: Pillow rounds its filter's weights to 22 bits and sums whole numbers, so in
double precision the sums are exact in whatever order they are added, and rounding them gives Pillow's own
pixels. (ONNX's Resize has the same filter, but cannot cut and resize in one step as the encoders do.)

The arithmetic is that of Pillow's ``Resample.c`` and ``Reduce.c`` (HPND licence), written anew as ONNX nodes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import PIL

from headstart.export.pieces import Pieces

_BITS = 22
SUPPORTS = {"box": 0.5, "bilinear": 1.0, "bicubic": 2.0, "lanczos": 3.0}


@dataclass(frozen=True, slots=True)
class Area:
    """The part of one axis that is resized: where it begins and ends, in double precision."""

    start: str
    stop: str


def reduced(g: Pieces, pixels: str, down: str, across: str) -> str:
    """Average blocks of `down` x `across` pixels of ``(H, W, 3)`` bytes, as ``Image.reduce`` does."""
    height, width = g.length(pixels, 0), g.length(pixels, 1)
    rows, columns = _blocks(g, height, down), _blocks(g, width, across)
    missing = [g.sub(g.mul(rows, down), height), g.sub(g.mul(columns, across), width)]
    pads = g.node("Concat", g.integers(0, 0, 0), *(g.listed(m) for m in missing), g.integers(0), axis=0)
    whole = g.node("Pad", g.cast(pixels, "int32"), pads)
    blocks = g.node("Reshape", whole, g.shape(rows, down, columns, across, 3))
    sums = g.cast(g.total(blocks, 1, 3), "int64")
    area = g.mul(g.column(_filled(g, rows, down, height)), _filled(g, columns, across, width))
    area = g.node("Unsqueeze", area, g.integers(2))
    sums = g.add(sums, g.div(area, g.whole(2)))
    factor = g.div(g.whole(2**24), area)
    # sums * factor / 2**24 in two steps of 12 bits, which gives the same and fits into 32 bits (OpenVINO)
    step = g.whole(2**12)
    low = g.div(g.mul(sums, g.node("Mod", factor, step)), step)
    return g.cast(g.div(g.add(g.mul(sums, g.div(factor, step)), low), step), "uint8")


def _blocks(g: Pieces, length: str, factor: str) -> str:
    return g.div(g.sub(g.add(length, factor), g.whole(1)), factor)


def _filled(g: Pieces, count: str, factor: str, length: str) -> str:
    """Return how many pixels of each block are there: all, but for the last."""
    return g.least(factor, g.sub(length, g.mul(g.count_up(count), factor)))


def shrunk(g: Pieces, pixels: str, cover: int | None) -> str:
    """Average whole blocks away where a picture is more than twice as large as `cover`, as decoding does."""
    if cover is None:
        return pixels
    shorter = g.least(g.length(pixels, 0), g.length(pixels, 1))
    factor = g.most(g.div(shorter, g.whole(2 * cover)), g.whole(1))
    return reduced(g, pixels, factor, factor)


def resized(g: Pieces, pixels: str, down: Area, across: Area, size: int, method: str) -> str:
    """Resize an area of ``(H, W, 3)`` bytes to ``(size, size, 3)``, as ``Image.resize`` with a box does."""
    left, right, columns = _weights(g, across, g.length(pixels, 1), size, method)
    top, bottom, rows = _weights(g, down, g.length(pixels, 0), size, method)
    needed = g.cast(g.cut(g.cut(pixels, top, bottom, 0), left, right, 1), "double")
    planes = g.node("Transpose", needed, perm=[2, 0, 1])
    columns = g.node("Transpose", columns, perm=[1, 0])

    def across_first(g: Pieces) -> str:
        return _rounded(g, g.node("MatMul", rows, _rounded(g, g.node("MatMul", planes, columns))))

    def down_first(g: Pieces) -> str:
        return _rounded(g, g.node("MatMul", _rounded(g, g.node("MatMul", rows, planes)), columns))

    if tall_first():
        small = g.either(_is_tall(g, pixels, size), down_first, across_first)
    else:
        small = across_first(g)
    return g.cast(g.node("Transpose", small, perm=[1, 2, 0]), "uint8")


def tall_first() -> bool:
    """Return whether this Pillow shrinks a tall picture's height before its width, as it does from 13 on."""
    return int(PIL.__version__.split(".")[0]) >= 13


def _is_tall(g: Pieces, pixels: str, size: int) -> str:
    lost_rows, lost_columns = (g.sub(g.length(pixels, axis), g.whole(size)) for axis in (0, 1))
    return g.both(
        g.node("Greater", lost_rows, g.whole(0)),
        g.node("Greater", lost_rows, g.mul(lost_columns, g.whole(2))),
    )


def _rounded(g: Pieces, sums: str) -> str:
    """Round half up and keep within a byte."""
    near = g.node("Floor", g.add(sums, g.const(0.5)))
    return g.node("Clip", near, g.const(0.0), g.const(255.0))


def _weights(g: Pieces, area: Area, length: str, size: int, method: str) -> tuple[str, str, str]:
    """Return the first and last pixel that are looked at, and ``(size, last - first)`` weights of them."""
    # Pillow takes the area in single precision
    start, stop = (g.cast(end, "float") for end in (area.start, area.stop))
    scale = g.div(g.cast(g.sub(stop, start), "double"), g.const(float(size)))
    start = g.cast(start, "double")
    wide = g.most(scale, g.const(1.0))
    reach = g.mul(g.const(SUPPORTS[method]), wide)
    centres = g.add(g.mul(g.const(np.arange(size) + 0.5), scale), start)
    limit = g.cast(length, "double")
    firsts = g.most(g.node("Floor", g.add(g.sub(centres, reach), g.const(0.5))), g.const(0.0))
    lasts = g.least(g.node("Floor", g.add(centres, reach, g.const(0.5))), limit)
    low = g.cast(g.node("ReduceMin", firsts, keepdims=0), "int64")
    high = g.cast(g.node("ReduceMax", lasts, keepdims=0), "int64")
    places = g.cast(g.add(g.count_up(g.sub(high, low)), low), "double")
    inside = g.both(
        g.node("GreaterOrEqual", places, g.column(firsts)), g.node("Less", places, g.column(lasts))
    )
    distance = g.mul(g.add(g.sub(places, g.column(centres)), g.const(0.5)), g.div(g.const(1.0), wide))
    heights = g.choose(inside, _filter(g, distance, method), g.const(0.0))
    shares = g.div(heights, g.total(heights, 1, keep=True))
    # half away from zero, to 22 bits
    scaled = g.mul(shares, g.const(2.0**_BITS))
    grown = g.node("Floor", g.add(g.node("Abs", scaled), g.const(0.5)))
    return low, high, g.mul(g.node("Sign", scaled), grown, g.const(2.0**-_BITS))


def _filter(g: Pieces, x: str, method: str) -> str:
    if method == "box":
        inside = g.both(g.node("Greater", x, g.const(-0.5)), g.node("LessOrEqual", x, g.const(0.5)))
        return g.cast(inside, "double")
    far = g.node("Abs", x)
    if method == "bilinear":
        return g.most(g.sub(g.const(1.0), far), g.const(0.0))
    if method == "lanczos":
        return g.choose(
            g.node("Less", far, g.const(3.0)),
            g.mul(_sinc(g, x), _sinc(g, g.div(x, g.const(3.0)))),
            g.const(0.0),
        )
    return _cubic(g, far)


def _cubic(g: Pieces, far: str, a: float = -0.5) -> str:
    near = g.mul(g.sub(g.mul(g.const(a + 2.0), far), g.const(a + 3.0)), far, far)
    near = g.add(near, g.const(1.0))
    outer = g.mul(g.sub(far, g.const(5.0)), far)
    outer = g.sub(g.mul(g.add(outer, g.const(8.0)), far), g.const(4.0))
    outer = g.choose(g.node("Less", far, g.const(2.0)), g.mul(outer, g.const(a)), g.const(0.0))
    return g.choose(g.node("Less", far, g.const(1.0)), near, outer)


def _sinc(g: Pieces, x: str) -> str:
    turned = g.mul(x, g.const(np.pi))
    zero = g.node("Equal", x, g.const(0.0))
    return g.choose(zero, g.const(1.0), g.div(g.node("Sin", turned), g.choose(zero, g.const(1.0), turned)))


def crop_areas(g: Pieces, height: str, width: str, scaled: int, size: int) -> tuple[Area, Area]:
    """Return the rows and columns that remain of a picture; see `headstart.encoders.image.crop_box`."""
    shorter = g.least(height, width)

    def area(length: str) -> Area:
        # scaled * length / shorter, cut to a whole number; the shorter side becomes exactly `scaled`
        became = g.div(g.mul(length, g.whole(scaled)), shorter)
        spare = g.cast(g.sub(became, g.whole(size)), "double")
        first = g.node("Round", g.mul(spare, g.const(0.5)))  # half to even, as Python rounds
        exact = g.cast(length, "double")
        step = g.div(exact, g.cast(became, "double"))
        last = g.least(exact, g.mul(g.add(first, g.const(float(size))), step))
        return Area(g.mul(first, step), last)

    return area(height), area(width)


def whole_areas(g: Pieces, height: str, width: str) -> tuple[Area, Area]:
    """Return all rows and columns of a picture."""
    down, across = (Area(g.const(0.0), g.cast(length, "double")) for length in (height, width))
    return down, across
