"""Write reports as pages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from headstart.files import write_whole
from headstart.wording import Words

if TYPE_CHECKING:
    from headstart.advice_report import Advice
    from headstart.comparison_report import Comparison
    from headstart.workflows.checking import TargetAdvice
    from headstart.workflows.result import TrainingResult

REPORT = "report.html"


def write_report(result: TrainingResult, folder: Path, language: str) -> Path:
    """Write what training measured and found as one page in the model's folder.

    Raises
    ------
    StorageError
        When it cannot be written; the model itself is saved by then.
    """
    from headstart.report import render_training

    page = folder / REPORT
    content = render_training(
        result.report,
        advice=result.advice,
        examples=result.faces.sources,
        kind=result.faces.kind,
        language=language,
    )
    write_page(page, content)
    return page


def page_of(advice: Advice | TargetAdvice, language: str) -> str:
    """Return what a check found as a page."""
    from headstart.advice_report import Advice
    from headstart.report import render_advice, render_training

    if isinstance(advice, Advice):
        return render_advice(advice, language=language)
    faces = advice.faces
    return render_training(
        advice.report,
        examples=faces.sources,
        kind=faces.kind,
        title=Words(language).say("report.your-check"),
        language=language,
    )


def write_comparison(comparison: Comparison, folder: Path, language: str) -> Path:
    """Write a comparison as ``compare.json`` and as a page with a plot, ``compare.html``.

    Raises
    ------
    StorageError
        When they cannot be written.
    """
    from headstart.report import render_comparison

    plain = json.dumps(comparison.to_dict(), indent=1, ensure_ascii=False, allow_nan=False)
    write_page(folder / "compare.json", plain + "\n")
    page = folder / "compare.html"
    write_page(page, render_comparison(comparison, language=language))
    return page


def write_page(path: Path, page: str) -> None:
    """Write a page whole or not at all.

    Raises
    ------
    StorageError
        When it cannot be written.
    """
    write_whole(path, page.encode(), mend="Name a file where there is room and permission.")
