"""From inputs to what a head sees: the encoders of a model, run side by side, and the features they give.

Training and predicting go through the same outputs, so that a model predicts with what it was trained on.
`FeatureSet` is the one owner of features: it knows which example each row is, and cuts, aligns and joins.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.data.pixel_scale import PixelScale
from headstart.encoders.contract import RAW, Runner
from headstart.encoders.encoder import EMBEDDING
from headstart.encoders.many import encode_many
from headstart.encoders.open import open_encoder
from headstart.encoders.raw import open_raw
from headstart.errors import CorruptBundleError, ParameterError
from headstart.execution import Executor, ProgressCallback, silent
from headstart.files import sha256_of
from headstart.heads.sparse import take_rows
from headstart.kinds import is_of_files
from headstart.types import EncoderSpec, Modality

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.encoders.cache import EmbeddingCache
    from headstart.encoders.open import Encoder
    from headstart.heads.features import Rows
    from headstart.types import Embeddings, IntArray, Source


__all__ = ["EMBEDDING", "RAW", "Block", "FeatureSet", "Pipeline", "Seal", "content_keys"]


@dataclass(frozen=True, slots=True)
class Block:
    """One block of features that the head sees.

    Attributes
    ----------
    name
        What the head calls it; the key in the mapping of blocks.
    kind
        ``encoder`` (an output of a base model) or ``raw`` (cheap features of the input itself).
    encoder, output
        Name of the encoder and of its output, where `kind` is ``encoder``.
    """

    name: str
    kind: str = "encoder"
    encoder: str = ""
    output: str = ""

    def to_dict(self) -> dict[str, str]:
        """Return the fields as plain data."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Seal:
    """What a file was when it was checked: its hash, and its place and time on the disk."""

    sha256: str
    stamp: tuple[int, int, int]

    @classmethod
    def of(cls, path: Path, sha256: str) -> Seal:
        """Return the seal of a file whose hash is known."""
        return cls(sha256, _stamp(path))

    def holds(self, path: Path) -> bool:
        """Return whether the file is still the same; it is read only where its stamp has changed."""
        try:
            if _stamp(path) == self.stamp:
                return True
            return sha256_of(path) == self.sha256
        except OSError:
            return False


@dataclass(frozen=True, eq=False)
class FeatureSet:
    """Named blocks of features of some examples.

    Attributes
    ----------
    blocks
        Block name to ``(m, width)`` features, dense or sparse; row i belongs to example ``rows[i]``.
    rows
        ``(m,)`` int64, increasing: the examples that have features.
    failures
        Example to ``(reason, code)`` for those that could not be read.
    contents
        ``(m,)`` hashes of what the first encoder was given: equal for the same content in different files.
        Empty where unknown.
    """

    blocks: Mapping[str, Rows]
    rows: IntArray
    failures: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    contents: Sequence[bytes] = ()

    def __post_init__(self) -> None:
        lengths = {name: block.shape[0] for name, block in self.blocks.items()}
        if self.contents:
            lengths["contents"] = len(self.contents)
        wrong = next((name for name, length in lengths.items() if length != len(self.rows)), None)
        if wrong is not None:
            raise ParameterError(
                f"Features need a row for each of {len(self.rows)} examples; {wrong!r} has {lengths[wrong]}."
            )
        if (np.diff(self.rows) <= 0).any():
            raise ParameterError("The examples of features must increase, each once.")

    @classmethod
    def of_embeddings(cls, made: Embeddings) -> FeatureSet:
        """Return what one encoder gave: a block for each of its outputs, by the output's name."""
        failures = {position: (reason, code) for position, reason, code in made.failures}
        contents = [signature.content for signature in made.signatures]
        return cls({EMBEDDING: made.vectors, **made.extras}, made.rows, failures, contents)

    @classmethod
    def of_blocks(
        cls, blocks: Mapping[str, Block], outputs: Mapping[str, Mapping[str, Rows]], raw: Rows | None
    ) -> FeatureSet:
        """Return what a head sees of examples that all have every output.

        Parameters
        ----------
        blocks
            What each block is made of, by name; at least one.
        outputs
            Encoder name to output name to ``(n, width)``.
        raw
            The simple features; None where no block is made of them.
        """
        made: dict[str, Rows] = {}
        for name, block in blocks.items():
            rows = raw if block.kind == RAW else outputs[block.encoder][block.output or EMBEDDING]
            assert rows is not None  # no block is offered of what there is not
            made[name] = rows
        return cls(made, np.arange(next(iter(made.values())).shape[0], dtype=np.int64))

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, at: IntArray) -> FeatureSet:
        """Return the rows at these places, which must increase; the failures stay."""
        blocks = {name: take_rows(block, at) for name, block in self.blocks.items()}
        contents = [self.contents[place] for place in at.tolist()] if self.contents else ()
        return replace(self, blocks=blocks, rows=self.rows[at], contents=contents)

    def align(self, examples: IntArray) -> FeatureSet:
        """Return the rows of these examples, which must increase.

        Raises
        ------
        ParameterError
            When one of them has no features.
        """
        if np.array_equal(examples, self.rows):
            return self  # the usual case; no copy then
        absent = np.setdiff1d(examples, self.rows)
        if len(absent):
            raise ParameterError(f"Example {absent[0]} has no features: it could not be read.")
        return self.take(np.searchsorted(self.rows, examples))

    def pick(self, names: Mapping[str, str]) -> FeatureSet:
        """Return some of the blocks under other names: new name to the name here."""
        return replace(self, blocks={new: self.blocks[name] for new, name in names.items()})

    def join(self, other: FeatureSet) -> FeatureSet:
        """Return the blocks of both, for the examples that both have; contents are those of this one.

        Raises
        ------
        ParameterError
            When both have a block of the same name.
        """
        twice = self.blocks.keys() & other.blocks.keys()
        if twice:
            raise ParameterError(f"Both have features of the name {min(twice)!r}.", "Give one another name.")
        both = np.intersect1d(self.rows, other.rows, assume_unique=True)
        mine, theirs = self.align(both), other.align(both)
        failures = {**other.failures, **self.failures}
        return replace(mine, blocks={**mine.blocks, **theirs.blocks}, failures=failures)


