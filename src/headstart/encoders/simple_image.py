"""Simple features of photos: edges and colours of a small copy."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.encoders.encoder import Decoded, Encoder, Rows, content_of
from headstart.encoders.image import SMALLEST_COVER, decode_with_thumb, picture_key, scale_suffix
from headstart.encoders.raw import open_raw, raw_spec
from headstart.encoders.raw_image import WIDTH, describe_thumbs
from headstart.types import Modality, Signature

if TYPE_CHECKING:
    from headstart.data.pixel_scale import PixelScale
    from headstart.types import Source


class RawImage(Encoder):
    """Edges and colours of a small copy of a picture."""

    stage = "reading photos"
    chunk = 16
    pipeline = "1"

    def __init__(self, *, threads: int | None = None, scale: PixelScale | None = None) -> None:
        super().__init__(raw_spec(Modality.IMAGE, WIDTH), threads=threads)
        self._scale = scale

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(open_raw, scale=self._scale), (self.modality,)

    @property
    def cache_key(self) -> str:
        """Under what its rows are kept."""
        return super().cache_key + scale_suffix(self._scale)

    @property
    def decode_key(self) -> Hashable:
        """The thumb comes with the decoding of the smaller bases."""
        return picture_key(SMALLEST_COVER, self._scale)

    @property
    def cuts(self) -> tuple[Hashable, ...]:
        """Nothing but the thumb, which is always there."""
        return ()

    def decode(self, source: Source) -> Decoded:
        """Decode a picture and make its thumb."""
        return decode_with_thumb(source, SMALLEST_COVER, scale=self._scale)

    def run(self, batch: Sequence[Decoded]) -> Rows:
        """Describe the thumbs."""
        thumbs = np.stack([decoded.value.thumb for decoded in batch])
        signatures = [Signature(content_of(d.value.thumb.data), d.perceptual, d.note) for d in batch]
        return Rows(describe_thumbs(thumbs), signatures)
