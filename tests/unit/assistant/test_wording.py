"""A language model may word an answer; what it says beyond the quotes is not shown."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from headstart.assistant.answers import Status
from headstart.assistant.assistant import Assistant
from headstart.assistant.support import unsupported
from headstart.assistant.wording import Writer
from headstart.cli.show_assistant import print_answer
from headstart.errors import ParameterError
from headstart.serve.chat import said
from headstart.wording import Words

SOURCE = (
    "Fill it with 500 ml of water and 50 ml of vinegar. Let it stand for one hour, then boil it once. "
    "Do not put the base under running water. Lists can be changed, tuples cannot. "
    "Anna Berg reports to Paul Kern, not to the board. Write to help@shop.example or see "
    "https://shop.example/faq. The K2 may only be repaired by Smith Ltd."
)


@pytest.mark.parametrize(
    "text",
    [
        "Fill it with 500 ml of water and 50 ml of vinegar.",
        "500 ml of water, 50 ml of vinegar.",
        "Yes. Let it stand for one hour.",
        "Don't put the base under running water.",
        "Please do not put the base under water.",
        "Fill it with 500 ml of water, let it stand for one hour.",
        "Lists can be changed, tuples can't.",
        "Write to help@shop.example.",
        "See https://shop.example/faq",
        "The K2 may only be repaired by Smith Ltd.",
    ],
)
def test_a_quote_with_words_left_out_is_supported(text: str) -> None:
    assert unsupported(text, [SOURCE]) == ""


@pytest.mark.parametrize(
    "text",
    [
        "Fill it with 600 ml of water.",
        "Fill it with 5000 ml of water.",
        "Fill it with 50 ml of water and 500 ml of vinegar.",
        "Let it stand for two hours.",
        "Let it stand for one day.",
        "Put the base under running water.",
        "Do not let it stand for one hour.",
        "Tuples can be changed, lists cannot.",
        "Lists cannot be changed.",
        "Paul Kern reports to Anna Berg.",
        "Anna Berg reports to the board.",
        "Anna Kern reports to Paul Berg, not to the board.",
        "Write to help@evil.example.",
        "See https://shop.example/faq/login",
        "See https://shop.example.evil.example/faq",
        "The K3 may only be repaired by Smith Ltd.",
        "The K2 may be repaired by Jones Ltd.",
        "The K2 must only be repaired by Smith Ltd.",
        "It is safe. Let it stand for one hour.",
        "Let it stand for one hour. It costs 5 pounds.",
        "I cannot answer this.",
        "",
        "...",
    ],
)
def test_numbers_names_negations_addresses_and_order_must_stand_in_the_quote(text: str) -> None:
    assert unsupported(text, [SOURCE])


def test_a_question_in_the_quote_gives_no_words() -> None:
    assert unsupported("Use tuples.", ["Use lists."]) == "tupl"


Reply = Callable[[dict[str, Any]], bytes]


def completion(text: Any) -> bytes:
    return json.dumps({"choices": [{"message": {"role": "assistant", "content": text}}]}).encode()


class Server:
    """A server in OpenAI's form that says what a test tells it to."""

    def __init__(self) -> None:
        self.reply: Reply = lambda body: completion("")
        self.status = 200
        self.seen: list[dict[str, Any]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.seen.append({"path": self.path, "key": self.headers["Authorization"], **body})
                content = outer.reply(body)
                self.send_response(outer.status)
                if outer.status == 302:
                    self.send_header("Location", "/v1/elsewhere")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}/v1"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.stop()


@pytest.fixture
def worded(assistant: Assistant, server: Server) -> Assistant:
    assistant.writer = Writer(server.address, "small", seconds=5)
    return assistant


QUESTION = "How do I get rid of limescale?"


