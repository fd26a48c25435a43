"""Start the server: load, warm, listen, serve, and end in good order."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial

from starlette.types import ASGIApp

from headstart.serve.api import OPEN_PATHS, make_api
from headstart.serve.assistants import Assistants, is_asking, load_assistants
from headstart.serve.metrics import Metrics
from headstart.serve.models import Served, load_models
from headstart.serve.service import Service, make_sandboxes
from headstart.serve.settings import ServeSettings
from headstart.serve.widget import PATHS
from headstart.web.body import BodyLimit
from headstart.web.guard import Guard
from headstart.web.journal import Drain, Journal, write_json_lines
from headstart.web.serving import bind, is_loopback, serve, url_of

_SWITCH_SECONDS = 0.001
"""How long a thread that runs a model may keep the one that answers waiting; Python's own 5 ms add up."""
_DRIFT = {
    "found": "Whether parts no longer look as in training; at most 1% false alarms in 10,000 parts.",
    "parts": "Parts that the test for drift has looked at; it begins anew after 10,000.",
    "evidence": "Evidence of drift; 100 is an alarm.",
    "shift": "Standard deviations by which the usual score has moved.",
    "since": "The part from which on drift is likeliest; 0 where there is none.",
}


def run(
    models: Sequence[str],
    settings: ServeSettings,
    started: Callable[[str, Sequence[Served], Assistants], None] = lambda url, served, assistants: None,
) -> None:
    """Serve models until SIGTERM or Ctrl-C.

    Parameters
    ----------
    models
        ``FOLDER`` or ``NAME=FOLDER`` each.
    started
        Called with the server's address, its models and its assistants when requests are taken.

    Raises
    ------
    ParameterError
        When the address cannot be used, or would be open to others without a token.
    BundleError
        When a model cannot be used.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
    loopback = is_loopback(settings.host)
    settings.check_reach(loopback)
    served, assistants = load_models(models), Assistants(load_assistants(models), settings)
    sockets = bind(settings.host, settings.port)
    with ExitStack() as stack:
        for listener in sockets:
            stack.enter_context(listener)
        sandboxes = make_sandboxes(list(served.values()), settings)
        for sandbox in sandboxes.values():
            stack.enter_context(sandbox)  # the processes start while the models warm up
        with ThreadPoolExecutor() as threads:
            list(threads.map(Served.warm, served.values()))
        service = Service(served, settings, sandboxes, Metrics())
        drain = Drain()
        url = url_of(sockets)
        log = write_json_lines()
        stack.callback(log.close)
        serve(
            guarded(service, drain, assistants, loopback=loopback),
            sockets,
            limits=settings.limits,
            drain=drain,
            drain_seconds=settings.drain_seconds,
            started=lambda: started(url, list(served.values()), assistants),
        )


def guarded(
    service: Service, drain: Drain, assistants: Assistants | None = None, *, loopback: bool = True
) -> ASGIApp:
    """Return the application with all that stands before it."""
    settings, metrics = service.settings, service.metrics
    body = BodyLimit(make_api(service, drain, assistants), settings.limits)
    metrics.watch("headstart_waiting_inputs", "Inputs that wait for a model.", service.waiting)
    metrics.watch("headstart_decoder_restarts", "Decoders that were replaced.", service.restarts, "kind")
    metrics.watch("headstart_held_bytes", "Bytes of bodies in memory.", lambda: {"all": body.held}, "bodies")
    for figure, text in _DRIFT.items():
        metrics.watch(f"headstart_drift_{figure}", text, partial(service.drift, figure))
    guard = Guard(
        body,
        hosts=settings.allow_hosts,
        loopback=loopback,
        origins=settings.allow_origins,
        token=settings.token,
        open_paths=(*OPEN_PATHS, *PATHS) if assistants is not None and assistants.served else OPEN_PATHS,
        asking_token=settings.ask_token,
        asking=is_asking,
    )
    return Journal(guard, drain=drain, observers=[metrics.request])
