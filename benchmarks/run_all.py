"""Run every benchmark, one after the other, and write the table of ratios into benchmarks/README.md."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPO = HERE.parent
CACHE = REPO / ".cache"
SCRIPTS = (
    "embed_images.py",
    "embed_texts.py",
    "embed_audio.py",
    "head_fit.py",
    "second_run.py",
    "serve.py",
    "finetune.py",
)
MARK = "<!-- results -->"


def run(script: str, *arguments: str) -> None:
    print(f"\n# {script}", flush=True)
    subprocess.run([sys.executable, HERE / script, *arguments], check=True, cwd=REPO)


def startup() -> None:
    """Run the start-up script, which needs a saved model and a photo."""
    photos = CACHE / "data" / "image" / "stamp_photos"
    with tempfile.TemporaryDirectory() as folder:
        program = Path(sys.executable).parent / "headstart"
        subprocess.run(
            [
                program,
                "train",
                photos,
                "-o",
                f"{folder}/model",
                "--base",
                "efficientnet_lite0",
                "--no-blend",
                "--json",
            ],
            check=True,
            capture_output=True,
        )
        run("startup.py", f"{folder}/model", str(next(photos.rglob("*.jpg"))))


def table() -> str:
    """Return the results as Markdown; those of another machine or other libraries apart."""
    by_machine: dict[str, list[str]] = {}
    for path in sorted((HERE / "results").glob("*.json")):
        record = json.loads(path.read_text())
        about = ", ".join(f"{key} {value}" for key, value in record["machine"].items())
        lines = by_machine.setdefault(about, [])
        for row in record["rows"]:
            ratio = row["theirs"] / row["ours"]
            shown = f"{ratio:.1f}x faster" if ratio >= 1 else f"{1 / ratio:.2f}x slower"
            lines.append(
                f"| {row['name']} | {_time(row['ours'])} | {row['against']}"
                f" | {_time(row['theirs'])} | {shown} |"
            )
    head = "| what | ours | beside | theirs | ratio |\n| --- | --- | --- | --- | --- |\n"
    parts = [f"Measured on: {about}.\n\n{head}" + "\n".join(lines) for about, lines in by_machine.items()]
    return "\n\n".join(parts) + "\n"


def _time(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1e3:.2f} ms"


def main() -> None:
    os.environ |= {"HEADSTART_CACHE": str(CACHE / "headstart"), "HEADSTART_OFFLINE": "1"}
    for script in SCRIPTS:
        run(script)
    startup()
    page = HERE / "README.md"
    before = page.read_text(encoding="utf-8").partition(MARK)[0]
    page.write_text(f"{before}{MARK}\n\n{table()}", encoding="utf-8")


if __name__ == "__main__":
    main()
