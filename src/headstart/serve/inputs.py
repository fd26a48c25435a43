"""Read the inputs of a request: a form of files, or JSON."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from starlette.requests import Request

from headstart.data.names import safe_name
from headstart.data.text import read_text
from headstart.errors import Refused, SourceError
from headstart.kinds import has_columns, is_inline
from headstart.row import Row
from headstart.serve.schema import PredictBody, PredictOptions
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


async def read_inputs(request: Request, modality: Modality, limits: Limits) -> Asked:
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
            return await asyncio.to_thread(_from_json, body, modality, limits)
        return _from_json(body, modality, limits)
    if kind == FORM:
        parts = await read_parts(_pieces(request), boundary_of(given), most=limits.parts + _MOST_OPTIONS)
        return _from_form(parts, modality, limits)
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


def _from_json(body: bytes, modality: Modality, limits: Limits) -> Asked:
    try:
        given = PredictBody.model_validate_json(body)
    except ValidationError as error:
        raise invalid(error.errors(include_url=False, include_context=False, include_input=False)) from error
    _check_count(len(given.inputs), limits)
    inputs = [
        _of_value(f"input {number}", value, modality) for number, value in enumerate(given.inputs, start=1)
    ]
    return Asked(inputs, given)


def _of_value(name: str, value: str | dict[str, Any], modality: Modality) -> Input:
    rows = has_columns(modality)
    if isinstance(value, str) and not rows:
        return _of_string(name, value, modality)
    if isinstance(value, dict) and rows:
        return Input(name, Row(value, name))
    reason = (
        "It is a text, and this model takes rows; send an object with its columns."
        if rows
        else f"It is an object, and this model takes {modality}; send a string."
    )
    return Input(name, error=SourceError(reason, kind="not_a_row" if rows else "not_a_string"))


def _of_string(name: str, text: str, modality: Modality) -> Input:
    if is_inline(modality):
        return Input(name, text)
    if text.startswith("data:"):
        text = text.partition(",")[2]
    try:
        return Input(name, base64.b64decode(text.encode("ascii"), validate=True))
    except (binascii.Error, ValueError):
        reason = (
            "It is not base64; encode the bytes of the file, or send the file in a form. Addresses are not "
            "fetched."
        )
        return Input(name, error=SourceError(reason, kind="not_base64"))


def _from_form(parts: Sequence[Part], modality: Modality, limits: Limits) -> Asked:
    options: dict[str, Any] = {}
    inputs: list[Input] = []
    for part in parts:
        content = bytes(part.sink.content) if isinstance(part.sink, Memory) else b""
        if part.name in ("files", "texts"):
            inputs.append(_of_part(part, content, len(inputs) + 1, modality))
        elif part.filename is None and part.name in PredictOptions.model_fields and part.name not in options:
            options[part.name] = content.decode("utf-8", "replace")
        else:
            raise Refused(
                422,
                "parameter",
                f"The form has a field {safe_name(part.name)[:60]!r} that is not known, or has it twice.",
                f"It takes: files, texts, {', '.join(PredictOptions.model_fields)}.",
            )
    if not inputs:
        raise Refused(422, "parameter", "The form has no input.", "Send a file as the field files.")
    _check_count(len(inputs), limits)
    try:
        return Asked(inputs, PredictOptions.model_validate(options))
    except ValidationError as error:
        raise invalid(error.errors(include_url=False, include_context=False, include_input=False)) from error


def _of_part(part: Part, content: bytes, number: int, modality: Modality) -> Input:
    name = safe_name(part.filename or "")[:_LONGEST_NAME] or f"input {number}"
    if has_columns(modality):
        reason = 'This model takes rows; send them as JSON: {"inputs": [{"column": "value"}]}.'
        return Input(name, error=SourceError(reason, kind="not_a_row"))
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
