"""Measure what one new example costs with each base that is here: the `milliseconds` of its card.

    python scripts/measure_costs.py DATA

One core, decoding included, real examples, the median of seven rounds that take all bases of a kind in turn,
so that a busy moment meets them alike. Ties between bases are broken by these figures: measure all of a kind
together, on a quiet machine.
"""

from __future__ import annotations

import csv
import os
import sys
import time
from pathlib import Path
from statistics import median

os.environ["HEADSTART_THREADS"] = "1"
ROUNDS = 7
COUNT = 96


def examples(data: Path) -> dict[str, list[str]]:
    """Return what each kind of base is fed: small photos, one-line texts, spoken words."""
    with (data / "text" / "package_section.csv").open(encoding="utf-8", newline="") as stream:
        texts = [row["text"] for row in csv.DictReader(stream)][:COUNT]
    photos = sorted(str(path) for path in (data / "image" / "stamp_photos").rglob("*.jpg"))
    clips = sorted(str(path) for path in (data / "audio" / "spoken_commands").rglob("*.wav"))
    every = {"image": photos, "text": texts, "audio": clips}
    return {kind: found[:: max(1, len(found) // COUNT)][:COUNT] for kind, found in every.items()}


def main() -> None:
    from headstart.bases import store
    from headstart.bases.catalogue import load_catalogue
    from headstart.encoders.many import encode_many
    from headstart.encoders.open import open_encoder

    for kind, sources in examples(Path(sys.argv[1])).items():
        cards = load_catalogue().list(kind)
        encoders = [open_encoder(spec) for card in cards if (spec := store.installed(card)) is not None]
        taken: dict[str, list[float]] = {encoder.spec.name: [] for encoder in encoders}
        for encoder in encoders:
            encode_many([encoder], sources[:8])
        for _ in range(ROUNDS):
            for encoder in encoders:
                start = time.process_time()
                encode_many([encoder], sources)
                taken[encoder.spec.name].append(1000 * (time.process_time() - start) / len(sources))
        for name, each in taken.items():
            print(f"{name:24}{median(each):8.2f} ms  ({min(each):.2f} to {max(each):.2f})", flush=True)


if __name__ == "__main__":
    main()
