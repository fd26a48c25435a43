"""The page that describes the addresses: made here, whole in itself, without a script."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, StrictUndefined, Template

from headstart.kinds import Kind, is_kind, kind_of

if TYPE_CHECKING:
    from headstart.serve.service import Service


def _style() -> str:
    return resources.files("headstart.serve").joinpath("docs.css").read_text(encoding="utf-8")


def _policy() -> str:
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )


HEADERS = {"Content-Security-Policy": _policy(), "Referrer-Policy": "no-referrer"}


def render(document: Mapping[str, Any], service: Service, here: str) -> str:
    """Return the page for an OpenAPI document and the models that are served at `here`."""
    return _template().render(
        style=_style(),
        info=document["info"],
        calls=_calls(document),
        schemas=[
            {"name": name, **shape}
            for name, shape in document["components"]["schemas"].items()
            if "Validation" not in name
        ],
        token=service.settings.token is not None,
        models=[] if service.settings.token else _models(service),
        here=here,
        limits=service.settings.limits,
        shape=_shape,
    )


@cache
def _template() -> Template:
    source = resources.files("headstart.serve").joinpath("docs.html.j2").read_text(encoding="utf-8")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(source)


def _calls(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "path": path,
            "method": method.upper(),
            "description": "",
            "requestBody": None,
            "parameters": [],
            **call,
        }
        for path, methods in document["paths"].items()
        for method, call in methods.items()
    ]


def _models(service: Service) -> list[dict[str, Any]]:
    return [
        {
            **entry.summary(),
            "file": _example_file(kind),
            "things": kind.words.many,
            "cells": [{"name": name, "file": _file_of(role)} for name, role in entry.columns.items()],
        }
        for entry in service.served.values()
        for kind in (kind_of(entry.model.modality),)
    ]


def _example_file(kind: Kind) -> str | None:
    return kind.words.example if kind.file_suffix else None


def _file_of(role: str) -> str | None:
    """Return what to call a file in a column of this role; None where its cells are no files."""
    return _example_file(kind_of(role)) if is_kind(role) else None


def _shape(schema: Mapping[str, Any]) -> str:
    """Say in one word or two what a value is."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in schema:
        return " or ".join(_shape(option) for option in schema["anyOf"])
    kind = str(schema.get("type", "value"))
    if kind == "array":
        return f"list of {_shape(schema.get('items', {}))}"
    return "file" if schema.get("format") == "binary" else kind


def example(value: Any) -> str:
    """Return a value as JSON to read."""
    return json.dumps(value, indent=2, ensure_ascii=False)
