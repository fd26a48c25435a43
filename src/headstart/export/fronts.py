"""What stands before each encoder in the graph: from what the host hands over to the encoder's input."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from headstart.data.audio import MAX_SECONDS
from headstart.encoders import raw_audio
from headstart.encoders.audio import Windows
from headstart.encoders.image import SMALLEST_COVER, cover_of, scaled_side
from headstart.errors import ExportError
from headstart.export import raw_picture, raw_sound, raw_words
from headstart.export.picture_pieces import SUPPORTS, crop_areas, resized, shrunk, whole_areas
from headstart.export.pieces import Pieces
from headstart.types import EncoderSpec

IMAGE, WAVEFORM, IDS, MASK, CODES = "image", "waveform", "input_ids", "attention_mask", "code_points"


@dataclass
class Front(ABC):
    """The inputs of the exported graph, and the values that encoders and heads are fed with.

    Attributes
    ----------
    counts
        Whether the head looks at simple features too.
    inputs
        Name to type and shape of what the host hands over, in order.
    column
        The column of a row that it reads; its inputs are named after it. Empty where an example is one input.
    """

    g: Pieces
    counts: bool = False
    inputs: dict[str, tuple[str, Sequence[int | str]]] = field(default_factory=dict)
    _made: dict[object, str] = field(default_factory=dict)
    column: str = ""

    page: ClassVar[str] = ""
    """Which part of the web page reads an input (``image``, ``audio``, ``text``); empty where none does."""

    @property
    def rows(self) -> int | str:
        """How many inputs the graph takes at a time, or a name for any number."""
        return 1

    def called(self, name: str) -> str:
        """Return what an input, or a size of one that may vary, is called in the graph."""
        return f"{self.column}.{name}" if self.column else name

    def begin(self, specs: Sequence[EncoderSpec]) -> None:  # noqa: B027 (most need not know)
        """Take notice of all encoders whose outputs are used, before the first is asked for."""

    def graph_of(self, spec: EncoderSpec) -> EncoderSpec | None:
        """Return the base whose graph an encoder runs; None where it has none: see `computed`."""
        return spec

    def computed(self, spec: EncoderSpec) -> str:
        """Return the features of an encoder that runs no graph."""
        raise ExportError(f"{spec.name} has no form as a graph.", "Train on another base: headstart bases")

    @abstractmethod
    def feed(self, spec: EncoderSpec, number: int) -> Mapping[str, str]:
        """Return the encoder's inputs by name; `number` counts the encoders from 1."""

    @abstractmethod
    def raw(self) -> str:
        """Return the simple features of the input: a row of numbers, or the buckets that occur."""

    def combined(self, g: Pieces, spec: EncoderSpec, value: str) -> str:
        """Return one row for an input of what the encoder made of it."""
        return value


class Pictures(Front):
    """Decoded pictures of any size."""

    page = "image"

    def feed(self, spec: EncoderSpec, number: int) -> Mapping[str, str]:
        """Return the picture at the size of the base."""
        return {"pixels": self._pixels(spec)}

    def raw(self) -> str:
        """Return edges and colours of a small copy."""
        return raw_picture.describe(self.g, raw_picture.thumb(self.g, self._picture(SMALLEST_COVER)))

    def _picture(self, cover: int | None) -> str:
        name = self.called(IMAGE)
        self.inputs[name] = ("uint8", [self.called("H"), self.called("W"), 3])
        key = "picture", cover
        if key not in self._made:
            self._made[key] = shrunk(self.g, name, cover)
        return self._made[key]

    def _pixels(self, spec: EncoderSpec) -> str:
        g, recipe = self.g, spec.recipe
        method = str(recipe.get("interpolation", "bicubic"))
        if method not in SUPPORTS:
            raise ExportError(
                f"{spec.name} resizes pictures by {method!r}; a graph can do {', '.join(SUPPORTS)}.",
                "Train on another base: headstart bases",
            )
        size = int(recipe["size"])
        scaled = scaled_side(recipe)
        picture = self._picture(cover_of(scaled))
        height, width = g.length(picture, 0), g.length(picture, 1)
        down, across = (
            whole_areas(g, height, width)
            if recipe.get("squash")
            else crop_areas(g, height, width, scaled, size)
        )
        small = resized(g, picture, down, across, size, method)
        return g.node("Unsqueeze", small, g.integers(0))


