"""What is written by hand beside its simplest replacement, to see whether it is worth its lines.

    python benchmarks/own_code.py [depthwise] [protocol] [resampling]

- ``depthwise``: a step of gentle fine-tuning (forwards, backwards, AdamW) over the upper half of
  efficientnet_lite0, with the gradients of `finetune/depthwise.py`, beside torch's own.
- ``protocol``: requests a second of `web/protocol.py` beside uvicorn's own protocol, with an application that
  does nothing; and what either does to peers that are slow, silent or speak no HTTP.
- ``resampling``: pictures cut out and resized as an exported graph does it (`export/picture_pieces.py` gives
  Pillow's own pixels) beside ONNX's Resize: how many answers of a trained model change.

The ways take turns on one core, and the median of their seconds of processor time counts: a machine is not as
quick from one minute to the next.
"""

from __future__ import annotations

import asyncio
import socket
import statistics
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from harness import Row, show
from weights import DATA

TURNS = 7
BATCH = 32


def in_turns(ways: dict[str, Callable[[], Any]], turns: int = TURNS) -> dict[str, float]:
    """Return the median seconds of each way; the first turn warms up and does not count."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(turns + 1):
        for name, work in ways.items():
            start = time.process_time()
            work()
            if turn:
                taken[name].append(time.process_time() - start)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def depthwise() -> list[Row]:
    """Time a training step over the upper half, in single precision and in bfloat16."""
    import torch

    from headstart.bases import store
    from headstart.bases.catalogue import load_catalogue
    from headstart.finetune.memory import keeping_freed_memory
    from headstart.finetune.open import open_tunable
    from headstart.finetune.schedule import first_stage

    torch.set_num_threads(1)
    card = load_catalogue().get("efficientnet_lite0")
    spec = store.prepare(card)
    pixels = np.random.default_rng(0).integers(0, 256, (BATCH, 224, 224, 3), dtype=np.uint8)
    y = torch.arange(BATCH) % 10

    def step_of(way: str, kind: torch.dtype) -> Callable[[], None]:
        tunable = open_tunable(spec, card)
        if way == "plain":
            for part in tunable.module.modules():
                part.__dict__.pop("forward", None)  # what `quicken` put there
        where = first_stage("half", len(tunable.stages))
        layer = torch.nn.Linear(spec.width, 10)
        for name, weight in tunable.module.named_parameters():
            weight.requires_grad_(tunable.stage_of(name) >= where)
        tuned = [weight for weight in tunable.module.parameters() if weight.requires_grad]
        optimiser = torch.optim.AdamW([*tuned, *layer.parameters()], lr=1e-4)
        with torch.no_grad():
            below = tunable.run(tunable.collate(list(pixels)), 0, where)

        def step() -> None:
            optimiser.zero_grad()
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=kind is torch.bfloat16):
                scores = layer(tunable.run(below, where)["embedding"].float())
            torch.nn.functional.cross_entropy(scores, y).backward()
            optimiser.step()

        return step

    rows = []
    with keeping_freed_memory():
        for name, kind in (("single precision", torch.float32), ("bfloat16", torch.bfloat16)):
            ways = {way: step_of(way, kind) for way in ("ours", "plain")}
            found = in_turns(ways)
            step = f"a step of {BATCH}, {name}"
            rows.append(Row(step, found["ours"], "torch's own gradients", found["plain"]))
    return rows


async def _nothing(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        return
    await receive()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"{}"})


def _serving(http: Any) -> tuple[Any, int]:
    import uvicorn

    from headstart.web.serving import bind

    (listener,) = bind("127.0.0.1", 0)
    config = uvicorn.Config(_nothing, http=http, ws="none", lifespan="off", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    threading.Thread(target=server.run, args=([listener],), daemon=True).start()
    while not server.started:
        time.sleep(0.01)
    return server, listener.getsockname()[1]


async def _ask(port: int, connections: int, each: int) -> None:
    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(each):
            writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
            await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(2)
        writer.close()

    await asyncio.gather(*(one() for _ in range(connections)))


def _asked(port: int, each: int) -> None:
    asyncio.run(_ask(port, 4, each))


def _answer_to(port: int, sent: bytes, seconds: float) -> str:
    """Return the first line of what comes back, ``closed`` or ``nothing``, within some seconds."""
    with socket.create_connection(("127.0.0.1", port)) as peer:
        peer.settimeout(seconds)
        peer.sendall(sent)
        try:
            return peer.recv(100).split(b"\r\n")[0].decode() or "closed"
        except TimeoutError:
            return "nothing, held open"


def protocol() -> list[Row]:
    """Time requests, and ask as peers do that are slow or speak no HTTP."""
    from uvicorn.protocols.http.h11_impl import H11Protocol

    from headstart.web.journal import Drain
    from headstart.web.limits import Limits
    from headstart.web.protocol import Manners, PatientProtocol

    manners = Manners(Limits(header_seconds=1.0, connections=8), Drain())
    servers = {"ours": _serving(partial(PatientProtocol, manners)), "uvicorn": _serving(H11Protocol)}
    ports = {name: port for name, (_, port) in servers.items()}
    asks = 200
    ways = {name: partial(_asked, port, asks) for name, port in ports.items()}
    found = in_turns(ways)
    for what, sent in (
        ("a head that never ends", b"GET / HTTP/1.1\r\nHost: x\r\n"),
        ("no HTTP", b"\x16\x03\x01\r\n\r\n"),
    ):
        for name, port in ports.items():
            print(f"  {what}, {name}: {_answer_to(port, sent, 3.0)}")
    for name, port in ports.items():
        held = [socket.create_connection(("127.0.0.1", port)) for _ in range(9)]
        time.sleep(0.3)
        answer = _answer_to(port, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 3.0)
        print(f"  the tenth connection of eight, {name}: {answer}")
        for peer in held:
            peer.close()
    for server, _ in servers.values():
        server.should_exit = True
    return [Row("a request", found["ours"] / (4 * asks), "uvicorn's protocol", found["uvicorn"] / (4 * asks))]


def resampling() -> list[Row]:
    """Count the answers that change where a graph resizes with ONNX's own Resize."""
    import onnxruntime
    from onnx import TensorProto, helper

    import headstart as hs
    from headstart.bases import store
    from headstart.bases.catalogue import load_catalogue
    from headstart.encoders.image import crop_box, cut_out
    from headstart.encoders.open import open_encoder

    rows = []
    card = load_catalogue().get("efficientnet_lite0")
    encoder = open_encoder(store.prepare(card))
    ((scaled, size, method),) = encoder.cuts
    modes = {"bilinear": "linear", "bicubic": "cubic"}
    node = helper.make_node(
        "Resize",
        ["x", "", "", "sizes"],
        ["y"],
        mode=modes[method],
        antialias=1,
        coordinate_transformation_mode="half_pixel",
        cubic_coeff_a=-0.5,
        axes=[2, 3],
    )
    graph = helper.make_graph(
        [node],
        "resize",
        [
            helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, "h", "w"]),
            helper.make_tensor_value_info("sizes", TensorProto.INT64, [2]),
        ],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    session = onnxruntime.InferenceSession(made.SerializeToString())

    def plainly(image: Any) -> np.ndarray:
        left, top, right, bottom = map(round, crop_box(*image.size, scaled, size))
        pixels = np.asarray(image, np.float32)[top:bottom, left:right]
        planes = pixels.transpose(2, 0, 1)[None]
        (small,) = session.run(None, {"x": planes, "sizes": np.array([size, size])})
        return np.clip(np.rint(small[0].transpose(1, 2, 0)), 0, 255).astype(np.uint8)

    for name in ("stamp_photos", "surface_marks", "handwritten_digits"):
        data = hs.load(DATA / "image" / name)
        chosen = np.random.default_rng(0).permutation(len(data))[:240]
        sources, y = [data.sources[i] for i in chosen], np.array([data.labels[i] for i in chosen])
        pictures = [encoder.decode(source).value.image for source in sources]
        exact = np.stack([cut_out(image, encoder.cuts[0]) for image in pictures])
        plain = np.stack([plainly(image) for image in pictures])
        embedded = [
            np.concatenate(
                [encoder._graph.run({"pixels": batch[i : i + 4]}) for i in range(0, len(batch), 4)]
            )
            for batch in (exact, plain)
        ]
        model = _head(embedded[0][:160], y[:160])
        first, second = (model.predict_proba(rows[160:]) for rows in embedded)
        same = float(np.mean(first.argmax(1) == second.argmax(1)))
        right = [float(np.mean(model.classes_[said.argmax(1)] == y[160:])) for said in (first, second)]
        apart = np.abs(exact.astype(int) - plain)
        print(
            f"  {name}: pixels differ by {apart.mean():.2f} on average, {apart.max()} at most; probabilities "
            f"by {np.abs(first - second).max():.3f} at most; the same answer {same:.1%}; right "
            f"{right[0]:.1%} and {right[1]:.1%}"
        )
        some, cut = pictures[:40], encoder.cuts[0]
        spent = in_turns(
            {"ours": partial(_all, some, cut_out, cut), "plain": partial(_all, some, plainly)}, 3
        )
        rows.append(Row(f"{name}: cut and resize", spent["ours"] / 40, "ONNX Resize", spent["plain"] / 40))
    return rows


def _all(pictures: list[Any], work: Callable[..., Any], *settings: Any) -> None:
    for picture in pictures:
        work(picture, *settings)


def _head(rows: np.ndarray, y: np.ndarray) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=2000).fit(rows / np.linalg.norm(rows, axis=1).mean(), y)


WAYS = {"depthwise": depthwise, "protocol": protocol, "resampling": resampling}

if __name__ == "__main__":
    for wanted in sys.argv[1:] or WAYS:
        show(f"own_code_{wanted}", WAYS[wanted](), ours_is="faster")
