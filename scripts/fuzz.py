"""Change real files at random and read them: no crash, no hang, no unbounded memory, no error but ours.

Usage: python scripts/fuzz.py READER [--seconds 600] [--seed 0] [--keep FOLDER]

READER: image, audio, text, csv, bundle; for documents pdf, packed (Word, EPUB, spreadsheets), written.

The reading is done by a child with limits of memory and time. Whatever ends or stalls the child, or raises
anything but a `HeadstartError`, is kept as a file and told at the end; the exit code is 1 then. The same seed
gives the same inputs.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import resource
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import fuzz_documents

REPO = Path(__file__).resolve().parents[1]
CACHE = Path(os.environ.get("HEADSTART_TEST_CACHE", REPO / ".cache"))
MEMORY = 3 << 30
SECONDS_EACH = 20
NUMBERS = (0, 1, 2, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 2**31 - 1, 2**31, 2**32 - 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reader", choices=sorted(READERS))
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path("fuzz-findings"))
    parser.add_argument("--child", type=Path)
    given = parser.parse_args()
    if given.child is not None:
        work(given.reader, given.seed, given.seconds, given.child)
    else:
        watch(given.reader, given.seed, given.seconds, given.keep)


def watch(reader: str, seed: int, seconds: float, keep: Path) -> None:
    """Run children until the time is over; keep what ends one."""
    until, done, findings, most = time.monotonic() + seconds, 0, [], 0
    while (left := until - time.monotonic()) > 0:
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            arguments = [reader, "--seed", str(seed), "--seconds", str(left), "--child", folder]
            child = subprocess.run([sys.executable, __file__, *arguments], capture_output=True, text=True)
            state = json.loads((place / "state.json").read_text()) if (place / "state.json").exists() else {}
            done += state.get("done", 0)
            most = max(most, state.get("memory", 0))
            seed += 1_000_003
            if child.returncode == 0:
                continue
            name = f"{reader}-{seed}"
            keep.mkdir(parents=True, exist_ok=True)
            kept = keep / name
            if (place / "input").exists():
                shutil.move(place / "input", kept)
            why = child.stderr.strip().splitlines()[-12:]
            findings.append({"input": str(kept), "exit": child.returncode, "said": why})
            print(json.dumps(findings[-1], indent=1), flush=True)
    print(
        f"{reader}: {done} inputs in {seconds:.0f} s, {len(findings)} findings, most memory {most >> 20} MB"
    )
    sys.exit(1 if findings else 0)


def work(reader: str, seed: int, seconds: float, folder: Path) -> None:
    """Read one changed input after the other, in a process that may be ended by any of them."""
    from headstart.errors import HeadstartError

    corpus, read = READERS[reader]()
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, hard))
    until, done = time.monotonic() + seconds, 0
    chance = random.Random(seed)
    told = time.monotonic()
    while time.monotonic() < until:
        content = mutated(chance.choice(corpus), corpus, chance)
        (folder / "input").write_bytes(content)
        signal.setitimer(signal.ITIMER_REAL, SECONDS_EACH)  # its default is to end the process
        try:
            read(content, folder)
        except HeadstartError:
            pass
        signal.setitimer(signal.ITIMER_REAL, 0)
        done += 1
        if time.monotonic() - told > 1:
            told = time.monotonic()
            _tell(folder, done)
    _tell(folder, done)


def _tell(folder: Path, done: int) -> None:
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    (folder / "part.json").write_text(json.dumps({"done": done, "memory": memory}))
    (folder / "part.json").replace(folder / "state.json")


def mutated(content: bytes, corpus: Sequence[bytes], chance: random.Random) -> bytes:
    """Change a file in one to eight ways, most often near its head, where formats keep their numbers."""
    changed = bytearray(content)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 5, 8))):
        if not changed:
            break
        at = chance.randrange(min(len(changed), chance.choice((64, 512, 4096, len(changed)))))
        CHANGES[chance.randrange(len(CHANGES))](changed, at, corpus, chance)
    return bytes(changed)


def _flip(changed: bytearray, at: int, corpus: Sequence[bytes], chance: random.Random) -> None:
    changed[at] ^= 1 << chance.randrange(8)


def _byte(changed: bytearray, at: int, corpus: Sequence[bytes], chance: random.Random) -> None:
    changed[at] = chance.randrange(256)


def _number(changed: bytearray, at: int, corpus: Sequence[bytes], chance: random.Random) -> None:
    value = chance.choice(NUMBERS)
    form = chance.choice(("<I", ">I", "<H", ">H"))
    packed = struct.pack(form, value & (0xFFFFFFFF if form[1] == "I" else 0xFFFF))
    changed[at : at + len(packed)] = packed


def _cut(changed: bytearray, at: int, corpus: Sequence[bytes], chance: random.Random) -> None:
    del changed[chance.randrange(len(changed)) :]


def _drop(changed: bytearray, at: int, corpus: Sequence[bytes], chance: random.Random) -> None:
    del changed[at : at + chance.randrange(1, 64)]


def _double(changed: bytearray, at: int, corpus: Sequence[bytes], chance: random.Random) -> None:
    size = chance.randrange(1, 512)
    changed[at:at] = changed[at : at + size] * chance.randrange(1, 8)


def _noise(changed: bytearray, at: int, corpus: Sequence[bytes], chance: random.Random) -> None:
    changed[at : at + 16] = chance.randbytes(chance.randrange(1, 32))


def _splice(changed: bytearray, at: int, corpus: Sequence[bytes], chance: random.Random) -> None:
    other = chance.choice(corpus)
    start = chance.randrange(max(1, len(other)))
    changed[at:] = other[start : start + 100_000]


CHANGES = (_flip, _byte, _number, _number, _cut, _drop, _double, _noise, _splice)
Reader = Callable[[bytes, Path], object]


def images() -> tuple[list[bytes], Reader]:
    """Photos in every format that is read, small and not so small."""
    import io

    from PIL import Image

    from headstart.encoders.image import decode_with_thumb

    photos = sorted((CACHE / "data" / "image" / "stamp_photos").rglob("*.*"))[::40]
    corpus = [photo.read_bytes() for photo in photos]
    for photo in photos[:2]:
        with Image.open(photo) as opened:
            image = opened.convert("RGB").resize((60, 44))
        for kind, mode, how in (
            ("JPEG", "RGB", {"progressive": True}),
            ("JPEG", "CMYK", {}),
            ("PNG", "RGBA", {}),
            ("PNG", "P", {}),
            ("PNG", "I;16", {}),
            ("GIF", "P", {}),
            ("WEBP", "RGB", {"lossless": True}),
            ("WEBP", "RGBA", {}),
            ("BMP", "RGB", {}),
            ("TIFF", "RGB", {"compression": "tiff_lzw"}),
            ("TIFF", "RGB", {"compression": "tiff_deflate"}),
            ("TIFF", "L", {"compression": "raw"}),
            ("TIFF", "1", {"compression": "group4"}),
            ("PPM", "RGB", {}),
            ("PPM", "L", {}),
            ("TGA", "RGB", {}),
            ("TGA", "P", {"compression": "tga_rle"}),
            ("JPEG2000", "RGB", {}),
            ("AVIF", "RGB", {}),
            ("ICO", "RGBA", {}),
        ):
            out = io.BytesIO()
            made = image.convert("L").convert(mode) if mode == "I;16" else image.convert(mode)
            made.save(out, kind, **how)
            corpus.append(out.getvalue())
        image.save(place := Path(tempfile.mkdtemp()) / "photo.png")
        corpus += _made("photo.heic", ["heif-enc", place.name, "-o", "photo.heic"], place.parent)
        corpus += _made("photo.psd", ["convert", place.name, "photo.psd"], place.parent)
    return corpus, lambda content, _: decode_with_thumb(content, 300)


def _made(name: str, command: Sequence[str], folder: Path) -> list[bytes]:
    """Return the file that another program makes, or none where it is not installed."""
    if shutil.which(command[0]) is None:
        return []
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return [(folder / name).read_bytes()]


def sounds() -> tuple[list[bytes], Reader]:
    """Clips in every format that is read."""
    import io

    import soundfile

    from headstart.encoders.audio import decode_sound

    clips = sorted((CACHE / "data" / "audio").rglob("*.*"))[::150]
    corpus = [clip.read_bytes() for clip in clips if clip.suffix in (".wav", ".flac", ".ogg", ".mp3")]
    samples, rate = soundfile.read(io.BytesIO(corpus[0]))
    for kind, subtype in (
        ("WAV", "PCM_16"),
        ("WAV", "PCM_U8"),
        ("WAV", "FLOAT"),
        ("WAV", "IMA_ADPCM"),
        ("FLAC", "PCM_16"),
        ("OGG", "VORBIS"),
        ("OGG", "OPUS"),
        ("MP3", "MPEG_LAYER_III"),
        ("AIFF", "PCM_16"),
    ):
        out = io.BytesIO()
        soundfile.write(out, samples[: rate // 2], rate if subtype != "OPUS" else 16000, subtype, format=kind)
        corpus.append(out.getvalue())
    folder = Path(tempfile.mkdtemp())
    soundfile.write(folder / "clip.wav", samples[: rate // 2], rate)
    for name, how in (
        ("clip.m4a", []),
        ("fragments.m4a", ["-movflags", "+frag_keyframe+empty_moov"]),
        ("clip.aac", []),
        ("clip.webm", ["-c:a", "libopus"]),
        ("clip.wma", []),
        ("clip.spx", ["-c:a", "libspeex", "-ar", "16000"]),
        ("clip.caf", ["-c:a", "alac"]),
    ):
        corpus += _made(name, ["ffmpeg", "-i", "clip.wav", *how, name], folder)
    return corpus, lambda content, _: decode_sound(content, 16000)


def texts() -> tuple[list[bytes], Reader]:
    """Texts of several encodings."""
    from headstart.data.text import read_text

    words = "Crème brûlée, 2 €; “fresh” — ça va? 日本語 🥐\r\nA second line.\n" * 4
    corpus = [
        words.encode(name, "replace")
        for name in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "utf-32")
    ]
    corpus.append((CACHE / "data" / "text" / "news_topic.csv").read_bytes()[:20_000])
    return corpus, lambda content, _: read_text(content)


def tables() -> tuple[list[bytes], Reader]:
    """Tables of several layouts."""
    from headstart.data.read import load

    head = (CACHE / "data" / "text" / "news_topic.csv").read_bytes()[:6000]
    plain = b"text,label\n" + b"".join(
        b'"a text, number %d",%s\n' % (n, b"xy"[n % 2 : n % 2 + 1]) for n in range(40)
    )
    wide = plain.decode()
    corpus = [head, plain, plain.replace(b",", b";"), plain.replace(b",", b"\t"), wide.encode("utf-16")]

    def read(content: bytes, folder: Path) -> object:
        (folder / "table.csv").write_bytes(content)
        return load(folder / "table.csv")

    return corpus, read


def bundles() -> tuple[list[bytes], Reader]:
    """Files of saved models. Every second one is sealed again, as who means harm would do."""
    from headstart import Model

    golden = sorted((REPO / "tests" / "golden").glob("v1-*/bundle"))
    files = [file for bundle in golden for file in sorted(bundle.iterdir())]
    corpus = [struct.pack("<H", number) + file.read_bytes() for number, file in enumerate(files)]

    def read(content: bytes, folder: Path) -> object:
        number = int.from_bytes(content[:2], "little") % len(files)
        file = files[number]
        place = folder / "bundle"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(file.parent, place)
        (place / file.name).write_bytes(content[2:])
        if len(content) % 2:
            _seal(place, file.name)
        return Model.load(place)

    return corpus, read


def _seal(bundle: Path, name: str) -> None:
    """Make the hashes fit again, where the manifest can still be read."""
    manifest = bundle / "manifest.json"
    content = (bundle / name).read_bytes()
    try:
        table = json.loads(manifest.read_bytes())
        if name in table["files"]:
            table["files"][name] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
            manifest.write_text(json.dumps(table))
    except (ValueError, TypeError, KeyError, AttributeError):
        pass
    digest = hashlib.sha256(manifest.read_bytes()).hexdigest()
    if name != "manifest.sha256":
        (bundle / "manifest.sha256").write_text(f"{digest}  manifest.json\n")


READERS = {
    "image": images,
    "audio": sounds,
    "text": texts,
    "csv": tables,
    "bundle": bundles,
    "pdf": fuzz_documents.pdfs,
    "packed": fuzz_documents.packed_documents,
    "written": fuzz_documents.written,
}

if __name__ == "__main__":
    main()
