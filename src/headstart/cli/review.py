"""``headstart review``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Optional

import typer
from typer.core import TyperCommand

from headstart.cli import options

_MANY = ("--good", "--defect")


class Several(TyperCommand):
    """A command of which some options take all that follows, up to the next option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments."""
        return super().parse_args(ctx, spread(args))


def spread(args: list[str]) -> list[str]:
    """Say an option again before each value after its first: ``--good a b`` as ``--good a --good b``.

    A defect without a kind is of the kind of the one before it.
    """
    plain: list[str] = []
    option, kind, count = "", "", 0
    for place, arg in enumerate(args):
        if arg == "--":
            return [*plain, *args[place:]]
        if arg.startswith("-") or not option:
            option, kind, count = (arg if arg in _MANY else ""), "", 0
            plain.append(arg)
            continue
        if option == "--defect":
            kind, _, path = arg.rpartition("=") if "=" in arg and not Path(arg).exists() else (kind, "", arg)
            arg = f"{kind}={path}" if kind else path
        plain += [option, arg] if count else [arg]
        count += 1
    return plain


def review(
    model: Annotated[Path, typer.Argument(help="Folder of a saved model that finds defects.")],
    good: Annotated[
        Optional[list[str]],  # noqa: UP045 - typer reads these annotations at run time
        typer.Option("--good", metavar="FILES", help="Photos of good parts, or folders of them."),
    ] = None,
    defect: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(
            "--defect", metavar="KIND=FILES", help="Photos of defects and their kind, as in scratch=c.jpg."
        ),
    ] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Take the last review out again.")] = False,
    group: Annotated[
        str, typer.Option(help="What these photos have in common: a lot, a day. They are left out together.")
    ] = "",
    data: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="Where the photos of training lie, if not where they lay."),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Let photos that you have judged join a model that finds defects, at once.

    It becomes what training on all of them would have made.
    """
    from headstart.cli.language import speaking
    from headstart.cli.progress import shown
    from headstart.cli.reporting import print_json
    from headstart.cli.show_review import print_review
    from headstart.workflows import require_model_first
    from headstart.workflows import review as run

    require_model_first(model, [*(good or []), *(defect or [])], "review")
    with shown(quiet=as_json) as progress:
        report = run(
            model, good or [], _by_kind(defect or []), undo=undo, group=group, data=data, progress=progress
        )
    if as_json:
        print_json(report.to_dict())
    else:
        print_review(report, speaking())


def _by_kind(given: list[str]) -> dict[str, list[str]]:
    from headstart.errors import ParameterError

    by_kind: dict[str, list[str]] = {}
    for pair in given:
        kind, equals, path = pair.partition("=")
        if not equals or not kind.strip() or not path:
            raise ParameterError(
                f"A defect needs its kind and a photo, got {pair!r}.",
                f"Write --defect scratch={path or pair}",
            )
        by_kind.setdefault(kind.strip(), []).append(path)
    return by_kind
