"""Take a model elsewhere: one ONNX file, a web page, OpenVINO's own form."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from headstart.bundle.load import load as load_bundle
from headstart.data.pixel_scale import PixelScale
from headstart.data.target import CLASSES
from headstart.errors import ExportError, ParameterError, SourceError
from headstart.execution import Progress, ProgressCallback, silent
from headstart.export import intermediate, metadata, one_graph, places, quantise, web
from headstart.export.parity import MOST_CHECKED, Host, compare, host_of, open_onnx
from headstart.export.report import ExportReport, Parity, Quantised
from headstart.export.runtime import runtime_files
from headstart.kinds import has_columns, kind_of
from headstart.targets import target_of
from headstart.workflows.reading import load
from headstart.workflows.result import AnyModel, model_of

if TYPE_CHECKING:
    import onnx

    from headstart.export.parity import Feeds, Run
    from headstart.model import Model
    from headstart.types import Dataset, Example, Source

TARGETS = ("onnx", "web", "openvino")
_SHAPES = {"onnx": ".onnx", "web": "-web", "openvino": "-openvino"}
_MOST_MEASURED = 1000
_OPENVINO_TOLERANCE = 0.05  # it computes in single precision throughout


@dataclass(frozen=True)
class _Made:
    """A graph on its way out."""

    graph: onnx.ModelProto
    content: bytes
    inputs: tuple[tuple[str, str, tuple[int | str, ...]], ...]
    parity: Parity
    quantised: Quantised | None = None


def export(
    model: AnyModel | str | Path,
    to: str = "onnx",
    *,
    output: str | Path | None = None,
    quantize: bool = False,
    data: Dataset | str | Path | None = None,
    runtime: str | Path | None = None,
    progress: ProgressCallback = silent,
) -> ExportReport:
    """Take a model to another form; what comes out is compared with the model before it is kept.

    Parameters
    ----------
    model
        A model, or the folder of a saved one.
    to
        ``onnx`` (one file), ``web`` (a folder that any web server can serve) or ``openvino`` (a folder).
    output
        File or folder to write; by default named after the model, in the current folder.
    quantize
        Whether the base's weights become eight-bit numbers; needs `data`.
    data
        Labelled examples to compare on and to take the ranges of numbers from; made-up inputs are compared
        where not given.
    runtime
        For ``web``: the folder of an unpacked onnxruntime-web package, where npm is not at hand.

    Raises
    ------
    ExportError
        When the model cannot be taken there, or would give other answers.
    """
    if to not in TARGETS:
        raise ParameterError(f"to must be one of {', '.join(TARGETS)}, got {to!r}.", "Use --to onnx")
    if quantize and data is None:
        raise ParameterError(
            "To make weights smaller, examples are needed to calibrate and to measure what is lost.",
            "Add --data with the folder or table that the model was trained on.",
        )
    loaded = load_bundle(model) if isinstance(model, str | Path) else model_of(model)
    _require_possible(loaded, to, quantize)
    target = _target(loaded, to, output)
    if to == "web":
        web.check(loaded)
    if to == "openvino":
        intermediate.check(loaded)
    files = runtime_files(runtime, progress) if to == "web" else {}
    dataset = (
        load(data, modality=loaded.modality, target=loaded.target, progress=progress)
        if isinstance(data, str | Path)
        else data
    )
    made = _build(loaded, dataset, progress)
    if quantize and dataset is not None:
        made = _smaller(loaded, made, dataset, progress)
    if to == "onnx":
        places.write_file(target, made.content)
        return _report(loaded, to, target, made)
    if to == "web":
        web.write(target, loaded, made.content, [name for name, _, _ in made.inputs], files)
        return _report(loaded, to, target, made)
    return _openvino(loaded, target, made, dataset, progress)


def _require_possible(loaded: Model, to: str, quantize: bool) -> None:
    """Refuse, before any work is done, what a kind of data or a target cannot become."""
    if kind_of(loaded.modality).front is None:
        raise ExportError(
            f"A model for {kind_of(loaded.modality).words.many} cannot be exported: nothing turns its inputs "
            "into numbers inside of an ONNX graph.",
            "Serve it instead: headstart serve MODEL",
        )
    target = target_of(loaded.target)
    if loaded.target != CLASSES and (to not in target.exports or quantize):
        forms = "ONNX alone" if target.exports == ("onnx",) else " and ".join(target.exports)
        raise ExportError(
            f"A model that learned {target.words.many} can be exported to {forms}, with its weights as they "
            "are.",
            "Use --to onnx, without --quantize.",
        )
    if has_columns(loaded.modality) and (to != "onnx" or quantize):
        what = f"to {to}" if to != "onnx" else "with eight-bit weights"
        raise ExportError(
            f"A model for {kind_of(loaded.modality).words.many} cannot be exported {what}: its inputs are "
            "of several kinds.",
            "Export it to one ONNX file: headstart export MODEL --to onnx",
        )


def _target(model: Model, to: str, output: str | Path | None) -> Path:
    path = Path(output) if output is not None else Path((model.name or "model") + _SHAPES[to])
    return places.check_file(path, ".onnx") if to == "onnx" else places.check_folder(path)


def _build(model: Model, dataset: Dataset | None, progress: ProgressCallback) -> _Made:
    progress(Progress("building the graph", 0))
    graph = one_graph.build(model)
    metadata.write(graph, metadata.describe(model))
    content = graph.SerializeToString(deterministic=True)
    run, names = open_onnx(content)
    parity = compare(model, run, names, _sources(dataset), progress=progress)
    return _Made(graph, content, one_graph.inputs_of(graph), parity)


def _sources(dataset: Dataset | None) -> list[Source] | None:
    """Return up to `MOST_CHECKED` inputs, spread over the data."""
    if dataset is None:
        return None
    step = max(1, len(dataset) // MOST_CHECKED)
    return dataset.sources[::step][:MOST_CHECKED]


def _smaller(model: Model, made: _Made, dataset: Dataset, progress: ProgressCallback) -> _Made:
    """Quantise on some of the examples, measure on the others."""
    examples = [example for example in dataset.examples if example.label in model.classes]
    np.random.default_rng(0).shuffle(examples)
    share = min(quantise.MOST_CALIBRATED, len(examples) // 2)
    if share < 2:
        raise ParameterError(
            f"{len(examples)} examples of the model's classes are too few to calibrate and to measure with.",
            "Name data with at least a few examples of each class.",
        )
    run, names = open_onnx(made.content)
    host = host_of(model, names)
    progress(Progress("calibrating", 0))
    small, method = quantise.quantised(made.graph, _readable(host, examples[:share]))
    content = small.SerializeToString(deterministic=True)
    rest = examples[share:][:_MOST_MEASURED]
    after, _ = open_onnx(content)
    counted = _accuracy(model, host, (run, after), rest, progress)
    told = Quantised(
        method, share if method == "static" else 0, counted[0], counted[1], counted[2], len(made.content)
    )
    parity = compare(model, after, names, [e.source for e in rest[:MOST_CHECKED]], tolerance=None)
    return replace(made, graph=small, content=content, parity=parity, quantised=told)


def _readable(host: Host, examples: Sequence[Example]) -> list[Feeds]:
    found = []
    for example in examples:
        try:
            found.append(host.feeds(example.source))
        except SourceError:
            continue
    return found


def _accuracy(
    model: Model, host: Host, runs: tuple[Run, Run], examples: Sequence[Example], progress: ProgressCallback
) -> tuple[int, float, float]:
    """Return how many examples could be read, and on which share of them each of two graphs is right."""
    right, counted = [0, 0], 0
    for position, example in enumerate(examples):
        try:
            feeds = host.feeds(example.source)
        except SourceError:
            continue
        counted += 1
        for place, run in enumerate(runs):
            right[place] += model.classes[int(run(feeds)[0].argmax())] == example.label
        progress(Progress("measuring", position + 1, len(examples)))
    return counted, right[0] / max(1, counted), right[1] / max(1, counted)


def _openvino(
    model: Model, target: Path, made: _Made, dataset: Dataset | None, progress: ProgressCallback
) -> ExportReport:
    """Convert, and measure the difference: OpenVINO computes in single precision throughout."""
    with tempfile.TemporaryDirectory(prefix="headstart-") as spare:
        source = Path(spare) / "model.onnx"
        source.write_bytes(made.content)
        with places.filling(target) as folder:
            intermediate.convert(source, folder)
            names = [name for name, _, _ in made.inputs]
            parity = compare(
                model,
                intermediate.open_model(folder),
                names,
                _sources(dataset),
                tolerance=_OPENVINO_TOLERANCE,
                progress=progress,
            )
            facts = json.dumps(metadata.describe(model), indent=1)
            (folder / places.MARK).write_text(facts, encoding="utf-8")
    return _report(model, "openvino", target, replace(made, parity=parity))


def _report(model: Model, to: str, target: Path, made: _Made) -> ExportReport:
    notes = []
    if to == "onnx" and any("tokenizer" in spec.files for spec in model.encoders):
        notes.append("The tokenizer is in the file's metadata; docs/export.md shows how to read it.")
    notes += _scale_notes(model)
    return ExportReport(
        to=to,
        path=str(target),
        bytes=places.size_of(target),
        modality=str(model.modality),
        inputs=made.inputs,
        outputs=tuple(output.name for output in made.graph.graph.output),
        parity=made.parity,
        quantised=made.quantised,
        notes=notes,
    )


def _scale_notes(model: Model) -> list[str]:
    """Say how the host brings pictures of more than 8 bits to the 8 bits that the file takes."""
    scales = (PixelScale.of(spec.recipe) for spec in model.encoders)
    scale = next(scales, None)
    ends = [] if scale is None else [pair for pair in (scale.whole, scale.floating) if pair is not None]
    return [
        f"Pictures of more than 8 bits: hand over (value - {low:g}) / {high - low:g} * 255, rounded and cut "
        "to 0 to 255. Black and white were found over the training pictures."
        for low, high in ends
    ]
