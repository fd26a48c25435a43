"""The screens: HTML made on the server, with the data that their modules start from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from jinja2 import Environment, FunctionLoader, StrictUndefined
from pydantic import BaseModel

from headstart._version import __version__
from headstart.app import (
    history,
    jobs,
    library,
    projects,
    results,
    samples,
    store,
    strings,
    tabular,
    telling,
    tray,
    views,
)
from headstart.app.context import Context, Here
from headstart.app.faults import NotFoundError
from headstart.app.library import DOCUMENTS, is_library
from headstart.app.tabular import is_tabular
from headstart.errors import HeadstartError
from headstart.kinds import has_columns
from headstart.wording import Words

if TYPE_CHECKING:
    from headstart.app.store import Connection
    from headstart.app.store.projects import Project

router = APIRouter()

LANGUAGE = "headstart_lang"
_OF_CLASSES = ("examples", "sort", "check", "train", "try", "improve")
_OF_TABLE = ("table", "trained", "use")
_OF_DOCUMENTS = ("documents", "chat", "review")
SCREENS = ("start", *_OF_CLASSES, *_OF_TABLE, *_OF_DOCUMENTS)
_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
    "webp": "image/webp",
    "ico": "image/x-icon",
    "woff2": "font/woff2",
    "json": "application/json",
    "webmanifest": "application/manifest+json",
}
_SHOWN_PROBLEMS = 50
_YEAR = 365 * 86400
_LONGEST = 200


class Language(BaseModel):
    """The language to speak."""

    lang: str


@router.get("/", include_in_schema=False)
def start(here: Here, request: Request) -> Response:
    """Show the projects."""
    with here.workspace.database.reading() as connection:
        own = {
            "projects": [views.project(here.workspace, connection, r) for r in projects.listed(connection)],
            "deleted": projects.in_bin(connection),
            "samples": samples.offered(),
        }
    return page(here, request, "start", own)


@router.get("/projects/{pid}", include_in_schema=False)
def project(here: Here, pid: str) -> Response:
    """Lead to the first screen of a project."""
    with here.workspace.database.reading() as connection:
        first, *_ = _screens_of(store.projects.get(connection, pid))
    return RedirectResponse(f"/projects/{pid}/{first}", status_code=303)


def _screens_of(row: Project) -> tuple[str, ...]:
    if is_library(row):
        return _OF_DOCUMENTS
    return _OF_TABLE if is_tabular(row) else _OF_CLASSES


@router.get("/projects/{pid}/{screen}", include_in_schema=False)
def screen(here: Here, request: Request, pid: str, screen: str) -> Response:
    """Show one screen of a project."""
    if screen not in SCREENS[1:]:
        raise NotFoundError("There is no such screen.", "Go back to the list of your projects.")
    projects.home(here.workspace, pid)
    there = here.looking.look(pid)
    with here.workspace.database.reading() as connection:
        row = store.projects.get(connection, pid)
        if screen not in _screens_of(row):
            raise NotFoundError("There is no such screen.", "Go back to the list of your projects.")
        shown = views.project(here.workspace, connection, row)
        if not there:
            return page(here, request, "looking", {}, shown)
        content = _Content(here, connection, row, shown, Words(_language(request)))
        own = _CONTENT[screen](content)
    return page(here, request, screen, own, shown)


@dataclass(frozen=True)
class _Content:
    """What the content of a screen is made of: the project, as a row and as it is shown, and the language."""

    here: Context
    connection: Connection
    row: Project
    shown: dict[str, Any]
    words: Words


def _language(request: Request) -> str:
    return strings.choose(request.cookies.get(LANGUAGE), request.headers.get("accept-language"))


def _examples(of: _Content) -> dict[str, Any]:
    return {
        "classes": views.classes(of.connection, of.row.id),
        "tray": tray.shown(of.connection, of.row.id),
        "problems": views.problems(of.connection, of.row.id, 0, _SHOWN_PROBLEMS),
        "history": history.look(of.connection, of.row.id),
        "by_hand": _by_hand(of),
    }


def _sort(of: _Content) -> dict[str, Any]:
    return {
        "classes": views.classes(of.connection, of.row.id),
        "tray": tray.shown(of.connection, of.row.id),
        "order": tray.order(of.connection, of.row.id),
        "history": history.look(of.connection, of.row.id),
        "job": _job(of, "sort"),
    }


def _by_hand(of: _Content) -> dict[str, int] | None:
    """Return what was done to the files by hand since this screen told it last."""
    counts = of.here.workspace.by_hand.pop(of.row.id, None)
    return dict(counts) if counts and counts.total() else None


def _check(of: _Content) -> dict[str, Any]:
    found = results.check(of.connection, of.row.id)
    told = None if found is None else telling.told_check(found, of.shown, of.words)
    return {"result": told, "job": _job(of, "check")}


def _train(of: _Content) -> dict[str, Any]:
    return {"model": _told_model(of), "job": _job(of, "train")}


def _try(of: _Content) -> dict[str, Any]:
    return {"model": _model(of), "classes": views.classes(of.connection, of.row.id)}


def _improve(of: _Content) -> dict[str, Any]:
    return {
        "model": _model(of),
        "improve": results.improve(of.connection, of.row.id),
        "classes": views.classes(of.connection, of.row.id),
    }


def _table(of: _Content) -> dict[str, Any]:
    return {"table": tabular.look(of.here.workspace, of.row)}


def _trained(of: _Content) -> dict[str, Any]:
    return {**_train(of), "shown": tabular.shown(of.here.workspace, of.row, of.words)}


def _use(of: _Content) -> dict[str, Any]:
    return {"model": _model(of), "fields": tabular.form(of.here.workspace, of.row)}


_CONTENT: Mapping[str, Callable[[_Content], dict[str, Any]]] = {
    "examples": _examples,
    "sort": _sort,
    "check": _check,
    "train": _train,
    "try": _try,
    "improve": _improve,
    "table": _table,
    "trained": _trained,
    "use": _use,
    "documents": lambda of: {
        "shelf": library.look(of.here.workspace, of.row.id),
        "job": _job(of, library.INDEX),
    },
    "chat": lambda of: library.behind(of.here.workspace, of.row.id),
    "review": lambda of: {"review": of.here.desk.review_of(of.row.id)},
}


def _job(of: _Content, kind: str) -> dict[str, Any] | None:
    return next(iter(jobs.newest(of.connection, of.row.id, kind)), None)


def _model(of: _Content) -> dict[str, Any] | None:
    try:
        found = results.model_info(of.here.workspace, of.connection, of.row.id)
    except NotFoundError:
        return None
    return found


def _told_model(of: _Content) -> dict[str, Any] | None:
    found = _model(of)
    return None if found is None else telling.told_model(found, of.row.modality, of.words)


def page(
    here: Context,
    request: Request,
    screen: str,
    own: dict[str, Any],
    project: dict[str, Any] | None = None,
    status: int = 200,
) -> HTMLResponse:
    """Render a screen.

    Parameters
    ----------
    own
        What this screen shows beyond what all do.
    project
        The project it is about.
    """
    lang = _language(request)
    words = strings.Words(lang)
    capabilities = here.capabilities if screen != "signed_out" else {}
    plain = {
        **own,
        "kinds": views.kinds(),
        "project": project,
        "capabilities": capabilities,
        "lang": lang,
        "screen": screen,
    }
    text = (
        _environment()
        .get_template(f"{screen}.html")
        .render(
            **plain,
            t=words.t,
            tn=words.tn,
            languages=[{"code": code, "name": name} for code, name in strings.languages().items()],
            static=static_url,
            version=__version__,
            screens=_screens(project),
            glossary=Words(lang).glossary(),
            glossary_lang=lang,
            page_data=plain,
        )
    )
    return HTMLResponse(text, status)


def _screens(project: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Return the screens of a project, and whether there is enough to use each."""
    if project is None:
        return []
    if project["modality"] == DOCUMENTS:
        asked = bool(project["documents"])
        return _steps(project, {"documents": True, "chat": asked, "review": asked})
    enough, trained = project["counts"]["classes"] >= 2, project["model"] is not None
    if has_columns(project["modality"]):
        ready = {"table": True, "trained": bool(project["table"]), "use": trained}
        return _steps(project, ready)
    ready = {"examples": True, "check": enough, "train": enough, "try": trained, "improve": trained}
    return _steps(project, ready)


