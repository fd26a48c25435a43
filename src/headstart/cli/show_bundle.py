"""Show on a terminal what a saved model is."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

from headstart.wording import ENGLISH, Words
from headstart.workflows.bundles import BundleInfo

_SHOWN = 12


def print_verified(found: BundleInfo, words: Words = ENGLISH) -> None:
    """Say that a model is whole, and what nothing vouches for."""
    size = sum(found.files.values()) / 1e6
    print(words.say("bundle.whole", path=found.path, files=len(found.files), size=size))
    if found.unlisted:
        print(words.say("bundle.unlisted", names=", ".join(found.unlisted[:_SHOWN])))


def print_info(found: BundleInfo, words: Words = ENGLISH) -> None:
    """Say what a model is and what it was measured to be worth."""
    console, say = Console(highlight=False), words.say
    names = ", ".join(found.classes[:_SHOWN]) + (", …" if len(found.classes) > _SHOWN else "")
    bold = f"[bold]{escape(found.name)}[/bold]"
    figures = {"classes": len(found.classes), "kind": found.modality}
    tells = (
        f"{bold}  {escape(words.translate(found.learned))}"
        if found.learned
        else say("terminal.tells", name=f"{bold} ", **figures)
    )
    # A model of one number or of defects has said already what it tells.
    console.print(f"{tells}: {escape(names)}" if len(found.classes) > 1 else tells)
    if found.worth:
        console.print(escape(words.translate(found.worth)))
    measured = {key: found.accuracy.get(key) for key in ("estimate", "low", "high")}
    if measured["estimate"] is not None:
        console.print(say("bundle.accuracy", **measured))
    bases = " + ".join(found.bases) or say("terminal.no-base-model")
    if found.linked:
        bases = say("bundle.linked", bases=bases, names=", ".join(found.linked))
    made = {"created": escape(found.created), "version": escape(found.headstart)}
    console.print(say("bundle.made", bases=escape(bases), **made))
    for name, size in found.files.items():
        console.print(f"  {escape(name):24} {words.whole(size):>14} {say('bundle.bytes')}")
