"""Show base models on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from headstart.wording import ENGLISH, Words

if TYPE_CHECKING:
    from headstart.bases.card import Base
    from headstart.workflows import BaseStatus, PresetPlan

_OURS = {"kind", "embedding", "size", "speed", "its files", "on this machine", "run by us"}
"""What is said here of a base; the rest is what its card says."""


def print_bases(listed: Sequence[BaseStatus], words: Words = ENGLISH) -> None:
    """List base models, those on this machine first."""
    console, translate = Console(highlight=False), words.translate
    for modality in dict.fromkeys(status.base.modality for status in listed):
        table = Table(
            box=None, pad_edge=False, title=f"[bold]{modality}[/bold]", title_justify="left", title_style=""
        )
        table.add_column(translate("name"), no_wrap=True, min_width=22)
        table.add_column("", no_wrap=True, min_width=4)
        table.add_column(translate("learned from"), overflow="fold", ratio=1)
        table.add_column(translate("fetch"), justify="right", no_wrap=True)
        table.add_column(translate("licence"), no_wrap=True)
        for status in (status for status in listed if status.base.modality == modality):
            base = status.base
            cells = [
                escape(base.name), translate(standing(status)), escape(base.trained_on),
                size(base.download_bytes), escape(base.licence),
            ]  # fmt: skip
            table.add_row(*cells, style="" if status.installed else "dim")
        console.print(table)
        console.print()
    hub = "hub: from the Hugging Face Hub, with network (pip install 'headstart[hub]'); not yet run by us."
    console.print(escape(translate(hub)))
    console.print(
        translate("Fetch one: headstart bases get NAME      What one is: headstart bases show NAME")
    )


def print_presets(plans: Sequence[PresetPlan], words: Words = ENGLISH) -> None:
    """Say what each preset measures, fetches and costs."""
    console, translate = Console(highlight=False), words.translate
    table = Table(box=None, pad_edge=False)
    for name in ("kind", "--base", "measures"):
        table.add_column(translate(name), overflow="fold", no_wrap=name != "measures")
    for name in ("fetches", "ms each"):
        table.add_column(translate(name), justify="right", no_wrap=True)
    for preset in plans:
        names = ", ".join(
            translate(f"{base.name} (to fetch)") if base in preset.plan.fetched else base.name
            for base in preset.plan.measured
        )
        cost = preset.plan.milliseconds
        fetched = size(preset.plan.bytes) if preset.plan.fetched else translate("nothing")
        table.add_row(
            preset.kind, preset.plan.preset, escape(names), fetched, "?" if cost is None else f"{cost:.3g}"
        )
    console.print(table)


def print_base(status: BaseStatus, words: Words = ENGLISH) -> None:
    """Describe one base model."""
    console, translate = Console(highlight=False), words.translate
    base = status.base
    rows = {
        "what it is": base.title,
        "kind": base.modality,
        "learned from": base.trained_on,
        "good for": base.domain,
        "language": base.language,
        "can name": base.names,
        "embedding": f"{base.width} numbers",
        "size": f"{base.parameters / 1e6:.1f} million weights, {size(base.download_bytes)} to fetch",
        "speed": f"{base.milliseconds:.3g} ms each on one core" if base.milliseconds else "",
        "licence": f"{base.licence}. {base.licence_note}".strip(),
        "made by": base.upstream,
        "comes from": ", ".join(str(source) for source in base.sources),
        "its files": _checked(base),
        "on this machine": "yes" if status.installed else status.trouble or "no",
        "run by us": "yes" if base.verified else "not yet",
    }
    table = Table(
        box=None,
        pad_edge=False,
        show_header=False,
        title=f"[bold]{escape(base.name)}[/bold]",
        title_justify="left",
    )
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, value in rows.items():
        if value:
            table.add_row(translate(name), escape(translate(str(value)) if name in _OURS else str(value)))
    console.print(table)
    for note in base.notes:
        console.print(f"[yellow]{words.say('terminal.note')}[/yellow] {escape(translate(note))}")


def _checked(base: Base) -> str:
    """Say whether the card holds the files to what they were when it was written."""
    members = [member for source in base.sources for member in source.members]
    if all(member.sha256 for member in members):
        return "each must have the sha256 on the card"
    if all(source.kind != "hf" or source.version != "main" for source in base.sources):
        return "unverified: no sha256 on the card; the first fetch records it"
    return "unverified: no sha256 on the card, nor a revision; the first fetch records it"


def standing(status: BaseStatus) -> str:
    """Say in a few words whether the base can be used."""
    if status.installed:
        return "here"
    if status.trouble:
        return "damaged"
    return "hub" if status.base.sources[0].kind == "hf" else ""


def size(count: int) -> str:
    """Return a number of bytes as a person reads it."""
    return f"{count / 1e6:.0f} MB" if count else "?"
