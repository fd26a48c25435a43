"""Show on a terminal what an export gave."""

from __future__ import annotations

import shlex

from rich.console import Console
from rich.markup import escape

from headstart.export.report import CLASSES, ExportReport, Quantised
from headstart.kinds import kind_of

_MUCH = 0.02
_NEXT = {
    "onnx": "Run it with ONNX Runtime from any language; ten lines of Python are in docs/export.md.",
    "web": "See it:  python -m http.server --bind 127.0.0.1 --directory {path} 8000"
    "   then open http://127.0.0.1:8000",
    "openvino": "Run it with OpenVINO; labels are in headstart-export.json.",
}


def print_export(report: ExportReport) -> None:
    """Say what was written, what it takes, and how near it is to the model."""
    console = Console(highlight=False)
    console.print(f"Wrote [bold]{escape(report.path)}[/bold] ({_size(report.bytes)}).")
    takes = "; ".join(f"{name}: {kind} {_shape(shape)}" for name, kind, shape in report.inputs)
    *gives, last = report.outputs
    console.print(f"It takes {escape(takes)}, and gives {', '.join(gives)} and {last}.")
    if report.quantised is not None:
        _print_quantised(console, report.quantised, report)
    else:
        things = kind_of(report.modality).words.many
        whose = f"of your {things}" if report.parity.real else f"made-up {things}"
        classes = tuple(report.outputs) == CLASSES
        same = f"the same class on {report.parity.same_labels}, " if classes else ""
        console.print(
            f"Compared with the model on {report.parity.inputs} {whose}: {same}{last} at most"
            f" {report.parity.largest_difference:.1g} apart."
        )
    for note in report.notes:
        console.print(escape(note))
    console.print(escape(_NEXT[report.to].format(path=shlex.quote(report.path))), soft_wrap=True)


def _print_quantised(console: Console, told: Quantised, report: ExportReport) -> None:
    how = f", calibrated on {told.calibrated_on} examples" if told.calibrated_on else ""
    console.print(f"Eight-bit weights ({told.method}{how}): the graph had {_size(told.bytes_before)}.")
    console.print(
        f"On {told.measured_on} other examples {told.accuracy_after:.1%} are right, with full weights"
        f" {told.accuracy_before:.1%}. If the model was trained on them, both flatter; the difference tells."
    )
    if told.accuracy_before - told.accuracy_after > _MUCH:
        console.print(
            "[bold]That is a lot to lose.[/bold] Without --quantize the answers are those of the model."
        )
    console.print(
        f"Of {report.parity.inputs} compared, {report.parity.same_labels} get the same class; probabilities"
        f" are at most {report.parity.largest_difference:.2g} apart."
    )


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count / 1e3:.1f} kB"


def _shape(shape: tuple[int | str, ...]) -> str:
    return "[" + ", ".join(map(str, shape)) + "]"
