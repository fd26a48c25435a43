"""A trained model: encoders, a head, class names and what it is worth.

Both ways of training give this one type, and every way of using a model (predict, evaluate, save, export,
serve) starts from it. It knows what it predicts with and nothing of how it was trained. Predicting needs ONNX
Runtime and NumPy; training libraries are never imported.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from headstart._version import __version__
from headstart.data.given_inputs import flow, require_modality, take
from headstart.encoders.encoder import EMBEDDING
from headstart.errors import ParameterError, SourceError
from headstart.execution import Executor, ProgressCallback, silent
from headstart.features import Block, FeatureSet, Pipeline, Seal
from headstart.persistence import Persistent
from headstart.predictions import names_of, nearest, tell
from headstart.provenance import library_versions, timestamp
from headstart.targets import CLASSES, shown_of, target_of
from headstart.types import EncoderSpec, Modality, Neighbour, Prediction

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.encoders.cache import EmbeddingCache
    from headstart.heads.doubt import Doubt
    from headstart.heads.protocol import Fitted, Head
    from headstart.types import BoolArray, Float32Array, Source

__all__ = ["CHUNK", "EMBEDDING", "Block", "FeatureSet", "Model"]

CHUNK = 512
"""Inputs that are held in memory at once while predicting; bounds the memory for endless streams."""

_MOST_NUMBERS = 1 << 26
"""Numbers of features that are held then, whatever `CHUNK` says: a quarter of a gigabyte."""


@dataclass(frozen=True, eq=False, repr=False)
class Model(Persistent):
    """A trained model.

    Attributes
    ----------
    modality
        What it takes: images, texts or sounds.
    classes
        Class names, in the order of the columns of `predict_proba`; for another target the names of what it
        tells of each input.
    target
        The name of what it tells of an input: see `headstart.targets`.
    encoders
        The base models it runs, each once, with their files and input recipes.
    blocks
        Which of their outputs (and which raw features) the head sees.
    head
        The trained part.
    quality
        What it was measured to be worth: the training report as plain data.
    data_fingerprint
        Identifies the examples it was trained on.
    cards
        Encoder name to facts about the base for the model card (title, licence, what it was trained on).
    name
        What to call it; empty until it is saved, then the folder's name.
    created
        When it was trained (UTC, ISO 8601).
    libraries
        Versions of what it was made with.
    seen
        ``(n,)`` sorted `content_keys` of the training examples, as the first encoder's content hashes: to
        leave them out when the model is measured again. Empty where unknown.
    seals
        What the encoder files were when they were checked; see `headstart.features.Pipeline`.
    doubt
        What it takes to say "unsure" and "none of these", and to name the nearest training examples; None in
        models that an earlier version saved.

    Examples
    --------
    >>> model = headstart.load_model("pastries")  # doctest: +SKIP
    >>> model.predict(["new/photo.jpg"])[0].label  # doctest: +SKIP
    'croissant'
    """

    modality: Modality
    classes: tuple[str, ...]
    encoders: tuple[EncoderSpec, ...]
    blocks: tuple[Block, ...]
    head: Fitted
    quality: Mapping[str, Any] = field(default_factory=dict)
    data_fingerprint: str = ""
    cards: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    name: str = ""
    created: str = field(default_factory=timestamp)
    libraries: Mapping[str, str] = field(default_factory=library_versions)
    headstart_version: str = __version__
    seen: NDArray[np.uint64] = field(default_factory=lambda: np.zeros(0, dtype=np.uint64))
    seals: Mapping[Path, Seal] = field(default_factory=dict)
    doubt: Doubt | None = None
    target: str = CLASSES.name
    _pipeline: Pipeline = field(init=False)

    def __post_init__(self) -> None:
        pipeline = Pipeline(self.modality, self.encoders, self.blocks, self.seals)
        object.__setattr__(self, "_pipeline", pipeline)

    def predict(
        self,
        sources: Any,
        *,
        names: Sequence[str] | None = None,
        top: int = 3,
        confidence: float | None = None,
        input_column: str | None = None,
        modality: str | Modality | None = None,
        cache: EmbeddingCache | None = None,
        progress: ProgressCallback = silent,
        executor: Executor | None = None,
    ) -> list[Prediction]:
        """Name each input.

        Parameters
        ----------
        sources
            Paths, encoded bytes, Pillow images or arrays for images and sounds; for a text model the texts
            themselves. In any container, or a table (a DataFrame, a Dataset, a dict of columns); a single
            input gives a list of one.
        names
            What to call the inputs in the answers; their paths or texts where not given.
        top
            How many of the likeliest classes to list for each input.
        confidence
            How often the right class must be among those in ``set``, say 0.9: then the model says when it is
            unsure, and when an input is unlike everything in training. By default it always names one class.
        input_column
            The column of a table that holds the inputs; guessed when None and there is no doubt.
        modality
            ``text`` says that strings that look like names of files are the texts themselves.
        cache
            Where to look up and keep embeddings; none by default.
        progress
            Called as inputs are done; may raise `Cancelled`.
        executor
            What runs the encoding; threads of this process where not given. See `headstart.execution`.

        Returns
        -------
        list of Prediction
            One for each input, in order. An input that is missing or cannot be read has ``error`` set; the
            others go on.

        Raises
        ------
        DoubtUnavailableError
            When a confidence is asked of a model that was saved without what that takes.
        ParameterError
            When the confidence takes more examples than the model was trained on (says how many), or inputs
            are of a type that is not taken (names those that are).
        """
        given = take(sources, self.modality, input_column, self.names_as_texts(modality))
        answers = partial(self.predict_iter, given, names=names, top=top, confidence=confidence)
        return list(answers(cache=cache, progress=progress, executor=executor))

    def predict_iter(
        self,
        sources: Any,
        *,
        names: Iterable[str] | None = None,
        top: int = 3,
        confidence: float | None = None,
        input_column: str | None = None,
        modality: str | Modality | None = None,
        chunk: int = CHUNK,
        cache: EmbeddingCache | None = None,
        progress: ProgressCallback = silent,
        executor: Executor | None = None,
    ) -> Iterator[Prediction]:
        """Name inputs, `chunk` of them in memory at a time, also of an endless generator; see `predict`."""
        if top < 1 or chunk < 1:
            raise ParameterError(f"top and chunk must be from 1 up, got top={top}, chunk={chunk}.")
        self.check_confidence(confidence)
        chunk = min(chunk, max(1, _MOST_NUMBERS // max(1, sum(spec.width for spec in self.encoders))))
        given, done = flow(sources, self.modality, input_column, self.names_as_texts(modality)), 0
        called = iter((given.names or ()) if names is None else names)
        while batch := list(islice(given.sources, chunk)):
            labels = list(islice(called, len(batch))) or names_of(batch, done)
            told = partial(tell, progress, done, given.total)
            features = self.features(batch, labels, cache, told, executor)
            yield from self.answer(features, labels, top=top, confidence=confidence)
            done += len(batch)

    def predict_proba(
        self,
        sources: Any,
        *,
        names: Sequence[str] | None = None,
        input_column: str | None = None,
        modality: str | Modality | None = None,
        cache: EmbeddingCache | None = None,
        progress: ProgressCallback = silent,
    ) -> Float32Array:
        """Return ``(n, len(classes))`` probabilities; each row sums to 1.

        Raises
        ------
        SourceError
            When an input cannot be read; names it.
        """
        given = take(sources, self.modality, input_column, self.names_as_texts(modality))
        batch = given.sources
        called = list(names or given.names or names_of(batch, 0))
        parts = [np.zeros((0, len(self.classes)), dtype=np.float32)]
        for first in range(0, len(batch), CHUNK):
            told = partial(tell, progress, first, len(batch))
            features = self.features(batch[first : first + CHUNK], called[first : first + CHUNK], cache, told)
            for position, (reason, _) in sorted(features.failures.items()):
                raise SourceError(
                    f"{called[first + position]}: {reason}",
                    "Leave it out, or use predict, which answers for the others and reports this one.",
                )
            parts.append(self.proba_of(features))
        return np.concatenate(parts)

    def features(
        self,
        sources: Sequence[Source],
        names: Sequence[str] | None = None,
        cache: EmbeddingCache | None = None,
        progress: ProgressCallback = silent,
        executor: Executor | None = None,
    ) -> FeatureSet:
        """Run the encoders and return what the head sees of those inputs that can be read."""
        return self._pipeline.run(sources, names, cache, progress, executor)

    def decode_keys(self) -> tuple[Hashable, ...]:
        """Return in which ways an input is decoded, for who decodes it in a process of its own."""
        return self._pipeline.decode_keys()

    def cell_keys(self) -> Mapping[str, tuple[Modality, tuple[Hashable, ...]]]:
        """Return the columns whose cells are photos or sounds, each with its kind and its `decode_keys`."""
        return self._pipeline.cell_keys()

    def answer(
        self, features: FeatureSet, names: Sequence[str], *, top: int = 3, confidence: float | None = None
    ) -> list[Prediction]:
        """Name inputs whose features are there already, `names` being those of all inputs that were run."""
        said: list[Prediction] = target_of(self.target).answer(
            self, features, names, top=top, confidence=confidence
        )
        return said

    def nearest(
        self,
        sources: Any,
        k: int = 5,
        *,
        cache: EmbeddingCache | None = None,
        progress: ProgressCallback = silent,
    ) -> list[list[Neighbour]]:
        """Return the training examples most like each input: why the model says what it says.

        Names of training examples are not saved with a model, for they may tell of people; what comes back is
        the class, the place in the training data and the start of the content's hash.

        Parameters
        ----------
        sources
            Inputs, or what `features` returned for them.
        k
            How many for each input.

        Returns
        -------
        list of list of Neighbour
            One list for each input, the nearest first; an empty one for an input that cannot be read.

        Raises
        ------
        DoubtUnavailableError
            When the model was saved without its training embeddings.
        """
        if k < 1:
            raise ParameterError(f"k must be from 1 up, got {k}.")
        features = sources
        if not isinstance(features, FeatureSet):
            taken = take(features, self.modality, None, self.names_as_texts())
            features = self.features(taken.sources, None, cache, progress)
        found = nearest(features, self.doubt, self.classes, k, self.name)
        by_row = dict(zip(features.rows.tolist(), found, strict=True))
        return [by_row.get(row, []) for row in range(len(features.rows) + len(features.failures))]

    def names_as_texts(self, modality: str | Modality | None = None) -> bool:
        """Tell whether names of files are texts to it: it learned from such, or `modality` says so."""
        require_modality(modality, self.modality)
        return modality is not None or bool(self.quality.get("inputs_look_like"))

    def check_confidence(self, confidence: float | None) -> None:
        """Raise, before any work is done, where this model cannot promise a confidence; see `predict`."""
        if confidence is not None:
            target_of(self.target).need("confident", "promise a confidence")(self, confidence)

    @property
    def class_head(self) -> Head:
        """The head of a model that tells classes apart.

        Raises
        ------
        ParameterError
            When it learned something else.
        """
        if self.target != CLASSES.name:
            things = target_of(self.target).words.many
            raise ParameterError(
                f"{self.name or 'The model'} learned {things}, which have no probabilities of classes.",
                "Use model.predict.",
            )
        return cast("Head", self.head)

    def proba_of(self, features: FeatureSet) -> Float32Array:
        """Return ``(n, C)`` the probability of each class for inputs whose features are there already."""
        head = self.class_head
        if not len(features.rows):
            return np.zeros((0, len(self.classes)), dtype=np.float32)
        return head.predict_proba(features.blocks)

    def was_trained_on(self, contents: Sequence[bytes]) -> BoolArray:
        """Return which contents (from `features`) the model has seen in training; ``(m,)`` bool."""
        keys = np.frombuffer(b"".join(content[:8] for content in contents), dtype="<u8")
        return np.isin(keys, self.seen)

    def __repr__(self) -> str:
        bases = " + ".join(spec.name for spec in self.encoders) or "no base"
        accuracy = self.quality.get("accuracy") or {}
        worth = "accuracy unknown"
        if target_of(self.target).show is not None:
            shown = shown_of(self.quality, self.target) if self.quality else None
            metrics = shown.metrics if shown else ()
            worth = metrics[0][2] if metrics else "not measured"
        elif accuracy.get("estimate") is not None:
            worth = f"accuracy {accuracy['estimate']:.3f} ({accuracy['low']:.3f} to {accuracy['high']:.3f})"
        things = target_of(self.target).words
        learned = f"{len(self.classes)} {things.many if len(self.classes) > 1 else things.one}"
        return f"<Model for {self.modality}, {learned}, on {bases}, {worth}>"
