"""A language model that words an answer, where a person names one; what it writes is checked."""

from __future__ import annotations

import json
import os
import tomllib
import urllib.error
import urllib.request
from dataclasses import replace
from functools import cache
from http.client import HTTPException
from importlib.resources import files
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from headstart.assistant.support import unsupported
from headstart.errors import ParameterError
from headstart.settings import current

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headstart.assistant.answers import Answer

KEY = "HEADSTART_WORDING_KEY"
"""The environment variable with the endpoint's key, where it asks for one."""
_MOST_BYTES = 1 << 20
_MOST_TOKENS = 200
_FAILS = (OSError, HTTPException, ValueError, KeyError, TypeError, IndexError, RecursionError)


class Writer:
    """Asks a server that speaks OpenAI's form to word answers; it is sent the question and the quotes alone.

    Parameters
    ----------
    endpoint
        Where it is, up to ``/v1``, as in ``http://127.0.0.1:8080/v1``.
    model
        Name of the model there.
    seconds
        How long it may take; then the quotes are shown as they are.

    Raises
    ------
    ParameterError
        When the endpoint is no address of HTTP, or elsewhere while ``HEADSTART_OFFLINE`` is set.
    """

    def __init__(self, endpoint: str, model: str = "default", *, seconds: float = 20.0) -> None:
        parts = urlsplit(endpoint)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ParameterError(
                "--wording-endpoint must be an address such as http://127.0.0.1:8080/v1, found "
                f"{endpoint!r}.",
                "Give the address of a server that speaks OpenAI's form, up to /v1.",
            )
        if current().offline and not _is_here(parts.hostname):
            raise ParameterError(
                f"HEADSTART_OFFLINE forbids sending passages to {parts.hostname}.",
                "Name a server on this computer, or unset HEADSTART_OFFLINE.",
            )
        self.address = endpoint.rstrip("/") + "/chat/completions"
        self.model = model
        self.seconds = seconds

    def word(self, answer: Answer) -> Answer:
        """Return an answer with its wording, or with the reason why there is none; the quotes stay.

        Answers without quotes and those whose documents disagree are left alone.
        """
        if not answer.quotes or answer.conflicts:
            return answer
        quotes = [quote.text for quote in answer.quotes]
        try:
            text = self._written(answer.question, quotes)
        except _FAILS as error:
            reason = _reason(error, self.seconds)
            return replace(answer, not_worded=f"no wording came from {self.address}: {reason}")
        foreign = unsupported(text, quotes)
        if foreign:
            return replace(answer, not_worded=f"the wording says what the quotes do not: {foreign}")
        return replace(answer, worded=text)

    def _written(self, question: str, quotes: Sequence[str]) -> str:
        body = {
            "model": self.model,
            "temperature": 0,
            "max_tokens": _MOST_TOKENS,
            "messages": [
                {"role": "system", "content": _order()},
                {"role": "user", "content": json.dumps({"passages": quotes, "question": question})},
            ],
        }
        headers = {"Content-Type": "application/json"}
        if key := os.environ.get(KEY):
            headers["Authorization"] = f"Bearer {key}"
        request = urllib.request.Request(self.address, json.dumps(body).encode(), headers)
        with _OPENER.open(request, timeout=self.seconds) as response:
            content = response.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise ValueError("the answer is too long")
        text = json.loads(content)["choices"][0]["message"]["content"]
        if not isinstance(text, str):
            raise TypeError("the content is no text")
        return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _Stay(urllib.request.HTTPRedirectHandler):
    """Goes nowhere else: passages are sent to the address that the person named, and to no other."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_Stay)


def _reason(error: Exception, seconds: float) -> str:
    """Return what went wrong in words that a person can act on."""
    if isinstance(error, urllib.error.HTTPError):
        return f"it refused with status {error.code}"
    cause = getattr(error, "reason", error)
    if isinstance(cause, TimeoutError):
        return f"it timed out after {seconds:g} seconds"
    if isinstance(cause, OSError):
        return f"it could not be reached ({cause.strerror or cause})"[:200]
    return "what it sent is not in OpenAI's form"


@cache
def _order() -> str:
    """Return what the model is told to do."""
    told = tomllib.loads(files("headstart.assistant").joinpath("wording.toml").read_text(encoding="utf-8"))
    return str(told["order"])
