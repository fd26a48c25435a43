"""Turn every error into one shape over HTTP: ``{code, message, hint}``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from headstart import errors
from headstart.errors import HeadstartError, Refused

if TYPE_CHECKING:
    from fastapi import FastAPI

GONE = 499
"""The status, in logs only, of a sender that left before the answer."""

# The first that fits counts, so the more particular ones come first.
_STATUS: tuple[tuple[type[HeadstartError], int], ...] = (
    (errors.DataError, 422),
    (errors.ParameterError, 422),
    (errors.DoubtUnavailableError, 422),
    (errors.UnknownBaseError, 404),
    (errors.BaseUnavailableError, 409),
    (errors.MissingExtraError, 409),
    (errors.Cancelled, 409),
    (errors.StorageError, 507),
)

_PLAIN = {
    404: ("not_found", "There is nothing at this address.", "GET /docs lists what there is."),
    405: ("method", "This address does not take that method.", "The header Allow names those that it takes."),
}

FAULT = {
    "code": "internal",
    "message": "This is a fault in headstart, not yours.",
    "hint": "Report it with the request id of this answer and the lines of the log that carry it.",
}


def status_of(error: HeadstartError) -> int:
    """Return the HTTP status of an error."""
    if isinstance(error, Refused):
        return error.status
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def answer(error: HeadstartError, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Return the response that tells an error."""
    fields = dict(headers or {})
    if isinstance(error, Refused) and error.retry_after is not None:
        fields["Retry-After"] = str(error.retry_after)
    if isinstance(error, Refused) and error.allow is not None:
        fields["Allow"] = error.allow
    return JSONResponse(error.to_dict(), status_of(error), fields)


def fault() -> JSONResponse:
    """Return the response to a fault of our own; it says nothing of what went wrong inside."""
    return JSONResponse(FAULT, 500)


def install(app: FastAPI) -> None:
    """Give all errors of an application this shape, those of the framework too."""
    from fastapi.exceptions import RequestValidationError

    app.add_exception_handler(HeadstartError, _tell)
    app.add_exception_handler(HTTPException, _tell_plain)
    app.add_exception_handler(RequestValidationError, _tell_invalid)
    app.add_exception_handler(ClientDisconnect, _note_gone)
    app.add_exception_handler(Exception, _tell_fault)


def invalid(problems: Any) -> Refused:
    """Word what pydantic found wrong with a request: its first problem, by place."""
    faults = list(problems)
    first: Mapping[str, Any] = faults[0] if faults else {}
    place = ".".join(str(part) for part in first.get("loc", ())) or "the request"
    if first.get("type") == "json_invalid":
        return Refused(
            400,
            "not_json",
            f"The body must be JSON, but is not: {_short(first)}.",
            "Check the quotes and commas.",
        )
    more = f" ({len(faults) - 1} more like this)" if len(faults) > 1 else ""
    return Refused(422, "parameter", f"{place}: {_short(first)}{more}.", "GET /docs shows what is expected.")


def _short(problem: Mapping[str, Any]) -> str:
    return str(problem.get("msg", "not as expected"))[:200].rstrip(".")


async def _tell(request: Request, error: Exception) -> Response:
    assert isinstance(error, HeadstartError)
    return answer(error)


async def _tell_plain(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code, message, hint = _PLAIN.get(error.status_code, ("request", str(error.detail), None))
    body = {"code": code, "message": message, "hint": hint}
    return JSONResponse(body, error.status_code, dict(error.headers or {}))


async def _tell_fault(request: Request, error: Exception) -> Response:
    return fault()  # the framework raises it again, for the journal


async def _note_gone(request: Request, error: Exception) -> Response:
    return Response(status_code=GONE)  # nobody is there to read it


async def _tell_invalid(request: Request, error: Exception) -> Response:
    return answer(invalid(error.errors()))  # type: ignore[attr-defined]
