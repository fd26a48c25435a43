"""How the golden bundle of format 1 that can doubt was made. It is kept; this is not run again.

    python tests/golden/make_v1_doubt.py FOLDER

As those of make_v1.py, with the sets, p-values and answers that the version of that day gave.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from make_v1 import examples, make, write_inputs

from headstart.features import content_keys
from headstart.heads.conformal import Conformal
from headstart.heads.doubt import Doubt
from headstart.heads.novelty import Novelty
from headstart.types import Modality

CONFIDENCE = 0.9


def main(target: Path) -> None:
    place = target / "v1-doubt"
    names = [*write_inputs(Modality.TEXT, place / "inputs"), "good bad", "film", "good"]
    (place / "inputs" / "texts.json").write_text(json.dumps(names))
    with tempfile.TemporaryDirectory() as base:
        model = make(Modality.TEXT, Path(base))
        texts, labels = examples(Modality.TEXT, 40)
        seen = model.features(texts)
        y, groups = np.array([model.classes.index(label) for label in labels]), np.arange(len(labels))
        wrong = np.where(groups % 8 == 0, 1 - y, y)  # a model that is never wrong would never be unsure
        conformal = Conformal.fit(model.head.predict_proba(seen.blocks), wrong, groups)
        novelty = Novelty.fit(seen.blocks, y, groups, groups, content_keys(seen.contents))
        model = replace(model, doubt=Doubt(conformal, novelty))
        model.save(place / "bundle")
        proba = model.predict_proba(names)
        told = model.predict(names, confidence=CONFIDENCE)
    expected = {
        "inputs": names,
        "classes": model.classes,
        "proba": proba.astype(float).tolist(),
        "confidence": CONFIDENCE,
        "told": [{"set": p.set, "novelty": p.novelty, "answer": p.answer} for p in told],
    }
    (place / "expected.json").write_text(json.dumps(expected, indent=1))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
