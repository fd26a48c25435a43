"""OpenVINO's own form of an exported graph, for Intel's processors."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart._optional import require
from headstart.errors import ExportError

if TYPE_CHECKING:
    from headstart.export.parity import Feeds, Run
    from headstart.model import Model
    from headstart.types import Float32Array

MODEL = "model.xml"
_PURPOSE = "export to OpenVINO"
_EXACT = {"INFERENCE_PRECISION_HINT": "f32", "EXECUTION_MODE_HINT": "ACCURACY"}


def check(model: Model) -> None:
    """Refuse what OpenVINO would compute wrongly, before any work is done for it.

    Raises
    ------
    MissingExtraError
        When OpenVINO is not installed.
    ExportError
        When the head counts words.
    """
    require("openvino", "openvino", _PURPOSE)
    if set(model.head.blocks) > set(model.head.widths):  # counts are not dense
        raise ExportError(
            "This model counts words by hashes of 64-bit numbers, which OpenVINO cannot compute.",
            "Train again without simple features (headstart train --no-blend), or export with --to onnx.",
        )


def convert(source: Path, folder: Path) -> None:
    """Turn an ONNX file into ``model.xml`` and ``model.bin``.

    Raises
    ------
    MissingExtraError
        When OpenVINO is not installed.
    ExportError
        When it does not know something in the graph.
    """
    openvino = require("openvino", "openvino", _PURPOSE)
    try:
        openvino.save_model(openvino.convert_model(source), folder / MODEL, compress_to_fp16=False)
    except Exception as error:  # openvino raises RuntimeError and kinds of its own
        raise _refused(error) from error


def open_model(folder: Path) -> Run:
    """Return how to run a converted model in single precision, whatever the processor prefers.

    Raises
    ------
    ExportError
        When it cannot be run.
    """
    openvino = require("openvino", "openvino", _PURPOSE)
    try:
        compiled = openvino.Core().compile_model(folder / MODEL, "CPU", _EXACT)
    except Exception as error:
        raise _refused(error) from error

    def run(feeds: Feeds) -> Float32Array:
        try:
            likely: Any = compiled(dict(feeds))[compiled.outputs[-1]]
        except Exception as error:
            raise _refused(error) from error
        return likely.copy()  # type: ignore[no-any-return]

    return run


def _refused(error: Exception) -> ExportError:
    return ExportError(
        f"OpenVINO cannot run this model: {_last_line(error)}.",
        "Export to ONNX instead, which runs the same model: --to onnx",
    )


def _last_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines or [type(error).__name__])[-1].rstrip(".")[:200]
