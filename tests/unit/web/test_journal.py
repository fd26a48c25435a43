"""Request ids, one line a request, and never a word of what was sent."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator

import pytest
from asking import HERE, ask
from fastapi import FastAPI, Request

from headstart import errors
from headstart.errors import HeadstartError, Refused
from headstart.web.answers import answer, install, status_of
from headstart.web.journal import Drain, Journal, entry_of, write_json_lines

app = FastAPI()
install(app)
SECRET = "the-content-of-a-customer"


@app.get("/things/{name}")
async def _thing(name: str, request: Request) -> str:
    entry_of(request.scope).facts["inputs"] = 3
    return "ok"


@app.get("/broken")
async def _broken() -> str:
    raise ValueError(SECRET)


@app.get("/refused")
async def _refused() -> str:
    raise errors.DataError("No.", "Mend it.")


@app.get("/typed")
async def _typed(number: int) -> int:
    return number


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    kept = {name: logging.getLogger(name).__dict__.copy() for name in ("headstart.web", "uvicorn")}
    handler = write_json_lines(stream)
    yield stream
    handler.close()
    for name, state in kept.items():
        logging.getLogger(name).__dict__.update(state)


def told(stream: io.StringIO) -> list[dict[str, object]]:
    for handler in logging.getLogger("headstart.web").handlers:
        handler.close()
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_one_line_a_request_by_its_pattern(lines: io.StringIO) -> None:
    found = ask(Journal(app), path=f"/things/{SECRET}", headers=[*HERE, ("x-request-id", "abc-1")])
    assert found.headers["x-request-id"] == "abc-1"
    assert found.headers["x-content-type-options"] == "nosniff"
    [line] = told(lines)
    assert {k: line[k] for k in ("event", "request_id", "method", "route", "status", "inputs", "client")} == {
        "event": "request",
        "request_id": "abc-1",
        "method": "GET",
        "route": "/things/{name}",
        "status": 200,
        "inputs": 3,
        "client": "127.0.0.1",
    }
    assert SECRET not in lines.getvalue()


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, 'a"b', "ä", "a\tb"])
def test_an_id_that_could_forge_a_line_is_replaced(given: str) -> None:
    found = ask(Journal(app), path="/things/a", headers=[*HERE, ("x-request-id", given)])
    assert re.fullmatch(r"[0-9a-f]{16}-[0-9a-f]+", found.headers["x-request-id"])


def test_a_fault_is_told_without_its_words(lines: io.StringIO) -> None:
    found = ask(Journal(app), path="/broken")
    assert found.status == 500
    assert found.json()["code"] == "internal"
    fault, request = told(lines)
    assert fault["error"] == "ValueError"
    assert "_broken" in str(fault["at"])
    assert fault["request_id"] == request["request_id"] == found.headers["x-request-id"]
    assert SECRET not in lines.getvalue() + found.body.decode()


def test_every_error_has_the_same_three_fields() -> None:
    for path, status, code in (
        ("/nowhere", 404, "not_found"),
        ("/refused", 422, "data"),
        ("/typed?number=x", 422, "parameter"),
    ):
        found = ask(Journal(app), path=path.split("?")[0])
        assert found.status == status
        assert set(found.json()) == {"code", "message", "hint"}
        assert found.json()["code"] == code
    found = ask(Journal(app), "POST", "/refused")
    assert (found.status, found.json()["code"], found.headers["allow"]) == (405, "method", "GET")


def test_every_error_of_ours_has_a_status() -> None:
    kinds: list[type[HeadstartError]] = [HeadstartError]
    for kind in kinds:
        kinds += kind.__subclasses__()
        if kind is not Refused and kind.__module__ == "headstart.errors":
            error = kind("What.", "How.")
            assert status_of(error) in (404, 409, 422, 500, 507)
            assert json.loads(answer(error).body) == {"code": kind.code, "message": "What.", "hint": "How."}


def test_a_sender_that_left_is_noted_not_answered(lines: io.StringIO) -> None:
    @app.post("/read")
    async def _read(request: Request) -> int:
        return len(await request.body())

    found = ask(Journal(app), "POST", "/read", pieces=[])
    assert found.body == b""
    assert told(lines)[-1]["status"] == 499


def test_a_draining_server_ends_its_connections() -> None:
    drain = Drain()
    journal = Journal(app, drain=drain)
    assert "connection" not in ask(journal, path="/things/a").headers
    drain.begun = True
    assert ask(journal, path="/things/a").headers["connection"] == "close"


def test_observers_see_each_entry() -> None:
    seen = []
    ask(Journal(app, observers=[seen.append]), path="/things/a")
    assert [(entry.route, entry.status) for entry in seen] == [("/things/{name}", 200)]
    assert seen[0].seconds > 0


def test_a_log_that_nobody_reads_stops_nothing() -> None:
    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    handler = write_json_lines(Closed())
    assert ask(Journal(app), path="/things/a").status == 200
    handler.close()
