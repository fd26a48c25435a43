"""What judging one picture for defects costs beside the bare base model, and how long fitting takes.

    python benchmarks/defects_speed.py FOLDER [set] [--rounds 200]

FOLDER is what `make defects` builds. Four ways take turns over the same picture, on one thread: the whole
graph of the base at 224 pixels, which is what any use of it costs; its part up to the last layer that is
looked at; that part with the scores of the places alone; and a whole judgement, with the memory, p-value
and heat map, as a saved model gives it. Medians of processor time.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import onnxruntime
from defects import photos, places
from PIL import Image

from headstart.bases.catalogue import load_catalogue
from headstart.bases.store import installed
from headstart.defects.features import layout_of
from headstart.defects.fitting import fit


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("set", nargs="?", default="circuit_board")
    parser.add_argument("--rounds", type=int, default=200)
    asked = parser.parse_args()
    paths = photos(asked.folder / asked.set / "train" / "good")[:120]
    whole = session(str(installed(load_catalogue().get("efficientnet_lite0")).files["encoder"]))
    name = whole.get_inputs()[0].name
    at_base = squashed(paths[:1], 224)
    for size in (224, 320):
        measure(asked.set, paths, size, lambda: whole.run(None, {name: at_base}), asked.rounds)


def measure(title: str, paths: list[Path], size: int, bare: Callable[[], object], rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        spec = places(Path(folder), size)
        cut, layout = session(str(spec.files["encoder"])), layout_of(spec)
    pixels = squashed(paths, size)

    def seen(pictures: np.ndarray) -> np.ndarray:
        rows = [cut.run(None, {"pixels": one[None]})[0] for one in pictures]
        return np.concatenate(rows).reshape(len(pictures), layout.side**2, -1).astype(np.float16)

    features = seen(pixels)
    start = time.perf_counter()
    detector = fit(features, layout).detector
    took = time.perf_counter() - start

    def by_place() -> object:
        return detector.places.distances(detector.levels.bring(seen(pixels[:1])) @ detector.project)

    ways: dict[str, Callable[[], object]] = {
        "base, whole, 224": bare,
        f"base, cut, {size}": lambda: cut.run(None, {"pixels": pixels[:1]}),
        f"places, {size}": by_place,
        f"detector, {size}": lambda: detector.look(seen(pixels[:1])),
    }
    medians = in_turns(ways, rounds)
    megabytes = sum(array.nbytes for array in detector.arrays().values()) / 1e6
    for way, milliseconds in medians.items():
        print(f"{title}  {way:18s} {milliseconds:6.1f} ms  {milliseconds / medians['base, whole, 224']:.2f}x")
    print(f"{title}  fitting to {len(paths)} pictures {took:.1f} s, arrays of {megabytes:.1f} MB")


def session(path: str) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options)


def squashed(paths: list[Path], size: int) -> np.ndarray:
    pictures = [Image.open(path).convert("RGB") for path in paths]
    return np.stack([np.asarray(one.resize((size, size), Image.Resampling.BILINEAR)) for one in pictures])


def in_turns(ways: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return the median milliseconds of each way, all of them once in every round."""
    times: dict[str, list[float]] = {way: [] for way in ways}
    for way in ways.values():
        way()
    for _ in range(rounds):
        for name, way in ways.items():
            start = time.process_time()
            way()
            times[name].append(1000 * (time.process_time() - start))
    return {name: float(np.median(each)) for name, each in times.items()}


if __name__ == "__main__":
    main()
