"""What running encoders side by side asks of each: decode an input, run a batch.

`headstart.encoders.many` knows encoders by this; `Encoder`, which it is the door to, stands above both.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from headstart.execution import ProgressCallback, silent
from headstart.types import Held, Modality, Signature

if TYPE_CHECKING:
    from headstart.encoders.cache import EmbeddingCache
    from headstart.encoders.graph import Graph
    from headstart.types import Embeddings, EncoderSpec, Float32Array, Source

EMBEDDING = "embedding"
RAW = "raw"
"""Simple features of the input itself: the name of their encoder, their block, and the kind of block."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """One input, decoded: what several encoders can share.

    Attributes
    ----------
    value
        A picture, samples, or a text.
    note
        What a person should know about how it was read.
    perceptual
        See `headstart.types.Signature`.
    """

    value: Any
    note: str = ""
    perceptual: bytes = b""


@dataclass(frozen=True, slots=True)
class Predecoded(Held):
    """An input that was decoded somewhere else (by a process that may die of it), in place of a source.

    Attributes
    ----------
    by_key
        What `Encoder.decode` would give, for each `Encoder.decode_key`.
    """

    by_key: Mapping[Hashable, Decoded]


@dataclass(frozen=True, slots=True)
class Rows:
    """What an encoder says about a batch.

    Attributes
    ----------
    values
        ``(n, all outputs)``, the embedding first.
    signatures
        One for each row.
    seconds
        What decoding and running took, on one core.
    """

    values: Float32Array
    signatures: Sequence[Signature]
    seconds: float = 0.0


class Runner(ABC):
    """A base model that can be run: sources in, vectors out.

    It has no state that a result could depend on: the same input gives the same vector (to 1e-4 of its
    length) in any batch and beside any neighbours. It can be pickled; the session is opened anew then.

    Parameters
    ----------
    spec
        The prepared base.
    threads
        Threads to decode and run with; the setting where not given.
    """

    stage: ClassVar[str]
    """What it does, as a person would say it."""
    chunk: ClassVar[int]
    """Inputs that one thread decodes and runs at a time."""
    pipeline: ClassVar[str]
    """Changes whenever the code around the graph would give other numbers."""
    alone: ClassVar[bool] = False
    """Whether it goes its own way from inputs to rows, sharing neither decoding nor cache with others."""
    _graph: Graph | None = None

    def __init__(self, spec: EncoderSpec, *, threads: int | None = None) -> None:
        self.spec = spec
        self.threads = threads

    @property
    def name(self) -> str:
        """The base's name."""
        return self.spec.name

    @property
    def width(self) -> int:
        """Length of one embedding."""
        return self.spec.width

    @property
    def fingerprint(self) -> str:
        """Changes whenever the numbers that come out could change."""
        return self.spec.fingerprint

    @property
    def modality(self) -> Modality:
        """The kind of data."""
        return self.spec.modality

    @property
    def cache_key(self) -> str:
        """Under what its rows are kept."""
        return f"{self.spec.fingerprint}/{self.pipeline}"

    @property
    @abstractmethod
    def decode_key(self) -> Hashable:
        """Encoders with equal keys can share what `decode` returns."""

    @property
    def cuts(self) -> tuple[Hashable, ...] | None:
        """What `run` needs of a decoded input, where that is less than all of it; None where it is not.

        A process that decodes for another then sends these alone.
        """
        return None

    @property
    def cell(self) -> tuple[str, Runner] | None:
        """The column of a row that it reads, and what those cells run through; None where there is none."""
        return None

    @abstractmethod
    def decode(self, source: Source) -> Decoded:
        """Read and decode one input.

        Raises
        ------
        SourceError
            When it cannot be used.
        """

    def cut(self, decoded: Decoded) -> Any:
        """Return what goes into the graph for one input, before it is put into a batch."""
        return decoded.value

    @abstractmethod
    def run(self, batch: Sequence[Decoded]) -> Rows:
        """Encode decoded inputs, at least one."""

    def only(self, extras: Sequence[str]) -> Self:
        """Return the same encoder with no outputs beside the embedding but these."""
        outputs = self.spec.outputs
        graph = self._graph
        if graph is None or not set(extras) <= set(outputs):
            return self  # who asks for an output that is not there is told so elsewhere
        kept = {name: outputs[name] for name in outputs if name in (EMBEDDING, *extras)}
        lean = copy(self)
        lean.spec, lean._graph = replace(self.spec, outputs=kept), graph.only(kept)
        return lean

    def warm(self) -> None:  # noqa: B027 (most encoders have nothing to begin)
        """Begin what takes time before the first batch can run; called beside the first decoding."""

    @abstractmethod
    def encode(
        self,
        sources: Sequence[Source],
        *,
        names: Sequence[str] | None = None,
        extras: Sequence[str] = (),
        cache: EmbeddingCache | None = None,
        progress: ProgressCallback = silent,
    ) -> Embeddings:
        """Encode inputs.

        Parameters
        ----------
        sources
            Paths, encoded bytes or arrays; for text the texts themselves (or a `Path` of a text file).
        names
            What to call the inputs; not needed, reasons speak of "it".
        extras
            Further outputs that are wanted (``logits``, earlier layers).
        cache
            Where to look up and keep rows; none by default.
        progress
            Called from this thread as inputs are done; may raise `Cancelled`, and what was done by then is
            kept in the cache.

        Returns
        -------
        Embeddings
            Inputs that cannot be used are listed in ``failures`` with the reason.

        Raises
        ------
        ParameterError
            When an output is asked for that the base does not have.
        CorruptBaseError
            When the base cannot be run.
        """


def content_of(*parts: bytes | memoryview) -> bytes:
    """Hash decoded content for a `Signature`."""
    state = hashlib.blake2b(digest_size=16)
    for part in parts:
        state.update(part)
    return state.digest()


def empty_rows(width: int) -> Float32Array:
    """Return ``(0, width)``."""
    return np.empty((0, width), dtype=np.float32)
