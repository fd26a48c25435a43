"""Put a report together: one HTML file that carries all it needs."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from headstart._version import __version__
from headstart.report import answers, bases, charts, findings, target, wording
from headstart.report.doubts import doubts
from headstart.report.headline import build_headline
from headstart.report.matrix import Matrix, build_matrix, cells_match
from headstart.report.media import Shelf
from headstart.report.phrases import phrases
from headstart.report.terms import Terms, identifier
from headstart.targets import shown_of
from headstart.verdicts import UNEVEN
from headstart.wording import Words, shown_in
from headstart.wording.gentle import gentle_lines, same_folds

if TYPE_CHECKING:
    from headstart.types import Source

MAX_CLASSES = 60


def render_training(
    report: Any,
    *,
    examples: Mapping[str, Source] | None = None,
    advice: Any = None,
    kind: str = "",
    title: str | None = None,
    language: str = "en",
) -> str:
    """Render what training did, and what a check found where there was one.

    Parameters
    ----------
    report
        A `headstart.reports.TrainingReport`, or its plain data.
    examples
        Name of an example to the input itself, for pictures, sounds and first words; names that are missing
        are shown as names. Taken from `advice` where that is an object that knows them.
    advice
        A `headstart.advice_report.Advice`, or its plain data, on the same examples.
    kind
        The kind of data that `examples` are; that of the model by default. Rows of a table are shown as what
        is in them.
    title
        What the page is about; the model's name by default.
    language
        ``en`` or ``de``.

    Returns
    -------
    str
        One HTML document of at most about 5 MB that asks the network for nothing. Every name and text in it
        is escaped. It can be encoded as UTF-8.
    """
    plain = wording.plain(report)
    words = Words(language)
    title = title or PurePath(str(plain.get("model") or "")).name or words.say("report.your-model")
    shown = shown_in(shown_of(plain, words=words), words)
    if shown is None:
        return _render(plain, advice, examples, title, words)
    terms = Terms(words)
    shelf = Shelf(wording.drawn(kind or str(plain.get("modality") or "")), examples or {})
    content = template("target.html.j2").render(
        {**phrases(words, terms), **target.view(plain, shown, shelf, words)}, title=wording.clean(title, 60)
    )
    return page(content, title, words, terms, examples=bool(examples))


def render_advice(
    advice: Any,
    *,
    examples: Mapping[str, Source] | None = None,
    title: str | None = None,
    language: str = "en",
) -> str:
    """Render what a check found, before anything is trained.

    Parameters
    ----------
    advice, examples, title, language
        As in `render_training`.

    Returns
    -------
    str
        As from `render_training`.
    """
    words = Words(language)
    return _render({}, advice, examples, title or words.say("report.your-check"), words)


def _render(
    report: dict[str, Any], advice: Any, examples: Mapping[str, Source] | None, title: str, words: Words
) -> str:
    found = wording.plain(advice)
    sources = {**(getattr(advice, "sources", None) or {}), **(examples or {})}
    terms = Terms(words)
    content = template("content.html.j2").render(
        {**phrases(words, terms), **_view(report, found, sources, words)}, title=wording.clean(title, 60)
    )
    return page(content, title, words, terms)


def template(name: str) -> Template:
    """Return one of the package's templates."""
    return _environment().get_template(name)


def page(content: str, title: str, words: Words, terms: Terms, *, examples: bool = True) -> str:
    """Put rendered content, with copies of examples in it or not, into a page that carries all it needs."""
    script = template("script.js.j2").render().strip()
    return template("page.html.j2").render(
        content=Markup(content),  # escaped when it was rendered
        title=wording.clean(title, 60),
        terms=[{"id": identifier(t), "term": shown, "line": line} for t, (shown, line) in terms.used.items()],
        say=words.say,
        language=words.language,
        style=Markup(template("style.css.j2").render()),
        script=Markup(script),
        policy=_policy(script),
        examples=examples,
        version=__version__,
    )


