"""Cut documents, embed what is new of them, and make the index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.assistant.content import Content, Known, known_of, no_vectors
from headstart.assistant.index import Index, Vectors
from headstart.assistant.learned import part_texts
from headstart.assistant.passages import Passage, cut
from headstart.assistant.postings import count_words
from headstart.encoders.cache import EmbeddingCache
from headstart.errors import NotEnoughDataError, ParameterError
from headstart.execution import Phase, Progress, ProgressCallback
from headstart.settings import current

if TYPE_CHECKING:
    from headstart.assistant.reading import Documents
    from headstart.types import Float32Array

_AT_ONCE = 256


def index_documents(
    documents: Documents,
    unchanged: Sequence[Known],
    before: Content | None,
    encoder: Any,
    restricted: frozenset[str],
    progress: ProgressCallback,
) -> tuple[Content, int]:
    """Cut documents and index them with those that are unchanged; return how many passages were embedded."""
    kept = {document.name for document in unchanged}
    old = [passage for passage in (before.passages if before else ()) if passage.document in kept]
    passages = [*old, *cut(documents, encoder.lengths)]
    if not passages:
        raise NotEnoughDataError("The documents hold no text.", "Look at them: are they scans without text?")
    known = before.rows if before else {}
    rows = [known.get(passage.key, -1) for passage in passages]
    new = [passage for passage, row in zip(passages, rows, strict=True) if row < 0]
    fresh = _embed(new, encoder, progress)
    there = before.index.vectors if before else no_vectors(encoder.width)
    places = np.array(rows, dtype=np.int64)
    places[places < 0] = len(there.whole) + np.arange(len(new))
    vectors = Vectors.joined(there, fresh).take(places)
    index = Index(vectors, count_words([passage.worded for passage in passages]))
    told = (*unchanged, *(known_of(document) for document in documents))
    _require_groups(restricted, told)
    return Content(told, passages, index, restricted), len(new)


def index_passages(passages: Sequence[Passage], encoder: Any, progress: ProgressCallback) -> Index:
    """Embed passages and index them."""
    vectors = _embed(passages, encoder, progress)
    return Index(vectors, count_words([passage.worded for passage in passages]))


def _require_groups(restricted: frozenset[str], documents: Iterable[Known]) -> None:
    groups = {document.group for document in documents}
    missing = sorted(restricted - groups)
    if missing:
        known = ", ".join(sorted(group for group in groups if group)) or "none"
        raise ParameterError(
            f"No document is in the group {missing[0]!r}; a group is the first folder of a document's path.",
            f"Groups here: {known}.",
        )


def _embed(passages: Sequence[Passage], encoder: Any, progress: ProgressCallback) -> Vectors:
    """Embed passages and parts, a few at a time: what is done is in the cache, whatever happens next."""
    if not passages:
        return no_vectors(encoder.width)
    settings = current()
    cache = EmbeddingCache(settings.embeddings) if settings.use_embedding_cache else None
    whole, parts = [], []
    for first in range(0, len(passages), _AT_ONCE):
        progress(Progress("reading passages", first, len(passages), phase=Phase.EMBEDDING))
        some = passages[first : first + _AT_ONCE]
        whole.append(_vectors([passage.searched for passage in some], encoder, cache))
        parts.append(_vectors(part_texts(some), encoder, cache))
    progress(Progress("reading passages", len(passages), len(passages), phase=Phase.EMBEDDING))
    sizes = [len(passage.part_texts) for passage in passages]
    return Vectors.of(np.concatenate(whole), np.concatenate(parts), sizes)


def _vectors(texts: Sequence[str], encoder: Any, cache: EmbeddingCache | None) -> Float32Array:
    """Return a vector for each text; zeros where a text cannot be read, so that its words alone find it."""
    encoded = encoder.encode(texts, cache=cache)
    vectors = np.zeros((len(texts), encoder.width), dtype=np.float32)
    vectors[encoded.rows] = encoded.vectors
    return vectors
