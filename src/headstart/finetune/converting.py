"""Writes networks of torch as ONNX graphs, and believes a graph only after it gave the same numbers."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import onnx
import torch
from torch import Tensor, nn

from headstart.bases.graphs.writer import OPSET, output_infos
from headstart.encoders.graph import Graph
from headstart.errors import CorruptBaseError
from headstart.finetune.cut import farthest

BATCHES = (1, 2, 5)
CLOSE = 1e-4


def write_onnx(
    network: nn.Module,
    examples: Sequence[tuple[Tensor, ...]],
    inputs: Mapping[str, Mapping[int, str]],
    width: int,
    path: Path,
) -> None:
    """Write a network that gives one embedding for each example, and compare it with torch.

    Parameters
    ----------
    network
        Takes `inputs` in their order and returns ``(N, width)``.
    examples
        Batches to compare with, of different sizes; the first one is followed to write the graph.
    inputs
        Names, and which of their axes may vary.

    Raises
    ------
    CorruptBaseError
        When torch cannot write the network, or the graph gives other numbers than it.
    """
    network.eval()
    axes = {**{name: dict(shape) for name, shape in inputs.items()}, "embedding": {0: "N"}}
    with warnings.catch_warnings(), torch.no_grad():
        # The exporter that follows a run: it needs no further library and is quick.
        warnings.simplefilter("ignore")
        try:
            torch.onnx.export(
                network, examples[0], str(path), dynamo=False, opset_version=OPSET,
                input_names=list(inputs), output_names=["embedding"], dynamic_axes=axes,
            )  # fmt: skip
        except (RuntimeError, torch.onnx.errors.OnnxExporterError) as error:
            reason = " ".join(str(error).split())[:200]
            raise CorruptBaseError(f"torch cannot write this network as ONNX: {reason}", _OTHER) from error
    model = onnx.load(path)
    del model.graph.output[:]
    model.graph.output.extend(output_infos({"embedding": width}))
    path.write_bytes(model.SerializeToString(deterministic=True))
    compare(network, path, examples, list(inputs), width)


def compare(
    network: nn.Module, path: Path, examples: Sequence[tuple[Tensor, ...]], names: Sequence[str], width: int
) -> None:
    """Compare a graph with the network that it was written from.

    Raises
    ------
    CorruptBaseError
        When a number differs by more than 1e-4 (of the largest one where that is above 1).
    """
    graph = Graph(path, {"embedding": width})
    for example in examples:
        with torch.no_grad():
            due: Any = network(*example)
        feeds = {name: value.numpy() for name, value in zip(names, example, strict=True)}
        apart = farthest(torch.from_numpy(graph.run(feeds)), due)
        if not apart <= CLOSE:  # also where it is no number
            raise CorruptBaseError(
                f"The ONNX graph of this network gives other numbers than torch: {apart:.1e} apart, for a "
                f"batch of {len(due)}.",
                _OTHER,
            )


_OTHER = "Take another model, or an ONNX export of this one (builder adapt_image, adapt_text, adapt_audio)."
