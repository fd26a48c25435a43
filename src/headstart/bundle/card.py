"""The model card: a README for people, with the front matter that model hubs read."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from headstart.bundle.manifest import DOUBT, SEEN, EncoderEntry, Manifest
from headstart.kinds import kind_of
from headstart.targets import CLASSES, shown_of
from headstart.wording import ENGLISH, Words
from headstart.wording.doubts import doubt_lines
from headstart.wording.gentle import gentle_lines

if TYPE_CHECKING:
    from headstart.targets.shown import Shown

# Identifiers that hubs know (https://huggingface.co/docs/hub/repositories-licenses); others are "other".
_KNOWN_LICENCES = frozenset(
    "apache-2.0 mit bsd-2-clause bsd-3-clause cc0-1.0 cc-by-4.0 cc-by-sa-4.0 cc-by-nc-4.0 cc-by-nc-sa-4.0 "
    "gpl-3.0 lgpl-3.0 mpl-2.0 unlicense gemma".split()
)
_HUB_ID = re.compile(r"https://huggingface\.co/([A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)/?")
_MARKDOWN = re.compile(r"([\\`*_\[\]|~$])")


def model_card(manifest: Manifest, words: Words = ENGLISH) -> str:
    """Return the README of a saved model. Class names and other people's words cannot break its structure."""

    def section(name: str, text: str) -> list[str]:
        return [f"## {words.say(f'card.{name}')}\n\n{text}"] if text else []

    sections = [
        _front_matter(manifest, words),
        f"# {_md(manifest.name)}\n\n{_summary(manifest, words)}",
        *section("quality", _quality(manifest, words)),
        *_details(manifest, words),
        *section("doubt", _doubt(manifest, words)),
        *section("bases", _bases(manifest, words)),
        *section("usage", _usage(manifest)),
        *section("limits", _limits(manifest, words)),
        *section("provenance", _provenance(manifest, words)),
    ]
    return "\n\n".join(sections) + "\n"


def _shown(manifest: Manifest) -> Shown | None:
    """Return what the model's target shows; None where that is classes."""
    return shown_of({**manifest.quality, "target": manifest.target})


