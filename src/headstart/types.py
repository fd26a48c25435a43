"""The plain types that travel between layers. Standard library and NumPy only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

    from headstart.column_role import ColumnRole

    FloatArray: TypeAlias = NDArray[np.floating[Any]]
    Float32Array: TypeAlias = NDArray[np.float32]
    Float64Array: TypeAlias = NDArray[np.float64]
    IntArray: TypeAlias = NDArray[np.int64]
    BoolArray: TypeAlias = NDArray[np.bool_]
    Source: TypeAlias = str | Path | bytes | NDArray[Any] | Image | "Held"


class Modality(StrEnum):
    """The name of a kind of data: what a person would call photos, texts or sounds.

    The three that come with headstart are named here. Other packages may add kinds, so any name makes one,
    always the same object; whether there is such a kind is for `headstart.kinds` to say.
    """

    IMAGE = "image"
    TEXT = "text"
    AUDIO = "audio"

    @classmethod
    def _missing_(cls, value: object) -> Modality | None:
        if not isinstance(value, str) or not value:
            return None
        named = str.__new__(cls, value)
        named._name_, named._value_ = value.upper(), value
        return _OTHERS.setdefault(value, named)


_OTHERS: dict[str, Modality] = {}


class Held:
    """An input in a form of the product's own, which the decoders know."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, eq=False)
class Sound(Held):
    """Samples in memory, with their rate.

    Attributes
    ----------
    samples
        ``(samples,)``, ``(samples, channels)`` or ``(channels, samples)``, whole or floating numbers.
    rate
        Samples per second.
    """

    samples: NDArray[Any]
    rate: float


@dataclass(frozen=True, slots=True)
class Unreadable(Held):
    """The place of an input that is missing or could not be read: whoever decodes it gets the reason."""

    reason: str
    kind: str = "empty"


@dataclass(frozen=True, slots=True)
class Problem:
    """One input that could not be used, or one thing about it that a person should know.

    Attributes
    ----------
    source
        The file or row, as a person would find it again.
    reason
        What is wrong, in one line that ends with what would mend it where that is known.
    code
        A stable word for programs: ``empty``, ``truncated``, ``not_an_image``, ``conflict``, …
    """

    source: str
    reason: str
    code: str = "unreadable"

    def to_dict(self) -> dict[str, str]:
        """Return the fields as plain data."""
        return {"source": self.source, "reason": self.reason, "code": self.code}


@dataclass(frozen=True, slots=True)
class Example:
    """One input, its label, and the group it must not be split from.

    Attributes
    ----------
    source
        For images and sounds a path, encoded bytes, or an array (image: ``(H, W)``, ``(H, W, 3)`` or
        ``(H, W, 4)`` uint8; sound: ``(samples,)`` float at the base's own rate); also a Pillow image, and a
        `Sound`, which knows its rate. For text the text itself.
    label
        The class name, or None where it is not known.
    group
        Examples of one group (same speaker, part, document) are never split between training and test.
    name
        What to call the example when speaking of it (a path relative to the data, ``reviews.csv:12``).
    ids
        Cells of columns that may say what belongs together though nobody said so: ``("speaker", "anna")``.
    value
        What is learned of it, one number for each of `Dataset.classes`, NaN where it is not known; empty
        where that is its class. `label` says the same as it stands in the data.
    """

    source: Source
    label: str | None = None
    group: str | None = None
    name: str = ""
    ids: tuple[tuple[str, str], ...] = ()
    value: tuple[float, ...] = ()


@dataclass(frozen=True)
class Dataset:
    """What reading a person's data gave: usable examples, and everything that was not usable.

    Attributes
    ----------
    classes
        Class names in the order that every label index refers to (sorted, so that it is stable). For another
        target than classes: the names of what is learned, in the order of `Example.value`.
    target
        The name of what is learned of each example: see `headstart.targets`.
    problems
        Every input that could not be used, with the reason.
    ignored
        Count of files passed over because they are never data (hidden files, ``.DS_Store``, …), by kind.
    origin
        Where the data came from, for messages and the model card.
    notes
        What a person should know about how the data were read (which split was left out, …).
    grouping
        How a person wants examples grouped (``name-prefix``, ``none``, …); empty where they did not say.
    columns
        What each column of a table is used as, where examples are rows with several columns to learn from.
    """

    modality: Modality
    examples: tuple[Example, ...]
    classes: tuple[str, ...]
    problems: tuple[Problem, ...] = ()
    ignored: Mapping[str, int] = field(default_factory=dict)
    origin: str = ""
    notes: tuple[str, ...] = ()
    grouping: str = ""
    columns: tuple[ColumnRole, ...] = ()
    target: str = "classes"

    def __len__(self) -> int:
        return len(self.examples)

    @property
    def sources(self) -> list[Source]:
        """The inputs alone, in order."""
        return [example.source for example in self.examples]

    @property
    def labels(self) -> list[str | None]:
        """The labels alone, in order."""
        return [example.label for example in self.examples]

    @property
    def counts(self) -> dict[str, int]:
        """Number of examples per class, in the order of `classes`."""
        seen = Counter(example.label for example in self.examples)
        return {name: seen[name] for name in self.classes}


