"""Put the app together and run it."""

from __future__ import annotations

import logging
import secrets
import sys
import threading
import webbrowser
from collections.abc import Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from headstart._version import __version__
from headstart.app import pages
from headstart.app.context import Context
from headstart.app.faults import told
from headstart.app.projects import recover
from headstart.app.routes import documents, examples, files, jobs, parts, projects, tabular, trying
from headstart.app.session import Bodies, SafeHeaders, Session, secret_of
from headstart.app.sharing import Sharing
from headstart.app.supervisor import Supervisor
from headstart.app.trying import Trier
from headstart.app.workspace import Workspace
from headstart.errors import HeadstartError, Refused
from headstart.web.answers import answer, invalid, status_of
from headstart.web.guard import Guard
from headstart.web.journal import LOGGER, Drain, Journal
from headstart.web.limits import Limits
from headstart.web.serving import bind, is_loopback, serve, url_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import ASGIApp, Scope

PORT = 7331
_MOST_BODY = 32 << 20
_NOWHERE = Refused(404, "not_found", "There is nothing at this address.", "Go back to your projects.")
_STRANGER = Refused(
    401,
    "signed_out",
    "This page was opened without the key to this app.",
    "Open the address that the window shows in which the app was started.",
)


def create(context: Context) -> FastAPI:
    """Return the application itself: routes and errors, without the guards around it."""

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        # In the background: the first screen does not wait for a worker that is only needed later.
        begin = threading.Thread(target=_begin, args=(context,), name="begin", daemon=True)
        begin.start()
        yield
        await run_in_threadpool(begin.join)  # stopped as soon as started: nothing begins after the end
        await run_in_threadpool(_end, context)

    app = FastAPI(
        title="headstart app",
        version=__version__,
        lifespan=life,
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    app.state.context = context
    for part in (projects, documents, examples, files, jobs, parts, tabular, trying, pages):
        app.include_router(part.router)

    async def tell(request: Request, error: Exception) -> Response:
        return await run_in_threadpool(_told, context, request, error)

    for kind in (HeadstartError, HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(kind, tell)  # a fault is raised again when it is told, and logged
    return app


def guarded(context: Context, app: FastAPI, *, token: str, host: str, port: int) -> ASGIApp:
    """Return the application behind everything that a request has to pass."""

    async def refuse(scope: Scope) -> Response:
        request = Request({**scope, "app": app})
        if not pages.wants_page(request):
            return answer(_STRANGER)
        return await run_in_threadpool(pages.page, context, request, "signed_out", {}, None, 401)

    bodies = Bodies(app, Limits(body_bytes=_MOST_BODY, held_bytes=8 * _MOST_BODY))
    session = Session(bodies, token=token, secret=secret_of(context.workspace), port=port, refuse=refuse)
    loopback = is_loopback(host)
    hosts = () if loopback else (host,)
    return SafeHeaders(Journal(Guard(session, hosts=hosts, loopback=loopback), drain=context.drain))


def _told(context: Context, request: Request, error: Exception) -> Response:
    """Tell an error as a page or as JSON, whichever was asked for."""
    if isinstance(error, RequestValidationError):
        error = invalid(error.errors())
    elif isinstance(error, HTTPException):
        other = Refused(error.status_code, "request", str(error.detail))
        error = _NOWHERE if error.status_code == 404 else other
    elif not isinstance(error, HeadstartError):
        plain = told(error)
        error = Refused(500, plain["code"], plain["message"], plain["hint"])
    if pages.wants_page(request):
        return pages.error_page(context, request, error, status_of(error))
    return answer(error)


def _begin(context: Context) -> None:
    """Mend what a killed app left behind, then see to the worker."""
    try:
        recover(context.workspace)
    except Exception:  # the screens tell what is wrong with a project when it is opened
        LOGGER.exception("what was left behind could not all be mended")
    context.supervisor.start()


def _end(context: Context) -> None:
    context.sharing.stop_all()
    context.supervisor.stop()


def run(
    workspace: Path | None = None,
    *,
    host: str = "127.0.0.1",
    port: int | None = None,
    token: str | None = None,
    browser: bool = True,
    say: Callable[[str], None] = print,
) -> None:
    """Run the app until it is stopped.

    Parameters
    ----------
    workspace
        Folder of the projects; ``headstart`` in the person's documents by default.
    host, port
        Where to listen; by default this machine alone, at `PORT` or the next port that is free.
    token
        What the opened address brings; drawn at random by default.
    browser
        Whether to open the address in the person's browser.
    say
        Called with each line to show.
    """
    home = Workspace(workspace or default_workspace())
    sockets = bind(host, port) if port is not None else _bind_near(host)
    drain = Drain()
    context = Context(home, Supervisor(home), Trier(home), Sharing(home), drain)
    key = token or secrets.token_urlsafe(24)
    number = int(sockets[0].getsockname()[1])
    app = guarded(context, create(context), token=key, host=host, port=number)
    address = f"{url_of(sockets)}/?token={key}"
    _log_faults()

    def started() -> None:
        say(f"headstart is open at\n\n    {address}\n")
        say(f"Your projects are in {home.root}\nPress Ctrl-C to close it.")
        sys.stdout.flush()
        if browser:
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()

    limits = Limits(body_bytes=8 << 30, held_bytes=16 << 30, body_seconds=3600.0)
    serve(app, sockets, limits=limits, drain=drain, drain_seconds=5.0, started=started)
    say("Closed. Everything is saved; training that was not finished goes on when you open it again.")


def _bind_near(host: str) -> Any:
    """Listen at the usual port, so that a tab that is still open finds the app again; else nearby."""
    for port in (PORT, PORT + 1, PORT + 2):
        try:
            return bind(host, port)
        except HeadstartError:
            continue
    return bind(host, 0)


def default_workspace() -> Path:
    """Return the folder for projects in the person's documents."""
    from platformdirs import user_documents_path

    return user_documents_path() / "headstart"


class _Faults(logging.Handler):
    """Shows faults in the window in which the app was started."""

    def emit(self, record: logging.LogRecord) -> None:
        fields = getattr(record, "fields", {})
        where = "\n  ".join(fields.get("at", []))
        print(f"Error: {record.getMessage()} {fields.get('error', '')}\n  {where}", file=sys.stderr)  # noqa: T201
        if record.exc_info:
            print(logging.Formatter().formatException(record.exc_info), file=sys.stderr)  # noqa: T201


def _log_faults() -> None:
    LOGGER.handlers, LOGGER.propagate = [_Faults(logging.ERROR)], False
