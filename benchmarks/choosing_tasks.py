"""The sets of examples that `choosing.py` measures the rules of choice on, with their features ready.

Real sets come through the bases on this machine; scikit-learn's come as they are. Two sets have few, strongly
different groups and are made here, since no real ones may be shipped: drum hits of twelve kits, and the stamp
photos as twelve shops would show them. Embeddings are computed once and kept in a folder.
"""

from __future__ import annotations

import csv
import io
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from headstart.heads.features import Block

PLAIN = ("digits", "wine", "breast_cancer", "iris")
REAL = (
    "image/stamp_photos",
    "image/handwritten_digits",
    "image/surface_marks",
    "text/news_topic",
    "text/package_section",
    "audio/spoken_commands",
    "audio/spoken_language",
)
GROUPED = ("commands_by_accent", "marks_by_photo", "drum_kits", "photos_by_shop")
DEFAULTS = ("efficientnet_lite0", "minilm_l6", "whisper_tiny_en")
KITS = SHOPS = 12


@dataclass
class Task:
    """What `headstart.evaluation.choosing.choose` looks at, for a whole set or a part of one.

    Attributes
    ----------
    outputs
        Base to output to ``(n, d)``.
    raw
        Simple features without a base; None for sets that are features already.
    sources
        ``(n,)`` the groups that are held out as wholes; every example its own where there are none.
    """

    name: str
    y: np.ndarray
    groups: np.ndarray
    sources: np.ndarray
    outputs: dict[str, dict[str, Any]]
    raw: Any
    blends_raw: bool
    costs: dict[str, float | None]

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(str(number) for number in range(int(self.y.max()) + 1))

    @property
    def cards(self) -> dict[str, SimpleNamespace]:
        return {
            base: SimpleNamespace(milliseconds=cost, default=base in DEFAULTS)
            for base, cost in self.costs.items()
        }

    @cached_property
    def raw_block(self) -> Block:
        return Block.prepare("raw", self.raw, len(self.classes))

    def take(self, rows: np.ndarray) -> Task:
        outputs = {
            base: {name: _take(table, rows) for name, table in some.items()}
            for base, some in self.outputs.items()
        }
        raw = None if self.raw is None else _take(self.raw, rows)
        return Task(
            self.name,
            self.y[rows],
            self.groups[rows],
            self.sources[rows],
            outputs,
            raw,
            self.blends_raw,
            self.costs,
        )

    def rows_of(self, kind: str, encoder: str, output: str) -> Any:
        return self.raw if kind == "raw" else self.outputs[encoder][output]


def _take(table: Any, rows: np.ndarray) -> Any:
    return table[rows] if isinstance(table, np.ndarray) else table.take(rows)


def load_task(name: str, data: Path, work: Path) -> Task:
    """Return a set with its features, from the folder `work` where it was made before."""
    if name in PLAIN:
        return _bundled(name)
    source = {"commands_by_accent": "audio/spoken_commands", "marks_by_photo": "image/surface_marks"}
    kept = work / f"{source.get(name, name).replace('/', '_')}.pkl"
    if not kept.exists():
        made = _embed(source.get(name, name), data, work)
        kept.write_bytes(pickle.dumps(made))
    task = pickle.loads(kept.read_bytes())  # our own file
    if name == "commands_by_accent":
        accents = _listed_groups(data, "audio-spoken_commands", lambda group: group.split("+")[0])
        return _by(task, name, accents)
    if name == "marks_by_photo":
        return _by(task, name, _listed_groups(data, "image-surface_marks", str))
    return task.task


@dataclass
class _Made:
    task: Task
    names: list[str]


def _by(made: _Made, name: str, group_of: dict[str, str]) -> Task:
    sources = np.unique([group_of["/".join(Path(n).parts[-2:])] for n in made.names], return_inverse=True)[1]
    task = made.task
    return Task(name, task.y, sources, sources, task.outputs, task.raw, task.blends_raw, task.costs)


def _listed_groups(data: Path, name: str, shorten: Callable[[str], str]) -> dict[str, str]:
    with (data / "meta" / f"{name}-groups.csv").open(newline="", encoding="utf-8") as lines:
        return {row["file"]: shorten(row["group"]) for row in csv.DictReader(lines)}


def _bundled(name: str) -> Task:
    from sklearn import datasets
    from sklearn.preprocessing import StandardScaler

    x, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    rows = (x if name == "digits" else StandardScaler().fit_transform(x)).astype(np.float32)
    everyone = np.arange(len(y))
    outputs = {"features": {"embedding": rows}}
    return Task(name, y.astype(np.int64), everyone, everyone, outputs, None, False, {"features": None})


