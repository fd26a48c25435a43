"""Tunes the small network in a process of its own, that may be killed at any moment.

python tune_small.py FOLDER [EPOCHS]    prints what came out as JSON
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import replace
from pathlib import Path

from small import SmallTunable, small_task

from headstart.finetune.config import FinetuneConfig
from headstart.finetune.tuning import tune
from headstart.types import Modality

CONFIG = replace(
    FinetuneConfig(depth="all", epochs=12, rate=0.01, batch=8, variations=1, patience=999).resolved(
        Modality.IMAGE, 90
    ),
    precision="float32",
    folds=3,
)


def main(folder: Path, epochs: int = 12) -> str:
    tunable = SmallTunable()
    config = replace(CONFIG, epochs=epochs)
    tuned = tune(tunable, small_task(tunable), config, folder, facts={"data": "d"}, resume=True)
    weights = b"".join(value.numpy().tobytes() for value in tuned.state_dict.values())
    return json.dumps(
        {
            "setting": tuned.chosen.setting,
            "proba": hashlib.sha256(tuned.chosen.proba.tobytes()).hexdigest(),
            "weights": hashlib.sha256(weights).hexdigest(),
            "epochs": tuned.epochs,
        }
    )


if __name__ == "__main__":
    sys.stdout.write(main(Path(sys.argv[1]), *map(int, sys.argv[2:])) + "\n")  # at once: two may write
