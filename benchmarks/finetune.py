"""Gentle fine-tuning beside torch loops that train the same base for as many epochs on the same pictures.

    python benchmarks/finetune.py [--examples 160] [--epochs 25] [--ways ours,frozen_below,well,tutorial]

From decoded pictures to tuned weights, one model: the upper half of efficientnet_lite0, handwritten digits.

- ``ours``: what one run of ``--method gentle`` costs: the exact head, the stages below once for each
  variation, then the tuned stages from kept activations;
- ``frozen_below``: a careful loop that also tunes only the upper half, in channels-last, but runs the lower
  half anew for every varied batch;
- ``well``: a well-written loop over the whole network: channels-last, AdamW, varied in batches;
- ``tutorial``: what a tutorial shows, here PyTorch's on transfer learning with its own settings: the network
  with its batch normalisation in train mode, contiguous layout, SGD, batches of 4 that a loader with four
  processes reads from files, cuts and resizes anew in each epoch. It mirrors too, which digits do not bear;
  that is left out, and so is its pass over held-out pictures after each epoch.

Each way has a process of its own. They take turns, one epoch at a time, since the same machine may be half as
fast again from one minute to the next; what comes before the first epoch counts to it. Accuracy is that on
300 other digits, with a Wilson interval. Every way starts from the same weights; the first three have batch
normalisation folded in. Ways that were measured before are kept in the record, but only those of one run
should be compared.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from harness import RESULTS, Row, show
from torch_reference import load_lite0
from weights import original

import headstart as hs
from headstart.bases import store
from headstart.bases.catalogue import load_catalogue
from headstart.encoders.open import open_encoder
from headstart.evaluation.intervals import accuracy_interval
from headstart.finetune.cache import Activations
from headstart.finetune.config import FinetuneConfig
from headstart.finetune.head import TorchHead, constant_scores, with_embedding
from headstart.finetune.inputs import decode_inputs
from headstart.finetune.loop import Loop, Run
from headstart.finetune.memory import keeping_freed_memory
from headstart.finetune.open import open_tunable
from headstart.finetune.schedule import first_stage
from headstart.finetune.trial import find_out
from headstart.heads.select import fit_head
from headstart.settings import current
from headstart.types import Modality

DATA = Path(__file__).resolve().parents[1] / ".cache" / "data" / "image" / "handwritten_digits"
TEST = 300
NAMES = {
    "frozen_below": "channels-last loop, upper half",
    "well": "channels-last loop, whole network",
    "tutorial": "PyTorch's tutorial",
}


def digits(examples: int):
    """Return decoded pictures, labels and the base; the last `TEST` are for judging."""
    data = hs.load(DATA)
    chosen = np.random.default_rng(0).permutation(len(data))[: examples + TEST]
    card = load_catalogue().get("efficientnet_lite0")
    spec = store.prepare(card)
    sources = [data.sources[i] for i in chosen]
    y = np.array([data.classes.index(data.labels[i]) for i in chosen])
    return spec, card, sources, decode_inputs(spec, sources), y


def ours(spec, card, sources, inputs, y, epochs):
    """Tune as the product does."""
    n = len(y) - TEST
    config = FinetuneConfig(epochs=epochs, flip=False).resolved(Modality.IMAGE, n)
    made = open_encoder(spec).encode(sources, extras=["layer_mid", "layer_late"])
    rows = {"embedding": made.vectors, **made.extras}  # training the frozen model has made these anyway
    tunable = open_tunable(spec, card)
    yield
    where = first_stage(str(config.depth), len(tunable.stages))
    found = find_out(tunable, inputs[:n], where, config, allowed=2**33)
    config = replace(config, precision=found.precision)
    train, test = np.arange(n), np.arange(n, n + TEST)
    fitted = fit_head({k: v[train] for k, v in rows.items()}, y[train], n_classes=10, head="ridge")
    outputs = {name: name for name in rows}
    head = TorchHead(with_embedding(fitted.linear, outputs, rows), outputs)
    run = Run(0, head, train, np.arange(0), constant_scores(fitted, outputs, rows, train))
    activations = Activations(
        tunable, inputs[:n], start=where, variations=config.variations, room=2**33, flip=False, seed=0
    )
    loop = Loop(tunable, activations, y[:n], 10, config, micro=found.micro)
    state = loop.begin(run)
    for _ in range(epochs):
        state = loop.turn(run, state)
        yield
    with torch.no_grad():
        loop._place(run, state.weights)
        weights = {name: value for name, value in state.weights.items() if name.startswith("head.")}
        scores = [
            head.logits(tunable.run(tunable.collate([inputs[i]], rng=None)), weights) for i in test.tolist()
        ]
    return torch.cat(scores).numpy()


def torch_loop(spec, card, inputs, y, epochs, *, depth: str):
    """Run a careful loop: channels-last, varied in batches, what is not tuned run without a graph."""
    n = len(y) - TEST
    tunable = open_tunable(spec, card)
    for part in tunable.module.modules():
        part.__dict__.pop("forward", None)  # torch's own gradients and not ours
    layer = torch.nn.Linear(spec.width, 10)
    where = first_stage(depth, len(tunable.stages))
    tuned = [p for name, p in tunable.module.named_parameters() if tunable.stage_of(name) >= where]
    for parameter in tunable.module.parameters():
        parameter.requires_grad_(any(parameter is one for one in tuned))
    groups = [{"params": tuned, "lr": 2e-4}, {"params": layer.parameters(), "lr": 2e-3}]
    optimiser = torch.optim.AdamW(groups)
    rng, batch = np.random.default_rng(0), 32
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs * -(-n // batch))
    yield
    for _ in range(epochs):
        for rows in np.array_split(rng.permutation(n), -(-n // batch)):
            made = tunable.collate([inputs[i] for i in rows], rng=rng, flip=False)
            with torch.no_grad():
                below = tunable.run(made, 0, where) if where else made
            scores = layer(tunable.run(below, where)["embedding"])
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(scores, torch.from_numpy(y[rows])).backward()
            optimiser.step()
            schedule.step()
        yield
    with torch.no_grad():
        made = [layer(tunable.run(tunable.collate([one], rng=None))["embedding"]) for one in inputs[n:]]
    return torch.cat(made).numpy()


def tutorial(sources, y, epochs):
    """Run the loop of PyTorch's own tutorial with its settings; pictures are read from their files."""
    from PIL import Image
    from torchvision import transforms

    n = len(y) - TEST
    normal = transforms.Normalize([0.5, 0.5, 0.5], [0.5, 0.5, 0.5])
    change = transforms.Compose([transforms.RandomResizedCrop(224), transforms.ToTensor(), normal])
    plain = transforms.Compose(
        [transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(), normal]
    )

    class Files(torch.utils.data.Dataset):
        def __len__(self):
            return n

        def __getitem__(self, i):
            return change(Image.open(sources[i]).convert("RGB")), int(y[i])

    with original("efficientnet_lite0") as files:
        net = load_lite0(files["weights"])
    net._fc = torch.nn.Linear(1280, 10)
    optimiser = torch.optim.SGD(net.parameters(), lr=0.001, momentum=0.9)
    schedule = torch.optim.lr_scheduler.StepLR(optimiser, step_size=7, gamma=0.1)
    loader = torch.utils.data.DataLoader(
        Files(), batch_size=4, shuffle=True, num_workers=4, multiprocessing_context="fork"
    )
    yield
    for _ in range(epochs):
        net.train()
        for some, labels in loader:
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(net(some), labels).backward()
            optimiser.step()
        schedule.step()
        yield
    net.eval()
    with torch.no_grad():
        made = [net(plain(Image.open(one).convert("RGB"))[None]) for one in sources[n:]]
    return torch.cat(made).numpy()


