"""Show on a terminal what a saved model is."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

from headstart.wording import ENGLISH, Words
from headstart.workflows.bundles import BundleInfo

_SHOWN = 12


def print_verified(info: BundleInfo, words: Words = ENGLISH) -> None:
    """Say that a model is whole, and what nothing vouches for."""
    size = sum(info.files.values()) / 1e6
    print(words.say("bundle.whole", path=info.path, files=len(info.files), size=size))
    if info.unlisted:
        print(words.say("bundle.unlisted", names=", ".join(info.unlisted[:_SHOWN])))


def print_info(info: BundleInfo, words: Words = ENGLISH) -> None:
    """Say what a model is and what it was measured to be worth."""
    console, say = Console(highlight=False), words.say
    names = ", ".join(info.classes[:_SHOWN]) + (", …" if len(info.classes) > _SHOWN else "")
    bold = f"[bold]{escape(info.name)}[/bold]"
    figures = {"classes": len(info.classes), "kind": info.modality}
    tells = (
        f"{bold}  {escape(words.translate(info.learned))}"
        if info.learned
        else say("terminal.tells", name=f"{bold} ", **figures)
    )
    # A model of one number or of defects has said already what it tells.
    console.print(f"{tells}: {escape(names)}" if len(info.classes) > 1 else tells)
    if info.worth:
        console.print(escape(words.translate(info.worth)))
    measured = {key: info.accuracy.get(key) for key in ("estimate", "low", "high")}
    if measured["estimate"] is not None:
        console.print(say("bundle.accuracy", **measured))
    bases = " + ".join(info.bases) or say("terminal.no-base-model")
    if info.linked:
        bases = say("bundle.linked", bases=bases, names=", ".join(info.linked))
    provenance = {"created": escape(info.created), "version": escape(info.headstart)}
    console.print(say("bundle.made", bases=escape(bases), **provenance))
    for name, size in info.files.items():
        console.print(f"  {escape(name):24} {words.whole(size):>14} {say('bundle.bytes')}")
