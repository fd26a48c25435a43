"""Simple features of inputs, without any base: the floor that a base must beat, and what it is blended with.

They come in the shape of an encoder named ``raw``, so that they are made from the same decoding, kept in
the same cache and asked for in the same way as embeddings.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from headstart.encoders.contract import RAW
from headstart.encoders.encoder import EMBEDDING, Encoder
from headstart.errors import SourceError
from headstart.kinds import kind_of
from headstart.types import EncoderSpec, Modality

if TYPE_CHECKING:
    from headstart.data.pixel_scale import PixelScale
    from headstart.heads.sparse import Sparse
    from headstart.types import Float32Array, Source


def open_raw(
    modality: Modality | str, *, threads: int | None = None, scale: PixelScale | None = None
) -> Encoder:
    """Return the encoder of simple features.

    For texts its vectors are a `Sparse` matrix of word counts instead of an array. `scale` is for pictures of
    more than 8 bits.
    """
    options = {} if scale is None else {"scale": scale}
    encoder: Encoder = kind_of(modality).simple_features(threads=threads, **options)
    return encoder


def raw_features(modality: Modality | str, sources: Sequence[Source]) -> Float32Array | Sparse:
    """Return simple features of inputs that can all be read: ``(n, width)``, or word counts for texts.

    Raises
    ------
    SourceError
        When an input cannot be used.
    """
    table = open_raw(modality).encode(sources)
    for _, reason, code in table.failures:
        raise SourceError(reason, kind=code)
    return table.vectors


def raw_spec(modality: Modality | str, width: int) -> EncoderSpec:
    """Return what an encoder of simple features is described by: ``width`` numbers and no files."""
    return EncoderSpec(
        name=RAW,
        modality=Modality(modality),
        fingerprint=f"{RAW}-{modality}",
        width=width,
        outputs={EMBEDDING: width},
        recipe={},
        files={},
    )
