"""Show on a terminal what an export gave."""

from __future__ import annotations

import shlex

from rich.console import Console
from rich.markup import escape

from headstart.export.report import CLASSES, ExportReport, Quantised
from headstart.wording import ENGLISH, Words

_MUCH = 0.02


def print_export(report: ExportReport, words: Words = ENGLISH) -> None:
    """Say what was written, what it takes, and how near it is to the model."""
    console, say = Console(highlight=False), words.say
    path, size = f"[bold]{escape(report.path)}[/bold]", _size(report.bytes, words)
    console.print(say("export.wrote", path=path, size=size))
    takes = "; ".join(f"{name}: {kind} {_shape(shape)}" for name, kind, shape in report.inputs)
    console.print(say("export.takes", inputs=escape(takes), outputs=list(report.outputs)))
    if report.quantised is not None:
        _print_quantised(console, report.quantised, report, words)
    else:
        parity = report.parity
        figures = {"inputs": parity.inputs, "same": parity.same_labels, "apart": parity.largest_difference}
        key = "export.compared" if tuple(report.outputs) == CLASSES else "export.compared-other"
        last = report.outputs[-1]
        console.print(say(key, kind=report.modality, real=parity.real, last=last, **figures))
    for note in report.notes:
        console.print(escape(words.translate(note)))
    console.print(escape(say(f"export.next-{report.to}", path=shlex.quote(report.path))), soft_wrap=True)


def _print_quantised(console: Console, quantised: Quantised, report: ExportReport, words: Words) -> None:
    say, before = words.say, _size(quantised.bytes_before, words)
    key = "export.eight-bit-calibrated" if quantised.calibrated_on else "export.eight-bit"
    console.print(say(key, method=quantised.method, examples=quantised.calibrated_on, size=before))
    figures = {"after": quantised.accuracy_after, "before": quantised.accuracy_before}
    console.print(say("export.eight-bit-worth", examples=quantised.measured_on, **figures))
    if quantised.accuracy_before - quantised.accuracy_after > _MUCH:
        lost = f"[bold]{say('export.lost')}[/bold]"
        console.print(f"{lost} {say('export.lost-mend')}")
    parity = report.parity
    figures = {"inputs": parity.inputs, "same": parity.same_labels, "apart": parity.largest_difference}
    console.print(say("export.eight-bit-compared", **figures))


def _size(count: int, words: Words) -> str:
    large = count >= 1e5
    return f"{words.number(count / (1e6 if large else 1e3), '.1f')} {'MB' if large else 'kB'}"


def _shape(shape: tuple[int | str, ...]) -> str:
    return "[" + ", ".join(map(str, shape)) + "]"
