"""``headstart explain``: what a term means."""

from __future__ import annotations

from typing import Annotated

import typer


def explain(
    term: Annotated[
        list[str] | None, typer.Argument(help="A term, such as: near-duplicate. All when left out.")
    ] = None,
) -> None:
    """Explain a term in one line."""
    from headstart.cli.language import speaking

    words = speaking()
    if term:
        print(words.explain(" ".join(term)))
        return
    for name, line in words.glossary().items():
        print(f"{words.term(name)}: {line}")
