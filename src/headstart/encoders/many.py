"""Run one or several encoders over the same inputs, decoding each input once.

The order of work for each input: what was its content when it was last read (file index); is that content
in the cache; if not, read, hash and decode it, and run. Threads take a few inputs at a time through all of
it, so that decoding one batch overlaps with running another.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from headstart.data.content import content_hash
from headstart.encoders.contract import Decoded, Predecoded, Rows, Runner
from headstart.encoders.stamps import FileStamp
from headstart.encoders.table import Table
from headstart.errors import Cancelled, SourceError
from headstart.execution import Phase, Progress, ProgressCallback, SerialExecutor, ThreadExecutor, silent
from headstart.kinds import is_inline
from headstart.settings import current
from headstart.types import Modality

if TYPE_CHECKING:
    from headstart.encoders.cache import EmbeddingCache
    from headstart.types import Embeddings, Source


def encode_many(
    encoders: Sequence[Runner],
    sources: Sequence[Source],
    *,
    names: Sequence[str] | None = None,
    extras: Sequence[str] | None = None,
    cache: EmbeddingCache | None = None,
    progress: ProgressCallback = silent,
    threads: int | None = None,
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
        Threads to work with; the encoders' own number, or the setting, where not given.

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
        for done in job.run(threads or encoders[0].threads or current().threads):
            progress(Progress(encoders[0].stage, done, len(sources), phase=Phase.EMBEDDING))
    finally:
        job.flush()
    return {**job.results(), **lone}


def _encode_alone(
    encoder: Runner, sources: Sequence[Source], cache: EmbeddingCache | None, progress: ProgressCallback
) -> Embeddings:
    told = silent if encoder.name == _COUNTS else progress  # counting takes no time worth telling
    return encoder.encode(sources, cache=cache, progress=told)


_COUNTS = "raw"


@dataclass(slots=True)
class _Done:
    """What one thread found out about a few inputs."""

    contents: dict[int, bytes] = field(default_factory=dict)
    stamps: dict[FileStamp, bytes] = field(default_factory=dict)
    rows: list[tuple[Table, list[int], Rows]] = field(default_factory=list)


class _Job:
    """One call of `encode_many`."""

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
        self._cache = cache
        self._chunk = min(encoder.chunk for encoder in encoders)
        self._contents: list[bytes | None] = [None] * len(sources)
        self._stamps: list[FileStamp | None] = [None] * len(sources)
        self._failures: dict[int, tuple[str, str]] = {}
        self._claims: dict[bytes, int] = {}
        self._twins: dict[int, int] = {}
        self._files: dict[FileStamp, bytes] = {}

    def run(self, threads: int) -> Iterator[int]:
        """Do the work; yield how many inputs are done."""
        self._look_up_known()
        todo = np.flatnonzero(~np.all([table.have for table in self._tables], axis=0)).tolist()
        done = len(self._sources) - len(todo)
        yield done
        if not todo:
            return
        for table in self._tables:
            if not table.have.all():
                table.encoder.warm()
        chunks = list(_cut(todo, self._chunk, threads))
        # One chunk is worked on right here: a thread pool would only delay a single photo.
        executor = ThreadExecutor(threads) if threads > 1 and len(chunks) > 1 else SerialExecutor()
        finished = executor.map(self._work, chunks)
        try:
            for chunk, result in zip(chunks, finished, strict=True):
                self._absorb(result)
                done += len(chunk)
                yield done
        finally:
            close: Callable[[], None] | None = getattr(finished, "close", None)
            if close is not None:  # stops the threads now, not when the garbage is collected
                close()

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

    def _work(self, positions: Sequence[int]) -> _Done:
        """Take a few inputs through everything; runs in any thread."""
        done = _Done()
        todo = self._own(self._hashed(positions, done), done) if self._cache is not None else positions
        by_key: dict[object, list[Table]] = {}
        for table in self._tables:
            by_key.setdefault(table.encoder.decode_key, []).append(table)
        for tables in by_key.values():
            wanted = [p for p in todo if not all(table.have[p] for table in tables)]
            start = time.perf_counter()
            decoded = self._decode(tables[0].encoder, wanted)
            each = (time.perf_counter() - start) / max(1, len(wanted))
            for table in tables:
                missing = [p for p in decoded if not table.have[p]]
                if missing:
                    start = time.perf_counter()
                    rows = table.encoder.run([decoded[p] for p in missing])
                    spent = time.perf_counter() - start + each * len(missing)
                    done.rows.append((table, missing, replace(rows, seconds=spent)))
        return done

    def _hashed(self, positions: Sequence[int], done: _Done) -> list[int]:
        """Read and hash inputs of unknown content, and look those up; return the readable ones."""
        readable, new = [], []
        for position in positions:
            if self._contents[position] is None:
                try:
                    done.contents[position] = content_hash(self._sources[position])
                except SourceError as error:
                    self._failures[position] = error.message, error.kind
                    continue
                new.append(position)
                stamp = self._stamps[position]
                if stamp is not None:
                    done.stamps[stamp] = done.contents[position]
            readable.append(position)
        if new:
            for table in self._tables:
                table.look_up(new, [done.contents[position] for position in new])
        return readable

    def _own(self, positions: Sequence[int], done: _Done) -> list[int]:
        """Return the inputs that are the first of their content; the others will be copies."""
        own = []
        for position in positions:
            content = done.contents.get(position, self._contents[position])
            first = position if content is None else self._claims.setdefault(content, position)
            if first == position:
                own.append(position)
            else:
                self._twins[position] = first
        return own

    def _decode(self, encoder: Runner, positions: Sequence[int]) -> dict[int, Decoded]:
        decoded = {}
        for position in positions:
            try:
                source = self._sources[position]
                if isinstance(source, Predecoded):
                    decoded[position] = source.by_key[encoder.decode_key]
                else:
                    decoded[position] = encoder.decode(source)
            except SourceError as error:
                self._failures[position] = error.message, error.kind
            except Cancelled:
                raise
            except Exception as error:  # a decoder's bug must not end a run of ten thousand
                mend = "; save it again" if isinstance(self._sources[position], Path | bytes) else ""
                reason = f"It could not be read ({type(error).__name__}: {error}){mend}."
                self._failures[position] = reason, "unreadable"
        return decoded

    def _absorb(self, done: _Done) -> None:
        for position, content in done.contents.items():
            self._contents[position] = content
        self._files.update(done.stamps)
        for table, positions, rows in done.rows:
            table.take(positions, rows, [self._contents[position] for position in positions])


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
