"""Simple features of texts: counts of words and pieces of words."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from headstart.data.text import read_text
from headstart.encoders.encoder import Decoded, Encoder, Rows, content_of
from headstart.encoders.raw import open_raw, raw_spec
from headstart.encoders.raw_text import COLUMNS, count_grams
from headstart.errors import SourceError
from headstart.execution import Phase, Progress, ProgressCallback, silent
from headstart.heads.sparse import Sparse
from headstart.types import Embeddings, Modality, Signature

if TYPE_CHECKING:
    from headstart.encoders.cache import EmbeddingCache
    from headstart.types import Float32Array, Source

_AT_ONCE = 2048


class RawText(Encoder):
    """How often words and pieces of words occur: too quick to be worth keeping."""

    stage = "reading texts"
    chunk = _AT_ONCE
    pipeline = "1"
    alone = True

    def __init__(self, *, threads: int | None = None) -> None:
        super().__init__(raw_spec(Modality.TEXT, COLUMNS), threads=threads)

    def __reduce__(self) -> tuple[Any, ...]:
        return open_raw, (self.modality,)

    @property
    def decode_key(self) -> Hashable:
        """The same as that of text bases."""
        return ("text",)

    def decode(self, source: Source) -> Decoded:
        """Read and normalise a text."""
        return Decoded(*read_text(source))

    def run(self, batch: Sequence[Decoded]) -> Rows:
        """Count; only for uses that need dense rows, which are very wide."""
        return Rows(self.count(batch).toarray(), [_text_signature(decoded) for decoded in batch])

    def count(self, batch: Sequence[Decoded]) -> Sparse:
        """Return ``(n, width)`` counts."""
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


def _text_signature(decoded: Decoded) -> Signature:
    return Signature(content_of(decoded.value.encode()), note=decoded.note)
