"""Read the inputs of a request: a form of files, or JSON."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from starlette.requests import Request

from headstart.data.names import safe_name
from headstart.data.text import read_text
from headstart.errors import Refused, SourceError
from headstart.kinds import is_inline
from headstart.row import Row
from headstart.serve.base_64 import bytes_of
from headstart.serve.rows import is_cell, row_of, row_of_form
from headstart.serve.schema import PredictBody, PredictOptions
from headstart.serve.takes import Takes
from headstart.types import Modality
from headstart.web.answers import invalid
from headstart.web.limits import Limits
from headstart.web.parts import FORM, Memory, Part, boundary_of, read_parts

_JSON = "application/json"
_LONGEST_NAME = 200
_MOST_OPTIONS = 8
_AT_ONCE_BYTES = 1 << 18
"""Larger bodies are read in a thread, so that others are served meanwhile."""


@dataclass(frozen=True, slots=True)
class Input:
    """One input: what it is called, and its content or the reason why it has none."""

    name: str
    content: str | bytes | Row | None = None
    error: SourceError | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for."""

    inputs: Sequence[Input]
    options: PredictOptions


async def read_inputs(request: Request, takes: Takes, limits: Limits) -> Asked:
    """Read the body of a request.

    Raises
    ------
    Refused
        When it is not what this address takes.
    """
    given = request.headers.get("content-type", "")
    kind = given.partition(";")[0].strip().lower()
    if kind == _JSON:
        body = await request.body()
        if len(body) > _AT_ONCE_BYTES:
            return await asyncio.to_thread(_from_json, body, takes, limits)
        return _from_json(body, takes, limits)
    if kind == FORM:
        most = limits.parts + len(takes.columns) + _MOST_OPTIONS
        parts = await read_parts(_pieces(request), boundary_of(given), most=most)
        return _from_rows_form(parts, takes) if takes.rows else _from_form(parts, takes.modality, limits)
    raise Refused(
        415,
        "media_type",
        f"The Content-Type must be {_JSON} or {FORM}.",
        "curl sends a form with -F files=@photo.jpg; for JSON set the header.",
    )


def check_text(content: str | bytes, limits: Limits) -> None:
    """Refuse a text that cannot be used, before it waits for a model.

    Raises
    ------
    SourceError
        With the reason.
    """
    text, _ = read_text(content)
    if len(text) > limits.characters:
        raise SourceError(
            f"It has {len(text):,} characters, at most {limits.characters:,} are taken; split it into parts.",
            kind="too_long",
        )


def check_row(row: Row, limits: Limits) -> int:
    """Refuse a row with a text that is too long, before it waits for a model; return its characters.

    Raises
    ------
    SourceError
        With the reason.
    """
    lengths = {column: len(cell) for column, cell in row.cells.items() if isinstance(cell, str)}
    for column, length in lengths.items():
        if length > limits.characters:
            raise SourceError(
                f"The cell in {safe_name(column)[:60]!r} has {length:,} characters, at most "
                f"{limits.characters:,} are taken; shorten it.",
                kind="too_long",
            )
    return sum(lengths.values())


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    async for piece in request.stream():
        yield piece


def _from_json(body: bytes, takes: Takes, limits: Limits) -> Asked:
    try:
        given = PredictBody.model_validate_json(body)
    except ValidationError as error:
        raise invalid(error.errors(include_url=False, include_context=False, include_input=False)) from error
    _check_count(len(given.inputs), limits)
    inputs = [
        _of_value(f"input {number}", value, takes) for number, value in enumerate(given.inputs, start=1)
    ]
    return Asked(inputs, given)


def _of_value(name: str, value: str | dict[str, Any], takes: Takes) -> Input:
    if isinstance(value, str) and not takes.rows:
        return _of_string(name, value, takes.modality)
    if isinstance(value, dict) and takes.rows:
        try:
            return Input(name, row_of(name, value, takes))
        except SourceError as error:
            return Input(name, error=error)
    reason = (
        "It is a text, and this model takes rows; send an object with its columns."
        if takes.rows
        else f"It is an object, and this model takes {takes.modality}; send a string."
    )
    return Input(name, error=SourceError(reason, kind="not_a_row" if takes.rows else "not_a_string"))


def _of_string(name: str, text: str, modality: Modality) -> Input:
    if is_inline(modality):
        return Input(name, text)
    try:
        return Input(name, bytes_of(text))
    except SourceError as error:
        return Input(name, error=error)


def _from_rows_form(parts: Sequence[Part], takes: Takes) -> Asked:
    """Read the one row of a form; a column that is called like an option is a column."""
    cells = [part for part in parts if is_cell(part, takes)]
    options: dict[str, Any] = {}
    for part in parts:
        if not is_cell(part, takes):
            _add_option(options, part)
    if not cells:
        raise Refused(422, "parameter", "The form has no cell.", "Send each cell as a field: -F price=900")
    try:
        row = Input("input 1", row_of_form(cells, takes))
    except SourceError as error:
        row = Input("input 1", error=error)
    return Asked([row], _options(options))


def _from_form(parts: Sequence[Part], modality: Modality, limits: Limits) -> Asked:
    options: dict[str, Any] = {}
    inputs: list[Input] = []
    for part in parts:
        if part.name in ("files", "texts"):
            inputs.append(_of_part(part, _content(part), len(inputs) + 1, modality))
        else:
            _add_option(options, part)
    if not inputs:
        raise Refused(422, "parameter", "The form has no input.", "Send a file as the field files.")
    _check_count(len(inputs), limits)
    return Asked(inputs, _options(options))


def _content(part: Part) -> bytes:
    return bytes(part.sink.content) if isinstance(part.sink, Memory) else b""


def _add_option(options: dict[str, Any], part: Part) -> None:
    if part.filename is not None or part.name not in PredictOptions.model_fields or part.name in options:
        raise Refused(
            422,
            "parameter",
            f"The form has a field {safe_name(part.name)[:60]!r} that is not known, or has it twice.",
            f"It takes: files, texts, {', '.join(PredictOptions.model_fields)}.",
        )
    options[part.name] = _content(part).decode("utf-8", "replace")


def _options(given: dict[str, Any]) -> PredictOptions:
    try:
        return PredictOptions.model_validate(given)
    except ValidationError as error:
        raise invalid(error.errors(include_url=False, include_context=False, include_input=False)) from error


def _of_part(part: Part, content: bytes, number: int, modality: Modality) -> Input:
    name = safe_name(part.filename or "")[:_LONGEST_NAME] or f"input {number}"
    if part.name == "files":
        return Input(name, content)
    if is_inline(modality):
        return Input(name, content.decode("utf-8", "replace"))
    reason = "It is a text, and this model takes files; send it as the field files."
    return Input(name, error=SourceError(reason, kind="not_a_file"))


def _check_count(count: int, limits: Limits) -> None:
    if count > limits.parts:
        raise Refused(
            413,
            "too_many",
            f"The request has {count} inputs, at most {limits.parts} are taken at a time.",
            "Send the others in further requests.",
        )
