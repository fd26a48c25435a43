"""Make the reference cards: what the measures of similarity are for data of known kind, and for pure noise.

    python scripts/make_reference_cards.py DATA [--stamps FOLDER]

DATA is the folder that ``scripts/build_data.py`` made. Only every second example of a set is used, so that
tests can ask about the others. STAMPS is the unpacked package tuxpaint-stamps-default, whose captions in many
languages are the foreign texts; without it the captions kept in the earlier cards stay as they are.
Cards are written to ``src/headstart/advice/reference/``.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from headstart.advice.pieces import measures_of, open_cutter
from headstart.advice.reference import SIZES
from headstart.advice.similarity import classifier_measures, sound_measures
from headstart.bases import store
from headstart.bases.card import Base
from headstart.bases.catalogue import load_catalogue
from headstart.bases.needs import Needs, knows_many, suits
from headstart.data.languages import UNSPACED
from headstart.encoders.open import open_encoder
from headstart.types import EncoderSpec, Modality
from headstart.workflows import load

HERE = Path(__file__).resolve().parents[1] / "src" / "headstart" / "advice" / "reference"
DRAWS = 40
CHANNELS = 48
LANGUAGES = ("de", "fr", "es", "it", "nl", "pl", "fi", "tr", "ru", "el", "ar", "hi", "ja", "zh_CN")
IMAGES = {
    "photos of things": ("stamp_photos", "familiar"),
    "close-ups of surfaces": ("surface_marks", "between"),
    "handwriting": ("handwritten_digits", "foreign"),
}
SOUNDS = {
    "spoken words": ("spoken_language", "familiar"),
    "computer speech in noise": ("spoken_commands", "familiar"),
}
TEXTS = {
    "English articles": ("news_topic", "familiar"),
    "English one-liners": ("package_section", "familiar"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--stamps", type=Path)
    options = parser.parse_args()
    HERE.mkdir(exist_ok=True)
    for base in load_catalogue().list():
        spec = store.installed(base)
        if spec is None:
            continue
        make = {Modality.IMAGE: image_card, Modality.TEXT: text_card, Modality.AUDIO: audio_card}[
            base.modality
        ]
        card = make(base, spec, options)
        if card is not None:
            text = json.dumps({"base": base.name, "key": base.key, **card}, indent=1, ensure_ascii=False)
            text = re.sub(r"\[\s+([^\[\]{}]*?)\s+\]", lambda m: "[" + re.sub(r"\s+", " ", m[1]) + "]", text)
            (HERE / f"{base.name}.json").write_text(text + "\n", encoding="utf-8")
            print(base.name, card["thresholds"])


def image_card(base: Base, spec: EncoderSpec, options: argparse.Namespace) -> dict[str, Any] | None:
    if "logits" not in spec.outputs:
        return None
    encoder = open_encoder(spec)
    layers = [name for name in spec.outputs if name.startswith("layer")]
    sets, stats = {}, {}
    for title, (folder, kind) in IMAGES.items():
        sources = load(options.data / "image" / folder).sources[::2]
        made = encoder.encode(sources, extras=["logits", *layers])
        sets[title] = {"kind": kind, "measures": quantiles(made.extras["logits"], classifier_measures)}
        if kind == "familiar":
            stats = {name: layer_statistics(made.extras[name]) for name in layers}
    made = encoder.encode(noise_pictures(), extras=["logits"])
    sets["noise"] = {"kind": "foreign", "measures": quantiles(made.extras["logits"], classifier_measures)}
    return {"sets": sets, "thresholds": {"mean_entropy": between(sets, "mean_entropy")}, "layers": stats}


def audio_card(base: Base, spec: EncoderSpec, options: argparse.Namespace) -> dict[str, Any] | None:
    if "logits" not in spec.outputs:
        return None
    encoder = open_encoder(spec)

    def measure(logits: Any) -> dict[str, float]:
        found = classifier_measures(logits) | sound_measures(logits, spec.class_names)
        return found | {"unnamed": 1 - found["named"]}

    sets = {}
    for title, (folder, kind) in SOUNDS.items():
        made = encoder.encode(load(options.data / "audio" / folder).sources[::2], extras=["logits"])
        sets[title] = {"kind": kind, "measures": quantiles(made.extras["logits"], measure)}
    made = encoder.encode(noise_sounds(), extras=["logits"])
    sets["noise"] = {"kind": "foreign", "measures": quantiles(made.extras["logits"], measure)}
    return {"sets": sets, "thresholds": {"unnamed": between(sets, "unnamed")}}


def text_card(base: Base, spec: EncoderSpec, options: argparse.Namespace) -> dict[str, Any] | None:
    if options.stamps is None:
        return None
    rng = np.random.default_rng(0)
    sets: dict[str, Any] = {}
    texts = {
        title: (load(options.data / "text" / f"{file}.csv").sources[::2], kind)
        for title, (file, kind) in TEXTS.items()
    }
    cutter = open_cutter(spec.files["tokenizer"])
    captions = read_captions(options.stamps)
    texts["English captions"] = (captions["en"], "familiar")
    texts |= {
        f"captions in {code}": (captions[code], "familiar" if reads(base, code) else "foreign")
        for code in LANGUAGES
        if not (knows_many(base) and code[:2] in UNSPACED)  # whole sentences would count as words
    }
    texts["random letters"] = (random_letters(rng), "foreign")
    for title, (lines, kind) in texts.items():
        rows = np.array(lines, dtype=object)
        sets[title] = {
            "kind": kind,
            "measures": quantiles(rows, lambda part: measures_of(cutter, list(part)), 10),
        }
    # Scripts that a tokenizer does not know come out as few unknown pieces: those are told by `unknown`.
    known = {name: one for name, one in sets.items() if middle(one, "unknown") < 0.02}
    return {"sets": sets, "thresholds": {"pieces_per_word": between(known, "pieces_per_word", 0.5)}}


def reads(base: Base, code: str) -> bool:
    return bool(base.languages) and suits(base, Needs((code[:2],)))


def quantiles(rows: Any, measure: Callable[[Any], Mapping[str, float]], draws: int = DRAWS) -> dict[str, Any]:
    """Return 5 %, 50 % and 95 % of each measure over draws of 50, 100 and 200 examples."""
    rng = np.random.default_rng(0)
    out = {}
    for size in SIZES:
        if size > len(rows) and out:
            continue
        found = [measure(rows[rng.permutation(len(rows))[:size]]) for _ in range(draws)]
        out[str(size)] = {
            name: [round(float(q), 4) for q in np.quantile([one[name] for one in found], [0.05, 0.5, 0.95])]
            for name in found[0]
        }
    return out


def between(sets: Mapping[str, Any], measure: str, foreign: float = 0.8) -> list[float]:
    """Return where familiar ends (half way to the least foreign set) and where foreign begins."""
    own = max(middle(one, measure) for one in sets.values() if one["kind"] == "familiar")
    other = min(middle(one, measure) for one in sets.values() if one["kind"] == "foreign")
    return [round(own + 0.5 * (other - own), 4), round(own + foreign * (other - own), 4)]


def middle(one: Mapping[str, Any], measure: str) -> float:
    return float(list(one["measures"].values())[-1][measure][1])


def layer_statistics(values: Any) -> dict[str, list[float]]:
    """Keep the mean and spread of some channels, evenly chosen."""
    channels = np.linspace(0, values.shape[1] - 1, CHANNELS).astype(int)
    part = values[:, channels]
    return {
        "channels": channels.tolist(),
        "mean": [float(f"{v:.3g}") for v in part.mean(axis=0)],
        "spread": [float(f"{v:.3g}") for v in part.std(axis=0)],
    }


def noise_pictures(count: int = 200) -> list[Any]:
    """Draw pictures of nothing: white noise, grey noise, coloured squares, clouds."""
    rng = np.random.default_rng(0)
    return [_PICTURES[number % 4](rng) for number in range(count)]


def _white(rng: np.random.Generator) -> Any:
    return rng.integers(0, 256, (224, 224, 3)).astype(np.uint8)


def _grey(rng: np.random.Generator) -> Any:
    made = rng.normal(rng.uniform(60, 190), rng.uniform(10, 60), (224, 224, 1))
    return np.clip(made, 0, 255).astype(np.uint8).repeat(3, 2)


def _squares(rng: np.random.Generator) -> Any:
    return np.kron(rng.integers(0, 256, (14, 14, 3)), np.ones((16, 16, 1))).astype(np.uint8)


def _clouds(rng: np.random.Generator) -> Any:
    waves = np.fft.rfft2(rng.normal(size=(224, 224, 3)), axes=(0, 1))
    length = np.hypot(np.fft.fftfreq(224)[:, None], np.fft.rfftfreq(224)[None])
    length[0, 0] = 1
    made = np.fft.irfft2(waves / length[..., None], axes=(0, 1))
    return np.clip(128 + 50 * (made - made.mean()) / made.std(), 0, 255).astype(np.uint8)


_PICTURES = (_white, _grey, _squares, _clouds)


def noise_sounds(count: int = 200, samples: int = 32_000) -> list[Any]:
    """Draw two seconds of white, pink and brown noise."""
    rng = np.random.default_rng(0)
    made = []
    for number in range(count):
        waves = np.fft.rfft(rng.normal(size=samples))
        steps = np.maximum(np.arange(len(waves)), 1)
        sound = np.fft.irfft(waves / steps ** (number % 3 / 2))
        made.append((0.1 * sound / sound.std()).astype(np.float32))
    return made


def random_letters(rng: np.random.Generator, count: int = 300) -> list[str]:
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    return [
        " ".join("".join(rng.choice(letters, rng.integers(2, 10))) for _ in range(12)) for _ in range(count)
    ]


def read_captions(stamps: Path) -> dict[str, list[str]]:
    """Return the captions of all stamps by language."""
    found: dict[str, list[str]] = {}
    for file in sorted(stamps.rglob("*.txt")):
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        if lines:
            found.setdefault("en", []).append(lines[0])
        for line in lines[1:]:
            match = re.match(r"(\w+)\.utf8=(.+)", line)
            if match:
                found.setdefault(match[1], []).append(match[2])
    return found


if __name__ == "__main__":
    main()
