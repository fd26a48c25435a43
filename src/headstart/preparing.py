"""From a dataset to clean, embedded examples: what every kind of training starts from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.bases.needs import needs_of
from headstart.bases.runnable import runnable
from headstart.data.duplicates import exact_duplicates, near_groups
from headstart.data.fingerprint import dataset_fingerprint
from headstart.data.grouping import ORDER
from headstart.data.runs import find_runs, residuals, sequences
from headstart.encoders.cache import EmbeddingCache
from headstart.encoders.contract import RAW
from headstart.encoders.encoder import EMBEDDING
from headstart.encoders.many import encode_many
from headstart.encoders.open import open_encoder
from headstart.encoders.raw import open_raw
from headstart.errors import DataError
from headstart.execution import Executor, ProgressCallback
from headstart.features import FeatureSet
from headstart.heads.features import Block
from headstart.heads.sparse import Sparse
from headstart.kinds import kind_of
from headstart.settings import current
from headstart.targets import target_of
from headstart.types import Dataset, Problem

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.bases.card import Base
    from headstart.data.pixel_scale import PixelScale
    from headstart.heads.features import Rows
    from headstart.types import Embeddings, EncoderSpec, Float64Array, IntArray

_NUMBER = re.compile(r"\d+(\.\d+)?")


@dataclass(frozen=True)
class Prepared:
    """Examples that can be trained on, with their features; row i is example i of `dataset`.

    Attributes
    ----------
    dataset
        What is left: readable, each content once, no conflicting labels.
    specs, cards
        The bases made ready, and their cards, by name.
    y, groups
        ``(n,)`` class index, for another target the stratum that folds are dealt by; ``(n,)`` group,
        near-duplicates joined.
    values
        ``(n, K)`` what is learned of each example, NaN where it is not known; None where that is its class.
    outputs
        Base name to output name to ``(n, w)``.
    raw
        Simple features of the inputs, made without any base.
    contents
        Hash of the decoded content of each example.
    seen
        Base name to the hashes of what that base was given: pictures are cut to each base's own size.
    positions
        ``(n,)`` where each example stood in the dataset that was given, from 0.
    problems
        Everything that could not be used, from reading and from decoding.
    embedded, from_cache
        Rows that ran through a base now, and that had done so before.
    duplicates
        Examples dropped because their content was there already.
    """

    dataset: Dataset
    specs: Mapping[str, EncoderSpec]
    cards: Mapping[str, Base]
    y: IntArray
    groups: IntArray
    outputs: Mapping[str, Mapping[str, Rows]]
    raw: Rows
    contents: Sequence[bytes]
    seen: Mapping[str, Sequence[bytes]]
    problems: tuple[Problem, ...]
    embedded: int
    from_cache: int
    duplicates: int
    positions: IntArray
    notes: tuple[str, ...] = ()
    values: Float64Array | None = None

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names, in the order of `y`; for another target the names of the columns of `values`."""
        return self.dataset.classes

    @cached_property
    def raw_block(self) -> Block:
        """The raw features made ready to be fitted on, once for all the bases that are compared."""
        return Block.prepare(RAW, self.raw, len(self.classes))

    def vectors(self, base: str) -> NDArray[Any]:
        """Return the embeddings of a base; where there are no bases, the simple features."""
        return dense(self.outputs[base][EMBEDDING] if self.outputs else self.raw)

    @property
    def blends_raw(self) -> bool:
        """Whether raw features are worth offering beside an embedding (for photos they are not)."""
        return kind_of(self.dataset.modality).blends

    @property
    def fingerprint(self) -> str:
        """Identifies the examples, whatever their order and names."""
        return dataset_fingerprint(self.contents, self.dataset.labels)


def prepare_on(
    dataset: Dataset,
    base: str | Sequence[str],
    *,
    use_cache: bool,
    progress: ProgressCallback,
    executor: Executor | None = None,
) -> Prepared:
    """Make ready the bases that are asked for (see `runnable`), and embed the examples with each.

    Raises
    ------
    HeadstartError
        As `runnable` and `prepare` do.
    """
    needs = needs_of(dataset.modality, dataset.sources)
    found = runnable(dataset.modality, base, progress, needs)
    prepared = prepare(dataset, found.bases, use_cache=use_cache, progress=progress, executor=executor)
    return replace(prepared, notes=(*found.notes, *prepared.notes)) if found.notes else prepared


