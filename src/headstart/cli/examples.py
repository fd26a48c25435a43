"""The options that say how a table of examples is read, shared by all commands that read one."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

from headstart.cli import options

if TYPE_CHECKING:
    from headstart.execution import ProgressCallback
    from headstart.types import Dataset, Modality

_TAKEN = "columns"


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns hold what, and what a label is; typer reads the options from these fields."""

    input_column: options.InputColumn = None
    label_column: options.LabelColumn = None
    group_column: options.GroupColumn = None
    groups: options.Groups = None
    target: options.Target = None
    layout: options.Layout = None
    roles: options.Columns = None

    def load(
        self,
        data: Path,
        kind: str | Modality | None,
        progress: ProgressCallback,
        *,
        split: str | None = None,
        names_as_texts: bool = True,
        several: bool = False,
    ) -> Dataset:
        """Read examples; see `headstart.load`.

        With `several`, all clear columns of a table are learned from where its label was named and its input
        was not.
        """
        from headstart.data.mixed.deciding import SEVERAL
        from headstart.workflows.reading import load_for

        named = {field.name: getattr(self, field.name) for field in fields(self)}
        roles = named.pop("roles")
        named["columns"] = SEVERAL if several and roles is None else roles
        return load_for(
            data,
            modality=kind,
            names_as_texts=names_as_texts,
            split=split,
            progress=progress,
            **named,
        )


def takes_columns(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of `Columns`, where its own parameter ``columns`` stands."""
    own = get_type_hints(command, include_extras=True)
    shared = get_type_hints(Columns, include_extras=True)
    names = [
        field.name for field in fields(Columns) if field.name not in own
    ]  # check has a target of its own
    parameters: list[inspect.Parameter] = []
    for name, parameter in inspect.signature(command).parameters.items():
        if name != _TAKEN:
            parameters.append(parameter.replace(annotation=own[name]))
            continue
        parameters += [
            inspect.Parameter(name, parameter.kind, default=None, annotation=shared[name]) for name in names
        ]

    @functools.wraps(command)
    def run(**given: Any) -> None:
        columns = Columns(**{name: given.pop(name) for name in names})
        command(**given, **{_TAKEN: columns})

    # typer asks both for what a command takes
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run
