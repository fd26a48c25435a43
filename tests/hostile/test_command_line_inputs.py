"""Bad inputs, bad places and bad moments, met by the real program in real processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytestmark = [
    pytest.mark.bases,
    pytest.mark.skipif(sys.platform == "win32", reason="names, links and signals of POSIX"),
]

REPO = Path(__file__).resolve().parents[2]
SHARED_CACHE = Path(os.environ.get("HEADSTART_TEST_CACHE", REPO / ".cache"))
PROGRAM = [sys.executable, "-m", "headstart"]
BASE = ("--base", "efficientnet_lite0")
RED, BLUE = (170, 0, 0), (0, 0, 170)


def photo(path: Path, colour: tuple[int, int, int], seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 80, (48, 64, 3)) + np.array(colour)
    Image.fromarray(pixels.astype(np.uint8)).save(path, "JPEG")


class Place:
    """A folder with its own cache, and the program run from it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.cache = root / "cache"
        self.cache.mkdir()
        (self.cache / "bases").symlink_to(SHARED_CACHE / "headstart" / "bases")
        clean = {k: v for k, v in os.environ.items() if not k.startswith("HEADSTART_")}
        self.env = {
            **clean,
            "HEADSTART_CACHE": str(self.cache),
            "HEADSTART_OFFLINE": "1",
            "OMP_NUM_THREADS": "1",
        }

    def start(self, *arguments: object, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*PROGRAM, *map(str, arguments)],
            cwd=self.root,
            env={**self.env, **(env or {})},
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(
        self, *arguments: object, code: int = 0, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        process = self.start(*arguments, env=env)
        out, err = process.communicate(timeout=120)
        assert process.returncode == code, f"exit {process.returncode}\n{out}\n{err}"
        assert "Traceback" not in err
        assert "Warning" not in err
        return subprocess.CompletedProcess([], process.returncode, out, err)

    def refused(self, *arguments: object, says: str, env: Mapping[str, str] | None = None) -> None:
        done = self.run(*arguments, code=2, env=env)
        assert done.stdout == ""
        assert says in done.stderr
        assert len(done.stderr.splitlines()) == 2, "one line names the cause, one the mend"

    def litter(self) -> list[str]:
        return [path.name for path in self.root.iterdir() if "headstart-" in path.name]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Twelve photos in two classes, and a model of them."""
    place = Place(tmp_path_factory.mktemp("place"))
    for number in range(6):
        photo(place.root / "photos" / "red" / f"{number}.jpg", RED, number)
        photo(place.root / "photos" / "blue" / f"{number}.jpg", BLUE, number)
    place.run("train", "photos", "-o", "model", "--json", *BASE)
    (place.root / "texts.csv").write_text(
        "text,label\n" + "".join(f"soup nice {n},good\nrude waiter {n},bad\n" for n in range(5))
    )
    place.run("train", "texts.csv", "-o", "mood", "--json", "--base", "wordllama_256")
    return place


def test_unusable_inputs_are_listed_and_the_run_continues(place: Place, tmp_path: Path) -> None:
    folder = tmp_path / "mixed" / "red"
    for name in ("🥐.jpg", "two\nlines.jpg", "[bold]x.jpg", "<script>.jpg", "=1+1.jpg"):
        photo(folder / name, RED, len(name))
    photo(folder / os.fsdecode(b"caf\xe9.jpg"), RED, 99)
    whole = (folder / "🥐.jpg").read_bytes()
    (folder / "cut.jpg").write_bytes(whole[: len(whole) // 3])
    (folder / "zero.jpg").touch()
    (folder / "page.jpg").write_text("<html>not found</html>")
    (folder / "drawing.jpg").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n")
    Image.new("RGB", (1, 1)).save(folder / "speck.png")
    (folder / "gone.jpg").symlink_to("nowhere.jpg")
    (folder / "loop").symlink_to(folder)
    os.mkfifo(folder / "pipe.jpg")
    for number in range(4):
        photo(tmp_path / "mixed" / "blue" / f"{number}.jpg", BLUE, number)
    report = json.loads(place.run("train", tmp_path / "mixed", "-o", tmp_path / "m", "--json", *BASE).stdout)
    assert report["classes"] == {"blue": 4, "red": 6}
    bad = {"cut.jpg", "zero.jpg", "page.jpg", "drawing.jpg", "speck.png", "gone.jpg"}
    assert {Path(problem["source"]).name for problem in report["problems"]} == bad

    answers = json.loads(place.run("predict", tmp_path / "m", folder, "--json").stdout)
    assert len(answers) == 12
    for answer in answers:
        assert answer["source"].startswith(f"{folder}/"), "every answer says which file it is about"
        assert "\n" not in answer["source"]
        assert ("error" in answer) == (Path(answer["source"]).name in bad)
    place.run("predict", tmp_path / "m", folder)  # a table, whatever the names look like as markup


@pytest.mark.parametrize("name", ["", "  "])
def test_an_empty_name_is_not_the_folder_one_is_in(place: Place, name: str) -> None:
    (answer,) = json.loads(place.run("predict", "model", name, "--json", code=2).stdout)
    assert "name is empty" in answer["error"]
    (answer,) = json.loads(place.run("predict", "mood", name, "--json", code=2).stdout)
    assert "text is empty" in answer["error"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("train", "header.csv", "-o", "m"), "header.csv names its columns"),
        (("train", "photos", "-o", "m", "--groups", "none.csv"), "none.csv cannot be read"),
        (("train", "photos", "-o", "n" * 300, *BASE), "name too long"),
        (("train", "texts.csv", "-o", "texts.csv"), "is a file"),
        (("predict", "model", "photos", "--csv", "nowhere/x.csv"), "there is no folder"),
        (("predict", "model", "photos", "--csv", "photos"), "it is a folder"),
        (("evaluate", "mood", "photos"), "JPEG picture"),
        (("evaluate", "model", "photos"), "trained on"),
    ],
)  # fmt: skip
def test_what_cannot_continue_stops_before_work(place: Place, arguments: tuple[str, ...], says: str) -> None:
    (place.root / "header.csv").write_text("text,label\n")
    done = place.run(*arguments, code=2)
    assert says in done.stderr
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 2
    assert not (place.root / "m").exists()
    assert place.litter() == []


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("HEADSTART_THREADS", "0", "HEADSTART_THREADS must be"),
        ("HEADSTART_THREADS", "abc", "HEADSTART_THREADS must be"),
        ("HEADSTART_OFFLINE", "maybe", "HEADSTART_OFFLINE must be"),
        ("HEADSTART_CACHE", "/proc/nowhere", "/proc/nowhere/bases cannot be written to"),
        ("HEADSTART_CACHE", "/dev/null/x", "cannot be written to"),
        ("HEADSTART_CACHE", "empty-cache", "HEADSTART_OFFLINE forbids fetching it"),
    ],
)
def test_settings_that_cannot_work_are_told(place: Place, variable: str, value: str, says: str) -> None:
    place.refused("train", "photos", "-o", "m", "--json", *BASE, says=says, env={variable: value})


def test_a_note_about_an_input_names_it(place: Place, tmp_path: Path) -> None:
    import soundfile

    tone = np.sin(np.arange(8000) / 5) * 0.3
    for kind, factor in (("low", 1.0), ("high", 3.0)):
        (tmp_path / "clips" / kind).mkdir(parents=True)
        for number in range(3):
            wave = np.sin(np.arange(8000) * factor / (5 + number / 10)) * 0.3
            soundfile.write(tmp_path / "clips" / kind / f"{number}.wav", wave, 16000)
    soundfile.write(tmp_path / "clips" / "low" / "hush.wav", np.zeros(8000), 16000)
    soundfile.write(tmp_path / "clips" / "low" / "anti.wav", np.stack([tone, -tone], 1), 16000)
    done = place.run(
        "train", tmp_path / "clips", "-o", tmp_path / "m", "--json", "--base", "speech_embedding"
    )
    notes = json.loads(done.stdout)["notes"]
    assert [note for note in notes if "silent" in note] == ["low/hush.wav: silent from start to end"]


def test_results_go_to_standard_output_and_nothing_else_does(place: Place) -> None:
    command = " ".join(PROGRAM)

    def shell(line: str) -> tuple[int, str, str]:
        done = subprocess.run(
            ["bash", "-c", line.format(h=command)],
            cwd=place.root,
            env=place.env,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return done.returncode, done.stdout, done.stderr

    assert shell("{h} predict model photos --json | true; exit ${{PIPESTATUS[0]}}") == (141, "", "")
    assert shell("{h} bases show nonsense 2>&-") == (2, "", "")
    assert shell("{h} bases >&-")[0] == 0
    if Path("/dev/full").exists():
        for what in ("predict model photos --json", "predict model photos", "--help"):
            code, _, said = shell("{h} " + what + " > /dev/full")
            assert code == 2
            assert said.startswith("Error: The output could not be written: ")


def test_a_table_of_answers_is_whole_or_not_there(place: Place) -> None:
    table = place.root / "answers.csv"
    table.write_text("older")
    place.run("predict", "model", "photos", "--csv", table)
    assert len(table.read_text().splitlines()) == 13
    assert place.litter() == []
    done = place.run("predict", "model", "photos/red/0.jpg", "--csv", "/dev/stdout")
    assert "source,label,probability,error" in done.stdout


@pytest.mark.parametrize("after", [0.3, 0.9, 1.8])
def test_ctrl_c_at_any_moment_stops_without_a_trace(place: Place, after: float) -> None:
    for number in range(1200):
        photo(place.root / "many" / ("red" if number % 2 else "blue") / f"{number}.jpg", RED, number)
    process = place.start("train", "many", "-o", "stopped", "--json", "--no-cache", *BASE)
    time.sleep(after)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    # On a slow machine the first one comes before Python itself listens: the signal's own way of ending.
    assert process.returncode in (130, -signal.SIGINT)
    assert out == ""
    assert "Traceback" not in err
    assert not (place.root / "stopped").exists()
    assert place.litter() == []


def test_killed_while_embedding_and_two_at_once_afterwards(place: Place) -> None:
    process = place.start("train", "photos", "-o", "killed", *BASE)
    time.sleep(1.5)
    process.kill()
    process.communicate()
    both = [place.start("train", "photos", "-o", f"both{n}", "--json", *BASE) for n in range(2)]
    reports = []
    for one in both:
        out, err = one.communicate(timeout=120)
        assert one.returncode == 0, err
        reports.append(json.loads(out))
    assert reports[0]["accuracy"] == reports[1]["accuracy"]
    assert place.litter() == []


def test_a_cache_that_is_junk_is_set_aside_and_one_note_says_so(place: Place) -> None:
    file = place.cache / "embeddings.sqlite"
    for older in place.cache.glob("embeddings.sqlite*"):
        older.unlink()
    file.write_bytes(b"junk" * 1000)
    report = json.loads(place.run("train", "photos", "-o", "model2", "--json", *BASE).stdout)
    assert len([note for note in report["notes"] if "cache was damaged" in note]) == 1
    assert report["embedded"] == 12


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may mount a disk")
def test_a_full_disk_for_the_cache_and_for_the_model(place: Place, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], check=False)
    if mounted.returncode:
        pytest.skip("mounting is not allowed here")
    try:
        place.refused("train", "photos", "-o", disk / "m", "--json", *BASE, says="no room left")
        assert list(disk.iterdir()) == []
        (disk / "bases").symlink_to(SHARED_CACHE / "headstart" / "bases")
        (disk / "fill").write_bytes(b"\0" * (2**20 - 4 * 4096))
        done = place.run("train", "photos", "-o", "m3", "--json", *BASE, env={"HEADSTART_CACHE": str(disk)})
        notes = json.loads(done.stdout)["notes"]
        assert len([note for note in notes if "disk is full" in note]) == 1
    finally:
        subprocess.run(["umount", str(disk)], check=True)
