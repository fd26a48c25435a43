"""One column of a table as an encoder: rows in, features of its cells out."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from headstart.data.mixed.roles import CATEGORY, DATE, MEDIA, NUMBER
from headstart.data.mixed.values import is_absent
from headstart.data.names import safe_name
from headstart.encoders.columns import categories, dates, numbers
from headstart.encoders.columns.content import Lookups, row_content, source_of
from headstart.encoders.encoder import Decoded, Encoder, Rows
from headstart.encoders.raw_text import count_grams
from headstart.errors import ParameterError, SourceError
from headstart.execution import ProgressCallback, silent
from headstart.row import Row
from headstart.types import Embeddings, EncoderSpec, Modality, Signature

if TYPE_CHECKING:
    from headstart.encoders.cache import EmbeddingCache
    from headstart.encoders.contract import Runner
    from headstart.heads.sparse import Sparse
    from headstart.types import Float32Array, Source

WORDS = "words"
"""What a text column is beside its embedding: counts of its words."""

_NO_ROW = "It is no row of a table; give a dict, a row of a DataFrame, or a table with the model's columns."
_NONE_GIVEN: Mapping[str, Any] = {}


class ColumnEncoder(Encoder):
    """One column: its cells as features, whatever the other columns hold.

    Its recipe names the ``column``, its ``role``, all ``columns`` of the model, and what was ``fitted`` on
    the training rows. A column of photos, sounds or texts holds the ``base`` that its cells run through.
    """

    stage = "reading columns"
    chunk = 256
    pipeline = "1"
    alone = True

    def __init__(self, spec: EncoderSpec, *, threads: int | None = None) -> None:
        super().__init__(spec, threads=threads)
        self.column = str(spec.recipe["column"])
        self.role = str(spec.recipe["role"])
        self._roles: Mapping[str, str] = spec.recipe.get("columns", {self.column: self.role})
        self._inner: Encoder | None = None

    @property
    def decode_key(self) -> Hashable:
        """Rows are what they are."""
        return ("row",)

    @property
    def cell(self) -> tuple[str, Runner] | None:
        """The column and its base, where it has one."""
        return (self.column, self._base()) if self.role in MEDIA else None

    def decode(self, source: Source) -> Decoded:
        """Take a row."""
        return Decoded(_row(source, self.column))

    def run(self, batch: Sequence[Decoded]) -> Rows:
        """Encode rows; dense ones only."""
        encoded = self.encode([decoded.value for decoded in batch])
        for _, reason, code in encoded.failures:
            raise SourceError(reason, kind=code)
        return Rows(np.asarray(encoded.vectors), list(encoded.signatures))

    def encode(
        self,
        sources: Sequence[Source],
        *,
        names: Sequence[str] | None = None,
        extras: Sequence[str] = (),
        cache: EmbeddingCache | None = None,
        progress: ProgressCallback = silent,
    ) -> Embeddings:
        """Encode rows. A missing cell is no failure; one that cannot be read is."""
        lookups: Lookups = {}
        failures: dict[int, tuple[str, str]] = {}
        rows: list[tuple[int, Row]] = []
        for position, source in enumerate(sources):
            try:
                rows.append((position, _row(source, self.column)))
            except SourceError as error:
                failures[position] = error.message, error.kind
        if self.role in MEDIA:
            encoded = self._encode_media(rows, failures, lookups, cache, progress)
        else:
            encoded = self._encode_simple(rows, failures)
        kept = [(position, row) for position, row in rows if position not in failures]
        given = encoded.signatures or [Signature(b"")] * len(kept)
        signatures = [
            replace(signature, content=row_content(row, self._roles, lookups))
            for signature, (_, row) in zip(given, kept, strict=True)
        ]
        return replace(
            encoded,
            rows=np.array([position for position, _ in kept], dtype=np.int64),
            signatures=signatures,
            failures=[(position, *failures[position]) for position in sorted(failures)],
        )

    def _encode_simple(
        self, rows: Sequence[tuple[int, Row]], failures: dict[int, tuple[str, str]]
    ) -> Embeddings:
        """Encode numbers, categories, dates, and counts of words."""
        fitted = self.spec.recipe.get("fitted", _NONE_GIVEN)
        cells = []
        for position, row in rows:
            try:
                cells.append(_PARSERS[self.role](row.cells[self.column], fitted))
            except (TypeError, ValueError):
                shown = safe_name(str(row.cells[self.column])[:60])
                reason = (
                    f"The cell in {self.column!r} holds {shown!r}, {_WRONG[self.role]}; mend it or empty it."
                )
                failures[position] = reason, f"not_a_{self.role}"
        vectors = _ENCODERS[self.role](cells, fitted)
        return Embeddings(cast("Float32Array", vectors), np.zeros(0, dtype=np.int64))

    def _encode_media(
        self,
        rows: Sequence[tuple[int, Row]],
        failures: dict[int, tuple[str, str]],
        lookups: Lookups,
        cache: EmbeddingCache | None,
        progress: ProgressCallback,
    ) -> Embeddings:
        """Run the cells that are there through the base; the others are zero, with a mark."""
        there, sources = [], []
        for place, (position, row) in enumerate(rows):
            if is_absent(row.cells[self.column]):
                continue
            try:
                sources.append(source_of(row, self.column, self.role, lookups))
                there.append(place)
            except SourceError as error:
                failures[position] = error.message, error.kind
        inner = self._base().encode(sources, cache=cache, progress=progress)
        for failed, reason, code in inner.failures:
            failures[rows[there[failed]][0]] = f"{self.column}: {reason}", code
        vectors = np.zeros((len(rows), self.width), dtype=np.float32)
        vectors[:, -1] = 1.0
        signatures = [Signature(b"")] * len(rows)
        for place, vector, signature in zip(
            inner.rows.tolist(), inner.vectors, inner.signatures, strict=True
        ):
            vectors[there[place], :-1] = vector
            vectors[there[place], -1] = 0.0
            signatures[there[place]] = signature
        kept = [place for place, (position, _) in enumerate(rows) if position not in failures]
        return Embeddings(
            vectors[kept],
            np.zeros(0, dtype=np.int64),
            signatures=[signatures[place] for place in kept],
            from_cache=inner.from_cache,
            computed=inner.computed,
            seconds=inner.seconds,
        )

    def _base(self) -> Encoder:
        if self._inner is None:
            from headstart.encoders.open import open_encoder  # which opens this one, too

            self._inner = open_encoder(base_of(self.spec), threads=self.threads).only(())
        return self._inner

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_inner": None}


def base_of(spec: EncoderSpec) -> EncoderSpec:
    """Return the base that the cells of a column of photos, sounds or texts run through."""
    base = spec.recipe["base"]
    return EncoderSpec(
        name=base["name"],
        modality=Modality(base["modality"]),
        fingerprint=base["fingerprint"],
        width=base["width"],
        outputs=dict(base["outputs"]),
        recipe=base["recipe"],
        files=spec.files,
    )


def refuse_simple_features(**_: Any) -> Encoder:
    """Say that rows have no simple features of their own: each column is an encoder.

    Raises
    ------
    ParameterError
        Always.
    """
    raise ParameterError(
        "Rows of a table have no simple features apart from their columns.", "Encode the columns."
    )


def _row(source: Source, column: str) -> Row:
    if not isinstance(source, Row):
        raise SourceError(_NO_ROW, kind="not_a_row")
    if column not in source.cells:
        there = ", ".join(map(repr, list(source.cells)[:12])) or "none"
        raise SourceError(
            f"The column {column!r} is not there; the columns are: {there}. Add it, with empty cells "
            "where its value is not known.",
            kind="no_column",
        )
    return source


def _counts(cells: Sequence[Any], _: Mapping[str, Any]) -> Sparse:
    return count_grams(cells)


def _text(cell: Any, _: Mapping[str, Any]) -> str:
    return "" if is_absent(cell) else str(cell)


def _same(cell: Any, _: Mapping[str, Any]) -> Any:
    return cell


def _numbers(cells: Sequence[Any], fitted: Mapping[str, Any]) -> Float32Array:
    return numbers.encode(np.array(cells, dtype=np.float64), fitted)


def _dates(cells: Sequence[datetime | None], fitted: Mapping[str, Any]) -> Float32Array:
    if not cells:
        return np.zeros((0, dates.width_of(fitted)), dtype=np.float32)
    return dates.encode(cells, fitted)


_PARSERS: Mapping[str, Callable[[Any, Mapping[str, Any]], Any]] = {
    NUMBER: numbers.parse, CATEGORY: _same, DATE: dates.parse, WORDS: _text,
}  # fmt: skip
_ENCODERS: Mapping[str, Callable[[Sequence[Any], Mapping[str, Any]], Float32Array | Sparse]] = {
    NUMBER: _numbers, CATEGORY: categories.encode, DATE: _dates, WORDS: _counts,
}  # fmt: skip
_WRONG = {NUMBER: "which is no number", DATE: "which is no date written as in training"}
