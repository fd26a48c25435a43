"""Encode pictures: decode at the size needed, crop and resize in one step, run in small batches."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from headstart.data.image import decode_picture
from headstart.data.perceptual import perceptual_hash
from headstart.encoders.encoder import Decoded, Encoder, Rows, content_of
from headstart.encoders.graph import Graph
from headstart.types import Signature

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.types import EncoderSpec, Source

THUMB = 64
"""Side of the small square that duplicates are found with and that raw features are made of."""

SMALLEST_COVER = 300
_COVERS = (SMALLEST_COVER, 600, 1200, 2400)
"""Shorter sides that are decoded to. Only these, so that bases of about the same size share a decoding, and
what an encoder sees does not depend on which others run beside it."""

_FILTERS = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture and its whole area squeezed to `THUMB` x `THUMB`."""

    image: Image.Image
    thumb: NDArray[np.uint8]


class ImageEncoder(Encoder):
    """Runs a base on pictures.

    The recipe: ``size`` (pixels a side of the graph's input), ``crop`` (the share of the shorter side that
    is kept, from the centre) and ``interpolation``. As with the usual recipe the shorter side becomes
    ``size / crop`` and the centre is cut out, but only the part that is kept is resized.
    """

    stage = "reading photos"
    chunk = 4  # what a batch leaves behind stays near the processor
    pipeline = "image-1"

    def __init__(self, spec: EncoderSpec, *, threads: int | None = None) -> None:
        super().__init__(spec, threads=threads)
        self._graph = Graph(spec.files["encoder"], spec.outputs)
        self._size = int(spec.recipe["size"])
        self._scaled = max(self._size, int(self._size / float(spec.recipe.get("crop", 1.0))))
        self._filter = _FILTERS[str(spec.recipe.get("interpolation", "bicubic"))]

    @property
    def decode_key(self) -> Hashable:
        """Pictures are shared among bases that need about the same size."""
        return "image", self._cover

    @cached_property
    def _cover(self) -> int | None:
        return next((cover for cover in _COVERS if cover >= self._scaled), None)

    def warm(self) -> None:
        """Open the session while the first picture is decoded."""
        threading.Thread(target=_quietly, args=(self._graph,), daemon=True).start()

    def decode(self, source: Source) -> Decoded:
        """Decode a picture, at least as large as needed."""
        return decode_with_thumb(source, self._cover)

    def run(self, batch: Sequence[Decoded]) -> Rows:
        """Crop, resize and run."""
        pixels = np.empty((len(batch), self._size, self._size, 3), dtype=np.uint8)
        signatures = []
        for i, decoded in enumerate(batch):
            pixels[i] = np.asarray(self._cut(decoded.value.image))
            content = content_of(pixels[i].data, decoded.value.thumb.data)
            signatures.append(Signature(content, decoded.perceptual, decoded.note))
        return Rows(self._graph.run({"pixels": pixels}), signatures)

    def _cut(self, image: Image.Image) -> Image.Image:
        box = crop_box(image.width, image.height, self._scaled, self._size)
        return image.resize((self._size, self._size), self._filter, box=box)


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


def decode_with_thumb(source: Source, cover: int | None) -> Decoded:
    """Decode a picture and make its thumb and perceptual hash."""
    image = decode_picture(source, cover=cover)
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
