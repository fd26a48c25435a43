"""Each row of the page about data holds: layouts, and files that other programs made, are read or refused."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from PIL import Image

from headstart.data.audio import decode_audio
from headstart.data.image import decode_image
from headstart.data.read import load
from headstart.errors import HeadstartError, SourceError
from headstart.types import Dataset

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "data.md").read_text(encoding="utf-8")


def rows(head: str) -> dict[str, str]:
    """Return the first two cells that matter of each row of a table: its name, and what is done."""
    table = re.split(rf"^\| {head} \|.*\n.*\n", PAGE, flags=re.M)[1].split("\n\n")[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    return {one[0]: next(cell for cell in one[1:] if cell.startswith(("read", "refused"))) for one in cells}


def photo(path: Path, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (24, 32, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)


def folders(root: Path, *above: str, ending: str = ".png") -> None:
    for number, name in enumerate(above):
        for each in range(4):
            photo(root / name / f"{each}{ending}", 10 * number + each)


def listed(root: Path, table: str, folder: str, *, ending: str = ".png", column: str = "file") -> None:
    for number in range(8):
        photo(root / folder / f"{number:04}.png", number)
    lines = [f"{number:04}{ending},{'ab'[number % 2]}" for number in range(8)]
    (root / table).write_text("\n".join([f"{column},label", *lines]) + "\n")


def split(root: Path, train: str, test: str) -> None:
    folders(root, f"{train}/a", f"{train}/b", f"{test}/a", f"{test}/b")


def kaggle(root: Path) -> None:
    listed(root, "train.csv", "train_images", ending="")
    for number in range(20, 24):
        photo(root / "test_images" / f"{number:04}.png", number)


def texts(root: Path) -> None:
    lines = [f"{'a good' if n % 2 else 'a bad'} meal number {n},{'no yes'.split()[n % 2]}" for n in range(8)]
    (root / "reviews.csv").write_text("\n".join(["text,label", *lines]) + "\n")


def archive(root: Path) -> None:
    folders(root / "in", "a", "b")
    shutil.make_archive(str(root / "photos"), "zip", root / "in")
    shutil.rmtree(root / "in")


def boxes(root: Path) -> None:
    for number in range(6):
        photo(root / "images" / f"{number}.jpg", number)
        (root / "labels").mkdir(exist_ok=True)
        (root / "labels" / f"{number}.txt").write_text(f"{number % 2} 0.5 0.5 0.2 0.2\n")
    (root / "data.yaml").write_text("nc: 2\nnames: [a, b]\n")


def coco(root: Path) -> None:
    for number in range(6):
        photo(root / "images" / f"{number}.jpg", number)
    (root / "annotations").mkdir()
    found = '{"images": [], "annotations": [{"bbox": [1, 2, 3, 4], "category_id": 1}], "categories": []}'
    (root / "annotations" / "instances.json").write_text(found)


def voc(root: Path) -> None:
    for number in range(6):
        photo(root / "JPEGImages" / f"{number}.jpg", number)
        (root / "Annotations").mkdir(exist_ok=True)
        (root / "Annotations" / f"{number}.xml").write_text("<annotation><object/></annotation>")


def masks(root: Path) -> None:
    for number in range(6):
        photo(root / "images" / f"{number}.jpg", number)
        photo(root / "masks" / f"{number}.png", 50 + number)


def one_hot(root: Path) -> None:
    for number in range(8):
        photo(root / f"{number}.png", number)
    lines = [f"{number}.png,{number % 2},{1 - number % 2}" for number in range(8)]
    (root / "_classes.csv").write_text("\n".join(["filename,cat,dog", *lines]) + "\n")


def lines_of_texts(root: Path) -> None:
    for name in ("pos", "neg"):
        (root / f"{name}.txt").write_text("".join(f"a {name} meal number {n}\n" for n in range(20)))


LAYOUTS: dict[str, Callable[[Path], object]] = {
    "one folder per class": lambda root: folders(root, "croissant", "scone"),
    "a split above the classes": lambda root: split(root, "train", "test"),
    "split words in names": lambda root: split(root, "training_set", "test_set"),
    "a folder around the classes": lambda root: folders(root, "data/croissant", "data/scone"),
    "pictures and a table": lambda root: listed(root, "labels.csv", "images"),
    "a Kaggle download": kaggle,
    "Hugging Face imagefolder or audiofolder": lambda root: listed(
        root, "metadata.csv", ".", column="file_name"
    ),
    "table with texts": texts,
    "table with paths": lambda root: listed(root, "index.csv", "deep/down"),
    "archive": archive,
    "YOLO": boxes,
    "COCO": coco,
    "Pascal VOC": voc,
    "pictures and masks": masks,
    "one-hot table": one_hot,
    "one text file for each class": lines_of_texts,
    "two domains": lambda root: folders(root, "trainA", "trainB", "testA", "testB"),
}


def test_every_layout_is_on_the_page():
    assert set(rows("layout")) == set(LAYOUTS)


@pytest.mark.parametrize(("name", "done"), rows("layout").items())
def test_layouts(tmp_path, name, done):
    root = tmp_path / "brought"
    root.mkdir()
    LAYOUTS[name](root)
    place = next(root.glob("*.zip"), root)
    if done.startswith("refused"):
        with pytest.raises(HeadstartError):
            load(place)
        return
    data = load(place)
    assert len(data) == 8
    assert len(data.classes) == 2
    assert {"train", "test", "images", "data"}.isdisjoint(data.classes)
    assert data.problems == ()


@lru_cache(maxsize=1)
def _frame() -> pd.DataFrame:
    return pd.DataFrame(
        {"text": [f"a {'warm' if n % 2 else 'cold'} meal {n}" for n in range(8)], "label": ["x", "y"] * 4}
    )


def run(folder: Path, *command: str) -> None:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed (scripts/system_packages.sh installs it)")
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def magick(folder: Path, target: str, *options: str) -> Path:
    """Let ImageMagick write a picture; its program has another name where a stand-in has taken `convert`."""
    names = ("magick", "convert-im6.q16", "convert-im6", "convert")
    program = next((name for name in names if shutil.which(name)), "convert")
    run(folder, program, "in.png", *options, target)
    return folder / target


def ffmpeg(folder: Path, target: str, *options: str) -> Path:
    run(folder, "ffmpeg", "-v", "error", "-y", *options, target)
    return folder / target


def office(folder: Path, source: str, ending: str) -> Path:
    user = f"-env:UserInstallation=file://{folder}/user"
    run(folder, "soffice", user, "--headless", "--convert-to", ending, source)
    return (folder / source).with_suffix(f".{ending}")


def heif_enc(folder: Path, target: str, *options: str) -> Path:
    run(folder, "heif-enc", *options, "in.png", "-o", target)
    return folder / target


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    photo(folder / "in.png", 1)
    wave = np.sin(np.arange(16_000) * 0.1).astype(np.float32) * 0.5
    soundfile.write(folder / "in.wav", wave, 16_000)
    _frame().to_csv(folder / "in.csv", index=False)
    return folder


def picture_of(path: Path) -> None:
    assert decode_image(path).shape == (24, 32, 3)


def sound_of(path: Path) -> None:
    assert decode_audio(path, rate=16_000)[0].size > 8_000


def table_of(path: Path) -> None:
    data: Dataset = load(path)
    assert data.labels == list(_frame()["label"])
    assert data.sources == list(_frame()["text"])


IMAGEMAGICK = ("JPEG", "PNG", "WebP", "GIF", "BMP", "TIFF", "PGM", "PPM", "PBM", "TGA", "ICO", "PSD")
SOUNDS = {
    "WAV": "w.wav", "FLAC": "f.flac", "OGG": "o.ogg", "Opus": "o.opus", "MP3": "m.mp3", "AIFF": "a.aiff",
    "AU": "a.au", "CAF": "c.caf", "W64": "w.w64", "M4A": "m.m4a", "AAC": "a.aac", "WebM": "w.webm",
    "WMA": "w.wma", "MP4 with sound only": "m.mp4",
}  # fmt: skip


@pytest.mark.parametrize("name", [*IMAGEMAGICK, "JPEG 2000"])
def test_pictures_of_imagemagick(made, name):
    ending = {"JPEG 2000": "jp2"}.get(name, name.lower())
    picture_of(magick(made, f"out.{ending}"))


@pytest.mark.parametrize("name", ["AVIF", "HEIC"])
def test_pictures_of_heif_enc(made, name):
    if name == "AVIF":
        Image.open(made / "in.png").save(made / "out.avif")  # by libavif, inside Pillow
        picture_of(made / "out.avif")
        return
    picture_of(heif_enc(made, "out.heic"))


@pytest.mark.parametrize("name", SOUNDS)
def test_sounds_of_ffmpeg(made, name):
    options = {"OGG": ("-c:a", "libvorbis"), "WebM": ("-c:a", "libopus")}.get(name, ())
    sound_of(ffmpeg(made, SOUNDS[name], "-i", "in.wav", *options))


@pytest.mark.parametrize("name", ["CSV", "XLSX", "JSON", "Parquet"])
def test_tables_of_pandas(made, name):
    path = made / f"pandas.{name.lower()}"
    frame = _frame()
    write = {"CSV": frame.to_csv, "XLSX": frame.to_excel, "JSON": frame.to_json, "Parquet": frame.to_parquet}
    write[name](path)
    table_of(path)


@pytest.mark.parametrize("name", ["ODS", "XLS"])
def test_tables_of_libreoffice(made, name):
    table_of(office(made, "in.csv", name.lower()))


@pytest.mark.parametrize("name", ["PCX", "SGI", "FITS", "XPM", "PFM"])
def test_pictures_that_are_named_and_refused(made, name):
    path = magick(made, f"out.{name.lower()}")
    with pytest.raises(SourceError, match=r"picture.*; (save|export) it as"):
        decode_image(path)


def test_a_video_is_named_and_refused(made):
    path = ffmpeg(
        made, "v.mp4", "-loop", "1", "-t", "1", "-i", "in.png", "-i", "in.wav", "-pix_fmt", "yuv420p"
    )
    with pytest.raises(SourceError, match="It is a video"):
        decode_audio(path, rate=16_000)


def test_documents_are_named_and_refused(made):
    written = office(made, "in.csv", "pdf")
    for label in ("a", "b"):
        (made / "documents" / label).mkdir(parents=True)
        shutil.copy(written, made / "documents" / label)
    with pytest.raises(HeadstartError, match="a PDF document"):
        load(made / "documents")


def test_every_format_is_on_the_page():
    named = {one for row in rows("format") for one in re.split(", ", row)}
    pictures = {*IMAGEMAGICK, "JPEG 2000", "AVIF", "HEIC"}
    tables = {"CSV", "XLSX", "JSON", "Parquet", "ODS", "XLS"}
    refused = {"PCX", "SGI", "FITS", "XPM", "PFM", "MP4 with pictures", "PDF"}
    assert named == pictures | tables | set(SOUNDS) | refused
