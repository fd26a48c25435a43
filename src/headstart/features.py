"""From inputs to what a head sees: the encoders of a model, run one after the other.

Training and predicting go through the same outputs, so that a model predicts with what it was trained on.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.data.pixel_scale import PixelScale
from headstart.encoders.encoder import EMBEDDING
from headstart.encoders.many import encode_many
from headstart.encoders.open import open_encoder
from headstart.encoders.raw import RAW, open_raw
from headstart.errors import CorruptBundleError
from headstart.execution import Executor, ProgressCallback, silent
from headstart.files import sha256_of
from headstart.heads.sparse import Sparse
from headstart.types import EncoderSpec, Modality

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.encoders.cache import EmbeddingCache
    from headstart.encoders.open import Encoder
    from headstart.types import Embeddings, Float32Array, IntArray, Source


__all__ = ["EMBEDDING", "RAW", "Block", "Features", "Pipeline", "Seal", "content_keys"]


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


@dataclass(frozen=True)
class Features:
    """What the head sees of some inputs.

    Attributes
    ----------
    blocks
        Block name to ``(m, width)`` features; row i belongs to input ``rows[i]``.
    rows
        ``(m,)`` int64, increasing: the inputs that could be read.
    failures
        Input position to ``(reason, code)`` for those that could not.
    contents
        ``(m,)`` hashes of what the first encoder was given: equal for the same content in different files.
    """

    blocks: Mapping[str, Float32Array | Sparse]
    rows: IntArray
    failures: Mapping[int, tuple[str, str]]
    contents: Sequence[bytes] = ()


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
    ) -> Features:
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
        failures = {
            position: (reason, code)
            for result in results.values()
            for position, reason, code in result.failures
        }
        rows = np.array([i for i in range(len(sources)) if i not in failures], dtype=np.int64)
        blocks = {
            block.name: _rows_of(results[block.encoder or RAW], block.output, rows) for block in self.blocks
        }
        first = results[self.encoders[0].name if self.encoders else RAW]
        content = dict(zip(first.rows.tolist(), (s.content for s in first.signatures), strict=True))
        return Features(blocks, rows, failures, [content[row] for row in rows.tolist()])

    def decode_keys(self) -> tuple[Hashable, ...]:
        """Return in which ways an input is decoded, and what is cut out; see `headstart.web.wire`."""
        wanted: dict[Hashable, list[tuple[Hashable, ...] | None]] = {}
        for encoder in self._encoders():
            wanted.setdefault(encoder.decode_key, []).append(encoder.cuts)
        keys: list[Hashable] = []
        for key, parts in wanted.items():
            if isinstance(key, tuple) and None not in parts:
                key = (*key, *dict.fromkeys(cut for cuts in parts for cut in cuts or ()))
            keys.append(key)
        return tuple(keys)

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


def _rows_of(result: Embeddings, output: str, rows: IntArray) -> Float32Array | Sparse:
    """Return one output for the inputs `rows`, which are among those of the result."""
    vectors: Float32Array | Sparse = result.vectors if output in ("", EMBEDDING) else result.extras[output]
    if len(result.rows) == len(rows):
        return vectors
    kept = np.flatnonzero(np.isin(result.rows, rows, assume_unique=True))
    return vectors.take(kept) if isinstance(vectors, Sparse) else vectors[kept]