def prepare(
    dataset: Dataset,
    bases: Sequence[tuple[Base, EncoderSpec]],
    *,
    use_cache: bool,
    progress: ProgressCallback,
    executor: Executor | None = None,
) -> Prepared:
    """Embed the examples with each base, and drop what would count twice or contradicts itself.

    Raises
    ------
    NotEnoughDataError
        When nothing can be learned: fewer than two classes have a usable example.
    DataError
        When runs of numbered names were asked for and there are none.
    """
    target_of(dataset.target).check(dataset)
    scale, scale_note = _find_scale(dataset)
    specs = [_scaled(spec, scale) for _, spec in bases]
    made, cache_notes = _encode(dataset, specs, scale, use_cache, progress, executor)
    features = {name: FeatureSet.of_embeddings(found) for name, found in made.items()}
    readable, unreadable = _readable(dataset, list(features.values()))
    first = made[specs[0].name if specs else RAW]
    signature = dict(zip(first.rows.tolist(), first.signatures, strict=True))
    contents = [signature[i].content for i in readable]
    once, dropped, conflicts = exact_duplicates(_only(dataset, readable), contents)
    kept = [readable[i] for i in once]
    clean = replace(_only(dataset, kept), problems=(*dataset.problems, *unreadable, *conflicts, *dropped))
    clean = target_of(dataset.target).tidied(clean)
    y, values = encode_labels(clean)
    positions = np.array(kept, dtype=np.int64)
    features = {name: part.align(positions) for name, part in features.items()}
    outputs = {spec.name: features[spec.name].blocks for spec in specs}
    raw = (
        features[RAW].blocks[EMBEDDING]
        if RAW in features
        else open_raw(dataset.modality).encode(clean.sources).vectors
    )
    vectors = dense(outputs[specs[0].name][EMBEDDING] if specs else raw)
    embeddings = [made[spec.name] for spec in specs] or [first]
    looks = [signature[i].perceptual for i in kept]
    return Prepared(
        dataset=clean,
        specs={spec.name: spec for spec in specs},
        cards={card.name: card for card, _ in bases},
        y=y,
        values=values,
        groups=near_groups(vectors, looks, _given_groups(clean, vectors, y), clean.labels),
        outputs=outputs,
        raw=raw,
        contents=[signature[i].content for i in kept],
        seen={spec.name: features[spec.name].contents for spec in specs},
        problems=clean.problems,
        embedded=sum(one.computed for one in embeddings),
        from_cache=sum(one.from_cache for one in embeddings),
        duplicates=len(dropped),
        positions=positions,
        notes=(
            *filter(None, [scale_note]),
            *cache_notes,
            *_reading_notes([(dataset.examples[i].name, signature[i].note) for i in kept]),
        ),
    )


def encode_labels(dataset: Dataset) -> tuple[IntArray, Float64Array | None]:
    """Return the class or stratum of each example, and what is learned where that is not its class."""
    target = target_of(dataset.target)
    strata = np.zeros(len(dataset), dtype=np.int64) if target.strata is None else target.strata(dataset)
    return strata, None if target.values is None else target.values(dataset)


def dense(rows: Rows) -> NDArray[Any]:
    """Return rows as an array; sparse counts are written out."""
    return np.asarray(rows.toarray() if isinstance(rows, Sparse) else rows)


def _find_scale(dataset: Dataset) -> tuple[PixelScale | None, str]:
    if kind_of(dataset.modality).memory != "pixels":
        return None, ""
    from headstart.data.deep_pictures import find_scale  # training on texts needs no decoder of pictures

    return find_scale(dataset.sources)


def _scaled(spec: EncoderSpec, scale: PixelScale | None) -> EncoderSpec:
    """Return the base with what is black and white in this data set: saved with it, used to predict."""
    return spec if scale is None else replace(spec, recipe={**spec.recipe, **scale.recipe})


def _encode(
    dataset: Dataset,
    specs: Sequence[EncoderSpec],
    scale: PixelScale | None,
    use_cache: bool,
    progress: ProgressCallback,
    executor: Executor | None,
) -> tuple[dict[str, Embeddings], tuple[str, ...]]:
    """Run every base and the simple features over the inputs, decoding each input once."""
    settings = current()
    cache = EmbeddingCache(settings.embeddings) if use_cache and settings.use_embedding_cache else None
    encoders = [open_encoder(spec) for spec in specs]
    if not specs or not kind_of(dataset.modality).counted:
        encoders.append(open_raw(dataset.modality, scale=scale))
    names = [example.name for example in dataset.examples]
    made = encode_many(
        encoders, dataset.sources, names=names, cache=cache, progress=progress, executor=executor
    )
    if cache is None:
        return made, ()
    notes = cache.notes
    cache.close()
    return made, notes


def _only(dataset: Dataset, positions: Sequence[int]) -> Dataset:
    return replace(dataset, examples=tuple(dataset.examples[i] for i in positions))


def _readable(dataset: Dataset, parts: Sequence[FeatureSet]) -> tuple[list[int], list[Problem]]:
    """Return the positions that every encoder could use, and a problem for each of the others."""
    common = reduce(FeatureSet.join, [part.pick({}) for part in parts])
    problems = [Problem(dataset.examples[i].name, *common.failures[i]) for i in sorted(common.failures)]
    return common.rows.tolist(), problems


def _given_groups(dataset: Dataset, vectors: NDArray[Any], y: IntArray) -> list[str | None]:
    """Return the groups that a person named, or the runs of numbered names where they asked for these."""
    given = [example.group for example in dataset.examples]
    if dataset.grouping != ORDER:
        return given
    series = sequences(dataset)
    runs = find_runs(residuals(vectors, y), series) if series else None
    if runs is None:
        seen = f"{len(series)} series, where nothing" if series else "no series of ten, so nothing"
        raise DataError(
            f"--groups {ORDER} expected numbered file names whose contents change at some number; "
            f"found {seen} changes for good.",
            "Leave --groups away, or name a CSV file with the columns file and group.",
        )
    return [group or f"run {run}" for group, run in zip(given, runs, strict=True)]


def _reading_notes(notes: Sequence[tuple[str, str]]) -> list[str]:
    """Say once, with a count and the first name, what was noted about many inputs alike."""
    kinds: dict[str, list[str]] = {}
    for name, note in notes:
        if note:
            kinds.setdefault(_NUMBER.sub("#", note), []).append(f"{name}: {note}")
    return [
        same[0] if len(same) == 1 else f"{same[0]}; {len(same) - 1} more like it" for same in kinds.values()
    ]
