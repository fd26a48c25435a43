"""What the server goes by."""

from __future__ import annotations

from dataclasses import dataclass, field

from headstart.errors import ParameterError
from headstart.web.limits import Limits

_LEAST_TOKEN = 16


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """Settings of the server; each is an option of ``headstart serve``.

    Attributes
    ----------
    host, port
        Where it listens; port 0 takes any that is free.
    token
        What requests must bring; needed wherever others than this machine can connect.
    ask_token
        What pages for everybody bring instead: it asks assistants, and opens nothing else.
    allow_hosts
        Further names by which it may be called.
    allow_origins
        Other sites whose pages may ask.
    limits
        What is taken from a sender.
    batch
        Inputs that are run through a model at one time.
    window_ms
        How long an input waits for others to share its batch, in milliseconds.
    queue
        Inputs that one model may have waiting; more are refused.
    timeout
        Seconds after which a request that was read is given up.
    drain_seconds
        How long what is under way may take when the server is told to stop.
    decoders
        Processes that decode photos or sounds; None for one a core.
    wording_endpoint, wording_model
        A server that speaks OpenAI's form, up to ``/v1``, and the model there that words assistants' answers;
        None for quotes alone.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    token: str | None = None
    ask_token: str | None = None
    allow_hosts: tuple[str, ...] = ()
    allow_origins: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    batch: int = 64
    window_ms: float = 3.0
    queue: int = 256
    timeout: float = 30.0
    drain_seconds: float = 30.0
    decoders: int | None = None
    wording_endpoint: str | None = None
    wording_model: str = "default"

    def __post_init__(self) -> None:
        if self.queue < self.limits.parts:
            raise ParameterError(
                f"The queue must have room for one request: at least {self.limits.parts}, got {self.queue}.",
                "Raise --queue, or lower --max-inputs.",
            )
        if self.token is not None:
            _check_token(self.token)
        if self.ask_token is not None:
            self._check_ask_token(self.ask_token)

    def _check_ask_token(self, ask_token: str) -> None:
        _check_token(ask_token)
        if self.token is None or self.token == ask_token:
            found = "the same" if self.token else "none"
            raise ParameterError(
                f"A token for asking needs another one for the rest of the server beside it; found {found}.",
                "Set HEADSTART_TOKEN to a long random text that is not HEADSTART_ASK_TOKEN.",
            )

    def check_reach(self, loopback: bool) -> None:
        """Refuse to be reachable for others without a token that cannot be guessed."""
        if loopback:
            return
        if self.token is None:
            raise ParameterError(
                f"Others can connect to {self.host}, so a token is needed.",
                "Set HEADSTART_TOKEN to a long random text, or leave --host out to serve this machine only.",
            )
        if len(self.token) < _LEAST_TOKEN:
            raise ParameterError(
                f"The token must have at least {_LEAST_TOKEN} characters where others can connect, it has "
                f"{len(self.token)}.",
                "Make one with: python -c 'import secrets; print(secrets.token_urlsafe())'",
            )


def _check_token(token: str) -> None:
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise ParameterError(
            "The token must be ASCII letters, digits and signs without a space, and not empty.",
            "Make one with: python -c 'import secrets; print(secrets.token_urlsafe())'",
        )
