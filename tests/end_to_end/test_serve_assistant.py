"""An assistant over HTTP: asked, told what is right, and spoken to as OpenAI's clients do."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import headstart as hs
from kettle import documents
from serving import SHARED_CACHE, Server

pytestmark = pytest.mark.bases
QUESTION = "How do I get rid of limescale?"
TOKEN = "a-token-that-cannot-be-guessed-at-all"


@pytest.fixture(scope="module")
def support(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(SHARED_CACHE / "headstart"))
        patch.setenv("HEADSTART_NO_CACHE", "1")
        return hs.assist(documents(), restricted=["staff"]).save(tmp_path_factory.mktemp("a") / "support")


@pytest.fixture(scope="module")
def running(support: Path) -> Iterator[Server]:
    server = Server([support])
    yield server
    assert server.stop() == 0


def test_it_is_listed_and_asked(running: Server) -> None:
    with running.client() as client:
        listed = client.get("/v1/assistants").json()["assistants"]
        assert listed == [{"name": "support", "documents": 4, "passages": 12}]
        answer = client.post("/v1/assistants/support:ask", json={"question": QUESTION}).json()
        history = [QUESTION, {"role": "assistant", "content": "…"}]
        later = client.post(
            "/v1/assistants/support:ask", json={"question": "and why?", "history": history}
        ).json()
    assert answer["status"] == "answer"
    assert answer["quotes"][0]["place"] == "manual.pdf, Care > Removing limescale, page 3"
    assert later["understood"] == QUESTION
    assert "support: 4 documents" in running.said


def test_restricted_documents_are_not_seen(running: Server) -> None:
    with running.client() as client:
        body = {"question": "What is the code of the warehouse door?"}
        assert "4711" not in client.post("/v1/assistants/support:ask", json=body).text
        asked = client.post("/v1/assistants/support:ask", json={**body, "groups": ["staff"]})
    assert asked.status_code == 422
    assert "groups" in asked.json()["message"]


def test_chat_completions_come_whole_and_in_pieces(running: Server) -> None:
    body = {"model": "support", "messages": [{"role": "user", "content": QUESTION}], "temperature": 0}
    with running.client() as client:
        whole = client.post("/v1/chat/completions", json=body).json()
        streamed = client.post("/v1/chat/completions", json={**body, "stream": True})
    text = whole["choices"][0]["message"]["content"]
    assert whole["object"] == "chat.completion"
    assert "50 ml of vinegar" in text
    assert text.endswith("(manual.pdf, Care > Removing limescale, page 3)")
    assert streamed.headers["content-type"].startswith("text/event-stream")
    events = [line.removeprefix("data: ") for line in streamed.text.split("\n\n") if line]
    assert events[-1] == "[DONE]"
    deltas = [json.loads(event)["choices"][0] for event in events[:-1]]
    assert "".join(choice["delta"].get("content", "") for choice in deltas) == text
    assert deltas[-1]["finish_reason"] == "stop"


def test_what_is_not_known_is_said_in_a_chat(running: Server) -> None:
    messages = [
        {"role": "system", "content": "Invent."},
        {"role": "user", "content": [{"type": "text", "text": "hi"}]},
    ]
    with running.client() as client:
        told = client.post("/v1/chat/completions", json={"model": "support", "messages": messages}).json()
    assert told["choices"][0]["message"]["content"].startswith("Hello. Ask me about")


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/v1/assistants/other:ask", {"question": "?"}, 404, "no_assistant"),
        ("/v1/assistants/support:ask", {"question": ""}, 422, "parameter"),
        ("/v1/assistants/support:ask", {"question": "x" * 5000}, 422, "parameter"),
        ("/v1/assistants/support:feedback", {"question": "How?"}, 422, "parameter"),
        ("/v1/assistants/support:feedback", {"question": "How?", "answer": "So."}, 403, "token_needed"),
        (
            "/v1/chat/completions",
            {"model": "gpt", "messages": [{"role": "user", "content": "?"}]},
            404,
            "no_assistant",
        ),
        (
            "/v1/chat/completions",
            {"model": "support", "messages": [{"role": "system", "content": "?"}]},
            422,
            "parameter",
        ),
    ],
)
def test_requests_that_cannot_be_answered(
    running: Server, path: str, body: dict[str, object], status: int, code: str
) -> None:
    with running.client() as client:
        told = client.post(path, json=body)
    assert (told.status_code, told.json()["code"]) == (status, code)
    assert told.json()["message"]


def test_what_is_no_json_is_said(running: Server) -> None:
    with running.client() as client:
        told = client.post("/v1/assistants/support:ask", content=b"{nonsense")
    assert (told.status_code, told.json()["code"]) == (400, "not_json")


def test_those_with_a_token_teach_it(support: Path) -> None:
    server = Server([support], env={"HEADSTART_TOKEN": TOKEN, "PATH": os.environ["PATH"]})
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with server.client(headers=headers) as client:
        body = {"question": "Is there a kettle for camping?", "answer": "No."}
        assert client.post("/v1/assistants/support:feedback", json=body).json() == {
            "applied": True,
            "broken": [],
        }
        asked = client.post("/v1/assistants/support:ask", json={"question": body["question"]}).json()
        assert asked["text"] == "No."
    with server.client() as client:
        assert client.post("/v1/assistants/support:ask", json={"question": QUESTION}).status_code == 401
        assert client.get("/docs").status_code == 200
    assert server.stop() == 0
    assert '"answer": "No."' in (support / "feedback.jsonl").read_text(encoding="utf-8")


def test_the_client_of_openai_talks_to_it(support: Path) -> None:
    openai = pytest.importorskip("openai", reason="OpenAI's own client is not installed")
    server = Server([support], env={"HEADSTART_TOKEN": TOKEN})
    asked = {"model": "support", "messages": [{"role": "user", "content": QUESTION}], "temperature": 0}
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key=TOKEN) as client:
        assert [model.id for model in client.models.list()] == ["support"]
        whole = client.chat.completions.create(**asked)
        text = whole.choices[0].message.content
        assert "50 ml of vinegar" in text
        assert whole.choices[0].finish_reason == "stop"
        assert whole.model_extra["headstart"]["status"] == "answer"
        with client.chat.completions.create(**asked, stream=True) as stream:
            pieces = [chunk.choices[0].delta.content or "" for chunk in stream]
        assert len(pieces) > 2
        assert "".join(pieces) == text
        followed = client.chat.completions.create(
            model="support",
            messages=[
                *asked["messages"],
                {"role": "assistant", "content": text},
                {"role": "user", "content": "and why?"},
            ],
        )
        assert followed.model_extra["headstart"]["understood"] == QUESTION
        with pytest.raises(openai.NotFoundError, match="There is no assistant of that name"):
            client.chat.completions.create(**{**asked, "model": "other"})
        with pytest.raises(openai.UnprocessableEntityError, match="must be a question of the role 'user'"):
            client.chat.completions.create(model="support", messages=[{"role": "system", "content": "x"}])
    with (
        openai.OpenAI(base_url=f"{server.url}/v1", api_key="wrong", max_retries=0) as stranger,
        pytest.raises(openai.AuthenticationError, match="asks for a token"),
    ):
        stranger.chat.completions.create(**asked)
    assert server.stop() == 0
