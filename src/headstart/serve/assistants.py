"""Assistants over HTTP: asked, and told what is right."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from headstart.assistant.answering import Answering
from headstart.assistant.store import is_assistant, read
from headstart.assistant.wording import Writer
from headstart.errors import Refused
from headstart.serve.models import split_names
from headstart.web.answers import invalid
from headstart.web.guard import bearer, same_token

if TYPE_CHECKING:
    from headstart.assistant.answers import Answer
    from headstart.serve.settings import ServeSettings

ASK, FEEDBACK = ":ask", ":feedback"
_HOME, _CHAT = "/v1/assistants", "/v1/chat/completions"
_MOST_TURNS = 100
_MOST_LETTERS = 4000

T = TypeVar("T")
B = TypeVar("B", bound=BaseModel)


class Turn(BaseModel):
    """One message of a conversation."""

    model_config = ConfigDict(extra="ignore")

    role: str = Field(max_length=40)
    content: str = Field(max_length=_MOST_LETTERS * 10)


class AskBody(BaseModel):
    """A question."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(min_length=1, max_length=_MOST_LETTERS)
    history: list[str | Turn] = Field(
        [], max_length=_MOST_TURNS, description="What was asked before, the oldest first."
    )


class FeedbackBody(BaseModel):
    """What somebody says of an answer."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(min_length=1, max_length=_MOST_LETTERS)
    right: bool | None = Field(None, description="Thumb up or down.")
    passage: str = Field("", max_length=100, description="Key of the passage that answers; needs a token.")
    answer: str = Field("", max_length=_MOST_LETTERS * 5, description="The right answer; needs a token.")


class Assistants:
    """The assistants that are served; each question is answered in a thread, a few at a time.

    Parameters
    ----------
    served
        By name.
    """

    def __init__(self, served: Mapping[str, Answering], settings: ServeSettings) -> None:
        self.served = dict(served)
        self.settings = settings
        if settings.wording_endpoint is not None:
            writer = Writer(settings.wording_endpoint, settings.wording_model, seconds=settings.timeout / 2)
            for assistant in self.served.values():
                assistant.writer = writer
        self._waiting = 0

    def find(self, name: str) -> Answering:
        """Return an assistant by its name.

        Raises
        ------
        Refused
            404 where there is none.
        """
        if name not in self.served:
            raise Refused(
                404,
                "no_assistant",
                "There is no assistant of that name.",
                "GET /v1/assistants lists those there are.",
            )
        return self.served[name]

    async def ask(self, name: str, question: str, history: Sequence[str | Mapping[str, Any]]) -> Answer:
        """Answer a question; restricted documents are never seen over HTTP."""
        assistant = self.find(name)
        return await self._in_thread(lambda: assistant.ask(question, history))

    async def feedback(self, name: str, body: FeedbackBody, given: str | None) -> dict[str, Any]:
        """Take feedback. What changes answers for everybody is taken from those alone who bring the token.

        Parameters
        ----------
        given
            The token that the request brings.

        Raises
        ------
        Refused
            403 where the server asks nobody for a token, or the one that is given may only ask.
        """
        assistant = self.find(name)
        if body.passage or body.answer:
            self._check_may_change(given)
        taken = await self._in_thread(
            lambda: assistant.feedback(
                body.question, right=body.right, passage=body.passage, answer=body.answer
            )
        )
        return {"applied": taken.applied, "broken": list(taken.broken)}

    def _check_may_change(self, given: str | None) -> None:
        token = self.settings.token
        if token is not None and same_token(given, token):
            return
        why = "this server asks for no token" if token is None else "this token may only ask"
        raise Refused(
            403,
            "token_needed",
            f"Passages and answers change what everybody is told, and {why}.",
            "Start it with HEADSTART_TOKEN set, and send that; or use: headstart assist feedback",
        )

    async def _in_thread(self, work: Callable[[], T]) -> T:
        if self._waiting >= self.settings.queue:
            raise Refused(503, "busy", "Too many questions are waiting.", "Try again soon.", retry_after=1)
        self._waiting += 1
        try:
            async with asyncio.timeout(self.settings.timeout):
                return await asyncio.to_thread(work)
        except TimeoutError as error:
            raise Refused(
                504,
                "timeout",
                f"There was no answer within {self.settings.timeout:g} seconds.",
                "Try again later.",
            ) from error
        finally:
            self._waiting -= 1


def load_assistants(named: Sequence[str]) -> dict[str, Answering]:
    """Load those of ``FOLDER`` or ``NAME=FOLDER`` that are assistants.

    Raises
    ------
    BundleError
        When one is damaged.
    """
    served = {}
    for name, folder in split_names(named).items():
        if is_assistant(folder):
            stored = read(folder)
            served[name] = Answering(
                stored.content, stored.encoder, facts=stored.facts, journal=stored.journal
            )
            served[name].search("warm up")
    return served


def add_assistants(api: FastAPI, assistants: Assistants) -> None:
    """Add the addresses of assistants."""

    @api.get("/v1/assistants", summary="List the assistants")
    async def listed() -> JSONResponse:
        return JSONResponse(
            {
                "assistants": [
                    {"name": name, "documents": len(one.documents), "passages": len(one)}
                    for name, one in assistants.served.items()
                ]
            }
        )

    @api.post("/v1/assistants/{name}" + ASK, summary="Ask an assistant", openapi_extra=described(AskBody))
    async def ask(name: str, request: Request) -> JSONResponse:
        assistants.find(name)
        body = await body_of(request, AskBody)
        answer = await assistants.ask(name, body.question, plain(body.history))
        return JSONResponse({"assistant": name, **answer.to_dict()})

    @api.post(
        "/v1/assistants/{name}" + FEEDBACK,
        summary="Say what the right answer is",
        openapi_extra=described(FeedbackBody),
    )
    async def feedback(name: str, request: Request) -> JSONResponse:
        assistants.find(name)
        body = await body_of(request, FeedbackBody)
        return JSONResponse(await assistants.feedback(name, body, bearer(request.headers)))


def is_asking(path: str) -> bool:
    """Tell whether an address asks an assistant, and does no more than a page for everybody may do."""
    return path in (_HOME, _CHAT) or path.startswith(f"{_HOME}/")


async def body_of(request: Request, shape: type[B]) -> B:
    """Return the body of a request as JSON of this shape.

    Raises
    ------
    Refused
        When it is not.
    """
    try:
        return shape.model_validate_json(await request.body())
    except ValidationError as error:
        raise invalid(error.errors(include_url=False, include_context=False, include_input=False)) from error


def plain(history: Sequence[str | Turn]) -> list[str | dict[str, Any]]:
    """Return a conversation as assistants take it."""
    return [turn if isinstance(turn, str) else turn.model_dump() for turn in history]


def described(shape: type[BaseModel]) -> dict[str, Any]:
    """Return what the document of the addresses says of a body of this shape."""
    schema = shape.model_json_schema(ref_template="#/components/schemas/{model}")
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
