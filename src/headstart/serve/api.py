"""The addresses of the server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from starlette.requests import ClientDisconnect

from headstart._version import __version__
from headstart.errors import Refused
from headstart.serve import page, schema
from headstart.serve.assistants import Assistants, add_assistants
from headstart.serve.chat import add_chat
from headstart.serve.inputs import read_inputs
from headstart.serve.metrics import CONTENT_TYPE
from headstart.serve.service import Service
from headstart.serve.takes import Takes
from headstart.serve.widget import add_widget
from headstart.web.answers import install
from headstart.web.journal import Drain, entry_of

T = TypeVar("T")

OPEN_PATHS = ("/", "/docs", "/openapi.json", "/healthz", "/readyz")
"""What needs no token: it tells nothing of the models."""

PREDICT = ":predict"
_REASONS = {
    400: "The body is not JSON, not a form, or not HTTP.",
    401: "The token is missing or wrong.",
    403: "A page of another site asks.",
    404: "There is no such model.",
    405: "The address takes another method.",
    408: "The request did not arrive in time.",
    413: "The body or the number of inputs is too large.",
    415: "The body is neither JSON nor a form.",
    421: "The server is not called by this name.",
    422: "A parameter is wrong, or none of the inputs can be used.",
    503: "The queue is full, or the server is stopping; Retry-After says when to try again.",
    504: "There was no answer in time.",
}


def _responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {
        status: {
            "model": schema.NoPrediction if status == 422 else schema.Problem,
            "description": _REASONS[status],
        }
        for status in sorted({*statuses, 401, 403, 421})
    }


def make_api(service: Service, drain: Drain, assistants: Assistants | None = None) -> FastAPI:
    """Return the application, without what guards it."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        service.start()
        yield
        await service.stop()

    api = FastAPI(
        title="headstart",
        version=__version__,
        summary="Predictions of saved models.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    install(api)
    _add_predict(api, service)
    _add_models(api, service, [] if assistants is None else list(assistants.served))
    if assistants is not None and assistants.served:
        add_assistants(api, assistants)
        add_chat(api, assistants)
        add_widget(api)
    _add_state(api, service, drain)
    _add_pages(api, service)
    return api


def _add_predict(api: FastAPI, service: Service) -> None:
    @api.post(
        "/v1/models/{name}" + PREDICT,
        summary="Name photos, sounds, texts or rows",
        response_model=schema.Predictions,
        response_description="An answer for each input, in order.",
        responses=_responses(400, 404, 408, 413, 415, 422, 503, 504),
        openapi_extra={"requestBody": schema.REQUEST_BODY},
    )
    async def predict(name: str, request: Request) -> JSONResponse:
        """Answer each input by itself: one that cannot be used has an error, the others are answered.

        Where none can be used the status is 422.
        """
        served = service.find(name)
        service.check_room(name)
        takes = Takes(served.model.modality, served.columns, served.file_columns)
        asked = await read_inputs(request, takes, service.settings.limits)
        facts = entry_of(request.scope).facts
        facts |= {"model": name, "inputs": len(asked.inputs)}
        answers = await _while_there(request, service.predict(served, asked))
        bad = [answer for answer in answers if "error" in answer]
        facts["unusable"] = len(bad)
        if len(bad) < len(answers):
            return JSONResponse({"model": name, "predictions": answers})
        body = {
            "code": bad[0]["code"],
            "message": f"None of the inputs can be used. {bad[0]['source']}: {bad[0]['error']}",
            "hint": "The reason for each stands beside it.",
            "predictions": answers,
        }
        return JSONResponse(body, 422)


def _add_models(api: FastAPI, service: Service, assistants: Sequence[str]) -> None:
    @api.get(
        "/v1/models",
        summary="List the models",
        response_model=schema.ModelList,
        response_description="The models.",
        responses=_responses(),
    )
    async def models() -> JSONResponse:
        chatting = [schema.Chatting(id=name).model_dump() for name in assistants]
        listed = [entry.summary() for entry in service.served.values()]
        return JSONResponse({"models": listed, "object": "list", "data": chatting})

    @api.get(
        "/v1/models/{name}",
        summary="Describe a model",
        response_model=schema.Details,
        response_description="The model.",
        responses=_responses(404, 422),
    )
    async def model(name: str) -> JSONResponse:
        if name.endswith(PREDICT):  # the pattern of this address fits the other one too
            raise Refused(405, "method", "This address takes POST.", "GET /docs shows how.", allow="POST")
        return JSONResponse(service.find(name).details())


def _add_state(api: FastAPI, service: Service, drain: Drain) -> None:
    @api.get(
        "/healthz",
        summary="Tell whether the server lives",
        response_model=schema.Health,
        response_description="It does.",
    )
    async def healthz() -> JSONResponse:
        return JSONResponse({"status": "ok"})

    @api.get(
        "/readyz",
        summary="Tell whether requests are taken",
        response_model=schema.Health,
        response_description="They are.",
        responses={503: {"model": schema.Health, "description": "Not yet, or not any more."}},
    )
    async def readyz() -> JSONResponse:
        missing = ["stopping"] if drain.begun else service.unready()
        status = f"waiting for {', '.join(missing)}" if missing and not drain.begun else "stopping"
        return JSONResponse({"status": status}, 503) if missing else JSONResponse({"status": "ready"})

    @api.get(
        "/metrics",
        summary="Numbers for Prometheus",
        response_class=Response,
        response_description="Prometheus' text format.",
        responses={200: {"content": {"text/plain": {}}}, **_responses()},
    )
    async def metrics() -> Response:
        return Response(service.metrics.text(), headers={"Content-Type": CONTENT_TYPE})


def _add_pages(api: FastAPI, service: Service) -> None:
    @api.get("/", include_in_schema=False)
    @api.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> Response:
        content = page.render(api.openapi(), service, str(request.base_url))
        return Response(content, headers={"Content-Type": "text/html; charset=utf-8", **page.HEADERS})


async def _while_there(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Do work for a sender, and stop when it leaves."""
    doing = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_left(request.receive))
    try:
        await asyncio.wait({doing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if doing.done():
            return doing.result()
        raise ClientDisconnect
    finally:
        for task in (doing, leaving):
            task.cancel()
        await asyncio.gather(doing, leaving, return_exceptions=True)


async def _left(receive: Callable[[], Awaitable[Any]]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
