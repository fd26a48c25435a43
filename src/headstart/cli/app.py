"""``headstart app``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer


def app(
    workspace: Annotated[
        Optional[Path],  # noqa: UP045 - typer reads these annotations at run time
        typer.Option(help="Folder for your projects; 'headstart' in your documents when not given."),
    ] = None,
    port: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(
            help="Port to listen at; 7331 or the next one that is free when not given.", min=0, max=65535
        ),
    ] = None,
    host: Annotated[
        str, typer.Option(help="Address to listen at. Anything but this machine's own lets others in.")
    ] = "127.0.0.1",
    token: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="The key in the address to open; drawn at random when not given."),
    ] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open the browser.")] = False,
) -> None:
    """Open the web app: from a pile of examples to a working model, without code.

    Everything stays on this computer.
    """
    from headstart._optional import require

    for module in ("fastapi", "uvicorn", "python_multipart"):
        require(module, extra="app", purpose="open the web app")
    from headstart.app.server import run

    run(workspace, host=host, port=port, token=token, browser=not no_browser)
