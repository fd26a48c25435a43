"""A small check and training report made by hand, with pictures, texts or sounds made here."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from headstart.advice_report import Advice, CalibrationBin, ConfusionCell, Mistake, Suspect
from headstart.advice_types import (
    Amount,
    ClassGain,
    CurvePoint,
    DataFinding,
    GroupFinding,
    Offer,
    Outlier,
    RankedBase,
    SecondOpinions,
    Similarity,
    TargetForecast,
)
from headstart.comparison_report import Comparison, Pair, Way
from headstart.doubt_report import DoubtReport, HeldOutClass, NoveltyReport, Promise
from headstart.reasons import Reason
from headstart.reports import Candidate, ClassScore, Evaluation, Interval, TrainingReport
from headstart.types import Problem

CLASSES = ("croissant", "pretzel", "scone")
CONFUSION = ((38, 0, 2), (0, 40, 0), (5, 1, 34))


def photo(seed: int = 0, size: tuple[int, int] = (160, 120)) -> bytes:
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 255, (6, 8, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).resize(size).save(file, "JPEG")
    return file.getvalue()


def sound(seed: int = 0, seconds: float = 1.0) -> np.ndarray:
    time = np.arange(int(16_000 * seconds)) / 16_000
    return (0.4 * np.sin(2 * np.pi * (220 + 40 * seed) * time)).astype(np.float32)


def sources(modality: str, names: list[str]) -> dict[str, object]:
    made = {
        "image": photo,
        "audio": sound,
        "text": lambda seed: f"Text number {seed} & what it says <b>boldly</b>.",
    }[modality]
    return {name: made(i) for i, name in enumerate(names)}


def evaluation(classes: tuple[str, ...] = CLASSES) -> Evaluation:
    return Evaluation(
        accuracy=Interval(0.933, 0.874, 0.966, how="exact leave-one-out on 120 examples"),
        balanced_accuracy=0.933,
        log_loss=0.21,
        ece=0.031,
        per_class={
            name: ClassScore(
                row[i] / sum(row), max(0, row[i] / sum(row) - 0.12), min(1, row[i] / sum(row) + 0.05), 40
            )
            for i, (name, row) in enumerate(zip(classes, CONFUSION, strict=True))
        },
        guessing=1 / 3,
        confusion=CONFUSION,
        n=120,
        n_groups=118,
        notes=("Accuracy was lowered by 0.4 points for choosing among candidates.",),
    )


def advice(modality: str = "image", classes: tuple[str, ...] = CLASSES, stem: str = "photo") -> Advice:
    names = [f"{classes[i % 3]}/{stem}_{i:03}" for i in range(24)]
    score = evaluation(classes)
    cells, used = [], 0
    for i, row in enumerate(CONFUSION):
        for j, count in enumerate(row):
            if count:
                cells.append(ConfusionCell(classes[i], classes[j], count, names[used : used + min(count, 4)]))
                used += min(count, 3)
    return Advice(
        data=DataFinding(
            modality=modality,
            counts=dict.fromkeys(classes, 40),
            used=120,
            problems=[
                Problem(f"{classes[0]}/cut.jpg", "the file ends in the middle of the picture", "truncated")
            ],
            duplicates=[],
            conflicts=[],
            groups=GroupFinding(118, False, 2, 0.02, 0.005, 0.04, [names[:2]]),
            outliers=[Outlier(names[3], classes[0], 0.002)],
            imbalance=1.0,
        ),
        availability=[
            Offer(
                "small_base",
                "Small base",
                "a million photos",
                "photos",
                True,
                17_900_000,
                "Apache-2.0",
                cost_ms=6.1,
            ),
            Offer(
                "other_base",
                "Other base",
                "more photos",
                "photos",
                False,
                48_000_000,
                "MIT",
                suits=False,
                why="drawings",
            ),
        ],
        ranking=[
            RankedBase(
                "small_base",
                0.21,
                score.accuracy,
                SecondOpinions(0.9, 1.1, 1.8),
                6.1,
                True,
                True,
                "ridge",
                "embedding",
            ),
            RankedBase("other_base", 0.24, Interval(0.92, 0.85, 0.95), SecondOpinions(), None, True, False),
        ],
        similarity=[
            Similarity(
                "small_base",
                "familiar",
                {"effective_classes": 4.2, "energy": None},
                {name: [("bagel", 0.4), ("French loaf", 0.2)] for name in classes},
                "photos of things",
                "It names most of them with confidence.",
            )
        ],
        amount=Amount(
            curve=[
                CurvePoint(5, 0.8, 0.72, 0.87),
                CurvePoint(20, 0.9, 0.85, 0.94),
                CurvePoint(40, 0.933, 0.87, 0.97),
            ],
            forecast=[CurvePoint(80, None, 0.9, 0.98), CurvePoint(120, None, 0.9, 0.985)],
            for_target=TargetForecast(
                0.95, 50, 140, "yes", "For 95 % expect to need 50 to 140 of each class."
            ),
            classes=[ClassGain(classes[2], 0.6, 0.05)],
            in_words="Twice as many would bring 0 to 4 points more.",
            verdict="may",
        ),
        labels_to_check=[Suspect(names[5], classes[2], classes[0], 0.97)],
        learnable="yes",
        conclusions=[
            Reason(
                "yes",
                {},
                f"Yes, this can be learned: {classes[2]} is the hardest of the three for the base model.",
            )
        ],
        steps=[
            Reason("labels", {"count": 1}, "Look at the label to check."),
            Reason("begin", {"classes": [classes[2]]}, f"Bring more of {classes[2]}."),
        ],
        evaluation=score,
        floor=Interval(0.71, 0.62, 0.79),
        worth=Interval(0.22, 0.15, 0.29),
        confusion=cells,
        mistakes=[Mistake(names[i], classes[2], classes[0], 0.99 - 0.05 * i) for i in range(6)],
        calibration=[CalibrationBin(0.6, 0.5, 12), CalibrationBin(0.98, 0.99, 108)],
        notes=["The neighbours agree."],
        sources=sources(modality, names),
    )


def training(modality: str = "image", classes: tuple[str, ...] = CLASSES) -> TrainingReport:
    return TrainingReport(
        modality=modality,
        base="small_base",
        method="frozen",
        classes=dict.fromkeys(classes, 40),
        used=120,
        problems=[],
        evaluation=evaluation(classes),
        seconds={"total": 4.2},
        embedded=120,
        from_cache=0,
        floor=Interval(0.71, 0.62, 0.79),
        candidates=[
            Candidate("small_base", "ridge", "embedding", 0.21, 0.933, 6.1, chosen=True, tied=True),
            Candidate("none", "ridge", "raw", 0.8, 0.71),
        ],
        model=str(Path("models") / "pastries"),
        doubt=doubt(classes),
    )


def doubt(classes: tuple[str, ...] = CLASSES) -> DoubtReport:
    scores = (
        HeldOutClass(0.91, 0.2, 0.6, 40),
        HeldOutClass(0.84, 0.4, 0.4, 40),
        HeldOutClass(0.7, 0.7, 0.2, 40),
    )
    return DoubtReport(
        promises=[
            Promise(0.9, 0.85, 0.945, 0.95, 0.97, 0.966, 3),
            Promise(0.99, 0.97, 0.998, 0.992, 0.71, None, 0),
        ],
        independent=118,
        most_confident=0.99,
        novelty=NoveltyReport(0.817, 0.43, 0.4, 0.045, 0.05, 118, dict(zip(classes, scores, strict=True))),
    )


def comparison() -> Comparison:
    """Four ways to a model, as `headstart compare` reports them."""

    def way(name: str, accuracy: float, seconds: float) -> Way:
        low, high = accuracy - 0.06, min(1.0, accuracy + 0.04)
        return Way(name, accuracy, low, high, 1 - accuracy, [accuracy] * 5, seconds, 1.6 * seconds)

    return Comparison(
        modality="image",
        base="efficientnet_lite0",
        classes={name: 40 for name in CLASSES},
        used=120,
        groups=118,
        folds=5,
        ways=[
            way("floor", 0.7, 0.4),
            way("scratch", 0.55, 600.0),
            way("frozen", 0.9, 3.0),
            way("gentle", 0.93, 95.0),
        ],
        pairs=[
            Pair("frozen", "floor", 0.2, 0.14, 0.26, 1e-6),
            Pair("gentle", "frozen", 0.03, 0.01, 0.05, 0.02),
            Pair("scratch", "frozen", -0.35, -0.42, -0.27, 1e-9),
        ],
        auto="gentle",
        notes=["text cut at 256 of 900 tokens"],
    )
