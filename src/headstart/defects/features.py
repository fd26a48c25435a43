"""What a base sees at each place of a picture: read, kept small, and brought to one scale."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.defects.graph import STRIDES, Layout, write_places
from headstart.defects.levels import Levels, pictures_at_once
from headstart.defects.sizing import SIZE
from headstart.encoders.contract import EMBEDDING
from headstart.encoders.many import encode_many
from headstart.encoders.open import open_encoder
from headstart.execution import Executor, Progress, ProgressCallback, silent
from headstart.types import EncoderSpec

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.encoders.cache import EmbeddingCache
    from headstart.types import BoolArray, Signature, Source

_AT_ONCE = 64
"""Pictures whose rows are held in full precision while more are read; fewer where they are large."""

_SQUASH = {"squash": True}


def places_of(spec: EncoderSpec, folder: Path, size: int = SIZE) -> EncoderSpec:
    """Return the lower half of a base as an encoder of its own, its graph written into `folder`.

    Raises
    ------
    ParameterError
        When the base has no places to speak of, or the size does not fit.
    """
    path = folder / f"places_{size}.onnx"
    layout = write_places(spec.files["encoder"], size, path, EMBEDDING)
    recipe = {key: value for key, value in spec.recipe.items() if key not in ("size", "crop")}
    recipe |= {"size": size, **_SQUASH, "channels": list(layout.channels)}
    made = hashlib.sha256(path.read_bytes() + repr(sorted(recipe.items())).encode()).hexdigest()
    return EncoderSpec(
        name=spec.name,
        modality=spec.modality,
        fingerprint=made,
        width=layout.width,
        outputs={EMBEDDING: layout.width},
        recipe=recipe,
        files={"encoder": path},
    )


def layout_of(spec: EncoderSpec) -> Layout:
    """Return how the rows of an encoder from `places_of` are to be read."""
    return Layout(int(spec.recipe["size"]) // STRIDES[-1], tuple(int(n) for n in spec.recipe["channels"]))


@dataclass(frozen=True, eq=False)
class Pictures:
    """Pictures that could be read, as seen at their places.

    Attributes
    ----------
    seen
        ``(n, places, channels)`` float16: half the memory, and what is lost is far below what differs.
    rows
        Which of the inputs they were.
    signatures
        One for each of the n.
    failures
        Input to ``(reason, code)`` for those that could not be read.
    computed, from_cache
        How many ran through the base now, and how many had done so before.
    """

    seen: NDArray[np.float16]
    rows: NDArray[np.int64]
    signatures: tuple[Signature, ...]
    failures: Mapping[int, tuple[str, str]]
    computed: int = 0
    from_cache: int = 0

    def __len__(self) -> int:
        return len(self.seen)

    def take(self, which: NDArray[Any]) -> Pictures:
        """Return some of them, by place or as a mask."""
        kept = np.arange(len(self))[which]
        return replace(
            self,
            seen=self.seen[kept],
            rows=self.rows[kept],
            signatures=tuple(self.signatures[i] for i in kept),
        )

    def first_of_each(self) -> BoolArray:
        """Return which of them have pixels that none before them had."""
        known: set[bytes] = set()
        fresh = np.zeros(len(self), dtype=bool)
        for place, signature in enumerate(self.signatures):
            fresh[place] = signature.content not in known
            known.add(signature.content)
        return fresh


def look(
    spec: EncoderSpec,
    sources: Sequence[Source],
    *,
    cache: EmbeddingCache | None = None,
    progress: ProgressCallback = silent,
    executor: Executor | None = None,
) -> Pictures:
    """Run an encoder from `places_of` over pictures, a few of them in full precision at a time.

    Raises
    ------
    CorruptBaseError
        When the base cannot be run.
    """
    encoder, layout = open_encoder(spec), layout_of(spec)
    shape = (layout.side**2, sum(layout.channels))
    seen, count = np.empty((len(sources), *shape), np.float16), 0
    rows = [np.zeros(0, np.int64)]
    at_once = pictures_at_once(spec.width, _AT_ONCE)
    signatures: list[Signature] = []
    failures: dict[int, tuple[str, str]] = {}
    computed = from_cache = 0
    for first in range(0, len(sources), at_once):

        def told(step: Progress, done: int = first) -> None:
            progress(replace(step, done=done + step.done, total=len(sources)))

        batch = sources[first : first + at_once]
        made = encode_many([encoder], batch, cache=cache, progress=told, executor=executor)[spec.name]
        seen[count : count + len(made.vectors)] = made.vectors.reshape(-1, *shape)
        count += len(made.vectors)
        rows.append(made.rows + first)
        computed, from_cache = computed + made.computed, from_cache + made.from_cache
        signatures += made.signatures
        failures |= {first + place: (reason, code) for place, reason, code in made.failures}
    return Pictures(seen[:count], np.concatenate(rows), tuple(signatures), failures, computed, from_cache)


def levels_of(seen: NDArray[Any], channels: Sequence[int]) -> Levels:
    """Return what brings every channel to mean 0, and every layer to a summed variance of 1."""
    total, squares, count = np.zeros(sum(channels)), np.zeros(sum(channels)), 0
    at_once = pictures_at_once(seen[0].size, _AT_ONCE)
    for first in range(0, len(seen), at_once):
        rows = seen[first : first + at_once].reshape(-1, sum(channels)).astype(np.float64)
        total, squares, count = total + rows.sum(0), squares + (rows * rows).sum(0), count + len(rows)
    centre = total / count
    variance = np.maximum(squares / count - centre**2, 0.0)
    spread = np.array([part.sum() for part in np.split(variance, np.cumsum(channels)[:-1])])
    scale = np.where(spread > 0, 1 / np.sqrt(np.maximum(spread, np.finfo(np.float32).tiny)), 0.0)
    return Levels(centre.astype(np.float32), np.repeat(scale, channels).astype(np.float32))