@dataclass(frozen=True)
class EncoderSpec:
    """A base model made ready to run: files on disk and the recipe for its input.

    The same record describes a prepared base in the cache and the encoder inside a saved model.

    Attributes
    ----------
    fingerprint
        Changes whenever the numbers that come out could change (weights, graph, or input recipe).
    width
        Length of one embedding.
    outputs
        Names and widths of the graph's outputs, in order; the first is ``embedding``. Others may be
        ``logits`` (the base's own classes) or pooled activations of earlier layers.
    recipe
        The input contract, per modality; see `headstart.encoders`.
    files
        Role to path: ``encoder`` (the ONNX graph), ``tokenizer`` (text).
    class_names
        What the base itself can name, in the order of ``logits``; empty where it has no classes.
    """

    name: str
    modality: Modality
    fingerprint: str
    width: int
    outputs: Mapping[str, int]
    recipe: Mapping[str, Any]
    files: Mapping[str, Path]
    class_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signature:
    """What was seen while decoding one input, for finding duplicates without decoding again.

    Attributes
    ----------
    content
        Hash of the decoded content (pixels, samples, normalised text): equal for the same content in
        different files.
    perceptual
        A hash whose Hamming distance is small for look-alikes; empty where the modality has none.
    note
        What a person should know about how the input was used (``text cut at 256 of 900 tokens``).
    """

    content: bytes
    perceptual: bytes = b""
    note: str = ""


@dataclass(frozen=True)
class Embeddings:
    """Vectors for the inputs that could be encoded, and the reasons for those that could not.

    Attributes
    ----------
    vectors
        ``(m, width)`` float32, row i belongs to input ``rows[i]``.
    rows
        ``(m,)`` int64, increasing: positions in the sequence that was encoded.
    extras
        Further outputs that were asked for (``logits``, earlier layers): name to ``(m, w)`` float32.
    signatures
        One for each of the m rows.
    failures
        ``(position, reason, code)`` for each input that could not be decoded.
    from_cache, computed
        How many rows came from the cache and how many ran through the model now. They sum to m.
    seconds
        What decoding and running the computed rows took, added up over the threads.
    """

    vectors: Float32Array
    rows: IntArray
    extras: Mapping[str, Float32Array] = field(default_factory=dict)
    signatures: Sequence[Signature] = ()
    failures: Sequence[tuple[int, str, str]] = ()
    from_cache: int = 0
    computed: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model says about one input.

    Either ``label`` and ``probability`` are set, or ``error`` is. The last four are set where a confidence
    was asked for. What a model of another target than classes says is a subclass with fields of its own.

    Attributes
    ----------
    set
        The classes that cannot be ruled out, the likeliest first: the right one is among them as often as
        the confidence says.
    unsure
        Whether there are several.
    novelty
        Share of known things that are at least as strange as the input (a p-value); None where the model
        cannot say.
    known
        False where the input is unlike everything in training (``novelty`` below 0.05); None where the model
        cannot say.
    """

    source: str
    label: str | None = None
    probability: float | None = None
    top: tuple[tuple[str, float], ...] = ()
    error: str | None = None
    set: tuple[str, ...] | None = None
    unsure: bool | None = None
    novelty: float | None = None
    known: bool | None = None

    @property
    def answer(self) -> str:
        """What to tell a person: a class, ``unsure: scone or bagel``, or ``none of these``."""
        if self.error is not None:
            return "not read"
        if self.known is False:
            return NONE_OF_THESE
        if self.unsure and self.set:
            return f"unsure: {_either(self.set)}"
        return self.label or ""

    @property
    def detail(self) -> str:
        """What to tell beside the answer, where the answer is not a class."""
        return ""

    def cells(self) -> dict[str, Any]:
        """Return what stands in a row of a table of predictions, by the names of its columns."""
        return self.to_dict()

    def to_dict(self) -> dict[str, Any]:
        """Return ``{source, label, probability, top}`` or ``{source, error}``.

        Where a confidence was asked for, ``set``, ``unsure``, ``novelty`` and ``known`` come after ``top``.
        """
        if self.error is not None:
            return {"source": self.source, "error": self.error}
        plain: dict[str, Any] = {
            "source": self.source,
            "label": self.label,
            "probability": self.probability,
            "top": [[name, p] for name, p in self.top],
        }
        if self.set is not None:
            plain |= {
                "set": list(self.set),
                "unsure": self.unsure,
                "novelty": self.novelty,
                "known": self.known,
            }
        return plain


NONE_OF_THESE = "none of these"
_NAMED = 3


def _either(names: Sequence[str]) -> str:
    """Return ``scone or bagel``, ``scone, bagel or bun``, ``scone, bagel, bun or 4 others``."""
    if len(names) > _NAMED + 1:
        names = [*names[:_NAMED], f"{len(names) - _NAMED} others"]
    return " or ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A training example that an input resembles.

    Attributes
    ----------
    label
        Its class.
    similarity
        Cosine of the two embeddings: 1 for the same content.
    position
        Where it stood among the examples that training was given, from 0; unusable ones are counted too.
    content
        The start of the hash of its content, 16 hexadecimal digits: the same for the same content.
    """

    label: str
    similarity: float
    position: int
    content: str

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return {
            "label": self.label,
            "similarity": self.similarity,
            "position": self.position,
            "content": self.content,
        }
