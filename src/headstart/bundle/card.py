"""The model card: a README for people, with the front matter that model hubs read."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from headstart.bundle.manifest import DOUBT, SEEN, EncoderEntry, Manifest
from headstart.doubt_report import in_words
from headstart.finetune.wording import gentle_lines
from headstart.kinds import kind_of
from headstart.targets import CLASSES, target_of

if TYPE_CHECKING:
    from headstart.targets.shown import Shown

# Identifiers that hubs know (https://huggingface.co/docs/hub/repositories-licenses); others are "other".
_KNOWN_LICENCES = frozenset(
    "apache-2.0 mit bsd-2-clause bsd-3-clause cc0-1.0 cc-by-4.0 cc-by-sa-4.0 cc-by-nc-4.0 cc-by-nc-sa-4.0 "
    "gpl-3.0 lgpl-3.0 mpl-2.0 unlicense gemma".split()
)
_HUB_ID = re.compile(r"https://huggingface\.co/([A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)/?")
_MARKDOWN = re.compile(r"([\\`*_\[\]|~$])")


def model_card(manifest: Manifest) -> str:
    """Return the README of a saved model. Class names and other people's words cannot break its structure."""
    sections = [
        _front_matter(manifest),
        f"# {_md(manifest.name)}\n\n{_summary(manifest)}",
        "## How good it is\n\n" + _quality(manifest),
        *_details(manifest),
        *_doubt(manifest),
        "## What it stands on\n\n" + _bases(manifest),
        "## Use it\n\n" + _usage(manifest),
        "## What it is for, and what not\n\n" + _limits(manifest),
        "## Made with\n\n" + _provenance(manifest),
    ]
    return "\n\n".join(sections) + "\n"


def _shown(manifest: Manifest) -> Shown | None:
    """Return what the model's target shows; None where that is classes."""
    show = target_of(manifest.target).show
    found: Shown | None = None if show is None else show({**manifest.quality, "target": manifest.target})
    return found


def _details(manifest: Manifest) -> list[str]:
    shown = _shown(manifest)
    if shown is None:
        return ["## Classes\n\n" + _classes(manifest)]
    return [
        f"## {_md(table.title or 'In detail')}\n\n"
        + _table(tuple(map(_md, table.heads)), [tuple(map(_md, row)) for row in table.rows])
        for table in shown.tables
    ]


def quote(text: str) -> str:
    """Return a YAML double-quoted scalar on one line, for any text."""
    return '"' + "".join(_yaml_character(character) for character in text) + '"'