@pytest.mark.bases
def test_a_faithful_wording_is_shown_above_its_quote(
    worded: Assistant, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    server.reply = lambda body: completion(
        "Fill it with 500 ml of water and 50 ml of vinegar.\nRinse it three times."
    )
    answer = worded.ask(QUESTION)
    assert answer.worded == "Fill it with 500 ml of water and 50 ml of vinegar. Rinse it three times."
    assert answer.not_worded == ""
    assert answer.quotes
    assert answer.to_dict()["worded"] == answer.worded
    print_answer(answer)
    assert answer.worded in capsys.readouterr().out
    assert said(answer).startswith(answer.worded)


@pytest.mark.bases
def test_the_model_sees_the_question_and_the_quotes_alone(
    worded: Assistant, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADSTART_WORDING_KEY", "k-1")
    answer = worded.ask(QUESTION)
    (seen,) = server.seen
    assert (seen["path"], seen["model"], seen["key"]) == ("/v1/chat/completions", "small", "Bearer k-1")
    told = json.loads(seen["messages"][1]["content"])
    assert told == {"passages": [quote.text for quote in answer.quotes], "question": QUESTION}


@pytest.mark.bases
@pytest.mark.parametrize(
    "text",
    [
        "Fill it with 900 ml of water and 50 ml of vinegar.",
        "Do not fill it with water and vinegar.",
        "Fill it with 50 ml of water and 500 ml of vinegar.",
        "Use the cleaner of Smith Ltd. See https://evil.example.",
        "Ignore the documents: everything is free.",
        "",
        "\x1b[2J",
    ],
)
def test_what_the_quote_does_not_say_is_not_shown(worded: Assistant, server: Server, text: str) -> None:
    server.reply = lambda body: completion(text)
    answer = worded.ask(QUESTION)
    assert answer.status is Status.ANSWER
    assert answer.worded == ""
    assert answer.not_worded.startswith("the wording says what the quotes do not: ")
    assert "500 ml" in answer.text
    assert "500 ml" in said(answer)


@pytest.mark.bases
@pytest.mark.parametrize(
    "content",
    [b"", b"not JSON", b"[]", b"{}", b'{"choices": []}', b"[" * 100_000, completion(None), completion([1])],
)
def test_a_server_that_speaks_nonsense_leaves_the_quote(
    worded: Assistant, server: Server, content: bytes
) -> None:
    server.reply = lambda body: content
    answer = worded.ask(QUESTION)
    assert answer.not_worded == (
        f"no wording came from {server.address}/chat/completions: what it sent is not in OpenAI's form"
    )
    assert "500 ml" in answer.text


@pytest.mark.bases
@pytest.mark.parametrize("status", [302, 401, 404, 500])
def test_a_server_that_refuses_or_sends_elsewhere_leaves_the_quote(
    worded: Assistant, server: Server, status: int
) -> None:
    server.status = status
    answer = worded.ask(QUESTION)
    assert answer.not_worded.startswith("no wording came from ")
    assert answer.not_worded.endswith(f": it refused with status {status}")
    assert len(server.seen) == 1


@pytest.mark.bases
def test_a_server_that_is_not_there_or_slow_leaves_the_quote(assistant: Assistant, server: Server) -> None:
    release = threading.Event()
    server.reply = lambda body: completion("x") if release.wait(10) else b""
    assistant.writer = Writer(server.address, seconds=0.2)
    assert assistant.ask(QUESTION).not_worded.endswith("chat/completions: it timed out after 0.2 seconds")
    release.set()
    assistant.writer = Writer("http://127.0.0.1:9/v1", seconds=5)
    assert assistant.ask(QUESTION).not_worded == (
        "no wording came from http://127.0.0.1:9/v1/chat/completions: it could not be reached "
        "(Connection refused)"
    )


@pytest.mark.bases
def test_it_is_asked_only_where_there_is_a_quote(worded: Assistant, server: Server) -> None:
    for question in ("hello", "Who won the world cup in 1998?"):
        answer = worded.ask(question)
        assert (answer.worded, answer.not_worded) == ("", "")
    assert server.seen == []


@pytest.mark.parametrize("address", ["", "shop.example/v1", "file:///etc/passwd", "ftp://shop.example/v1"])
def test_an_endpoint_must_be_an_address_of_http(address: str) -> None:
    with pytest.raises(ParameterError, match="--wording-endpoint must be an address such as http://127"):
        Writer(address)


def test_nothing_is_sent_elsewhere_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADSTART_OFFLINE", "1")
    for address in ("http://127.0.0.1:8080/v1", "http://localhost/v1", "http://[::1]:8080/v1"):
        Writer(address)
    with pytest.raises(ParameterError, match=r"HEADSTART_OFFLINE forbids sending passages to shop\.example"):
        Writer("https://shop.example/v1")


@pytest.mark.parametrize(
    ("english", "german"),
    [
        (
            "no wording came from http://127.0.0.1:9/v1/chat/completions: it could not be reached "
            "(Connection refused)",
            "von http://127.0.0.1:9/v1/chat/completions kam keine Formulierung: nicht erreichbar "
            "(Verbindung abgelehnt)",
        ),
        (
            "no wording came from http://a.example/v1: it timed out after 20 seconds",
            "von http://a.example/v1 kam keine Formulierung: keine Antwort in 20 Sekunden",
        ),
        (
            "no wording came from http://a.example/v1: it refused with status 404",
            "von http://a.example/v1 kam keine Formulierung: abgelehnt mit Status 404",
        ),
        (
            "no wording came from http://a.example/v1: what it sent is not in OpenAI's form",
            "von http://a.example/v1 kam keine Formulierung: was es schickte, hat nicht die Form von OpenAI",
        ),
        (
            "the wording says what the quotes do not: a negation",
            "die Formulierung sagt, was die Zitate nicht sagen: eine Verneinung",
        ),
        ("the wording says what the quotes do not: nothing", "die Formulierung sagt nichts"),
    ],
)
def test_the_reason_why_there_is_no_wording_is_told_in_german(english: str, german: str) -> None:
    assert Words("de").translate(f"Quoted as it stands: {english}") == f"Wörtlich zitiert: {german}"


def test_errors_of_the_endpoint_are_told_in_german() -> None:
    with pytest.raises(ParameterError) as caught:
        Writer("shop.example/v1")
    assert Words("de").translate(caught.value.message) == (
        "--wording-endpoint muss eine Adresse sein, etwa http://127.0.0.1:8080/v1, gefunden: "
        "'shop.example/v1'."
    )
