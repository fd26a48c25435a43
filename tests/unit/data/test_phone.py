"""Photos and sounds as phones and browsers make them, written by other programs."""

from __future__ import annotations

import contextlib
import io
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from headstart.data import phone
from headstart.data.audio import decode_audio
from headstart.data.dimensions import picture_size
from headstart.data.formats import modality_of
from headstart.data.image import decode_image
from headstart.data.read import gather, load
from headstart.data.sniff import sniff, sniff_content
from headstart.data.sound_file import promised_seconds
from headstart.data.stream import Stream
from headstart.errors import NotEnoughDataError, SourceError
from headstart.types import Modality

RATE = 16000
PICTURE = np.zeros((96, 128, 3), np.uint8)
PICTURE[:48, :64], PICTURE[:48, 64:], PICTURE[48:, :64], PICTURE[48:, 64:] = (
    (255, 0, 0),
    (0, 255, 0),
    (0, 0, 255),
    255,
)

needs_heif_enc = pytest.mark.skipif(shutil.which("heif-enc") is None, reason="heif-enc is not installed")
needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")


def heic(folder: Path, *options: str, picture: Image.Image | None = None) -> bytes:
    (picture or Image.fromarray(PICTURE)).save(folder / "in.png")
    command = ["heif-enc", *options, "in.png", "-o", "out.heic"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return (folder / "out.heic").read_bytes()


def turned(content: bytes) -> bytes:
    """Say in a HEIC file that it is to be turned a quarter to the left, as phones held upright do."""
    at = content.index(b"pixi")
    return content[:at] + b"irot\x01" + content[at + 5 :]


def close(out: np.ndarray, wanted: np.ndarray) -> bool:
    return out.shape == wanted.shape and float(np.abs(out.astype(int) - wanted).mean()) < 4


@needs_heif_enc
@pytest.mark.parametrize("options", [(), ("-b", "10"), ("-L",), ("-t", "off")])
def test_heic_is_read(tmp_path: Path, options: tuple[str, ...]) -> None:
    content = heic(tmp_path, *options)
    assert sniff(content[:8192]) == "heic"
    assert close(decode_image(content), PICTURE)
    assert picture_size(tmp_path / "out.heic") == (128, 96)


@needs_heif_enc
def test_heic_is_turned_once(tmp_path: Path) -> None:
    content = turned(heic(tmp_path))
    (tmp_path / "turned.heic").write_bytes(content)
    assert close(decode_image(content), np.rot90(PICTURE))
    assert picture_size(tmp_path / "turned.heic") == (96, 128)


@needs_heif_enc
def test_transparent_heic_lies_on_white(tmp_path: Path) -> None:
    rgba = np.dstack([PICTURE, np.full((96, 128), 255, np.uint8)])
    rgba[:, :64, 3] = 0
    out = decode_image(heic(tmp_path, picture=Image.fromarray(rgba)))
    assert out[:, :56].min() > 240
    assert out[20, 100, 0] < 10


@needs_heif_enc
def test_of_several_photos_in_a_heic_the_primary_one_is_taken(tmp_path: Path) -> None:
    heic(tmp_path)
    Image.new("RGB", (64, 64), "black").save(tmp_path / "other.png")
    command = ["heif-enc", "in.png", "other.png", "-o", "several.heic"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    assert close(decode_image(tmp_path / "several.heic"), PICTURE)


@needs_heif_enc
def test_large_heic_shrinks_and_never_below_the_size_asked_for(tmp_path: Path) -> None:
    content = heic(tmp_path, picture=Image.fromarray(PICTURE).resize((1600, 1200)))
    out = decode_image(content, cover=200)
    assert 200 <= min(out.shape[:2]) < 1200


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_avif_is_turned_once(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    held = io.BytesIO()
    Image.fromarray(PICTURE).save(held, "AVIF", exif=exif, quality=95)
    turns = {1: 0, 3: 2, 6: -1, 8: 1}[orientation]
    assert close(decode_image(held.getvalue()), np.rot90(PICTURE, turns))


@needs_heif_enc
def test_damaged_heic_raises_nothing_else_and_says_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    good = heic(tmp_path)
    chance = np.random.default_rng(1)
    for number in range(120):
        bad = bytearray(good)
        for place in chance.integers(12, len(bad), 4):
            bad[place] = chance.integers(0, 256)
        with contextlib.suppress(SourceError):  # anything else fails the test
            decode_image(bytes(bad) if number % 2 else good[: chance.integers(20, len(good))])
    assert capfd.readouterr().err == ""


def sound(folder: Path, name: str, *options: str, seconds: float = 1.0) -> bytes:
    time = np.arange(int(seconds * RATE)) / RATE
    soundfile.write(folder / "in.wav", 0.5 * np.sin(2 * np.pi * 440 * time), RATE)
    command = ["ffmpeg", "-v", "error", "-y", "-i", "in.wav", *options, name]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return (folder / name).read_bytes()


def pitch_of(samples: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(spectrum.argmax() * RATE / len(samples))


SOUNDS = {
    "iphone.m4a": ("m4a", ()),
    "android.mp4": ("m4a", ("-f", "mp4", "-brand", "mp42")),
    "isom.m4a": ("m4a", ("-f", "mp4", "-brand", "isom")),
    "voice memo.mov": ("m4a", ("-f", "mov", "-c:a", "aac")),
    "lossless.m4a": ("m4a", ("-c:a", "alac")),
    "streamed.m4a": ("m4a", ("-movflags", "+frag_keyframe+empty_moov")),
    "fast start.m4a": ("m4a", ("-movflags", "+faststart")),
    "phone.3gp": ("3gp", ("-f", "3gp", "-c:a", "aac")),
    "raw.aac": ("aac", ()),
    "browser.webm": ("webm", ("-c:a", "libopus")),
    "live.webm": ("webm", ("-c:a", "libopus", "-f", "webm", "-live", "1")),
    "matroska.mka": ("webm", ("-c:a", "libvorbis")),
    "windows.wma": ("wma", ()),
    "chat.opus": ("ogg", ("-c:a", "libopus")),
    "flac.oga": ("ogg", ("-c:a", "flac")),
    "speech.spx": ("speex", ("-c:a", "libspeex")),
    "mac.caf": ("caf", ("-c:a", "pcm_s16le")),
    "lossless.caf": ("caf", ("-c:a", "alac")),
}


@needs_ffmpeg
@pytest.mark.parametrize("name", SOUNDS)
def test_sounds_in_every_container_are_read(tmp_path: Path, name: str) -> None:
    kind, options = SOUNDS[name]
    content = sound(tmp_path, name, *options)
    assert sniff_content(content) == kind
    assert modality_of(kind) is Modality.AUDIO
    samples, note = decode_audio(tmp_path / name, rate=RATE)
    assert samples.dtype == np.float32
    assert pitch_of(samples) == pytest.approx(440, abs=3)
    assert len(samples) == pytest.approx(RATE, rel=0.15)
    assert note == ""
    again, _ = decode_audio(content, rate=RATE)
    np.testing.assert_array_equal(again, samples)
    assert promised_seconds(content) in (0, pytest.approx(1, rel=0.15))


def amr(path: Path) -> None:
    av = pytest.importorskip("av")
    if "libopencore_amrnb" not in av.codecs_available:
        pytest.skip("no program here writes AMR")
    wave = (16000 * np.sin(2 * np.pi * 440 * np.arange(8000) / 8000)).astype(np.int16)
    with av.open(str(path), "w", format=path.suffix[1:]) as out:
        stream = out.add_stream("libopencore_amrnb", rate=8000)
        stream.layout = "mono"
        for start in range(0, 8000, 160):
            frame = av.AudioFrame.from_ndarray(wave[None, start : start + 160], format="s16", layout="mono")
            frame.sample_rate, frame.pts = 8000, start
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


@pytest.mark.parametrize(("suffix", "kind"), [("amr", "amr"), ("3gp", "3gp")])
def test_amr_is_read(tmp_path: Path, suffix: str, kind: str) -> None:
    amr(tmp_path / f"call.{suffix}")
    content = (tmp_path / f"call.{suffix}").read_bytes()
    assert sniff_content(content) == kind
    samples, _ = decode_audio(content, rate=RATE)
    assert pitch_of(samples) == pytest.approx(440, abs=3)
    assert len(samples) == pytest.approx(RATE, rel=0.1)


@needs_ffmpeg
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.mp4", ()),
        ("silent.mp4", ("-an",)),
        ("live.mp4", ("-movflags", "+frag_keyframe+empty_moov")),
        ("a.mov", ()),
        ("a.webm", ("-c:v", "libvpx", "-c:a", "libopus")),
        ("a.mkv", ()),
        ("a.ogv", ("-c:v", "libtheora", "-c:a", "libvorbis")),
        ("a.wmv", ()),
        ("a.avi", ()),
        ("a.ts", ()),
    ],
)
def test_a_video_is_refused_as_one(tmp_path: Path, name: str, options: tuple[str, ...]) -> None:
    film = ("-f", "lavfi", "-i", "testsrc=duration=1:size=64x48:rate=10")
    content = sound(tmp_path, name, *film, *options)
    assert sniff_content(content) == "video"
    with pytest.raises(SourceError, match=r"It is a video, .*save single pictures or the sound from it"):
        decode_audio(content, rate=RATE)


@needs_ffmpeg
def test_a_cover_makes_no_video_of_a_sound(tmp_path: Path) -> None:
    Image.fromarray(PICTURE).save(tmp_path / "cover.jpg")
    cover = ("-i", "cover.jpg", "-map", "0", "-map", "1", "-c:v", "copy", "-disposition:v", "attached_pic")
    content = sound(tmp_path, "song.m4a", *cover)
    assert sniff_content(content) == "m4a"
    assert pitch_of(decode_audio(content, rate=RATE)[0]) == pytest.approx(440, abs=3)


@needs_ffmpeg
@pytest.mark.parametrize("name", ["iphone.m4a", "live.webm", "raw.aac"])
def test_long_sounds_are_cut_or_refused(tmp_path: Path, name: str) -> None:
    content = sound(tmp_path, name, *SOUNDS[name][1], seconds=3)
    samples, note = decode_audio(content, rate=RATE, max_seconds=1)
    assert len(samples) == RATE
    assert "only the first 1 seconds" in note
    with pytest.raises(SourceError, match="cut out the part that matters") as caught:
        decode_audio(content, rate=RATE, longest=2)
    assert caught.value.kind == "too_long"


@needs_ffmpeg
def test_many_threads_read_the_same(tmp_path: Path) -> None:
    content = sound(tmp_path, "a.m4a")
    wanted, _ = decode_audio(content, rate=RATE)
    with ThreadPoolExecutor(8) as pool:
        for samples, _ in pool.map(lambda _: decode_audio(content, rate=RATE), range(24)):
            np.testing.assert_array_equal(samples, wanted)


@needs_ffmpeg
@pytest.mark.parametrize("name", ["iphone.m4a", "browser.webm", "raw.aac", "windows.wma", "speech.spx"])
def test_damaged_sounds_raise_nothing_else_and_say_nothing(
    tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    good = sound(tmp_path, name, *SOUNDS[name][1], seconds=0.3)
    chance = np.random.default_rng(1)
    for number in range(40):
        bad = bytearray(good)
        for place in chance.integers(0, len(bad) if number % 3 else 200, 6):
            bad[place] = chance.integers(0, 256)
        with contextlib.suppress(SourceError):  # anything else fails the test
            decode_audio(bytes(bad) if number % 2 else good[: chance.integers(20, len(good))], rate=RATE)
    assert capfd.readouterr().err == ""


def test_a_playlist_in_disguise_opens_no_other_file(tmp_path: Path) -> None:
    (tmp_path / "secret.wav").write_bytes(b"RIFF")
    (tmp_path / "a.m4a").write_bytes(f"#EXTM3U\n#EXTINF:1,\n{tmp_path}/secret.wav\n".encode())
    with pytest.raises(SourceError, match="plain text"):
        decode_audio(tmp_path / "a.m4a", rate=RATE)


@pytest.fixture
def without_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it be as after a plain install."""
    monkeypatch.setattr(phone, "_imported", lambda name: None)


INSTALL = r"install it with: pip install 'headstart\[phone\]'$"
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(400)
M4A = b"\x00\x00\x00\x1cftypM4A \x00\x00\x02\x00M4A isomiso2" + bytes(400)


@pytest.mark.usefixtures("without_extra")
def test_without_the_extra_the_line_that_installs_it_is_told(tmp_path: Path) -> None:
    for content, decode in ((HEIC, decode_image), (M4A, lambda data: decode_audio(data, rate=RATE))):
        with pytest.raises(SourceError, match=INSTALL) as caught:
            decode(content)
        assert caught.value.kind == "needs_phone"
    for label in "ab":
        (tmp_path / label).mkdir()
        (tmp_path / label / "1.heic").write_bytes(HEIC)
    with pytest.raises(NotEnoughDataError, match=r"a HEIC photo.*pip install 'headstart\[phone\]'"):
        load(tmp_path)
    for label in "ab":
        Image.fromarray(PICTURE).save(tmp_path / label / "2.png")
        (tmp_path / label / "notes.txt").write_text("three photos")
    data = load(tmp_path)
    assert data.counts == {"a": 1, "b": 1}
    assert {problem.code for problem in data.problems} == {"needs_phone", "not_an_image"}


@needs_ffmpeg
def test_the_video_of_a_live_photo_is_passed_over_and_counted(tmp_path: Path) -> None:
    film = sound(tmp_path, "film.mov", "-f", "lavfi", "-i", "testsrc=duration=1:size=64x48:rate=10")
    for label in "ab":
        folder = tmp_path / "data" / label
        folder.mkdir(parents=True)
        for name in ("IMG_0001.JPG", "IMG_0002.jpeg"):
            Image.fromarray(PICTURE).save(folder / name, "JPEG")
        (folder / "IMG_0001.MOV").write_bytes(film)
        (folder / "IMG_0009.MOV").write_bytes(film)
    data = load(tmp_path / "data")
    assert data.counts == {"a": 2, "b": 2}
    assert data.ignored == {"videos of live photos": 2}
    assert [problem.source for problem in data.problems] == ["a/IMG_0009.MOV", "b/IMG_0009.MOV"]
    examples, problems, ignored = gather([tmp_path / "data"], "image")
    assert (len(examples), len(problems), ignored) == (4, 2, {"videos of live photos": 2})
    stream = Stream([tmp_path / "data"], Modality.IMAGE)
    given = list(stream)
    assert stream.count() == len(given) == 6
    assert sum(bool(one.reason) for one in given) == 2
