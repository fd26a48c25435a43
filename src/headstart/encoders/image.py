"""Encode pictures: decode at the size needed, crop and resize in one step, run in small batches."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from PIL import Image

from headstart.data.image import MAX_SCALED_PIXELS, decode_picture
from headstart.data.perceptual import perceptual_hash
from headstart.data.pixel_scale import PixelScale
from headstart.data.pixels import refuse_normalised
from headstart.encoders.encoder import Decoded, Encoder, Rows, content_of
from headstart.encoders.graph import Graph
from headstart.types import Signature

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.types import EncoderSpec, Source

THUMB = 64
"""Side of the small square that duplicates are found with and that raw features are made of."""

SCALE = "scale"
"""How the part of a `decode_key` begins that says what is black and white in pictures of more than 8 bits."""

SMALLEST_COVER = 300
_COVERS = (SMALLEST_COVER, 600, 1200, 2400)
"""Shorter sides that are decoded to. Only these, so that bases of about the same size share a decoding, and
what an encoder sees does not depend on which others run beside it."""

Cut: TypeAlias = tuple[int, int, str]
"""What the shorter side becomes, the side of the square that is cut out of its middle, and the filter.

`WHOLE` in place of the first: nothing is cut away, both sides become that of the square.
"""

WHOLE = 0

_FILTERS = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture, its whole area squeezed to `THUMB` x `THUMB`, and what was cut out of it already.

    Where it was decoded in another process, only the cuts are there; `image` is then the thumb.
    """

    image: Image.Image
    thumb: NDArray[np.uint8]
    cuts: Mapping[Cut, NDArray[np.uint8]] = field(default_factory=dict)


_MOST_PIXELS = 4 * 640**2
"""Pixels that enter a graph at once: it holds about 200 bytes for each."""