def _steps(project: dict[str, Any], ready: dict[str, bool]) -> list[dict[str, Any]]:
    home = f"/projects/{project['id']}"
    return [{"id": name, "href": f"{home}/{name}", "ready": there} for name, there in ready.items()]


@cache
def _environment() -> Environment:
    folder = resources.files("headstart.app").joinpath("templates")

    def read(name: str) -> str | None:
        path = folder.joinpath(name)
        return path.read_text(encoding="utf-8") if path.is_file() else None

    return Environment(
        loader=FunctionLoader(read),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def static_file(name: str) -> tuple[bytes, str] | None:
    """Return a static file and the hash of its content; None where there is none of that name."""
    folder = resources.files("headstart.app").joinpath("static")
    parts = name.split("/")
    if len(name) > _LONGEST or any(
        part in ("", ".", "..") or part.startswith(".") or "\\" in part for part in parts
    ):
        return None
    path = folder.joinpath(*parts)
    if not path.is_file():
        return None
    content = path.read_bytes()
    return content, hashlib.sha256(content).hexdigest()[:16]


def static_url(name: str) -> str:
    """Return the address of a static file; it changes with its content."""
    found = static_file(name)
    if found is None:
        raise KeyError(f"no static file {name!r}")
    return f"/static/{name}?v={found[1]}"


@router.get("/static/{name:path}", include_in_schema=False)
def static(request: Request, name: str) -> Response:
    """Send a static file."""
    found = static_file(name)
    kind = _TYPES.get(name.rsplit(".", 1)[-1])
    if found is None or kind is None:
        return Response(status_code=404)
    content, mark = found
    # An address with the hash never changes its content; modules that import each other have none.
    lasting = request.query_params.get("v") == mark
    headers = {
        "ETag": f'"{mark}"',
        "Cache-Control": f"public, max-age={_YEAR}, immutable" if lasting else "no-cache",
    }
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=kind, headers=headers)


