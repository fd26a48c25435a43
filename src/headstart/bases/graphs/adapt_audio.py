"""Sound encoders exported to ONNX, as the Hub holds them: a wave, or a spectrogram that is made here.

The front ends are those that the models were trained with: `CED` as in Dinkel et al., "CED: Consistent
ensemble distillation for audio tagging" (arXiv 2308.11957), `CLAP` as in Wu et al., "Large-scale contrastive
language-audio pretraining" (arXiv 2211.06687, short clips are repeated to ten seconds).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from headstart.bases.card import Base
from headstart.bases.graphs import audio_front_end as front
from headstart.bases.graphs import pooling
from headstart.bases.graphs.adapt import PREFIX, Export
from headstart.bases.graphs.audio_front_end import AudioGraph
from headstart.errors import ParameterError

if TYPE_CHECKING:
    from headstart.types import Float64Array

FEATURES = ("pooled", "mean", "before_classes")
OLDEST_OPSET = 12  # the first whose Max and Pad take what the front ends give them
_INT64 = 7  # ONNX's number for the type
CLAP_RATE, CLAP_SECONDS = 48_000, 10


def build(members: Mapping[str, Path], base: Base, target: Path) -> None:
    """Write ``encoder.onnx``; see `bases.builders.Builder`.

    Options of the card: ``front_end`` ("wave", "unit_wave", "ced" or "clap") and ``features``: "pooled" (an
    output that is one vector), "mean" (of ``last_hidden_state`` over time) or "before_classes" (what the last
    layer before the first output sees).
    """
    export = Export(members["weights"])
    make = _choose(base)
    extra = [name for name in export.inputs if name != "attention_mask"]
    if len(extra) != 1:
        raise export.refuse(f"it should take one sound, and takes {', '.join(export.inputs)}")
    if _opset(export) < OLDEST_OPSET:
        raise export.refuse(f"its operator set must be at least {OLDEST_OPSET}, found {_opset(export)}")
    graph, back = AudioGraph(PREFIX + "front_"), AudioGraph(PREFIX + "back_")
    export.rename(extra[0], make(graph, "waveform"))
    if "attention_mask" in export.inputs:  # nothing is masked: windows are as long as they are
        zeros = graph.node("Mul", "waveform", graph.floats(0.0))
        ones = graph.node("Add", zeros, graph.floats(1.0))
        export.rename("attention_mask", graph.node("Cast", ones, to=_INT64))
    back.node("Identity", _features(export, back, base), name="embedding")
    inputs = {"waveform": ("float32", ["N", "samples"])}
    export.save(target / "encoder.onnx", graph, back, inputs, base)


def _opset(export: Export) -> int:
    return int(next(entry.version for entry in export.model.opset_import if not entry.domain))


def wave(graph: AudioGraph, waveform: str) -> str:
    """Hand the wave on as it is."""
    return graph.node("Identity", waveform)


def unit_wave(graph: AudioGraph, waveform: str) -> str:
    """Give each clip mean 0 and variance 1, ``(x - mean) / sqrt(variance + 1e-7)``."""
    row = graph.node("Reshape", waveform, graph.integers(0, 1, -1))
    around = graph.node("Sub", row, graph.node("GlobalAveragePool", row))
    variance = graph.node("GlobalAveragePool", graph.node("Mul", around, around))
    spread = graph.node("Sqrt", graph.node("Add", variance, graph.floats(1e-7)))
    return graph.node("Reshape", graph.node("Div", around, spread), graph.integers(0, -1))


def ced(graph: AudioGraph, waveform: str) -> str:
    """Make the spectrogram of CED: 64 HTK bands in decibels, at most 120 deep, ``[N, 64, T]`` at 16 kHz."""
    filters = front.htk_filters_in_hertz(64, 512)
    power = _power(graph, waveform, 512, 160, filters)
    levels = front.at_most_below_loudest(graph, front.decibels(graph, power), 120.0)
    return graph.node("Transpose", levels, perm=[0, 2, 1])


def clap(graph: AudioGraph, waveform: str) -> str:
    """Make the spectrogram of CLAP: 64 Slaney bands in decibels of ten seconds, ``[N, 1, 1001, 64]``."""
    filters = front.slaney_filters(64, 1024, rate=CLAP_RATE, low=50.0, high=14_000.0)
    full = graph.integers(CLAP_RATE * CLAP_SECONDS)
    samples = front.length_of(graph, waveform, 1)
    times = graph.node("Max", graph.node("Div", full, samples), graph.integers(1))
    repeats = graph.node("Concat", graph.integers(1), times, axis=0)
    repeated = graph.node("Tile", waveform, repeats)
    missing = graph.node("Sub", full, front.length_of(graph, repeated, 1))
    padded = front.pad_end(graph, repeated, graph.node("Max", missing, graph.integers(0)))
    cut = graph.node("Slice", padded, graph.integers(0), full, graph.integers(1))
    levels = front.decibels(graph, _power(graph, cut, 1024, 480, filters))
    return graph.node("Reshape", levels, graph.integers(0, 1, -1, 64))


def _power(graph: AudioGraph, waveform: str, fft: int, hop: int, filters: Float64Array) -> str:
    """Return mel bands of the power spectrum of frames centred on multiples of `hop`."""
    samples = front.length_of(graph, waveform, 1)
    count = graph.node("Add", graph.node("Div", samples, graph.integers(hop)), graph.integers(1))
    padded = front.centred(graph, waveform, fft // 2)
    # the last frame ends inside the mirrored part, but its last block may reach beyond it
    padded = front.pad_end(graph, padded, graph.integers(hop))
    frames = front.frame(graph, padded, count, fft, hop)
    bins = front.heard(filters)
    cosine, sine = front.fourier_basis(front.hann(fft), fft)
    parts = front.spectrum(graph, frames, (cosine[:, bins], sine[:, bins]))
    return front.power_mel(graph, parts, filters[bins])


FRONT_ENDS: Mapping[str, Callable[[AudioGraph, str], str]] = {
    "wave": wave,
    "unit_wave": unit_wave,
    "ced": ced,
    "clap": clap,
}


def _choose(base: Base) -> Callable[[AudioGraph, str], str]:
    kind = base.options.get("front_end", "wave")
    if kind not in FRONT_ENDS:
        raise ParameterError(
            f"The card of {base.name}: options.front_end must be one of {', '.join(FRONT_ENDS)}, "
            f"found {kind!r}.",
            "Mend the card.",
        )
    return FRONT_ENDS[kind]


def _features(export: Export, graph: AudioGraph, base: Base) -> str:
    kind = base.options.get("features", "mean")
    if kind == "pooled":
        return export.output(("audio_embeds", "pooler_output"))
    if kind == "mean":
        return pooling.mean(graph, export.output(("last_hidden_state",)))
    if kind == "before_classes":
        return export.before(export.graph.output[0].name)
    raise ParameterError(
        f"The card of {base.name}: options.features must be one of {', '.join(FEATURES)}, found {kind!r}.",
        "Mend the card.",
    )
