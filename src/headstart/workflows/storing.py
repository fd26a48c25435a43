"""Look after the kept embeddings."""

from __future__ import annotations

from typing import Any

from headstart.encoders.cache import EmbeddingCache
from headstart.settings import current


def cache_info() -> dict[str, Any]:
    """Say where the kept embeddings are, how many there are, and how large the file is."""
    return EmbeddingCache(current().embeddings).info()


def clear_cache() -> int:
    """Delete the kept embeddings; return the bytes that this freed."""
    return EmbeddingCache(current().embeddings).clear()
