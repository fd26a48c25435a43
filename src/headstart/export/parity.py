"""Hand the same inputs to a model and to what was exported from it, and compare."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from headstart._onnxruntime import onnxruntime
from headstart.data.audio import decode_audio
from headstart.data.image import decode_image
from headstart.data.pixel_scale import PixelScale
from headstart.data.text import decode_text
from headstart.encoders.image import SMALLEST_COVER, cover_of, scaled_side
from headstart.encoders.raw_audio import RATE
from headstart.errors import ExportError, SourceError
from headstart.execution import Progress, ProgressCallback, silent
from headstart.export.fronts import CODES, IDS, IMAGE, MASK, WAVEFORM
from headstart.export.heads import scores_of
from headstart.export.metadata import tokenizer_of
from headstart.export.report import Parity
from headstart.kinds import kind_of
from headstart.targets import CLASSES, target_of
from headstart.types import Modality

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.model import Model
    from headstart.types import Float32Array, Source

    Feeds: TypeAlias = Mapping[str, NDArray[Any]]
    Run: TypeAlias = Callable[[Feeds], Float32Array]

TOLERANCE = 1e-4
MOST_CHECKED = 50


@dataclass
class Host(ABC):
    """Does what the program around an exported graph must do: decode, and for texts look up tokens.

    Parameters
    ----------
    names
        Inputs that the graph has.
    """

    model: Model
    names: Sequence[str]

    @abstractmethod
    def feeds(self, source: Source) -> Feeds:
        """Return what the graph is given for one input.

        Raises
        ------
        SourceError
            When it cannot be read.
        """

    def made(self) -> list[Source]:
        """Return inputs of many sizes that anybody can make again."""
        return made_inputs(self.model.modality)


def host_of(model: Model, names: Sequence[str]) -> Host:
    """Return what surrounds the graph of a model, which has inputs of these names."""
    host: Host = kind_of(model.modality).require("host", "export a model")(model, names)
    return host


class PictureHost(Host):
    """Decodes pictures."""

    def feeds(self, source: Source) -> Feeds:
        """Return the pixels."""
        scales = (PixelScale.of(spec.recipe) for spec in self.model.encoders)
        return {IMAGE: decode_image(source, cover=self._cover(), scale=next(scales, None))}

    def _cover(self) -> int | None:
        """Return the size that the encoders decode to; where they differ, the largest."""
        covers = [cover_of(scaled_side(spec.recipe)) for spec in self.model.encoders] or [SMALLEST_COVER]
        known = [cover for cover in covers if cover is not None]
        return max(known) if len(known) == len(covers) else None


class SoundHost(Host):
    """Decodes sounds at each rate that is asked for."""

    def feeds(self, source: Source) -> Feeds:
        """Return the samples."""
        return {name: decode_audio(source, rate=rate_of(self.model, name))[0] for name in self.names}


def rate_of(model: Model, name: str) -> int:
    """Return the samples per second that an input for sounds has."""
    if name != WAVEFORM:
        return int(name.rsplit("_", 1)[1])
    return int(model.encoders[0].recipe["rate"]) if model.encoders else RATE


@dataclass
class TextHost(Host):
    """Cuts texts into tokens."""

    _tokenizers: tuple[Any, ...] = ()

    def feeds(self, source: Source) -> Feeds:
        """Return the tokens as each base cuts texts, and the letters."""
        from tokenizers import Tokenizer

        text = decode_text(source)
        if not self._tokenizers:
            made = (Tokenizer.from_str(tokenizer_of(spec)) for spec in self.model.encoders)
            self._tokenizers = tuple(made)
        fed: dict[str, NDArray[Any]] = {}
        for number, (spec, tokenizer) in enumerate(
            zip(self.model.encoders, self._tokenizers, strict=True), 1
        ):
            suffix = f"_{number}" if number > 1 else ""
            ids = tokenizer.encode(text).ids or [int(spec.recipe.get("pad_id", 0))]
            fed[IDS + suffix] = np.array([ids], dtype=np.int64)
            fed[MASK + suffix] = np.ones((1, len(ids)), dtype=np.int64)
        fed[CODES] = np.frombuffer(text.lower().encode("utf-32-le", "replace"), dtype=np.int32)
        return {name: value for name, value in fed.items() if name in self.names}


def open_onnx(content: bytes) -> tuple[Run, list[str]]:
    """Open an exported graph as any program would; return how to run it and its inputs.

    Raises
    ------
    ExportError
        When ONNX Runtime refuses it.
    """
    runtime = onnxruntime()
    options = runtime.SessionOptions()
    options.log_severity_level = 3
    try:
        session = runtime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own errors have no common base
        raise ExportError(
            f"ONNX Runtime refuses the exported graph: {error}.", "Please report this."
        ) from error

    main = session.get_outputs()[-1].name

    def run(feeds: Feeds) -> Float32Array:
        scores: Float32Array = session.run([main], dict(feeds))[0]
        return scores

    return run, [value.name for value in session.get_inputs()]


def compare(
    model: Model,
    run: Run,
    names: Sequence[str],
    sources: Sequence[Source] | None = None,
    *,
    tolerance: float | None = TOLERANCE,
    progress: ProgressCallback = silent,
) -> Parity:
    """Run both on the same inputs.

    Parameters
    ----------
    sources
        Inputs of the person; made up where None.
    tolerance
        How far any probability may be apart, or any other value as a share of it where that is above 1; None
        only measures.

    Raises
    ------
    ExportError
        When they differ by more.
    """
    host = host_of(model, names)
    largest, same, done = 0.0, 0, 0
    chosen = host.made() if sources is None else list(sources)
    for position, source in enumerate(chosen):
        try:
            feeds = host.feeds(source)
            features = model.features([source])
            if features.failures:
                continue
            want = scores_of(model, features)[0]
        except SourceError:
            continue  # files that cannot be read are told of where data are read
        got = run(feeds)[0]
        largest = max(largest, float((np.abs(got - want) / np.maximum(1.0, np.abs(want))).max()))
        same += int(got.argmax() == want.argmax())
        done += 1
        progress(Progress("comparing", position + 1, len(chosen)))
    if tolerance is not None and not largest <= tolerance:  # NaN too
        raise ExportError(
            f"The exported model gives other answers than the model: {_scores(model)} differ by "
            f"{largest:.2g}, at most {tolerance:g} is allowed. Nothing was written.",
            "Please report this with the name of the base model.",
        )
    return Parity(done, sources is not None, largest, same)


def _scores(model: Model) -> str:
    return "probabilities" if model.target == CLASSES.name else target_of(model.target).words.many


def made_inputs(modality: Modality) -> list[Source]:
    """Return inputs of many sizes that anybody can make again."""
    found: list[Source] = kind_of(modality).require("made_inputs", "make up inputs")()
    return found


def made_pictures() -> list[Source]:
    """Return pictures of many sizes and shapes."""
    rng = np.random.default_rng(0)
    sizes = ((97, 143), (310, 520), (560, 240), (224, 224), (16, 30), (599, 401))
    return [_picture(rng, *size) for size in sizes]


def made_sounds() -> list[Source]:
    """Return sounds from an instant to longer than any window."""
    rng = np.random.default_rng(0)
    return [_sound(rng, seconds) for seconds in (0.02, 0.31, 1.0, 2.7, 12.3)]


def made_texts() -> list[Source]:
    """Return texts from a letter to longer than any base reads, in several scripts."""
    return [
        "a",
        "The soup was cold and the waiter laughed at us.",
        "  It's 3 o'clock; NOT too late?  ",
        "Größe, naïve café, ΣΟΦΟΣ, Москва, 東京タワー, 🎉🎉",
        "one two three four five six seven " * 300,
    ]


def _picture(rng: np.random.Generator, height: int, width: int) -> NDArray[np.uint8]:
    down, across = np.mgrid[0:height, 0:width]
    waves = [np.sin(down / rng.uniform(5, 60) + across / rng.uniform(5, 60)) for _ in range(3)]
    noise = rng.normal(0, 12, (height, width, 3))
    found: NDArray[np.uint8] = np.clip(128 + 90 * np.stack(waves, axis=2) + noise, 0, 255).astype(np.uint8)
    return found


def _sound(rng: np.random.Generator, seconds: float) -> Float32Array:
    count = int(seconds * RATE)
    tone = np.sin(np.arange(count) * rng.uniform(0.02, 0.6))
    clip: Float32Array = (0.3 * tone + 0.02 * rng.normal(size=count)).astype(np.float32)
    return clip
