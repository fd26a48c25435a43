"""The chat in a browser: a script for any page, and a page of the server's own to share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib import resources

from fastapi import FastAPI
from fastapi.responses import JSONResponse, Response

from headstart.wording import ENGLISH, Words, languages

PATHS = ("/assistant", "/chat.css", "/widget.js", "/widget.css", "/widget.json")
"""What needs no token: it tells nothing of the assistants."""

_FILES = {
    "/assistant": ("chat.html", "text/html; charset=utf-8"),
    "/chat.css": ("chat.css", "text/css; charset=utf-8"),
    "/widget.js": ("widget.js", "text/javascript; charset=utf-8"),
    "/widget.css": ("widget.css", "text/css; charset=utf-8"),
}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}


def add_widget(api: FastAPI) -> None:
    """Add the page, the script, and the script's words."""
    for path, (name, kind) in _FILES.items():
        api.add_api_route(path, _sender(name, kind), include_in_schema=False)

    @api.get("/widget.json", include_in_schema=False)
    async def words(lang: str = ENGLISH.language) -> JSONResponse:
        return JSONResponse(widget_words(lang), headers=_HEADERS)


def widget_words(code: str) -> dict[str, str]:
    """Return what the chat says in a language; English where it is not there."""
    spoken = code if code in languages() else ENGLISH.language
    words = Words(spoken)
    return {
        "lang": spoken,
        "title": words.say("widget.title"),
        "open": words.say("widget.open"),
        "close": words.say("widget.close"),
        "log": words.say("widget.log"),
        "question": words.say("widget.question"),
        "ask": words.say("widget.ask"),
        "busy": words.say("widget.busy"),
        "sure": words.say("widget.sure", share="{share}"),
        "unsure": words.say("widget.unsure"),
        "understood": words.say("widget.understood"),
        "alone": words.say("widget.alone"),
        "judge": words.say("widget.judge"),
        "right": words.say("widget.right"),
        "wrong": words.say("widget.wrong"),
        "thanks": words.say("widget.thanks"),
        "token": words.say("widget.token"),
        "lost": words.say("widget.lost"),
    }


def _sender(name: str, kind: str) -> Callable[[], Awaitable[Response]]:
    content = resources.files("headstart.serve").joinpath(name).read_bytes()

    async def send() -> Response:
        return Response(content, media_type=kind, headers=_HEADERS)

    return send