def _details(manifest: Manifest, words: Words) -> list[str]:
    shown = _shown(manifest)
    if shown is None:
        return [f"## {words.say('card.classes')}\n\n{_classes(manifest, words)}"]
    return [
        f"## {_md(table.title or words.say('report.in-detail'))}\n\n"
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


def _front_matter(manifest: Manifest, words: Words) -> str:
    licence, others = _licence(manifest.encoders, words)
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
    metrics = _metrics(manifest.quality, words) if shown is None else list(shown.metrics)
    if metrics:
        lines += [
            "metrics:",
            *(f"- {name}" for name, _, _ in metrics),
            *_model_index(manifest, metrics, words),
        ]
    return "\n".join(["---", *lines, "---"])


def _model_index(manifest: Manifest, metrics: list[tuple[str, float, str]], words: Words) -> list[str]:
    lines = [
        "model-index:",
        f"- name: {quote(manifest.name)}",
        "  results:",
        f"  - task:\n      type: {kind_of(manifest.modality).task}",
        f"    dataset:\n      type: private\n      name: {quote(words.say('card.dataset'))}",
        "    metrics:",
    ]
    for name, value, shown in metrics:
        lines.append(f"    - type: {name}\n      value: {value:.6g}\n      name: {quote(shown)}")
    return lines


def _metrics(quality: Mapping[str, Any], words: Words) -> list[tuple[str, float, str]]:
    accuracy = quality.get("accuracy") or {}
    metrics = [
        ("accuracy", accuracy.get("estimate"), _interval(accuracy, words) or words.say("card.accuracy")),
        ("balanced_accuracy", quality.get("balanced_accuracy"), words.say("card.balanced_accuracy")),
        ("log_loss", quality.get("log_loss"), words.say("card.log_loss-short")),
    ]
    return [(name, float(value), shown) for name, value, shown in metrics if value is not None]


def _licence(encoders: tuple[EncoderEntry, ...], words: Words) -> tuple[str, str]:
    """Return the hub's licence identifier and, where that is ``other``, the name to show."""
    names = sorted({str(entry.card.get("licence", "")) or words.say("card.unknown") for entry in encoders})
    if len(names) == 1 and names[0].lower() in _KNOWN_LICENCES:
        return names[0].lower(), ""
    return "other", words.say("card.and").join(names) or words.say("card.no-licence")


def _languages(card: Mapping[str, Any]) -> list[str]:
    """Return the ISO codes among the words of the card's language field."""
    words = re.split(r"[\s,;]+", str(card.get("language", "")).lower())
    known = {"english": "en", "multilingual": "multilingual"}
    return [known.get(word, word) for word in words if word in known or re.fullmatch(r"[a-z]{2}", word)]


def _summary(manifest: Manifest, words: Words) -> str:
    shown = _shown(manifest)
    figures = {"version": _md(manifest.headstart), "beneath": words.say(f"card.on-{_beneath(manifest)}")}
    if shown is not None:
        return words.say("card.summary-other", does=_md(shown.learned), **figures)
    inputs = words.of_kind(manifest.modality, "inputs")
    return words.say("card.summary", inputs=inputs, classes=len(manifest.classes), **figures)


def _beneath(manifest: Manifest) -> str:
    if not manifest.encoders:
        return "nothing"
    return "tuned" if manifest.quality.get("method") == "gentle" else "frozen"


def _quality(manifest: Manifest, words: Words) -> str:
    quality = manifest.quality
    other = _shown(manifest)
    if other is not None:
        notes = "".join(f"\n- {_md(str(note))}" for note in quality.get("notes") or ())
        figures = f"\n\n{_md(other.figures)}" if other.figures else ""
        return _md(other.headline) + figures + (f"\n{notes}" if notes else "")
    accuracy = quality.get("accuracy") or {}
    shown = _interval(accuracy, words)
    if not shown:
        return words.say("card.not-measured")
    rows = [(words.say("card.accuracy"), shown), *_beside(quality, words)]
    for key in ("balanced_accuracy", "guessing", "log_loss", "ece"):
        if isinstance(quality.get(key), int | float):
            rows.append((words.say(f"card.{key}"), words.number(quality[key], ".3f")))
    table = _table((words.say("card.measure"), words.say("card.value")), rows)
    gentle = gentle_lines(quality.get("gentle"), words, manifest.modality)
    notes = "".join(f"\n- {_md(note)}" for note in [*gentle, *map(str, quality.get("notes") or ())])
    how = _md(str(accuracy.get("how") or words.say("card.how-unknown")))
    return f"{table}\n\n{words.say('card.how', how=how)}" + (f"\n{notes}" if notes else "")


def _beside(quality: Mapping[str, Any], words: Words) -> list[tuple[str, str]]:
    """Return what the accuracy is to be compared with, measured in the same way."""
    gentle = quality.get("gentle") or {}
    kept = isinstance(gentle, Mapping) and gentle.get("kept")
    beside = {"frozen": gentle.get("frozen") if kept else None, "floor": quality.get("floor")}
    shown = {name: _interval(interval or {}, words) for name, interval in beside.items()}
    return [(words.say(f"card.{name}"), text) for name, text in shown.items() if text]


def _interval(accuracy: Mapping[str, Any], words: Words) -> str:
    numbers = {key: accuracy.get(key) for key in ("estimate", "low", "high")}
    if not all(isinstance(number, int | float) for number in numbers.values()):
        return ""
    level = accuracy.get("level")
    sure = words.number(level if isinstance(level, int | float) else 0.95, ".0%")
    return words.say("card.interval", level=sure, **numbers)


def _classes(manifest: Manifest, words: Words) -> str:
    counts = manifest.quality.get("classes") or {}
    scores = manifest.quality.get("per_class") or {}
    unknown, rows = words.say("card.unknown"), []
    for name in manifest.classes:
        score = scores.get(name) or {}
        known = score.get("recall") is not None
        recall = words.say("card.recall-value", **_ends(score)) if known else unknown
        rows.append((_md(name), str(counts.get(name, unknown)), recall))
    header = tuple(words.say(f"card.{heading}") for heading in ("class", "examples", "recall"))
    return _table(header, rows)


def _ends(score: Mapping[str, Any]) -> dict[str, float]:
    return {key: float(score[key]) for key in ("recall", "low", "high")}


def _doubt(manifest: Manifest, words: Words) -> str:
    said = doubt_lines(manifest.quality.get("doubt"), words)
    return "\n".join(f"- {_md(line)}" for line in said) if DOUBT in manifest.files else ""


def _bases(manifest: Manifest, words: Words) -> str:
    if not manifest.encoders:
        return words.say("card.no-base")
    lines = []
    for entry in manifest.encoders:
        card = entry.card
        facts = [f"**{_md(str(card.get('title') or entry.name))}** (`{_code(entry.name)}`)"]
        for key in ("trained_on", "upstream", "licence", "licence_note"):
            if card.get(key):
                facts.append(f"{words.say(f'card.{key}')}: {_md(str(card[key]))}")
        facts.append(f"{words.say('card.fingerprint')} `{_code(entry.fingerprint)}`")
        lines.append("- " + "; ".join(facts))
    linked = [entry.name for entry in manifest.encoders if entry.linked]
    if linked:
        lines.append(f"\n{words.say('card.linked', names=', '.join(map(_md, linked)))}")
    return "\n".join(lines)


def _usage(manifest: Manifest) -> str:
    example = kind_of(manifest.modality).words.example
    answer = "label" if manifest.target == CLASSES.name else "answer"
    return (
        f"```sh\npip install headstart\nheadstart predict THIS_FOLDER '{example}'\n```\n\n"
        "```python\nimport headstart as hs\n\n"
        f'model = hs.load_model("THIS_FOLDER")\nprint(model.predict(["{example}"])[0].{answer})\n```'
    )


def _limits(manifest: Manifest, words: Words) -> str:
    inputs, command = (
        words.of_kind(manifest.modality, "inputs"),
        "`headstart evaluate THIS_FOLDER MORE_EXAMPLES`",
    )
    return _listed(
        words.say(f"card.limits-{'like' if manifest.target == CLASSES.name else 'other'}", inputs=inputs),
        words.say("card.limits-figures", command=command),
        words.say("card.limits-people"),
        words.say("card.limits-base"),
    )


def _provenance(manifest: Manifest, words: Words) -> str:
    unknown = words.say("card.unknown")
    versions = ", ".join(f"{_md(name)} {_md(version)}" for name, version in manifest.libraries.items())
    provenance = {"created": _md(manifest.created), "version": _md(manifest.headstart)}
    fingerprint = f"`{_code(manifest.data_fingerprint or unknown)}`"
    evaluate = "`headstart evaluate`"
    return _listed(
        words.say("card.created", libraries=versions or unknown, **provenance),
        words.say("card.data", fingerprint=fingerprint),
        words.say("card.seen", file=f"`{SEEN}`", command=evaluate) if SEEN in manifest.files else "",
        words.say("card.doubt-file", file=f"`{DOUBT}`") if DOUBT in manifest.files else "",
        words.say("card.manifest", file="`manifest.json`"),
    )


def _listed(*lines: str) -> str:
    return "\n".join(f"- {line}" for line in lines if line)


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