def kept(running):
    """Run to the end with the setting of memory that the product tunes with."""
    with keeping_freed_memory():
        return (yield from running)


def begin(way: str, options: argparse.Namespace) -> tuple[Iterator[None], np.ndarray]:
    """Open a way: a generator that yields when it is ready and after each epoch, and returns its scores."""
    torch.set_num_threads(current().threads)
    torch.manual_seed(0)
    spec, card, sources, inputs, y = digits(options.examples)
    if way == "ours":
        return kept(ours(spec, card, sources, inputs, y, options.epochs)), y
    if way == "tutorial":
        return tutorial(sources, y, options.epochs), y
    depth = "half" if way == "frozen_below" else "all"
    return torch_loop(spec, card, inputs, y, options.epochs, depth=depth), y


def answer(connection, way: str, options: argparse.Namespace) -> None:
    """Run in a process of its own: an epoch whenever told to, and tell what it took."""
    running, y = begin(way, options)
    next(running)
    connection.send("ready")
    for _ in range(options.epochs):
        connection.recv()
        start, busy = time.perf_counter(), time.process_time()
        next(running)
        connection.send((time.perf_counter() - start, time.process_time() - busy))
    connection.recv()
    try:
        next(running)
    except StopIteration as ended:
        right = ended.value.argmax(1) == y[-TEST:]
    found = accuracy_interval(right, np.arange(TEST))
    connection.send({"accuracy": found.estimate, "low": found.low, "high": found.high})


def race(options: argparse.Namespace) -> dict[str, dict[str, float]]:
    """Let the ways take turns; return what each took and how right it is."""
    context = multiprocessing.get_context("spawn")
    ends = {}
    for way in options.ways.split(","):
        ends[way], theirs = context.Pipe()
        context.Process(target=answer, args=(theirs, way, options)).start()
        theirs.close()  # so that a process that ends too soon is noticed
        ends[way].recv()
    taken = dict.fromkeys(ends, (0.0, 0.0))
    for epoch in range(options.epochs):
        for way, end in ends.items():
            end.send("go")
            taken[way] = tuple(so_far + more for so_far, more in zip(taken[way], end.recv(), strict=True))
        print(epoch + 1, {way: round(seconds, 1) for way, (seconds, _) in taken.items()}, flush=True)
    made = {}
    for way, end in ends.items():
        end.send("answer")
        made[way] = {"seconds": taken[way][0], "cpu_seconds": taken[way][1], **end.recv()}
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=int, default=160)
    parser.add_argument("--epochs", type=int, default=25)  # the tutorial's number
    parser.add_argument("--ways", default="ours,frozen_below,well,tutorial")
    options = parser.parse_args()
    path = RESULTS / "finetune.json"
    same = {"examples": options.examples, "epochs": options.epochs, "threads": current().threads}
    known = json.loads(path.read_text()) if path.is_file() else {}
    ways = known.get("ways", {}) if known.get("same") == same else {}
    ways |= race(options)
    print(ways)
    rows = [
        Row(
            f"gentle, {options.examples} digits, {options.epochs} epochs ({ways['ours']['accuracy']:.3f})",
            ways["ours"]["seconds"],
            f"{NAMES[way]} ({ways[way]['accuracy']:.3f})",
            ways[way]["seconds"],
        )
        for way in NAMES
        if way in ways and "ours" in ways
    ]
    show("finetune", rows, ours_is="faster", unit="s", extra={"ways": ways, "same": same})


if __name__ == "__main__":
    main()
