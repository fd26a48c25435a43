"""What every encoder can do, whatever it listens to or looks at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from headstart.encoders.contract import (
    EMBEDDING,
    Decoded,
    Predecoded,
    Rows,
    Runner,
    content_of,
    empty_rows,
)
from headstart.encoders.many import encode_many
from headstart.execution import ProgressCallback, silent

if TYPE_CHECKING:
    from headstart.encoders.cache import EmbeddingCache
    from headstart.types import Embeddings, Source

__all__ = ["EMBEDDING", "Decoded", "Encoder", "Predecoded", "Rows", "content_of", "empty_rows"]


class Encoder(Runner):
    """A base model made runnable, or simple features: what kinds of data plug in."""

    def encode(
        self,
        sources: Sequence[Source],
        *,
        names: Sequence[str] | None = None,
        extras: Sequence[str] = (),
        cache: EmbeddingCache | None = None,
        progress: ProgressCallback = silent,
    ) -> Embeddings:
        """Encode inputs; see `Runner.encode`."""
        tables = encode_many([self], sources, names=names, extras=extras, cache=cache, progress=progress)
        return tables[self.name]