def _policy(script: str) -> str:
    """Return the content security policy: nothing from anywhere, and this one script."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )


@cache
def _environment() -> Environment:
    folder = resources.files("headstart.report")

    def read(name: str) -> str:
        return folder.joinpath(name).read_text(encoding="utf-8")

    made = Environment(
        loader=FunctionLoader(read),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    made.filters.update(breakable=_breakable, name=wording.clean)
    return made


def _breakable(name: str) -> Markup:
    """Let a file name break where its parts end."""
    return Markup("<wbr>").join(escape(part) for part in re.split(r"(?<=[/_\\.-])(?=\w)", name))


def _view(
    report: dict[str, Any], advice: dict[str, Any], sources: Mapping[str, Source], words: Words
) -> dict[str, Any]:
    """Return everything the templates show, in the order in which it may use the room for pictures."""
    data = advice.get("data") or {}
    evaluation = report if report.get("accuracy") else advice.get("evaluation") or {}
    modality = str(report.get("modality") or data.get("modality") or "")
    base = _base(report, advice)
    shelf = Shelf(wording.drawn(modality), sources)
    groups = data.get("groups") if isinstance(data.get("groups"), Mapping) else {}
    mistakes = findings.mistakes(advice.get("mistakes") or [], shelf, words)
    suspects = findings.suspects(advice.get("labels_to_check") or [], shelf)
    matrix, matrix_note = _matrix(evaluation, advice, shelf, modality, words)
    alike, alike_more = findings.look_alikes(groups or {}, shelf)
    outliers = findings.outliers(data.get("outliers") or [], shelf)
    problems, problems_more = findings.problems(report, data, words)
    rows = answers.class_rows(report, advice, evaluation, modality, words)
    return {
        "drawn": wording.drawn(modality),
        "modality": modality,
        "kind": "training" if report else "check",
        "checked": bool(advice),
        "used": words.things(modality, int(report.get("used") or data.get("used") or 0)),
        "base": wording.clean(base, 60) if base else "",
        "headline": build_headline(
            report, advice, evaluation, modality, wording.clean(base, 60) if base else "", words
        ),
        "answers": answers.build_answers(report, advice, modality, base, words),
        "next_steps": _steps(advice, words)[:12],
        "classes": rows[:MAX_CLASSES],
        "classes_more": max(0, len(rows) - MAX_CLASSES),
        "has_gains": any(row["gain"] is not None for row in rows),
        "matrix": matrix,
        "matrix_note": matrix_note,
        "mistakes": mistakes,
        "suspects": suspects,
        "calibration": charts.calibration_chart(advice.get("calibration") or [], words),
        "ece": evaluation.get("ece"),
        **_told(report, advice, modality, words),
        **_about_bases(report, advice, base, words),
        "alike": alike,
        "alike_more": alike_more,
        "leakage": findings.leakage(groups or {}, modality, words),
        "outliers": outliers,
        "problems": problems,
        "problems_more": problems_more,
        "imbalance": float(data.get("imbalance") or 1.0),
        "uneven": float(data.get("imbalance") or 1.0) >= UNEVEN,
        "notes": _notes(words, report, advice, evaluation),
        "media_left_out": shelf.left_out,
    }


def _about_bases(
    report: Mapping[str, Any], advice: Mapping[str, Any], base: str, words: Words
) -> dict[str, Any]:
    """Return what is told of more examples and of the base models."""
    amount = advice.get("amount") or {}
    return {
        "amount": answers.amount_texts(amount, words),
        "curve": charts.curve_chart(amount, words),
        "similarity": bases.similarity(advice, base, words),
        "ranking": bases.ranking(report, advice, words),
        "availability": bases.availability(advice, words),
    }


def _steps(advice: Mapping[str, Any], words: Words) -> list[str]:
    """Return what to do next; as it was saved where a check has no codes."""
    steps = advice.get("steps")
    return list(advice.get("next_steps") or []) if steps is None else [words.tell("step", s) for s in steps]


def _told(
    report: Mapping[str, Any], advice: Mapping[str, Any], modality: str, words: Words
) -> dict[str, Any]:
    """Return what is told of the model: what columns add, when it is in doubt, what tuning gave."""
    gentle = report.get("gentle")
    said = gentle_lines(gentle, words, modality)
    ways = [
        {
            "name": wording.clean(way.name, 80),
            "kept": way.kept,
            "low": float(way.accuracy["low"]),
            "high": float(way.accuracy["high"]),
            "at": float(way.accuracy["estimate"]),
            "text": words.number(100 * float(way.accuracy["estimate"]), ".1f"),
            "range": words.of_hundred(float(way.accuracy["low"]), float(way.accuracy["high"])),
        }
        for way in same_folds(gentle, words)
    ]
    tuned = bool(isinstance(gentle, Mapping) and gentle.get("kept"))
    folds = int(gentle.get("folds") or 0) if isinstance(gentle, Mapping) else 0
    return {
        "columns": findings.columns(report if report.get("columns") else advice, words),
        "doubts": doubts(report, words),
        "gentle": said,
        "ways": ways,
        "folds": folds,
        "tuned": tuned,
    }


def _base(report: Mapping[str, Any], advice: Mapping[str, Any]) -> str:
    gentle = report.get("gentle") or {}
    if gentle.get("kept") and gentle.get("base"):  # that it was tuned is told beside
        return str(gentle["base"])
    if report.get("base"):
        return str(report["base"])
    return next((str(one["base"]) for one in advice.get("ranking") or [] if one.get("chosen")), "")


def _matrix(
    evaluation: Mapping[str, Any],
    advice: Mapping[str, Any],
    shelf: Shelf,
    modality: str,
    words: Words,
) -> tuple[Matrix | None, str]:
    """Return the matrix of what is reported; of the check where only that one knows its examples."""
    cells = advice.get("confusion") or []
    counts, classes = evaluation.get("confusion") or [], list(evaluation.get("per_class") or {})
    theirs = advice.get("evaluation") or {}
    note = ""
    if cells and not cells_match(counts, classes, cells):
        other, names = theirs.get("confusion") or [], list(theirs.get("per_class") or {})
        if cells_match(other, names, cells):
            counts, classes = other, names
            note = words.say("report.matrix-check")
        else:
            cells = []
    return build_matrix(counts, classes, cells, shelf, modality, words), note


def _notes(words: Words, *parts: Mapping[str, Any]) -> list[str]:
    data = parts[1].get("data") or {}
    said = [note for part in (*parts, data) for note in part.get("notes") or []]
    return list(dict.fromkeys(words.translate(str(note)) for note in said))[:30]
