"""What a body may weigh and how long it may take; forms and their parts."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from asking import HERE, ask
from fastapi import FastAPI, Request
from hypothesis import given, settings
from hypothesis import strategies as st

from coroutines import complete
from headstart.errors import Refused
from headstart.web.answers import install
from headstart.web.body import BodyLimit
from headstart.web.limits import Limits
from headstart.web.parts import Memory, Part, boundary_of, read_parts

app = FastAPI()
install(app)


@app.post("/")
async def _length(request: Request) -> int:
    return len(await request.body())


def limited(**limits: float) -> BodyLimit:
    return BodyLimit(app, Limits(**limits))  # type: ignore[arg-type]


def test_a_body_within_the_limits_comes_through() -> None:
    guarded = limited(body_bytes=10)
    answer = ask(guarded, "POST", pieces=[b"12345", b"67890"])
    assert (answer.status, answer.body) == (200, b"10")
    assert "connection" not in answer.headers
    assert guarded.held == 0


def test_a_body_that_is_announced_too_large_is_not_read() -> None:
    answer = ask(limited(body_bytes=10), "POST", "/", [*HERE, ("content-length", "11")], pieces=[60.0, b""])
    assert answer.status == 413
    assert answer.json()["code"] == "too_large"
    assert answer.headers["connection"] == "close"


def test_a_body_that_grows_too_large_is_cut() -> None:
    guarded = limited(body_bytes=10)
    answer = ask(guarded, "POST", pieces=[b"12345678", b"901", b"never read"])
    assert answer.status == 413
    assert answer.headers["connection"] == "close"
    assert guarded.held == 0


def test_a_slow_sender_gets_a_deadline_for_the_whole_body() -> None:
    answer = ask(limited(body_seconds=0.2), "POST", pieces=[b"1", 0.15, b"2", 0.15, b"3"])
    assert answer.status == 408
    assert answer.json()["code"] == "slow"


def test_all_bodies_together_have_a_limit() -> None:
    guarded = limited(body_bytes=100, held_bytes=150)

    big = [*HERE, ("content-length", "100")]
    guarded.reserve(60)
    answer = ask(guarded, "POST", headers=big, pieces=[b"x" * 100])
    assert answer.status == 503
    assert answer.headers["retry-after"] == "1"
    guarded._held -= 60
    assert ask(guarded, "POST", headers=big, pieces=[b"x" * 100]).status == 200
    assert guarded.held == 0


def form(*parts: tuple[str, str | None, bytes], boundary: str = "xx") -> bytes:
    out = b""
    for name, filename, content in parts:
        file = "" if filename is None else f'; filename="{filename}"'
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
        out += head.encode() + content + b"\r\n"
    return out + f"--{boundary}--\r\n".encode()


def read(body: bytes, *, most: int = 10, piece: int = 7) -> list[Part]:
    async def stream() -> AsyncIterator[bytes]:
        for start in range(0, len(body), piece):
            yield body[start : start + piece]

    return complete(read_parts(stream(), b"xx", most=most))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["files", "top"]), st.none() | st.just("a.jpg"), st.binary(max_size=60)),
        max_size=6,
    ),
    st.integers(1, 40),
)
def test_parts_come_out_as_they_went_in(parts: list[tuple[str, str | None, bytes]], piece: int) -> None:
    parts = [(name, file, content) for name, file, content in parts if b"--xx" not in content]
    found = read(form(*parts), piece=piece)
    assert [(p.name, p.filename, bytes(p.sink.content)) for p in found if isinstance(p.sink, Memory)] == parts


def test_too_many_parts_stop_at_once() -> None:
    with pytest.raises(Refused, match="more than 10 parts") as caught:
        read(form(*[("files", "a", b"x")] * 11))
    assert (caught.value.status, caught.value.kind) == (413, "too_many")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"junk",
        b"--xx",
        form(("files", "a", b"x"))[:-6],
        form(("files", "a", b"x"), boundary="yy"),
        b"--xx\r\nContent-Disposition: form-data\r\n\r\nx\r\n--xx--\r\n",
        b"--xx\r\n" + b"A: b\r\n" * 50 + b"\r\nx\r\n--xx--\r\n",
        b"--xx\r\nA: " + b"b" * 10_000 + b"\r\n\r\nx\r\n--xx--\r\n",
    ],
)
def test_forms_that_are_none(body: bytes) -> None:
    with pytest.raises(Refused) as caught:
        read(body)
    assert (caught.value.status, caught.value.kind) == (400, "form")


@pytest.mark.parametrize(
    "kind",
    [
        "",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/mixed; boundary=x",
        "text/plain",
    ],
)
def test_content_types_that_are_none(kind: str) -> None:
    with pytest.raises(Refused):
        boundary_of(kind)


def test_names_of_files_of_every_kind_are_words_only() -> None:
    for name in ("../../etc/passwd", "🥐.jpg", "a\x00b", "C:\\x.jpg"):
        [part] = read(form(("files", name, b"x")))
        assert part.filename is not None
