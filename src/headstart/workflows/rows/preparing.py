"""From rows to features: an encoder for each column, fitted on the training rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.bases.catalogue import load_catalogue
from headstart.bases.needs import needs_of
from headstart.bases.presets import AUTO, is_preset
from headstart.bases.runnable import runnable
from headstart.data.disjoint import Groups
from headstart.data.duplicates import exact_duplicates, near_groups
from headstart.data.grouping import ORDER
from headstart.data.missing import is_missing
from headstart.data.mixed.roles import IGNORE, MEDIA, TEXT
from headstart.encoders.cache import EmbeddingCache
from headstart.encoders.columns.fit import media_column, simple_column, words_of
from headstart.encoders.encoder import EMBEDDING
from headstart.encoders.many import encode_many
from headstart.encoders.open import open_encoder
from headstart.errors import ParameterError
from headstart.heads.sparse import Sparse
from headstart.preparing import Prepared, encode_labels
from headstart.row import Row
from headstart.settings import current
from headstart.targets import target_of
from headstart.types import Modality, Problem

if TYPE_CHECKING:
    from headstart.bases.card import Base
    from headstart.execution import ProgressCallback
    from headstart.heads.features import Rows
    from headstart.types import Dataset, Embeddings, EncoderSpec, IntArray

Bases = Mapping[str, Sequence[tuple["Base", "EncoderSpec"]]]
"""The bases to measure, by the kind of data that they are for."""


def bases_of_rows(
    dataset: Dataset, base: str | Sequence[str], progress: ProgressCallback
) -> tuple[Bases, tuple[str, ...]]:
    """Return the bases for each kind of data among the columns, made ready to run, and notes on the choice.

    Parameters
    ----------
    base
        ``auto`` or another preset takes for each kind its own; names leave only these for their kinds. See
        `headstart.bases.presets.plan`.

    Raises
    ------
    ParameterError
        When a base is named that no column can use.
    """
    wanted = [role for role in MEDIA if any(column.role == role for column in dataset.columns)]
    catalogue = load_catalogue()
    preset = str(base) if is_preset(base) else AUTO
    names = [] if is_preset(base) else base.split(",") if isinstance(base, str) else list(base)
    named: dict[str, list[str]] = {kind: [] for kind in wanted}
    for card in (catalogue.get(name.strip()) for name in dict.fromkeys(names)):
        kind = str(card.modality)
        if kind not in named:
            raise ParameterError(
                f"{card.name} is a base for {kind}, but no column holds such.",
                "Name bases for the kinds of data among the columns, or leave --base away.",
            )
        named[kind].append(card.name)
    found = {
        kind: runnable(Modality(kind), named[kind] or preset, progress, needs_of(kind, _cells(dataset, kind)))
        for kind in wanted
    }
    return {kind: one.bases for kind, one in found.items()}, tuple(
        n for one in found.values() for n in one.notes
    )


def _cells(dataset: Dataset, kind: str) -> list[Any]:
    """Return what stands in the columns of one kind."""
    columns = [column.name for column in dataset.columns if column.role == kind]
    rows = [example.source.cells for example in dataset.examples if isinstance(example.source, Row)]
    return [row[name] for row in rows for name in columns if not is_missing(row.get(name))]


def prepare_rows(dataset: Dataset, bases: Bases, *, use_cache: bool, progress: ProgressCallback) -> Prepared:
    """Encode the columns of the examples, and drop what would count twice.

    Raises
    ------
    NotEnoughDataError
        When fewer than two classes have a usable example.
    ParameterError
        When runs of numbered names were asked for.
    """
    target = target_of(dataset.target)
    target.check(dataset)
    if dataset.grouping == ORDER:
        raise ParameterError(
            f"--groups {ORDER} is for files with numbered names; rows of a table have none.",
            "Name the column that says what belongs together: --group-column NAME",
        )
    specs = fit_columns(dataset, bases)
    made, notes = _encode(dataset, specs, use_cache, progress)
    failed = {
        position: (reason, code)
        for embeddings in made.values()
        for position, reason, code in embeddings.failures
    }
    problems = [Problem(dataset.examples[i].name, *failed[i]) for i in sorted(failed)]
    readable = [i for i in range(len(dataset)) if i not in failed]
    contents = _contents(made[specs[0].name], readable)
    once, dropped, conflicts = exact_duplicates(_only(dataset, readable), contents)
    kept = [readable[i] for i in once]
    clean = replace(_only(dataset, kept), problems=(*dataset.problems, *problems, *conflicts, *dropped))
    clean = target.tidied(clean)
    y, values = encode_labels(clean)
    outputs = {spec.name: {EMBEDDING: _taken(made[spec.name], kept)} for spec in specs}
    kept_contents = _contents(made[specs[0].name], kept)
    media = [spec for spec in specs if "base" in spec.recipe]
    cards = {card.name: card for some in bases.values() for card, _ in some}
    return Prepared(
        dataset=clean,
        specs={spec.name: spec for spec in specs},
        cards={spec.name: cards[str(spec.recipe["base"]["name"])] for spec in media},
        y=y,
        values=values,
        groups=_groups(clean, [(made[spec.name], spec) for spec in media], kept),
        outputs=outputs,
        raw=np.zeros((len(kept), 0), dtype=np.float32),
        contents=kept_contents,
        seen={spec.name: kept_contents for spec in specs},
        problems=clean.problems,
        embedded=sum(made[spec.name].computed for spec in media),
        from_cache=sum(made[spec.name].from_cache for spec in media),
        duplicates=len(dropped),
        positions=np.array(kept, dtype=np.int64),
        notes=notes,
    )


def fit_columns(dataset: Dataset, bases: Bases) -> list[EncoderSpec]:
    """Return an encoder for each column, those of photos, texts and sounds first.

    Of these each column has one for every base that is to be measured.
    """
    roles = {column.name: column.role for column in dataset.columns if column.role != IGNORE}
    cells = [example.source.cells for example in dataset.examples if isinstance(example.source, Row)]
    media, simple = [], []
    for name, role in roles.items():
        if role not in MEDIA:
            simple.append(simple_column(name, role, [row.get(name) for row in cells], roles))
            continue
        several = len(bases[role]) > 1
        media += [media_column(name, role, spec, roles, several=several) for _, spec in bases[role]]
        if role == TEXT:
            simple.append(words_of(name, roles))
    return [*media, *simple]


def _encode(
    dataset: Dataset, specs: Sequence[EncoderSpec], use_cache: bool, progress: ProgressCallback
) -> tuple[dict[str, Embeddings], tuple[str, ...]]:
    settings = current()
    cache = EmbeddingCache(settings.embeddings) if use_cache and settings.use_embedding_cache else None
    encoders = [open_encoder(spec) for spec in specs]
    made = encode_many(encoders, dataset.sources, cache=cache, progress=progress)
    if cache is None:
        return made, ()
    notes = tuple(cache.notes)
    cache.close()
    return made, notes


def _groups(
    dataset: Dataset, media: Sequence[tuple[Embeddings, EncoderSpec]], kept: Sequence[int]
) -> IntArray:
    """Return the groups that were named, joined where a photo, sound or text is nearly the same.

    Rows without a photo are like no other: they are put far from each other.
    """
    given = [example.group for example in dataset.examples]
    if not media:
        return Groups(given).ids()
    made = media[0][0]
    places = _places(made, kept)
    vectors = np.array(made.vectors[places, :-1])
    absent = np.flatnonzero(made.vectors[places, -1] == 1.0)
    random = np.random.default_rng(0)
    size = float(np.abs(vectors).max(initial=1.0))
    vectors[absent] = random.normal(0.0, size, (len(absent), vectors.shape[1]))
    looks = [made.signatures[place].perceptual for place in places.tolist()]
    shown = looks if all(looks) else [b""] * len(looks)
    return near_groups(vectors, shown, given, dataset.labels)


def _only(dataset: Dataset, positions: Sequence[int]) -> Dataset:
    return replace(dataset, examples=tuple(dataset.examples[i] for i in positions))


def _places(embeddings: Embeddings, kept: Sequence[int]) -> IntArray:
    return np.searchsorted(embeddings.rows, np.asarray(kept, dtype=np.int64))


def _taken(embeddings: Embeddings, kept: Sequence[int]) -> Rows:
    vectors: Rows = embeddings.vectors
    places = _places(embeddings, kept)
    return vectors.take(places) if isinstance(vectors, Sparse) else vectors[places]


def _contents(embeddings: Embeddings, kept: Sequence[int]) -> list[bytes]:
    return [embeddings.signatures[place].content for place in _places(embeddings, kept).tolist()]