def _yaml_character(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if "\ud800" <= character <= "\udfff":  # a byte of a file name that is not UTF-8: no text form
        return "\ufffd"
    if character == " " or (character.isprintable() and character != "\ufeff"):
        return character
    number = ord(character)
    return f"\\u{number:04X}" if number <= 0xFFFF else f"\\U{number:08X}"


def _front_matter(manifest: Manifest) -> str:
    licence, others = _licence(manifest.encoders)
    lines = [f"license: {licence}"]
    if others:
        lines.append(f"license_name: {quote(others)}")
    lines += ["library_name: headstart", f"pipeline_tag: {kind_of(manifest.modality).task}"]
    languages = sorted({code for entry in manifest.encoders for code in _languages(entry.card)})
    if languages:
        lines += ["language:", *(f"- {quote(code)}" for code in languages)]
    upstream = [str(entry.card.get("upstream", "")) for entry in manifest.encoders]
    hub_ids = [match[1] for match in map(_HUB_ID.fullmatch, upstream) if match]
    if hub_ids:
        lines += ["base_model:", *(f"- {quote(name)}" for name in hub_ids)]
    tags = ["headstart", "transfer-learning", "onnx", *(entry.name for entry in manifest.encoders)]
    lines += ["tags:", *(f"- {quote(tag)}" for tag in tags)]
    shown = _shown(manifest)
    metrics = _metrics(manifest.quality) if shown is None else list(shown.metrics)
    if metrics:
        lines += ["metrics:", *(f"- {name}" for name, _, _ in metrics), *_model_index(manifest, metrics)]
    return "\n".join(["---", *lines, "---"])


def _model_index(manifest: Manifest, metrics: list[tuple[str, float, str]]) -> list[str]:
    lines = [
        "model-index:",
        f"- name: {quote(manifest.name)}",
        "  results:",
        f"  - task:\n      type: {kind_of(manifest.modality).task}",
        '    dataset:\n      type: private\n      name: "examples of the person who trained it"',
        "    metrics:",
    ]
    for name, value, shown in metrics:
        lines.append(f"    - type: {name}\n      value: {value:.6g}\n      name: {quote(shown)}")
    return lines


def _metrics(quality: Mapping[str, Any]) -> list[tuple[str, float, str]]:
    accuracy = quality.get("accuracy") or {}
    metrics = [
        ("accuracy", accuracy.get("estimate"), _interval(accuracy) or "accuracy"),
        ("balanced_accuracy", quality.get("balanced_accuracy"), "mean recall of the classes"),
        ("log_loss", quality.get("log_loss"), "mean log loss in nats"),
    ]
    return [(name, float(value), shown) for name, value, shown in metrics if value is not None]


def _licence(encoders: tuple[EncoderEntry, ...]) -> tuple[str, str]:
    """Return the hub's licence identifier and, where that is ``other``, the name to show."""
    names = sorted({str(entry.card.get("licence", "")) or "unknown" for entry in encoders})
    if len(names) == 1 and names[0].lower() in _KNOWN_LICENCES:
        return names[0].lower(), ""
    return "other", " and ".join(names) or "none: no base model is used"


def _languages(card: Mapping[str, Any]) -> list[str]:
    """Return the ISO codes among the words of the card's language field."""
    words = re.split(r"[\s,;]+", str(card.get("language", "")).lower())
    known = {"english": "en", "multilingual": "multilingual"}
    return [known.get(word, word) for word in words if word in known or re.fullmatch(r"[a-z]{2}", word)]


def _summary(manifest: Manifest) -> str:
    inputs = kind_of(manifest.modality).words.inputs
    shown = _shown(manifest)
    does = f"tells {inputs} apart into {len(manifest.classes)} classes" if shown is None else shown.learned
    return (
        f"A model that {_md(does) if shown else does}. It was trained with "
        f"headstart {_md(manifest.headstart)} on somebody's own examples: a new linear head on "
        + _beneath(manifest)
    )


def _beneath(manifest: Manifest) -> str:
    if not manifest.encoders:
        return "simple features, without a base."
    tuned = manifest.quality.get("method") == "gentle"
    return "a base model that was " + ("gently tuned on them." if tuned else "left as it was.")


def _quality(manifest: Manifest) -> str:
    quality = manifest.quality
    other = _shown(manifest)
    if other is not None:
        notes = "".join(f"\n- {_md(str(note))}" for note in quality.get("notes") or ())
        figures = f"\n\n{_md(other.figures)}" if other.figures else ""
        return _md(other.headline) + figures + (f"\n{notes}" if notes else "")
    accuracy = quality.get("accuracy") or {}
    shown = _interval(accuracy)
    if not shown:
        return "It was not measured: there were too few examples. Try it on examples of your own before use."
    rows = [("accuracy", shown)]
    for key, words in (
        ("balanced_accuracy", "mean recall of the classes"),
        ("guessing", "accuracy of always naming the commonest class"),
        ("log_loss", "mean log loss (nats; smaller is better)"),
        ("ece", "calibration error"),
    ):
        if isinstance(quality.get(key), int | float):
            rows.append((words, f"{quality[key]:.3f}"))
    rows[1:1] = _beside(quality)
    table = _table(("measure", "value"), rows)
    said = [*gentle_lines(quality.get("gentle")), *map(str, quality.get("notes") or ())]
    notes = "".join(f"\n- {_md(note)}" for note in said)
    how = _md(str(accuracy.get("how") or "not recorded"))
    return f"{table}\n\nHow it was measured: {how}." + (f"\n{notes}" if notes else "")


def _beside(quality: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what the accuracy is to be compared with, measured in the same way."""
    gentle = quality.get("gentle") or {}
    pairs = []
    if isinstance(gentle, Mapping) and gentle.get("kept"):
        frozen = _interval(gentle.get("frozen") or {})
        pairs += (
            [("accuracy of the frozen model on the same folds, for comparison", frozen)] if frozen else []
        )
    floor = _interval(quality.get("floor") or {})
    return pairs + ([("accuracy without any base model, for comparison", floor)] if floor else [])


def _interval(accuracy: Mapping[str, Any]) -> str:
    numbers = [accuracy.get(key) for key in ("estimate", "low", "high")]
    if not all(isinstance(number, int | float) for number in numbers):
        return ""
    level = accuracy.get("level")
    sure = f"{level:.0%}" if isinstance(level, int | float) else "95%"
    return f"{numbers[0]:.3f} ({sure} interval {numbers[1]:.3f} to {numbers[2]:.3f})"


def _classes(manifest: Manifest) -> str:
    counts = manifest.quality.get("classes") or {}
    scores = manifest.quality.get("per_class") or {}
    rows = []
    for name in manifest.classes:
        score = scores.get(name) or {}
        recall = score.get("recall")
        shown = "unknown" if recall is None else f"{recall:.2f} ({score['low']:.2f} to {score['high']:.2f})"
        rows.append((_md(name), str(counts.get(name, "unknown")), shown))
    return _table(("class", "examples", "recall (interval)"), rows)


def _doubt(manifest: Manifest) -> list[str]:
    said = in_words(manifest.quality.get("doubt"))
    if DOUBT not in manifest.files or not said:
        return []
    return ["## When it is in doubt\n\n" + "\n".join(f"- {_md(line)}" for line in said)]


def _bases(manifest: Manifest) -> str:
    if not manifest.encoders:
        return "No base model: simple features of the raw input alone."
    lines = []
    for entry in manifest.encoders:
        card = entry.card
        facts = [f"**{_md(str(card.get('title') or entry.name))}** (`{_code(entry.name)}`)"]
        for key, words in (
            ("trained_on", "trained on"),
            ("upstream", "from"),
            ("licence", "licence"),
            ("licence_note", "note"),
        ):
            if card.get(key):
                facts.append(f"{words}: {_md(str(card[key]))}")
        facts.append(f"fingerprint `{_code(entry.fingerprint)}`")
        lines.append("- " + "; ".join(facts))
    linked = [entry.name for entry in manifest.encoders if entry.linked]
    if linked:
        lines.append(f"\nThis folder refers to {', '.join(map(_md, linked))} instead of holding a copy.")
    return "\n".join(lines)


def _usage(manifest: Manifest) -> str:
    example = kind_of(manifest.modality).words.example
    answer = "label" if manifest.target == CLASSES.name else "answer"
    return (
        f"```sh\npip install headstart\nheadstart predict THIS_FOLDER '{example}'\n```\n\n"
        "```python\nimport headstart as hs\n\n"
        f'model = hs.load_model("THIS_FOLDER")\nprint(model.predict(["{example}"])[0].{answer})\n```'
    )


def _always(manifest: Manifest) -> str:
    if manifest.target != CLASSES.name:
        return "It answers for whatever it is given, also for things unlike all of them."
    return (
        "It names one of its classes for whatever it is given, also for things of none of them, unless it is "
        "asked for a confidence."
    )


def _limits(manifest: Manifest) -> str:
    inputs = kind_of(manifest.modality).words.inputs
    return (
        f"- For {inputs} like those it was trained on. {_always(manifest)}\n"
        "- The figures above hold for inputs that come about in the same way as the examples did. Measure "
        "again where light, device, speaker, wording or the share of the classes differ: "
        "`headstart evaluate THIS_FOLDER MORE_EXAMPLES`.\n"
        "- Do not let it decide alone about people's health, rights or safety.\n"
        "- What the base model learned, its errors and leanings included, is in this model too."
    )


def _provenance(manifest: Manifest) -> str:
    versions = ", ".join(f"{_md(name)} {_md(version)}" for name, version in manifest.libraries.items())
    return (
        f"- created {_md(manifest.created)}, headstart {_md(manifest.headstart)}, {versions or 'unknown'}\n"
        f"- fingerprint of the training data: `{_code(manifest.data_fingerprint or 'unknown')}`\n"
        + (
            "- `seen.safetensors` holds a hash of each training example, so that `headstart evaluate` can "
            "leave them out. It gives no example away, but whoever has one can tell that it was there.\n"
            if SEEN in manifest.files
            else ""
        )
        + (
            "- `doubt.safetensors` holds embeddings of training examples, so that the model can tell what is "
            "unlike them. They hold no names, but they do tell something of what the examples were like.\n"
            if DOUBT in manifest.files
            else ""
        )
        + "- `manifest.json` records the SHA-256 of every file, this one included: keep notes of your own in "
        "another file."
    )


def _table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _md(text: str) -> str:
    """Return text that Markdown shows as it is, on one line."""
    shown = "".join(c if c.isprintable() else "\ufffd" for c in " ".join(text.split()))
    return _MARKDOWN.sub(r"\\\1", html.escape(shown, quote=False))


def _code(text: str) -> str:
    """Return text that may stand between back-ticks."""
    return re.sub(r"[^\w.+/:-]", "?", text)
