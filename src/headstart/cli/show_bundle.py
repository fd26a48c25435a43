"""Show on a terminal what a saved model is."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

from headstart.kinds import kind_of
from headstart.workflows.bundles import BundleInfo

_SHOWN = 12


def print_verified(found: BundleInfo) -> None:
    """Say that a model is whole, and what nothing vouches for."""
    total = sum(found.files.values())
    print(f"{found.path} is whole: {len(found.files)} files, {total / 1e6:.1f} MB, each as it was saved.")
    if found.unlisted:
        print(f"Not part of the model, and not checked: {', '.join(found.unlisted[:_SHOWN])}.")


def print_info(found: BundleInfo) -> None:
    """Say what a model is and what it was measured to be worth."""
    console = Console(highlight=False)
    names = ", ".join(found.classes[:_SHOWN]) + (", …" if len(found.classes) > _SHOWN else "")
    things = kind_of(found.modality).words.many
    learned = found.learned or f"tells {len(found.classes)} classes of {things} apart"
    console.print(f"[bold]{escape(found.name)}[/bold]  {escape(learned)}: {escape(names)}")
    if found.worth:
        console.print(escape(found.worth))
    estimate, low, high = (found.accuracy.get(key) for key in ("estimate", "low", "high"))
    if estimate is not None:
        console.print(f"accuracy {estimate:.1%} ({low:.1%} to {high:.1%}), as measured when it was trained")
    bases = " + ".join(found.bases) or "no base model"
    where = f" (refers to {', '.join(found.linked)} in the cache)" if found.linked else ""
    console.print(
        f"on {escape(bases + where)}; made {escape(found.created)} with headstart {escape(found.headstart)}"
    )
    for name, size in found.files.items():
        console.print(f"  {escape(name):24} {size:>14,} bytes")
