"""Simple features of inputs, without any base: the floor that a base must beat, and what it is blended with.

They come in the shape of an encoder named ``raw``, so that they are made from the same decoding, kept in
the same cache and asked for in the same way as embeddings.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from headstart.encoders.contract import RAW
from headstart.encoders.encoder import EMBEDDING, Decoded, Encoder, Rows, content_of
from headstart.errors import SourceError
from headstart.execution import Phase, Progress, ProgressCallback, silent
from headstart.kinds import kind_of
from headstart.types import Embeddings, EncoderSpec, Modality, Signature

if TYPE_CHECKING:
    from headstart.data.pixel_scale import PixelScale
    from headstart.encoders.cache import EmbeddingCache
    from headstart.heads.sparse import Sparse
    from headstart.types import Float32Array, Source

_AT_ONCE = 2048


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


class RawImage(Encoder):
    """Edges and colours of a small copy of a picture."""

    stage = "reading photos"
    chunk = 16
    pipeline = "1"

    def __init__(self, *, threads: int | None = None, scale: PixelScale | None = None) -> None:
        from headstart.encoders import raw_image

        super().__init__(raw_spec(Modality.IMAGE, raw_image.WIDTH), threads=threads)
        self._scale = scale

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(open_raw, scale=self._scale), (self.modality,)

    @property
    def cache_key(self) -> str:
        """Under what its rows are kept."""
        from headstart.encoders.image import scale_suffix

        return super().cache_key + scale_suffix(self._scale)

    @property
    def decode_key(self) -> Hashable:
        """The thumb comes with the decoding of the smaller bases."""
        from headstart.encoders.image import SMALLEST_COVER, picture_key

        return picture_key(SMALLEST_COVER, self._scale)

    @property
    def cuts(self) -> tuple[Hashable, ...]:
        """Nothing but the thumb, which is always there."""
        return ()

    def decode(self, source: Source) -> Decoded:
        """Decode a picture and make its thumb."""
        from headstart.encoders.image import SMALLEST_COVER, decode_with_thumb

        return decode_with_thumb(source, SMALLEST_COVER, scale=self._scale)

    def run(self, batch: Sequence[Decoded]) -> Rows:
        """Describe the thumbs."""
        from headstart.encoders.raw_image import describe_thumbs

        thumbs = np.stack([decoded.value.thumb for decoded in batch])
        signatures = [Signature(content_of(d.value.thumb.data), d.perceptual, d.note) for d in batch]
        return Rows(describe_thumbs(thumbs), signatures)


class RawAudio(Encoder):
    """Cepstral coefficients of a sound."""

    stage = "listening"
    chunk = 16
    pipeline = "1"

    def __init__(self, *, threads: int | None = None) -> None:
        from headstart.encoders import raw_audio

        super().__init__(raw_spec(Modality.AUDIO, raw_audio.WIDTH), threads=threads)

    def __reduce__(self) -> tuple[Any, ...]:
        return open_raw, (self.modality,)

    @property
    def decode_key(self) -> Hashable:
        """The same as that of bases at this rate."""
        from headstart.data.audio import MAX_SECONDS
        from headstart.encoders.raw_audio import RATE

        return "audio", RATE, MAX_SECONDS

    def decode(self, source: Source) -> Decoded:
        """Decode a sound to one channel."""
        from headstart.encoders.audio import decode_sound
        from headstart.encoders.raw_audio import RATE

        return decode_sound(source, RATE)

    def run(self, batch: Sequence[Decoded]) -> Rows:
        """Describe the sounds."""
        from headstart.encoders.audio import sound_signature
        from headstart.encoders.raw_audio import describe_sound

        values = np.stack([describe_sound(decoded.value) for decoded in batch])
        return Rows(values, [sound_signature(decoded) for decoded in batch])


class RawText(Encoder):
    """How often words and pieces of words occur: too quick to be worth keeping."""

    stage = "reading texts"
    chunk = _AT_ONCE
    pipeline = "1"
    alone = True

    def __init__(self, *, threads: int | None = None) -> None:
        from headstart.encoders.raw_text import COLUMNS

        super().__init__(raw_spec(Modality.TEXT, COLUMNS), threads=threads)

    def __reduce__(self) -> tuple[Any, ...]:
        return open_raw, (self.modality,)

    @property
    def decode_key(self) -> Hashable:
        """The same as that of text bases."""
        return ("text",)

    def decode(self, source: Source) -> Decoded:
        """Read and normalise a text."""
        from headstart.data.text import read_text

        return Decoded(*read_text(source))

    def run(self, batch: Sequence[Decoded]) -> Rows:
        """Count; only for uses that need dense rows, which are very wide."""
        return Rows(self.count(batch).toarray(), [_text_signature(decoded) for decoded in batch])

    def count(self, batch: Sequence[Decoded]) -> Sparse:
        """Return ``(n, width)`` counts."""
        from headstart.encoders.raw_text import count_grams

        return count_grams([decoded.value for decoded in batch])

    def encode(
        self,
        sources: Sequence[Source],
        *,
        names: Sequence[str] | None = None,
        extras: Sequence[str] = (),
        cache: EmbeddingCache | None = None,
        progress: ProgressCallback = silent,
    ) -> Embeddings:
        """Encode texts; ``vectors`` is a `Sparse` matrix. Nothing is looked up or kept."""
        from headstart.heads.sparse import Sparse

        parts, failures = [self.count([])], []
        signatures: list[Signature] = []
        for first in range(0, len(sources), _AT_ONCE):
            read = []
            for position, source in enumerate(sources[first : first + _AT_ONCE], first):
                try:
                    read.append(self.decode(source))
                except SourceError as error:
                    failures.append((position, error.message, error.kind))
            parts.append(self.count(read))
            signatures.extend(_text_signature(decoded) for decoded in read)
            progress(
                Progress(self.stage, min(first + _AT_ONCE, len(sources)), len(sources), phase=Phase.EMBEDDING)
            )
        bad = {position for position, _, _ in failures}
        rows = np.array([i for i in range(len(sources)) if i not in bad], dtype=np.int64)
        return Embeddings(
            # The type of `Embeddings.vectors` names the usual case; heads take either.
            vectors=cast("Float32Array", Sparse.stack(parts)),
            rows=rows,
            signatures=signatures,
            failures=failures,
            computed=len(rows),
        )


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


def _text_signature(decoded: Decoded) -> Signature:
    return Signature(content_of(decoded.value.encode()), note=decoded.note)
