"""Senders who do not keep to HTTP, to limits or to this machine, against the real server on loopback."""

from __future__ import annotations

import json
import socket
import time

import pytest

from serving import Server, body_of, drained, one_answer, status_of

pytestmark = [pytest.mark.bases, pytest.mark.realdata]
NEWS = b"/v1/models/news:predict"
JSON = b"Content-Type: application/json\r\n"


def request(
    method: bytes = b"POST",
    path: bytes = NEWS,
    head: bytes = JSON,
    body: bytes = b"",
    host: bytes = b"localhost",
) -> bytes:
    line = b"%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n%s" % (method, path, host, head)
    return line + b"Content-Length: %d\r\n\r\n" % len(body) + body


def form(parts: int, content: bytes = b"stocks fell") -> tuple[bytes, bytes]:
    part = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n' + content + b"\r\n"
    return b"Content-Type: multipart/form-data; boundary=x\r\n", part * parts + b"--x--\r\n"


GOOD = request(body=b'{"inputs": ["stocks fell"]}')


def test_a_plain_request_is_answered(server: Server) -> None:
    answer = server.raw(GOOD, finish=False)
    assert status_of(answer) == 200
    assert body_of(answer)["predictions"][0]["label"]


REFUSED = {
    "no HTTP": (b"\x16\x03\x01\x02\x00\x01\x00", 400, "not_http"),
    "words": (b"hello\r\n\r\n", 400, "not_http"),
    "HTTP/2 without asking": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 421, "host"),
    "no Host": (b"GET /v1/models HTTP/1.1\r\n\r\n", 400, "not_http"),
    "two Hosts": (b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400, "not_http"),
    "HTTP/1.0 without Host": (b"GET /v1/models HTTP/1.0\r\n\r\n", 421, "host"),
    "a foreign Host": (request(b"GET", b"/v1/models", b"", host=b"evil.example"), 421, "host"),
    "a Host of digits and a name": (request(b"GET", b"/", b"", host=b"127.0.0.1.evil.example"), 421, "host"),
    "a foreign Origin": (request(head=JSON + b"Origin: https://evil.example\r\n", body=b"{}"), 403, "origin"),
    "no Origin": (request(head=JSON + b"Origin: null\r\n", body=b"{}"), 403, "origin"),
    "across sites": (request(head=JSON + b"Sec-Fetch-Site: cross-site\r\n", body=b"{}"), 403, "origin"),
    "a form of another site": (
        request(
            head=b"Content-Type: text/plain\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n"
        ),
        403,
        "origin",
    ),
    "a preflight of another site": (
        request(b"OPTIONS", head=b"Origin: http://evil.example\r\nAccess-Control-Request-Method: POST\r\n"),
        403,
        "origin",
    ),
    "two lengths": (request(head=JSON + b"Content-Length: 3\r\n", body=b"{}12"), 400, "not_http"),
    "a length and chunks": (
        b"POST %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s" % (NEWS, JSON)
        + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        400,
        "framing",
    ),
    "an odd coding": (
        b"POST %s HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked, gzip\r\n\r\n" % NEWS,
        400,
        "not_http",
    ),
    "a negative length": (
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        400,
        "not_http",
    ),
    "a bad chunk": (
        b"POST %s HTTP/1.1\r\nHost: localhost\r\n%sTransfer-Encoding: chunked\r\n\r\nZZ\r\n" % (NEWS, JSON),
        400,
        "not_http",
    ),
    "a folded header": (b"GET / HTTP/1.1\r\nHost: localhost\r\nX:\x00y\r\n\r\n", 400, "not_http"),
    "a space before the colon": (b"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n", 400, "not_http"),
    "a megabyte of headers": (
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * (1 << 20),
        400,
        "not_http",
    ),
    "twenty thousand headers": (
        b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 20_000,
        400,
        "not_http",
    ),
    "announced too large": (
        b"POST %s HTTP/1.1\r\nHost: localhost\r\n%sContent-Length: 99999999999999999999\r\n\r\n"
        % (NEWS, JSON),
        413,
        "too_large",
    ),
    "too large in chunks": (
        b"POST %s HTTP/1.1\r\nHost: localhost\r\n%sTransfer-Encoding: chunked\r\n\r\n" % (NEWS, JSON)
        + (b"100000\r\n" + b"x" * (1 << 20) + b"\r\n") * 33,
        413,
        "too_large",
    ),
    "1,001 parts": (request(head=form(1)[0], body=form(1001)[1]), 413, "too_many"),
    "101 inputs": (request(body=json.dumps({"inputs": ["a"] * 101}).encode()), 413, "too_many"),
    "a form that ends early": (request(head=form(1)[0], body=form(2)[1][:-9]), 400, "form"),
    "a form without its mark": (
        request(head=b"Content-Type: multipart/form-data\r\n", body=b"x"),
        400,
        "form",
    ),
    "an empty form": (request(head=form(1)[0], body=b"--x--\r\n"), 422, "parameter"),
    "an unknown field": (
        request(
            head=form(1)[0], body=b'--x\r\nContent-Disposition: form-data; name="evil"\r\n\r\n1\r\n--x--\r\n'
        ),
        422,
        "parameter",
    ),
    "no JSON": (request(body=b"{'inputs': []}"), 400, "not_json"),
    "bytes that are no UTF-8": (request(body=b'{"inputs": ["\xff"]}'), 400, "not_json"),
    "half a letter": (request(body=b'{"inputs": ["\\ud800"]}'), 400, "not_json"),
    "a deep nest": (request(body=b"[" * 200_000), 400, "not_json"),
    "a deep nest in its place": (
        request(body=b'{"inputs": ' + b"[" * 5000 + b"]" * 5000 + b"}"),
        400,
        "not_json",
    ),
    "another type": (request(body=b'{"inputs": "a text"}'), 422, "parameter"),
    "numbers for texts": (request(body=b'{"inputs": [1]}'), 422, "parameter"),
    "no inputs": (request(body=b'{"inputs": []}'), 422, "parameter"),
    "not a number": (request(body=b'{"inputs": ["a"], "top": NaN}'), 422, "parameter"),
    "top 0": (request(body=b'{"inputs": ["a"], "top": 0}'), 422, "parameter"),
    "a huge number": (request(body=b'{"inputs": ["a"], "top": ' + b"9" * 5000 + b"}"), 400, "not_json"),
    "an unknown key": (request(body=b'{"inputs": ["a"], "url": "http://x"}'), 422, "parameter"),
    "no type": (request(head=b"", body=b"{}"), 415, "media_type"),
    "a form of names": (
        request(head=b"Content-Type: application/x-www-form-urlencoded\r\n", body=b"texts=a"),
        415,
        "media_type",
    ),
    "no such model": (request(path=b"/v1/models/nothing:predict", body=b"{}"), 404, "no_model"),
    "up and away": (request(b"GET", b"/v1/models/../../../etc/passwd", b""), 404, "not_found"),
    "up and away, coded": (
        request(b"GET", b"/v1/models/%2e%2e%2f%2e%2e%2fetc%2fpasswd", b""),
        404,
        "not_found",
    ),
    "a NUL in the path": (request(b"GET", b"/v1/models/a%00b", b""), 404, "no_model"),
    "a proxy's path": (request(b"GET", b"http://evil.example/", b""), 404, "not_found"),
    "CONNECT": (
        b"CONNECT evil.example:443 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        404,
        "not_found",
    ),
    "TRACE": (request(b"TRACE", b"/v1/models", b""), 405, "method"),
    "a method of its own": (request(b"EVIL", b"/v1/models", b""), 405, "method"),
    "GET where POST is due": (request(b"GET", NEWS, b""), 405, "method"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_with_the_reason(server: Server, name: str) -> None:
    sent, status, code = REFUSED[name]
    answer = server.raw(sent, finish=False)
    assert status_of(answer) == status, answer[:500]
    found = body_of(answer)
    assert found["code"] == code, found
    assert set(found) >= {"code", "message", "hint"}
    assert server.process.poll() is None


def test_the_answer_reaches_a_sender_who_goes_on_sending(server: Server) -> None:
    """Refused at its head, with megabytes under way: the reason arrives, not a broken line."""
    head = b"POST %s HTTP/1.1\r\nHost: localhost\r\n%sContent-Length: 40000000\r\n\r\n" % (NEWS, JSON)
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as line:
        line.sendall(head + b"x" * 4_000_000)
        assert status_of(drained(line)) == 413


def test_a_slow_head_and_a_slow_body_have_deadlines(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as line:
        for letter in b"POST /v1/mod":
            line.sendall(bytes([letter]))
            time.sleep(0.01)
        answer = drained(line)
    assert (status_of(answer), body_of(answer)["code"]) == (408, "slow")
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as line:
        line.sendall(request(body=b"x" * 100)[:-90])
        answer = drained(line)
    assert (status_of(answer), body_of(answer)["code"]) == (408, "slow")
    assert b"connection: close" in answer.lower()


def test_a_silent_line_is_closed(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as line:
        assert drained(line) == b""


def test_a_slow_second_head_on_a_kept_line_has_a_deadline_too(server: Server) -> None:
    first = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as line:
        line.sendall(first)
        assert status_of(one_answer(line)) == 200
        line.sendall(first[:20])
        assert status_of(drained(line)) == 408


def test_two_requests_in_one_go_are_both_answered_in_order(server: Server) -> None:
    two = GOOD.replace(b"Connection: close\r\n", b"") + request(b"GET", b"/healthz", b"")
    answer = server.raw(two, finish=False)
    assert answer.count(b"HTTP/1.1 200") == 2
    assert answer.index(b"predictions") < answer.index(b'"ok"')


def test_those_who_leave_early_cost_nothing(server: Server) -> None:
    for cut in (20, len(GOOD) - 5, len(GOOD)):
        for _ in range(5):
            with socket.create_connection(("127.0.0.1", server.port)) as line:
                line.sendall(GOOD[:cut])
    assert status_of(server.raw(GOOD, finish=False)) == 200
    with server.client() as client:
        numbers = client.get("/metrics").text
    assert 'headstart_waiting_inputs{model="news"} 0.0' in numbers


def test_an_id_cannot_forge_a_line_of_the_log(server: Server) -> None:
    head = JSON + b'X-Request-ID: x","status":"forged\r\n'
    assert status_of(server.raw(request(head=head, body=b'{"inputs": ["a text"]}'), finish=False)) == 200
    assert "forged" not in server.log_text()
    assert server.log()
    assert server.is_well()
