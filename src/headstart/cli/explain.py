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
    from headstart import glossary

    if term:
        print(glossary.explain(" ".join(term)))
        return
    for name, line in glossary.terms().items():
        print(f"{name}: {line}")
