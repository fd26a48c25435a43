"""Embedding spoken clips of 1.5 s: ours, from files, beside the bare graphs on ready samples.

Usage: python benchmarks/embed_audio.py
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
import soundfile
from harness import Row, seconds_of, show
from weights import CACHE, DATA, prepared

from headstart.data.audio import decode_audio
from headstart.encoders.open import open_encoder

BASES = ("whisper_tiny_en", "speech_embedding", "yamnet")
COUNT = 192
SECONDS = 1.5
RATE = 16000
ROUNDS = 3
CORES = len(os.sched_getaffinity(0))


def clips() -> list[Path]:
    """Cut or pad real commands to exactly 1.5 s, as 16-bit WAV."""
    folder = CACHE / "benchmark-clips"
    folder.mkdir(parents=True, exist_ok=True)
    sources = sorted(p for p in (DATA / "audio" / "spoken_commands").rglob("*") if p.is_file())
    made = []
    for i in range(COUNT):
        path = folder / f"clip_{i:03d}.wav"
        if not path.exists():
            samples, _ = decode_audio(sources[i % len(sources)], rate=RATE)
            ready = np.zeros(int(SECONDS * RATE), dtype=np.float32)
            ready[: len(samples)] = samples[: len(ready)]
            soundfile.write(path, np.roll(ready, i), RATE, subtype="PCM_16")
        made.append(path)
    return made


def bare(path: Path, samples: np.ndarray) -> Callable[[], None]:
    """Run the graph alone on all cores: one thread per core, eight clips at a time."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options)
    batches = [samples[first : first + 8] for first in range(0, len(samples), 8)]

    def work() -> None:
        with ThreadPoolExecutor(CORES) as pool:
            list(pool.map(lambda batch: session.run(["embedding"], {"waveform": batch}), batches))

    return work


def main() -> None:
    paths = clips()
    samples = np.stack([decode_audio(path, rate=RATE)[0] for path in paths])
    rows = []
    for name in BASES:
        encoder = open_encoder(prepared(name), threads=CORES)
        works: dict[str, Callable[[], object]] = {
            "ours": lambda encoder=encoder: encoder.encode(paths),
            "bare": bare(encoder.spec.files["encoder"], samples),
        }
        for work in works.values():
            work()
        rounds = [{key: seconds_of(work) / COUNT for key, work in works.items()} for _ in range(ROUNDS)]
        best = {key: min(each[key] for each in rounds) for key in works}
        rows.append(Row(f"1.5 s clip, {name}", best["ours"], "bare graph, all cores", best["bare"]))
    show("embed_audio", rows, ours_is="slower")


if __name__ == "__main__":
    main()
