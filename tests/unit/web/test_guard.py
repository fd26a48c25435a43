"""Who may ask."""

from __future__ import annotations

import pytest
from asking import ask
from starlette.responses import PlainTextResponse

from headstart.web.guard import Guard, same_token

APP = PlainTextResponse("hello")


def status(guard: Guard, method: str = "POST", path: str = "/", **headers: str) -> int:
    named = [(name.replace("_", "-"), value) for name, value in {"host": "localhost", **headers}.items()]
    return ask(guard, method, path, named).status


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8000", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:8000", "[::1]:80", "[::1]"]
)
def test_a_server_of_this_machine_is_called_by_its_names(host: str) -> None:
    assert status(Guard(APP), host=host) == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8000",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "127.0.0.1@evil.example",
        "93.184.216.34",
        "[2001:db8::1]",
        "localhost:8000:8000",
        "localhost:",
        "localhost/",
        "",
        " localhost",
        "2130706433",
        "0x7f.1",
    ],
)
def test_no_other_name_is_answered(host: str) -> None:
    answer = ask(Guard(APP), "GET", "/", [("host", host)])
    assert answer.status == 421
    assert answer.json()["code"] == "host"


def test_no_host_and_two_hosts_are_refused() -> None:
    assert ask(Guard(APP), headers=[]).status == 421
    assert ask(Guard(APP), headers=[("host", "localhost"), ("host", "localhost")]).status == 421


def test_names_that_were_allowed_and_addresses_of_a_network() -> None:
    guard = Guard(APP, hosts=["Models.Example."], loopback=False)
    assert status(guard, host="models.example:8000") == 200
    assert status(guard, host="192.168.1.4:8000") == 200
    assert status(guard, host="[2001:db8::1]:8000") == 200
    assert status(guard, host="other.example") == 421
    assert status(Guard(APP, hosts=["*"]), host="other.example") == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:9999"},
        {"origin": "http://localhost.evil.example"},
        {"origin": "file://localhost"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"},
        {"origin": "http://localhost", "sec-fetch-site": "cross-site"},
    ],
)
def test_pages_of_other_sites_may_not_ask(headers: dict[str, str]) -> None:
    answer = ask(Guard(APP), "POST", "/", [("host", "localhost"), *headers.items()])
    assert answer.status == 403
    assert answer.json()["code"] == "origin"
    assert "access-control-allow-origin" not in answer.headers


def test_own_pages_programs_and_links_may() -> None:
    guard = Guard(APP)
    assert status(guard) == 200
    assert (
        status(guard, host="localhost:8000", origin="http://localhost:8000", sec_fetch_site="same-origin")
        == 200
    )
    assert status(guard, "GET", sec_fetch_site="none", sec_fetch_mode="navigate") == 200
    assert status(guard, "GET", sec_fetch_site="cross-site", sec_fetch_mode="navigate") == 200
    assert status(guard, "GET", sec_fetch_site="cross-site", sec_fetch_mode="no-cors") == 403


def test_two_origins_are_none() -> None:
    headers = [("host", "localhost"), ("origin", "http://localhost"), ("origin", "http://evil.example")]
    assert ask(Guard(APP), headers=headers).status == 403


def test_an_allowed_origin_gets_its_headers_and_its_preflight() -> None:
    guard = Guard(APP, origins=["https://shop.example/"], token="t")
    base = [("host", "localhost"), ("origin", "https://shop.example"), ("sec-fetch-site", "cross-site")]
    preflight = ask(guard, "OPTIONS", "/", [*base, ("access-control-request-method", "POST")])
    assert preflight.status == 204
    assert preflight.headers["access-control-allow-origin"] == "https://shop.example"
    assert "Authorization" in preflight.headers["access-control-allow-headers"]
    answer = ask(guard, "POST", "/", [*base, ("authorization", "Bearer t")])
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    assert answer.headers["vary"] == "Origin"
    refused = ask(guard, "POST", "/", base)
    assert refused.status == 401
    assert refused.headers["access-control-allow-origin"] == "https://shop.example"
    assert ask(guard, "OPTIONS", "/", [("host", "localhost")]).status == 401


@pytest.mark.parametrize(
    "given",
    ["", "Bearer", "Bearer ", "Bearer wrong", "Basic secret", "secret", "Bearer secrets", "Bearer \xff"],
)
def test_a_wrong_token(given: str) -> None:
    answer = ask(Guard(APP, token="secret"), headers=[("host", "localhost"), ("authorization", given)])
    assert answer.status == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "secret" not in answer.body.decode()


def test_the_right_token_and_the_open_paths() -> None:
    guard = Guard(APP, token="secret", open_paths=["/healthz"])
    assert status(guard, authorization="Bearer secret") == 200
    assert status(guard, authorization="bearer  secret ") == 200
    assert status(guard, path="/healthz") == 200
    assert status(guard, path="/healthz/") == 401
    assert (
        status(Guard(APP, token="secret", open_paths=["/healthz"]), path="/healthz", host="evil.example")
        == 421
    )


def test_tokens_of_any_length_compare() -> None:
    assert same_token("🥐", "🥐")
    assert not same_token(None, "x")
    assert not same_token("x" * 10_000, "x")


def test_a_request_of_two_lengths_is_refused() -> None:
    headers = [("host", "localhost"), ("content-length", "3"), ("transfer-encoding", "chunked")]
    assert ask(Guard(APP), headers=headers).json()["code"] == "framing"


def test_a_token_for_asking_opens_what_asks_alone() -> None:
    guard = Guard(APP, token="whole", asking_token="ask", asking=lambda path: path == "/ask")
    for path, token, wanted in (
        ("/ask", "ask", 200),
        ("/ask", "whole", 200),
        ("/ask", "other", 401),
        ("/ask", "", 401),
        ("/", "ask", 401),
        ("/", "whole", 200),
    ):
        headers = [("host", "localhost"), ("authorization", f"Bearer {token}")]
        assert ask(guard, "GET", path, headers).status == wanted, (path, token)