class Sounds(Front):
    """Samples of one channel at the rate of the base."""

    page = "audio"

    def feed(self, spec: EncoderSpec, number: int) -> Mapping[str, str]:
        """Return the windows of the sound."""
        return {"waveform": self._windows(spec)}

    def raw(self) -> str:
        """Return cepstral coefficients."""
        return raw_sound.describe(self.g, self._samples(raw_audio.RATE, MAX_SECONDS))

    def combined(self, g: Pieces, spec: EncoderSpec, value: str) -> str:
        """Combine the windows of a sound into one row."""
        op = "ReduceMax" if spec.recipe.get("combine", "mean") == "max" else "ReduceMean"
        return g.node(op, value, g.integers(0), keepdims=1)

    def _samples(self, rate: int, most: float) -> str:
        """Return the sound at one rate, ``(samples,)``, cut where decoding would cut it."""
        first = not self.inputs or (
            self.called(WAVEFORM) in self.inputs and self._made.get("rate") == str(rate)
        )
        end_of_name = "" if first else f"_{rate}"
        name = self.called(f"{WAVEFORM}{end_of_name}")
        if first:
            self._made["rate"] = str(rate)
        self.inputs[name] = ("float32", [self.called(f"samples{end_of_name}")])
        key = name, most
        if key not in self._made:
            end = self.g.whole(math.ceil(most * rate))
            self._made[key] = self.g.cut(name, self.g.whole(0), end, 0)
        return self._made[key]

    def _windows(self, spec: EncoderSpec) -> str:
        """Cut a sound into windows ``(windows, length)`` as `headstart.encoders.audio.Windows` does."""
        g, cut = self.g, Windows.of(spec.recipe)
        samples = self._samples(int(spec.recipe["rate"]), float(spec.recipe.get("max_seconds", MAX_SECONDS)))
        count = g.length(samples, 0)
        longer = g.node("Greater", count, g.whole(cut.window))
        steps = g.div(
            g.add(g.most(count, g.whole(cut.least)), g.whole(cut.multiple - 1)), g.whole(cut.multiple)
        )
        short = g.least(g.mul(steps, g.whole(cut.multiple)), g.whole(max(cut.window, cut.least)))
        length = g.choose(longer, g.whole(cut.window), short)
        last = g.most(g.sub(count, g.whole(cut.window)), g.whole(0))
        number = g.add(g.div(g.add(last, g.whole(cut.hop - 1)), g.whole(cut.hop)), g.whole(1))
        starts = g.least(g.mul(g.count_up(number), g.whole(cut.hop)), last)
        missing = g.listed(g.most(g.sub(length, count), g.whole(0)))
        padded = g.node("Pad", samples, g.node("Concat", g.integers(0), missing, axis=0))
        places = g.add(g.column(starts), g.count_up(length))
        return g.node("Gather", padded, places)


class Texts(Front):
    """Tokens of texts; where words are counted, one text at a time and its letters too."""

    page = "text"

    @property
    def rows(self) -> int | str:
        """Any number of texts, unless their words are counted."""
        return 1 if self.counts else "N"

    def feed(self, spec: EncoderSpec, number: int) -> Mapping[str, str]:
        """Return the tokens as this base cuts texts."""
        names = {name: self.called(name + (f"_{number}" if number > 1 else "")) for name in (IDS, MASK)}
        for name in names.values():
            self.inputs[name] = ("int64", [self.rows, self.called(f"L{number}")])
        return names

    def raw(self) -> str:
        """Return the buckets of words that occur."""
        name = self.called(CODES)
        self.inputs[name] = ("int32", [self.called("characters")])
        return raw_words.buckets(self.g, name)