class ImageEncoder(Encoder):
    """Runs a base on pictures.

    The recipe: ``size`` (pixels a side of the graph's input), ``crop`` (the share of the shorter side that
    is kept, from the centre) and ``interpolation``. As with the usual recipe the shorter side becomes
    ``size / crop`` and the centre is cut out, but only the part that is kept is resized. With ``squash`` the
    whole picture is resized to the square instead. ``pixel_scale`` says what is black and white in pictures
    of more than 8 bits, where a data set has one scale for all.
    """

    stage = "reading photos"
    chunk = 4  # what a batch leaves behind stays near the processor
    pipeline = "image-1"
    _graph: Graph

    def __init__(self, spec: EncoderSpec, *, threads: int | None = None) -> None:
        super().__init__(spec, threads=threads)
        self._graph = Graph(spec.files["encoder"], spec.outputs)
        self._size = int(spec.recipe["size"])
        self._scaled = scaled_side(spec.recipe)
        interpolation = str(spec.recipe.get("interpolation", "bicubic"))
        if interpolation not in _FILTERS:  # now, and not at the first picture
            raise KeyError(interpolation)
        self._cut: Cut = WHOLE if spec.recipe.get("squash") else self._scaled, self._size, interpolation
        self._pixel_scale = PixelScale.of(spec.recipe)

    @property
    def cache_key(self) -> str:
        """Under what its rows are kept; the scale of deep pictures decides the numbers too."""
        return super().cache_key + scale_suffix(self._pixel_scale)

    @property
    def decode_key(self) -> Hashable:
        """Pictures are shared among bases that need about the same size."""
        return picture_key(self._cover, self._pixel_scale)

    @property
    def cuts(self) -> tuple[Cut, ...]:
        """The square that enters the graph."""
        return (self._cut,)

    @cached_property
    def _cover(self) -> int | None:
        return cover_of(self._scaled)

    def warm(self) -> None:
        """Open the session while the first picture is decoded."""
        threading.Thread(target=_quietly, args=(self._graph,), daemon=True).start()

    def decode(self, source: Source) -> Decoded:
        """Decode a picture, at least as large as needed."""
        return decode_with_thumb(source, self._cover, scale=self._pixel_scale)

    def run(self, batch: Sequence[Decoded]) -> Rows:
        """Crop, resize and run."""
        pixels = np.empty((len(batch), self._size, self._size, 3), dtype=np.uint8)
        signatures = []
        for i, decoded in enumerate(batch):
            pixels[i] = self.cut(decoded)
            content = content_of(pixels[i].data, decoded.value.thumb.data)
            signatures.append(Signature(content, decoded.perceptual, decoded.note))
        return Rows(self._run(pixels), signatures)

    def _run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Run the graph; over few large pictures at a time, for it holds much of each."""
        step = max(1, _MOST_PIXELS // self._size**2)
        if len(pixels) <= step:
            return self._graph.run({"pixels": pixels})
        parts = [self._graph.run({"pixels": pixels[i : i + step]}) for i in range(0, len(pixels), step)]
        return np.concatenate(parts)

    def cut(self, decoded: Decoded) -> NDArray[np.uint8]:
        """Crop and resize one picture; ``(size, size, 3)``."""
        ready = decoded.value.cuts.get(self._cut)
        return cut_out(decoded.value.image, self._cut) if ready is None else ready


def cut_out(image: Image.Image, cut: Cut) -> NDArray[np.uint8]:
    """Crop and resize a picture; ``(size, size, 3)``."""
    scaled, size, name = cut
    box = None if scaled == WHOLE else crop_box(image.width, image.height, scaled, size)
    return np.asarray(image.resize((size, size), _FILTERS[name], box=box))


def scaled_side(recipe: Mapping[str, Any]) -> int:
    """Return what the shorter side of a picture becomes at least, before its centre is cut out."""
    size = int(recipe["size"])
    if recipe.get("squash"):
        return size
    return max(size, int(size / float(recipe.get("crop", 1.0))))


def cover_of(scaled: int) -> int | None:
    """Return the shorter side to decode to for a base that needs `scaled`; None is the full size."""
    return next((cover for cover in _COVERS if cover >= scaled), None)


def crop_box(width: int, height: int, scaled: int, size: int) -> tuple[float, float, float, float]:
    """Return the part of a picture that remains after "resize the shorter side, then cut the centre".

    The sizes in between are rounded as the usual recipe rounds them, so that the same pixels come out.

    Parameters
    ----------
    width, height
        Of the picture.
    scaled
        What the shorter side would become.
    size
        Side of the square that is cut out of that.
    """
    if width <= height:
        wide, high = scaled, int(scaled * height / width)
    else:
        wide, high = int(scaled * width / height), scaled
    left, top = round((wide - size) / 2), round((high - size) / 2)
    across, down = width / wide, height / high
    right, bottom = min(width, (left + size) * across), min(height, (top + size) * down)
    return left * across, top * down, right, bottom


def picture_key(cover: int | None, scale: PixelScale | None) -> tuple[Hashable, ...]:
    """Return what says how a picture is decoded: to which size and, where there is one, by which scale."""
    return ("image", cover) if scale is None else ("image", cover, (SCALE, scale.whole, scale.floating))


def scale_suffix(scale: PixelScale | None) -> str:
    """Return what the scale adds to the key of a cache."""
    return "" if scale is None else f"/{scale.whole}{scale.floating}"


def decode_with_thumb(
    source: Source,
    cover: int | None,
    max_pixels: int = MAX_SCALED_PIXELS,
    scale: PixelScale | None = None,
) -> Decoded:
    """Decode a picture and make its thumb and perceptual hash."""
    if isinstance(source, np.ndarray):
        refuse_normalised(source, scale)
    image = decode_picture(source, cover=cover, max_pixels=max_pixels, scale=scale)
    # Block averages first: the thumb then costs a third, and nobody looks at its details.
    small = image.resize((THUMB, THUMB), Image.Resampling.BOX, reducing_gap=1.0)
    thumb: NDArray[Any] = np.asarray(small)
    return Decoded(Picture(image, thumb), perceptual=perceptual_hash(thumb))


def _quietly(graph: Graph) -> None:
    """Open the session; a failure is told to whoever runs it."""
    try:
        graph.open()
    except Exception:
        return
