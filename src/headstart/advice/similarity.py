"""How alike a person's examples and what a base learned from are, when only the base itself is at hand.

What a base was trained on does not ship with it. What does: the names it can give (its own classifier), and
how its inner layers react. These are descriptive; the ranking by held-out loss says what will work.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from headstart.heads.calibration import softmax

if TYPE_CHECKING:
    from headstart.types import Float64Array, FloatArray, IntArray

NAMES_SHOWN = 3


def effective_classes(proba: FloatArray) -> float:
    """Return over how many of its own classes a base spreads the examples: exp of the entropy of the mean."""
    mean = np.asarray(proba, dtype=np.float64).mean(axis=0)
    return float(np.exp(entropy(mean[None])[0]))


def entropy(proba: FloatArray) -> Float64Array:
    """Return ``(n,)`` entropy of each row, in nats."""
    table = np.asarray(proba, dtype=np.float64)
    return np.asarray(-(table * np.log(np.where(table > 0, table, 1.0))).sum(axis=1))


def energy(logits: FloatArray) -> Float64Array:
    """Return ``(n,)`` minus the log of the summed exponentials: low where the base knows what it sees."""
    table = np.asarray(logits, dtype=np.float64)
    top = table.max(axis=1)
    return np.asarray(-(np.log(np.exp(table - top[:, None]).sum(axis=1)) + top))


def classifier_measures(logits: FloatArray) -> dict[str, float]:
    """Return what the base's own classifier says about examples, whatever their labels.

    Parameters
    ----------
    logits
        ``(n, Z)`` before softmax.

    Returns
    -------
    dict
        ``effective_classes``; ``mean_entropy`` of an example in nats; ``information`` that the base's names
        carry about which example it is (entropy of the mean minus mean of the entropies); ``sureness``, the
        mean probability of the best name; ``energy``.
    """
    proba = softmax(logits)
    spread = effective_classes(proba)
    mean = float(entropy(proba).mean())
    return {
        "effective_classes": spread,
        "mean_entropy": mean,
        "information": float(np.log(spread)) - mean,
        "sureness": float(proba.max(axis=1).mean()),
        "energy": float(energy(logits).mean()),
    }


def looks_like(
    logits: FloatArray, y: IntArray, classes: Sequence[str], names: Sequence[str]
) -> dict[str, list[tuple[str, float]]]:
    """Return what the base would call the examples of each class: its best name for each, counted.

    Returns
    -------
    dict
        Class to up to three ``(name, share of the examples)``, the commonest first.
    """
    best = np.asarray(logits).argmax(axis=1)
    likeness = {}
    for number, label in enumerate(classes):
        counts = np.bincount(best[y == number], minlength=len(names))
        order = np.argsort(-counts, kind="stable")[:NAMES_SHOWN]
        total = max(int(counts.sum()), 1)
        likeness[label] = [(names[i], float(counts[i] / total)) for i in order if counts[i] > 0]
    return likeness


def layer_shift(values: FloatArray, mean: FloatArray, spread: FloatArray) -> float:
    """Return how far pooled activations lie from reference statistics, averaged over channels.

    ``((m - mean)^2 + (s - spread)^2) / spread^2`` with m and s the mean and the standard deviation of the
    examples: the distance that is usual for the statistics of batch normalisation. Those themselves are
    folded into the graph of a base, so the reference comes from its card.

    Parameters
    ----------
    values
        ``(n, channels)``.
    mean, spread
        ``(channels,)`` of the reference.
    """
    rows = np.asarray(values, dtype=np.float64)
    scale = np.maximum(np.asarray(spread, dtype=np.float64), 1e-6)
    moved = (rows.mean(axis=0) - mean) ** 2 + (rows.std(axis=0) - scale) ** 2
    return float(np.mean(moved / scale**2))


def shift_floor(values: FloatArray, *, draws: int = 10, seed: int = 0) -> float:
    """Return the `layer_shift` between random halves of the same examples: what sampling alone makes."""
    rows = np.asarray(values, dtype=np.float64)
    rng = np.random.default_rng(seed)
    shifts = []
    for _ in range(draws):
        order = rng.permutation(len(rows))
        half, other = rows[order[: len(rows) // 2]], rows[order[len(rows) // 2 :]]
        shifts.append(layer_shift(half, other.mean(axis=0), other.std(axis=0)))
    return float(np.median(shifts))


def sound_measures(logits: FloatArray, names: Sequence[str]) -> dict[str, float]:
    """Return what a base that names sounds hears: logits are those of yes-or-no answers, one for each sound.

    Returns
    -------
    dict
        ``named``, the share of examples with a sound that is likelier there than not and says more than
        noise or silence; ``speech`` and ``music``, the shares whose best name is of that family.
    """
    table = np.asarray(logits)
    best = table.argmax(axis=1)
    families = sound_families(names)
    named = (table.max(axis=1) > 0.0) & ~np.isin(best, families["nothing"])
    return {
        "named": float(named.mean()),
        "speech": float(np.isin(best, families["speech"]).mean()),
        "music": float(np.isin(best, families["music"]).mean()),
    }


def sound_families(names: Sequence[str]) -> Mapping[str, list[int]]:
    """Sort the positions of AudioSet's names into ``speech``, ``music`` and ``nothing`` (noise, silence)."""
    place = {name: number for number, name in enumerate(names)}
    music = [number for name, number in place.items() if _within(number, place, "Music", "Scary music")]
    return {
        "speech": [place[name] for name in _SPEECH if name in place],
        "music": music,
        "nothing": [place[name] for name in _NOTHING if name in place],
    }


def _within(number: int, place: Mapping[str, int], first: str, last: str) -> bool:
    return first in place and last in place and place[first] <= number <= place[last]


_SPEECH = (
    "Speech", "Child speech, kid speaking", "Conversation", "Narration, monologue", "Babbling",
    "Speech synthesizer", "Shout", "Yell", "Whispering", "Hubbub, speech noise, speech babble", "Chatter",
)  # fmt: skip
_NOTHING = (
    "Silence", "Noise", "Environmental noise", "Static", "Mains hum", "Distortion", "White noise",
    "Pink noise", "Cacophony", "Sidetone", "Inside, small room", "Inside, large room or hall",
    "Inside, public space", "Outside, urban or manmade", "Outside, rural or natural", "Hum",
)  # fmt: skip
