"""Run one or several encoders over the same inputs, decoding each input once.

The order of work for each input: what was its content when it was last read (file index); is that content
in the cache; if not, read, hash and decode it, and run. Work goes from a plan (what is left to do, a few
inputs at a time) through `encode_chunk`, which an executor may run anywhere, to a commit. Cache, tables and
failures are touched by the calling thread alone.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from headstart.data.content import content_hash
from headstart.encoders.chunk import ChunkResult, ChunkSpec, encode_chunk
from headstart.encoders.contract import RAW, Runner
from headstart.encoders.stamps import FileStamp
from headstart.encoders.table import Table
from headstart.errors import SourceError
from headstart.execution import (
    Executor,
    Phase,
    Progress,
    ProgressCallback,
    SerialExecutor,
    ThreadExecutor,
    silent,
)
from headstart.kinds import is_inline
from headstart.settings import current
from headstart.types import Modality

if TYPE_CHECKING:
    from headstart.encoders.cache import EmbeddingCache
    from headstart.types import Embeddings, Source

    _Hashed: TypeAlias = bytes | tuple[str, str]


def encode_many(
    encoders: Sequence[Runner],
    sources: Sequence[Source],
    *,
    names: Sequence[str] | None = None,
    extras: Sequence[str] | None = None,
    cache: EmbeddingCache | None = None,
    progress: ProgressCallback = silent,
    threads: int | None = None,
    executor: Executor | None = None,
) -> dict[str, Embeddings]:
    """Encode inputs with several encoders of one modality.

    Parameters
    ----------
    encoders
        Each with a name of its own.
    sources, names, cache, progress
        As in `Encoder.encode`.
    extras
        Further outputs that are wanted from every encoder; None for all that each has.
    threads
        Threads to work with; the encoders' own number, or the setting, where not given. They decide how the
        inputs are cut into chunks too, so that the rows are the same to the bit whatever the executor.
    executor
        What runs the chunks; threads of this process where not given.

    Returns
    -------
    dict
        Encoder name to its embeddings. Those of simple features of texts are a `Sparse` matrix.
    """
    # Word counts are sparse and quicker to make than to look up, columns look at their own cells alone.
    lone = {e.name: _encode_alone(e, sources, cache, progress) for e in encoders if e.alone}
    encoders = [encoder for encoder in encoders if not encoder.alone]
    if not encoders:
        return lone
    job = _Job(encoders, sources, extras, cache)
    try:
        for done in job.run(executor, threads or encoders[0].threads or current().threads):
            progress(Progress(encoders[0].stage, done, len(sources), phase=Phase.EMBEDDING))
    finally:
        job.flush()
    return {**job.results(), **lone}


def _encode_alone(
    encoder: Runner, sources: Sequence[Source], cache: EmbeddingCache | None, progress: ProgressCallback
) -> Embeddings:
    callback = silent if encoder.name == RAW else progress  # counting takes no time worth telling
    return encoder.encode(sources, cache=cache, progress=callback)


@dataclass(frozen=True, slots=True)
class _Chunk:
    """A few inputs to encode: where they stand, and for each encoder which of them it has no row of yet."""

    positions: Sequence[int]
    sources: Sequence[Source]
    wanted: Sequence[Sequence[int]]


class _Job:
    """One call of `encode_many`: what is planned and what is known; used by the caller's thread alone."""

    def __init__(
        self,
        encoders: Sequence[Runner],
        sources: Sequence[Source],
        extras: Sequence[str] | None,
        cache: EmbeddingCache | None,
    ) -> None:
        self._sources = [_as_source(source, encoders[0].modality) for source in sources]
        if cache is None and extras is not None:  # nothing is kept for later: what nobody wants is not run
            encoders = [encoder.only(extras) for encoder in encoders]
        self._tables = [Table(encoder, len(sources), extras, cache) for encoder in encoders]
        self._spec = ChunkSpec(encoders)
        self._cache = cache
        self._chunk = min(encoder.chunk for encoder in encoders)
        self._contents: list[bytes | None] = [None] * len(sources)
        self._stamps: list[FileStamp | None] = [None] * len(sources)
        self._failures: dict[int, tuple[str, str]] = {}
        self._claims: dict[bytes, int] = {}
        self._twins: dict[int, int] = {}
        self._files: dict[FileStamp, bytes] = {}

    def run(self, executor: Executor | None, threads: int) -> Iterator[int]:
        """Do the work; yield how many inputs are done."""
        self._look_up_known()
        todo = np.flatnonzero(~np.all([table.have for table in self._tables], axis=0)).tolist()
        done = len(self._sources) - len(todo)
        yield done
        cut = list(_cut(todo, self._chunk, threads))
        if executor is None:
            # One chunk is worked on right here: a thread pool would only delay a single photo.
            executor = ThreadExecutor(threads) if threads > 1 and len(cut) > 1 else SerialExecutor()
        planned: deque[_Chunk] = deque()
        with (
            closing(self._plan(cut, executor)) as chunks,
            closing(executor.map(partial(_encode, self._spec), _noted(chunks, planned))) as results,
        ):
            for positions, result in zip(cut, results, strict=True):
                self._commit(planned.popleft(), result)
                done += len(positions)
                yield done

    def flush(self) -> None:
        """Keep what was found out; also called when the work is cancelled."""
        for table in self._tables:
            table.flush()
        if self._cache is not None:
            self._cache.remember_files(self._files)

    def results(self) -> dict[str, Embeddings]:
        """Return the embeddings of each encoder."""
        for twin, first in self._twins.items():
            for table in self._tables:
                table.copy(first, twin)
            if first in self._failures:
                self._failures[twin] = self._failures[first]
        return {table.encoder.name: table.result(self._failures) for table in self._tables}

    def _look_up_known(self) -> None:
        """Find contents without reading any file, and fill what the cache knows about them."""
        if self._cache is None:
            return
        self._stamps = [FileStamp.of(s) if isinstance(s, Path) else None for s in self._sources]
        self._contents = self._cache.contents_of(self._stamps)
        for position, source in enumerate(self._sources):
            if isinstance(source, str):  # a text is there already: hashing it costs a microsecond
                self._contents[position] = content_hash(source)
        if any(content is not None for content in self._contents):
            for table in self._tables:
                table.look_up(range(len(self._contents)), self._contents)

    def _plan(self, cut: Sequence[Sequence[int]], executor: Executor) -> Generator[_Chunk, None, None]:
        """Yield what is to be encoded of each part, just ahead of the work.

        Where rows are kept, contents are hashed and looked up first; a part may then have nothing left to do.
        """
        unknown = [self._unknown(positions) for positions in cut]
        with closing(self._hashes(unknown, executor)) as hashes:
            for positions, new, hashed in zip(cut, unknown, hashes, strict=True):
                self._note_contents(new, hashed)
                own = positions if self._cache is None else self._own(positions)
                wanted = [[i for i, p in enumerate(own) if not table.have[p]] for table in self._tables]
                yield _Chunk(own, [self._sources[position] for position in own], wanted)

    def _unknown(self, positions: Sequence[int]) -> list[int]:
        """Return the inputs that must be read to know what they hold; none where nothing is kept."""
        return [] if self._cache is None else [p for p in positions if self._contents[p] is None]

    def _hashes(
        self, unknown: Sequence[Sequence[int]], executor: Executor
    ) -> Generator[Sequence[_Hashed], None, None]:
        if not any(unknown):
            executor = SerialExecutor()
        return executor.map(_hash, ([self._sources[position] for position in part] for part in unknown))

    def _note_contents(self, positions: Sequence[int], hashed: Sequence[_Hashed]) -> None:
        """Take the hashes of inputs whose content was not known, and look those up."""
        readable = []
        for position, content in zip(positions, hashed, strict=True):
            if not isinstance(content, bytes):
                self._failures[position] = content
                continue
            readable.append(position)
            self._contents[position] = content
            stamp = self._stamps[position]
            if stamp is not None:
                self._files[stamp] = content
        if readable:
            for table in self._tables:
                table.look_up(readable, [self._contents[position] for position in readable])

    def _own(self, positions: Sequence[int]) -> list[int]:
        """Return the readable inputs that are the first of their content; the others will be copies."""
        own = []
        for position in positions:
            if position in self._failures:
                continue
            content = self._contents[position]
            first = position if content is None else self._claims.setdefault(content, position)
            if first == position:
                own.append(position)
            else:
                self._twins[position] = first
        return own

    def _commit(self, chunk: _Chunk, result: ChunkResult) -> None:
        """Take what a chunk gave into the tables, the cache and the failures."""
        for place, failure in result.failures.items():
            self._failures[chunk.positions[place]] = failure
        for table, part in zip(self._tables, result.rows, strict=True):
            if part is not None:
                positions = [chunk.positions[place] for place in part[0]]
                table.take(positions, part[1], [self._contents[position] for position in positions])