def _embed(name: str, data: Path, work: Path) -> _Made:
    from headstart.preparing import prepare
    from headstart.workflows.reading import load
    from headstart.workflows.training import runnable

    if name == "drum_kits":
        folder = _drum_kits(work / name)
    elif name == "photos_by_shop":
        folder = _photos_by_shop(data / "image/stamp_photos", work / name)
    else:
        folder = data / (name + ".csv" if name.startswith("text/") else name)
    dataset = load(folder)
    found = prepare(
        dataset,
        runnable(dataset.modality, "auto", lambda _: None).bases,
        use_cache=False,
        progress=lambda _: None,
    )
    names = [example.name for example in found.dataset.examples]
    groups = found.groups
    sources = groups
    if name in GROUPED:  # the file's name begins with its group
        groups = sources = np.unique([Path(n).name.split("-")[0] for n in names], return_inverse=True)[1]
    costs = {base: card.milliseconds for base, card in found.cards.items()}
    outputs = {base: {k: np.asarray(v) for k, v in some.items()} for base, some in found.outputs.items()}
    task = Task(name, found.y, groups, sources, outputs, found.raw, found.blends_raw, costs)
    return _Made(task, names)


def _drum_kits(folder: Path, hits: int = 5) -> Path:
    """Write short drum hits; a kit has its own tuning, decay, drive, tone, noise and room."""
    import soundfile

    rate = 16_000
    time = np.arange(int(0.5 * rate)) / rate
    for kit in range(KITS):
        own = np.random.default_rng(1000 + kit)
        tune, decay, drive, tone, room, hiss = (
            np.exp(own.normal(0, 0.45)),
            np.exp(own.normal(0, 0.6)),
            own.uniform(0, 6),
            own.uniform(0.05, 0.9),
            own.uniform(0, 0.6),
            own.uniform(0, 0.02),
        )
        shapes = {
            "kick": (55, 0.15, 0.05, 4.0),
            "tom": (110, 0.2, 0.15, 1.5),
            "snare": (190, 0.12, 0.6, 0.5),
            "clap": (900, 0.08, 0.9, 0.0),
            "hat": (6000, 0.04, 0.97, 0.0),
            "cymbal": (5000, 0.3, 0.9, 0.0),
            "rim": (1700, 0.03, 0.3, 0.0),
        }
        for kind, (pitch, length, noisy, sweep) in shapes.items():
            mix = float(np.clip(noisy + own.normal(0, 0.15), 0, 1))
            for hit in range(hits):
                rng = np.random.default_rng([kit, hit, len(kind), pitch])
                f = pitch * tune * np.exp(rng.normal(0, 0.06))
                d = length * decay * np.exp(rng.normal(0, 0.15))
                phase = 2 * np.pi * np.cumsum(f * (1 + sweep * np.exp(-time / 0.02))) / rate
                noise = rng.normal(size=len(time))
                noise = tone * noise + (1 - tone) * np.convolve(noise, np.ones(8) / 8, "same")
                sound = ((1 - mix) * np.sin(phase) + mix * noise) * np.exp(-time / d)
                sound = np.tanh((1 + drive) * sound)
                echo = np.zeros_like(sound)
                echo[1600:] = room * sound[:-1600]
                sound = sound + echo + hiss * rng.normal(size=len(time))
                target = folder / kind / f"kit{kit:02d}-{hit}.wav"
                target.parent.mkdir(parents=True, exist_ok=True)
                soundfile.write(target, 0.7 * sound / np.abs(sound).max(), rate)
    return folder


def _photos_by_shop(photos: Path, folder: Path) -> Path:
    """Show each photo as one of twelve shops would: its own backdrop, size, tint, border and quality."""
    from PIL import Image, ImageEnhance, ImageFilter

    paths = sorted(photos.glob("*/*"))
    shop_of = np.random.default_rng(5).permutation(len(paths)) % SHOPS
    for path, shop in zip(paths, shop_of, strict=True):
        own = np.random.default_rng(2000 + int(shop))
        backdrop = tuple(int(c) for c in own.integers(60, 256, 3))
        size, scale, quality = int(own.integers(90, 320)), own.uniform(0.35, 0.95), int(own.integers(12, 90))
        colour, bright, blur = own.uniform(0.0, 1.3), own.uniform(0.6, 1.3), own.uniform(0, 1.6)
        picture = Image.open(path).convert("RGB")
        picture.thumbnail((int(size * scale), int(size * scale)))
        page = Image.new("RGB", (size, size), backdrop)
        page.paste(picture, ((size - picture.width) // 2, (size - picture.height) // 2))
        page = ImageEnhance.Brightness(ImageEnhance.Color(page).enhance(colour)).enhance(bright)
        page = page.filter(ImageFilter.GaussianBlur(blur))
        kept = io.BytesIO()
        page.save(kept, "JPEG", quality=quality)
        target = folder / path.parent.name / f"shop{shop:02d}-{path.stem}.jpg"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(kept.getvalue())
    return folder