@router.get("/strings/{name}.json", include_in_schema=False)
def words(name: str) -> Response:
    """Send the words of a language, English where it has none."""
    if name not in strings.languages():
        return Response(status_code=404)
    return JSONResponse({**strings.spoken(strings.ENGLISH), **strings.spoken(name)})


@router.post("/api/language")
def set_language(language: Language) -> Response:
    """Speak another language from now on."""
    if language.lang not in strings.languages():
        raise NotFoundError("There is no such language.", f"There are {', '.join(strings.languages())}.")
    answer = JSONResponse({"lang": language.lang})
    answer.set_cookie(LANGUAGE, language.lang, httponly=True, samesite="strict", max_age=_YEAR)
    return answer


@router.get("/api/capabilities")
def get_capabilities(here: Here) -> dict[str, Any]:
    """Return what this installation can do beyond the ordinary."""
    return here.capabilities


@router.get("/healthz", include_in_schema=False)
def health() -> dict[str, bool]:
    """Say that the app answers."""
    return {"ok": True}


def wants_page(request: Request) -> bool:
    """Return whether an error should be a page: somebody looks at a screen, not a program at the API."""
    path = request.url.path
    return request.method == "GET" and not path.startswith(("/api/", "/static/", "/strings/", "/healthz"))


def error_page(here: Context, request: Request, error: HeadstartError, status: int) -> HTMLResponse:
    """Render an error as a page."""
    return page(here, request, "error", {"error": error.to_dict(), "status": status}, None, status)
