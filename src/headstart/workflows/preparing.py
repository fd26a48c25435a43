"""From a dataset to clean, embedded examples: what every kind of training starts from."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from headstart.data.duplicates import exact_duplicates, near_groups
from headstart.data.fingerprint import dataset_fingerprint
from headstart.data.read import require_trainable
from headstart.encoders.cache import EmbeddingCache
from headstart.encoders.many import encode_many
from headstart.encoders.open import open_encoder
from headstart.encoders.raw import raw_features
from headstart.execution import ProgressCallback
from headstart.heads.sparse import Sparse
from headstart.settings import current
from headstart.types import Modality, Problem

if TYPE_CHECKING:
    from headstart.heads.features import Rows
    from headstart.types import Dataset, Embeddings, EncoderSpec, IntArray, Signature


@dataclass(frozen=True)
class Prepared:
    """Examples that can be trained on, with their features; row i is example i of `dataset`.

    Attributes
    ----------
    dataset
        What is left: readable, each content once, no conflicting labels.
    y, groups
        ``(n,)`` class index; ``(n,)`` group, near-duplicates joined.
    outputs
        Base name to output name to ``(n, w)``.
    raw
        Simple features of the inputs, made without any base.
    cost_ms
        Base name to milliseconds per example, measured now or told by its card; None where unknown.
    duplicates, near
        Examples dropped because their content was there already; examples joined to a near-duplicate.
    contents
        Hash of the decoded content of each example.
    """

    dataset: Dataset
    specs: Mapping[str, EncoderSpec]
    y: IntArray
    groups: IntArray
    outputs: Mapping[str, Mapping[str, Rows]]
    raw: Rows | None
    cost_ms: Mapping[str, float | None]
    contents: Sequence[bytes]
    fingerprint: str
    problems: tuple[Problem, ...]
    embedded: int
    from_cache: int
    duplicates: int
    near: int
    notes: tuple[str, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names, in the order of `y`."""
        return self.dataset.classes

    @property
    def blends_raw(self) -> bool:
        """Whether raw features are worth offering beside an embedding (they are not for photos)."""
        return self.dataset.modality != Modality.IMAGE


def prepare(
    dataset: Dataset,
    specs: Sequence[EncoderSpec],
    *,
    use_cache: bool,
    progress: ProgressCallback,
) -> Prepared:
    """Embed the examples with each base, and drop what would count twice or contradicts itself.

    Raises
    ------
    NotEnoughDataError
        When fewer than two classes have a usable example.
    """
    require_trainable(dataset)
    start = time.perf_counter()
    settings = current()
    cache = EmbeddingCache(settings.embeddings) if use_cache and settings.use_embedding_cache else None
    encoders = [open_encoder(spec) for spec in specs]
    made = encode_many(
        encoders,
        dataset.sources,
        names=[example.name for example in dataset.examples],
        cache=cache,
        progress=progress,
    )
    raise NotImplementedError(start, made, replace, Sparse, exact_duplicates, near_groups, dataset_fingerprint, raw_features)
