"""Look after what is kept in the cache: embeddings and unpacked archives."""

from __future__ import annotations

from typing import Any

from headstart.data import archive_cache
from headstart.encoders.cache import EmbeddingCache
from headstart.settings import current


def cache_info() -> dict[str, Any]:
    """Say where the kept embeddings are, how many there are, how large the file is; and unpacked archives."""
    return {**EmbeddingCache(current().embeddings).info(), **archive_cache.kept()}


def clear_cache() -> int:
    """Delete the kept embeddings and unpacked archives; return the bytes that this freed."""
    return EmbeddingCache(current().embeddings).clear() + archive_cache.clear()
