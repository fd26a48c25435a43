"""``headstart serve``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Optional

import typer

from headstart.cli import options
from headstart.cli.language import tell
from headstart.serve.settings import ServeSettings
from headstart.web.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headstart.serve.assistants import Assistants
    from headstart.serve.models import Served

_MEGA = 1 << 20
_USUAL, _LIMITS = ServeSettings(), Limits()


def serve(
    models: Annotated[
        list[str],
        typer.Argument(
            metavar="MODEL...",
            help="Folders of saved models or assistants; NAME=FOLDER gives one another name.",
        ),
    ],
    host: Annotated[str, typer.Option(help="Address to listen at.")] = _USUAL.host,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port to listen at; 0 takes a free one.")
    ] = _USUAL.port,
    token: Annotated[
        Optional[str],  # noqa: UP045 - typer reads these annotations at run time
        typer.Option(
            envvar="HEADSTART_TOKEN",
            help="What requests must bring; needed where others can connect. Better set in the environment: "
            "what stands on a command line can be read by other users of the machine.",
        ),
    ] = None,
    ask_token: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            envvar="HEADSTART_ASK_TOKEN",
            help="A second token, for pages that everybody may open: it asks assistants, and opens nothing "
            "else.",
        ),
    ] = None,
    allow_host: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(help="A further name by which the server is called; can be given again."),
    ] = None,
    allow_origin: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(help="A site whose pages may ask, as in https://shop.example; can be given again."),
    ] = None,
    max_body: Annotated[
        int, typer.Option(min=1, help="Megabytes in the body of a request.")
    ] = _LIMITS.body_bytes // _MEGA,
    max_held: Annotated[
        int,
        typer.Option(
            min=1, help="Megabytes in all bodies, and in all decoded inputs, that are held at a time."
        ),
    ] = _LIMITS.held_bytes // _MEGA,
    max_inputs: Annotated[int, typer.Option(min=1, help="Inputs in a request.")] = _LIMITS.parts,
    max_pixels: Annotated[int, typer.Option(min=1, help="Pixels in a photo.")] = _LIMITS.pixels,
    max_seconds: Annotated[float, typer.Option(min=0.1, help="Seconds in a sound.")] = _LIMITS.seconds,
    max_characters: Annotated[int, typer.Option(min=1, help="Characters in a text.")] = _LIMITS.characters,
    max_connections: Annotated[
        int, typer.Option(min=1, help="Connections open at a time.")
    ] = _LIMITS.connections,
    queue: Annotated[int, typer.Option(min=1, help="Inputs that one model may have waiting.")] = _USUAL.queue,
    batch: Annotated[int, typer.Option(min=1, help="Inputs that are run at a time.")] = _USUAL.batch,
    batch_window: Annotated[
        float, typer.Option(min=0, help="Milliseconds that an input waits for others to share its batch.")
    ] = _USUAL.window_ms,
    timeout: Annotated[
        float, typer.Option(min=0.1, help="Seconds until a request is given up.")
    ] = _USUAL.timeout,
    header_timeout: Annotated[
        float, typer.Option(min=0.1, help="Seconds for the head of a request to arrive.")
    ] = _LIMITS.header_seconds,
    body_timeout: Annotated[
        float, typer.Option(min=0.1, help="Seconds for the body of a request to arrive.")
    ] = _LIMITS.body_seconds,
    decode_timeout: Annotated[
        float, typer.Option(min=0.1, help="Seconds for decoding a photo or sound.")
    ] = _LIMITS.decode_seconds,
    decode_memory: Annotated[
        int, typer.Option(min=16, help="Megabytes for decoding a photo or sound.")
    ] = _LIMITS.decode_bytes // _MEGA,
    decoders: Annotated[
        int, typer.Option(min=0, help="Processes that decode photos or sounds; 0 is one a core.")
    ] = 0,
    drain: Annotated[
        float, typer.Option(min=0, help="Seconds for what is under way when the server is told to stop.")
    ] = _USUAL.drain_seconds,
    wording_endpoint: options.WordingEndpoint = None,
    wording_model: options.WordingModel = _USUAL.wording_model,
) -> None:
    """Answer over HTTP with saved models and assistants, on this machine unless told otherwise."""
    from headstart._optional import require

    for module in ("fastapi", "uvicorn", "prometheus_client", "python_multipart"):
        require(module, "serve", "serve models over HTTP")
    from headstart.serve.run import run

    settings = ServeSettings(
        host=host,
        port=port,
        token=token,
        ask_token=ask_token,
        allow_hosts=tuple(allow_host or ()),
        allow_origins=tuple(allow_origin or ()),
        limits=Limits(
            body_bytes=max_body * _MEGA,
            held_bytes=max(max_held, max_body) * _MEGA,
            parts=max_inputs,
            connections=max_connections,
            header_seconds=header_timeout,
            body_seconds=body_timeout,
            pixels=max_pixels,
            seconds=max_seconds,
            characters=max_characters,
            decode_seconds=decode_timeout,
            decode_bytes=decode_memory * _MEGA,
        ),
        batch=batch,
        window_ms=batch_window,
        queue=max(queue, max_inputs),
        timeout=timeout,
        drain_seconds=drain,
        decoders=decoders or None,
        wording_endpoint=wording_endpoint,
        wording_model=wording_model,
    )
    run(models, settings, _show)
    tell("Stopped: what was under way has been answered.")


def _show(url: str, served: Sequence[Served], assistants: Assistants) -> None:
    for model in served:
        summary = model.summary()
        worth = summary["accuracy"]
        measured = (
            f", accuracy {worth['estimate']:.3f} ({worth['low']:.3f} to {worth['high']:.3f})" if worth else ""
        )
        tell(f"{model.name}: {summary['classes']} classes of {summary['modality']}{measured}")
        tell(f"  POST {url}/v1/models/{model.name}:predict")
    for name, assistant in assistants.served.items():
        tell(f"{name}: {len(assistant.documents):,} documents")
        tell(f"  POST {url}/v1/assistants/{name}:ask")
    if assistants.served:
        tell(f"Chat: {url}/assistant")
    tell(f"Try it, and read how it is called: {url}/docs   (Ctrl-C stops)")
