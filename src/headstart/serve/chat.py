"""Chat completions in the form that OpenAI's clients speak, streaming too: quotes with their places."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from headstart.errors import Refused
from headstart.serve.assistants import Assistants, body_of, described

if TYPE_CHECKING:
    from headstart.assistant.answers import Answer, Quote

_MOST_MESSAGES = 200


class Content(BaseModel):
    """A piece of a message."""

    model_config = ConfigDict(extra="ignore")

    type: Literal["text"]
    text: str = Field(max_length=40_000)


class Message(BaseModel):
    """A message of a conversation."""

    model_config = ConfigDict(extra="ignore")

    role: str = Field(max_length=40)
    content: str | list[Content] | None = None

    @property
    def text(self) -> str:
        """What it says."""
        if isinstance(self.content, list):
            return "\n".join(piece.text for piece in self.content)
        return self.content or ""


class ChatBody(BaseModel):
    """A conversation; settings of a language model are taken and have no effect."""

    model_config = ConfigDict(extra="ignore")

    model: str = Field(max_length=200, description="Name of an assistant.")
    messages: list[Message] = Field(min_length=1, max_length=_MOST_MESSAGES)
    stream: bool = False


def add_chat(api: FastAPI, assistants: Assistants) -> None:
    """Add the address that OpenAI's clients ask."""

    @api.post(
        "/v1/chat/completions",
        summary="Chat in OpenAI's form",
        response_model=None,
        openapi_extra=described(ChatBody),
    )
    async def chat(request: Request) -> Response:
        body = await body_of(request, ChatBody)
        assistants.find(body.model)
        asked = [turn for turn in body.messages if turn.role == "user"]
        if not asked or body.messages[-1].role != "user" or not asked[-1].text.strip():
            raise Refused(
                422, "parameter", "The last message must be a question of the role 'user'.", "Send one."
            )
        answer = await assistants.ask(body.model, asked[-1].text, [turn.text for turn in asked[:-1]])
        head = {"id": f"chatcmpl-{secrets.token_hex(12)}", "created": int(time.time()), "model": body.model}
        if body.stream:
            return StreamingResponse(_events(head, answer), media_type="text/event-stream")
        return JSONResponse(_completion(head, answer))


def said(answer: Answer) -> str:
    """Return an answer as one text: quotes with their places, or what comes closest."""
    against = [quote for conflict in answer.conflicts for quote in (conflict.first, conflict.other)]
    if answer.quotes:
        places = dict.fromkeys(quote.place for quote in answer.quotes)
        quoted = f"{answer.worded or answer.text}\n\n({'; '.join(places)})"
        return "\n\n".join([quoted, answer.message, *map(_named, against)]) if against else quoted
    compared = {quote.passage for quote in against}
    closest = [quote for quote in answer.also if quote.passage not in compared]
    return "\n\n".join([answer.message, *map(_named, (*against, *closest))])


def _named(quote: Quote) -> str:
    return f"“{quote.text}” ({quote.place})"


def _completion(head: dict[str, Any], answer: Answer) -> dict[str, Any]:
    message = {"role": "assistant", "content": said(answer)}
    return {
        **head,
        "object": "chat.completion",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
        "headstart": answer.to_dict(),
    }


def _events(head: dict[str, Any], answer: Answer) -> Iterator[str]:
    """Yield the answer a paragraph at a time, as server-sent events."""
    yield _event(head, {"role": "assistant", "content": ""})
    for piece in said(answer).splitlines(keepends=True):
        yield _event(head, {"content": piece})
    yield _event(head, {}, "stop")
    yield "data: [DONE]\n\n"


def _event(head: dict[str, Any], delta: dict[str, Any], ending: str | None = None) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": ending}
    told = json.dumps({**head, "object": "chat.completion.chunk", "choices": [choice]}, ensure_ascii=False)
    return f"data: {told}\n\n"