def _noted(chunks: Iterable[_Chunk], planned: deque[_Chunk]) -> Iterator[_Chunk]:
    """Pass chunks on, keeping them until their results are there."""
    for chunk in chunks:
        planned.append(chunk)
        yield chunk


def _encode(spec: ChunkSpec, chunk: _Chunk) -> ChunkResult:
    return encode_chunk(spec, chunk.sources, chunk.wanted)


def _hash(sources: Sequence[Source]) -> list[_Hashed]:
    """Return the hash of each input, or ``(reason, code)`` where it cannot be read."""
    hashed: list[_Hashed] = []
    for source in sources:
        try:
            hashed.append(content_hash(source))
        except SourceError as error:
            hashed.append((error.message, error.kind))
    return hashed


def _as_source(source: Source, modality: Modality) -> Source:
    """Make a path of a string, except where the string is the text itself."""
    if isinstance(source, str):
        return source if is_inline(modality) else Path(source)
    return Path(source) if isinstance(source, os.PathLike) else source


def _cut(positions: Sequence[int], chunk: int, threads: int) -> Iterator[Sequence[int]]:
    """Cut into chunks, smaller ones towards the end so that no thread waits long for the last."""
    most, least = -(-len(positions) // threads), max(1, chunk // 4)
    first = 0
    while first < len(positions):
        left = -(-(len(positions) - first) // (2 * threads))
        size = max(1, min(chunk, most, max(left, least)))
        yield positions[first : first + size]
        first += size