@dataclass(frozen=True, eq=False)
class Pipeline:
    """The encoders of a model, opened when first used, and the blocks made of their outputs.

    Attributes
    ----------
    seals
        What the encoder files were when they were checked. Where a folder was replaced since, another base's
        graph must not meet this model's head.
    """

    modality: Modality
    encoders: tuple[EncoderSpec, ...]
    blocks: tuple[Block, ...]
    seals: Mapping[Path, Seal] = field(default_factory=dict)
    _open: dict[str, Encoder] = field(default_factory=dict, init=False)

    def run(
        self,
        sources: Sequence[Source],
        names: Sequence[str] | None = None,
        cache: EmbeddingCache | None = None,
        progress: ProgressCallback = silent,
        executor: Executor | None = None,
    ) -> FeatureSet:
        """Run the encoders and return what the head sees of those inputs that can be read."""
        results = encode_many(
            self._encoders(),
            sources,
            names=names,
            extras=self._extras(),
            cache=cache,
            progress=progress,
            executor=executor,
        )
        made = {name: FeatureSet.of_embeddings(result) for name, result in results.items()}
        features = made[self.encoders[0].name if self.encoders else RAW].pick({})
        for name, part in made.items():
            own = [block for block in self.blocks if (block.encoder or RAW) == name]
            features = features.join(part.pick({block.name: block.output or EMBEDDING for block in own}))
        return features.pick({block.name: block.name for block in self.blocks})

    def decode_keys(self) -> tuple[Hashable, ...]:
        """Return in which ways an input is decoded, and what is cut out; see `headstart.web.wire`."""
        return _decode_keys(self._encoders())

    def cell_keys(self) -> dict[str, tuple[Modality, tuple[Hashable, ...]]]:
        """Return of each column of files its kind, and the `decode_keys` of its cells."""
        runners: dict[str, list[Runner]] = {}
        for cell in (encoder.cell for encoder in self._encoders()):
            if cell is not None and is_of_files(cell[1].modality):
                runners.setdefault(cell[0], []).append(cell[1])
        return {column: (some[0].modality, _decode_keys(some)) for column, some in runners.items()}

    def _encoders(self) -> list[Encoder]:
        wanted = [self._opened(spec) for spec in self.encoders]
        if any(block.kind == RAW for block in self.blocks):
            if RAW not in self._open:
                scales = (PixelScale.of(spec.recipe) for spec in self.encoders)
                self._open[RAW] = open_raw(self.modality, scale=next(scales, None))
            wanted.append(self._open[RAW])
        return wanted

    def _extras(self) -> list[str] | None:
        """Return the outputs beside the embedding; None is all of them, where encoders differ in theirs."""
        extras = {block.output for block in self.blocks if block.kind != RAW} - {EMBEDDING}
        return sorted(extras) if len(self._encoders()) == 1 or not extras else None

    def _opened(self, spec: EncoderSpec) -> Encoder:
        if spec.name not in self._open:
            changed = [
                path
                for path in spec.files.values()
                if path in self.seals and not self.seals[path].holds(path)
            ]
            if changed:
                raise CorruptBundleError(
                    f"{changed[0]} was changed or removed after the model was loaded.",
                    "Load the model again.",
                )
            self._open[spec.name] = open_encoder(spec)
        return self._open[spec.name]

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_open": {}}  # sessions are opened anew in the process that needs them


def content_keys(contents: Sequence[bytes]) -> NDArray[np.uint64]:
    """Return the first 8 bytes of each content hash as a number: sorted, each once."""
    return np.unique(np.frombuffer(b"".join(content[:8] for content in contents), dtype="<u8"))


def _stamp(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns


def _decode_keys(encoders: Sequence[Runner]) -> tuple[Hashable, ...]:
    wanted: dict[Hashable, list[tuple[Hashable, ...] | None]] = {}
    for encoder in encoders:
        wanted.setdefault(encoder.decode_key, []).append(encoder.cuts)
    keys: list[Hashable] = []
    for key, parts in wanted.items():
        if isinstance(key, tuple) and None not in parts:
            key = (*key, *dict.fromkeys(cut for cuts in parts for cut in cuts or ()))
        keys.append(key)
    return tuple(keys)
