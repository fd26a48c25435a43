"""The exported page in a real browser: the same answers as Python, from its own files alone."""

from __future__ import annotations

import base64
import csv
import functools
import http.server
import io
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from tokenizers import Tokenizer

from exported import CLASSES, REAL, blended_model, real_inputs, spread
from headstart import Model
from headstart.data.text import clean
from headstart.export.metadata import tokenizer_of
from headstart.export.runtime import PACKAGE, VERSION
from headstart.types import Modality
from headstart.workflows import export, train
from parts import part_photo, scratched, shot, write_parts

pytestmark = [pytest.mark.browser, pytest.mark.bases, pytest.mark.realdata]
TOLERANCE = 1e-4
EIGHT_BIT = ("minilm_l6",)
STRANGE = (
    "",
    "[MASK] and </s> in the middle <s>",
    "Größe, naïve café, ΣΟΦΟΣ, Москва, 東京タワー, 🎉🎉👩‍👩‍👧",
    "tabs\tand\u00a0blanks\u2003of  many   kinds\n\nand lines",
    "x" * 150 + " " + "supercalifragilisticexpialidocious " * 3,
    "a\u200bb\u00adc\ufeffd \ufffd \u0007 e\u0301 \u1e9b\u0323",
    "don't @user #tag $5.00 (50%) https://x.y/z?a=b&c=d",
    "İstanbul ǅ ß ﬁ ㍿ ½ ²",
    "one two three " * 500,
)


AS_FILE = (
    "([data, type]) => headstart.likely("
    "new File([Uint8Array.from(atob(data), (one) => one.charCodeAt(0))], 'x', { type }))"
)


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A static web server that says nothing."""

    def log_message(self, *_: Any) -> None:
        pass


class Site:
    """A page that is served, with what it asked for and complained about."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page, self.asked, self.complaints = page, [], []
        handler = functools.partial(Quiet, directory=folder)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(self.origin)
        expect(page.locator("#state")).to_have_text("Ready.", timeout=60_000)

    def close(self) -> None:
        own = (self.origin, "blob:", "data:")
        assert [url for url in self.asked if not url.startswith(own)] == []
        assert self.complaints == []
        self.page.context.close()
        self.server.shutdown()
        self.server.server_close()

    def likely(self, source: str | bytes, kind: str = "image/png") -> list[float]:
        """Hand one input over as the page would take it from a person."""
        if isinstance(source, str):
            return self.page.evaluate("text => headstart.likely(text)", source)
        return self.page.evaluate(
            AS_FILE,
            [base64.b64encode(source).decode(), kind],
        )


@pytest.fixture
def visit_site(browser: Browser) -> Iterator[Callable[..., Site]]:
    opened: list[Site] = []

    def visit(folder: Path, using: Browser | None = None, **context: Any) -> Site:
        opened.append(Site((using or browser).new_context(**context).new_page(), folder))
        return opened[-1]

    yield visit
    for site in opened:
        site.close()


@pytest.fixture
def page_of(data_root: Path, bases_cache: Path, tmp_path: Path) -> Callable[[Model], Path]:
    """Export a model as a page, with the runtime that lies beside the real data."""
    runtime = data_root.parent / "headstart" / "runtime" / f"{PACKAGE}-{VERSION}"
    if not runtime.is_dir():
        pytest.fail(f"No {PACKAGE} in {runtime}. Run: make runtime")

    def write(model: Model) -> Path:
        export(model, "web", output=tmp_path / "page", runtime=runtime)
        return tmp_path / "page"

    return write


def bytes_of(source: Any) -> str | bytes:
    return source.read_bytes() if isinstance(source, Path) else source


@pytest.mark.parametrize("modality", list(Modality))
def test_the_browser_answers_as_python_does(
    modality: Modality, visit_site: Callable[..., Site], page_of: Callable[[Model], Path], data_root: Path
):
    sources = real_inputs(modality, data_root)
    model = blended_model(modality, sources, without=EIGHT_BIT)
    site = visit_site(page_of(model))
    want = model.predict_proba(sources)
    got = np.array([site.likely(bytes_of(source)) for source in sources])
    assert len(got) == REAL
    assert np.abs(got - want).max() <= TOLERANCE
    assert (got.argmax(axis=1) == want.argmax(axis=1)).all()
    assert site.page.evaluate("headstart.classes") == list(CLASSES)


def test_the_browser_tells_tags_and_numbers_as_python_does(
    visit_site: Callable[..., Site], page_of: Callable[[Model], Path], data_root: Path
):
    folders = sorted((data_root / "image" / "handwritten_digits").iterdir())
    photos = [path for folder in folders for path in sorted(folder.iterdir())[:5]]
    digits = [int(path.parent.name) for path in photos]
    names = ("even", "round", "low")
    tags = [
        [n for n, has in zip(names, (d % 2 == 0, d in (0, 6, 8, 9), d < 4), strict=True) if has]
        for d in digits
    ]
    wanted = photos[::10]
    told = train(photos, tags, target="tags", base="efficientnet_lite0").model
    site = visit_site(page_of(told))
    for photo, said in zip(wanted, told.predict(wanted), strict=True):
        got = site.likely(photo.read_bytes())
        assert np.abs(np.array(got) - [said.probabilities[name] for name in told.classes]).max() <= TOLERANCE
    site.page.set_input_files("#file-image", wanted[0])
    heading = site.page.locator("#answers h2")
    expect(heading).to_have_text(
        ", ".join(n for n in told.classes if n in told.predict(wanted[:1])[0].tags) or "None of these"
    )
    expect(site.page.locator("#about")).to_have_text(
        "It tells which of 3 tags photos have: even, low, round."
    )
    numbers = train(
        photos, [d + 0.25 * i for i, d in enumerate(digits)], target="number", base="efficientnet_lite0"
    ).model
    site = visit_site(page_of(numbers))
    for photo, said in zip(wanted, numbers.predict(wanted, confidence=0.9), strict=True):
        got = site.page.evaluate(
            AS_FILE.replace("likely", "outputsOf"),
            [base64.b64encode(photo.read_bytes()).decode(), "image/png"],
        )
        for name, value in (("values", said.value), ("low", said.low), ("high", said.high)):
            assert abs(got[name][0] - value) <= TOLERANCE * max(1.0, abs(value))
    site.page.set_input_files("#file-image", wanted[0])
    expect(site.page.locator("#answers")).to_contain_text("9 times of 10 the right number lies in")
    assert not Axe().run(site.page).response["violations"]


@pytest.mark.slow
def test_an_eight_bit_base_gives_the_same_names(
    visit_site: Callable[..., Site], page_of: Callable[[Model], Path], data_root: Path
):
    """Its activations are rounded to steps, and the browser rounds some to the next step: told apart."""
    with (data_root / "text" / "package_section.csv").open(encoding="utf-8", newline="") as file:
        rows = spread([tuple(row.values())[:2] for row in csv.DictReader(file)], 240)
    model = train([text for text, _ in rows], [label for _, label in rows], base="minilm_l6", use_cache=False)
    site = visit_site(page_of(model))
    texts = spread([text for text, _ in rows], REAL)
    want = model.predict_proba(texts)
    got = np.array([site.likely(text) for text in texts])
    assert (got.argmax(axis=1) == want.argmax(axis=1)).all()
    apart = np.abs(got - want).max(axis=1)
    assert len(apart) == REAL
    assert apart.max() <= 0.02
    assert (apart <= TOLERANCE).mean() >= 0.75


def test_photos_are_dropped_and_named_on_a_phone_in_the_dark(
    visit_site: Callable[..., Site], page_of: Callable[[Model], Path], data_root: Path
):
    """JPEG goes through the browser's own decoder: the same names, not the same digits."""
    photos = spread(sorted((data_root / "image" / "stamp_photos").glob("*/*.jpg")), 10)
    model = blended_model(Modality.IMAGE, photos)
    folder = page_of(model)
    site = visit_site(folder, viewport={"width": 360, "height": 740}, color_scheme="dark")
    page = site.page
    page.set_input_files("#file-image", [*photos, folder / "page.js"])
    expect(page.locator("#answers h2")).to_have_count(10, timeout=60_000)
    answers = dict(
        zip(
            page.locator("#answers li:has(h2) .of").all_inner_texts(),
            page.locator("#answers h2").all_inner_texts(),
            strict=True,
        )
    )
    assert answers == {path.name: p.label for path, p in zip(photos, model.predict(photos), strict=True)}
    expect(page.locator("#answers .wrong")).to_have_text("This browser cannot open it as a picture.")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 24, 29)"
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []


def test_texts_are_cut_as_the_library_does_and_named(
    visit_site: Callable[..., Site], page_of: Callable[[Model], Path], data_root: Path
):
    """All texts of two real data sets, and strange ones."""
    texts = list(STRANGE)
    for name in ("news_topic.csv", "package_section.csv"):
        with (data_root / "text" / name).open(encoding="utf-8", newline="") as file:
            texts += [clean(next(iter(row.values()))) for row in csv.DictReader(file)]
    assert len(texts) > 1800
    model = blended_model(Modality.TEXT, texts[10:20])
    page = visit_site(page_of(model)).page
    for number, spec in enumerate(model.encoders):
        library = Tokenizer.from_str(tokenizer_of(spec))
        got = page.evaluate(
            "async ([texts, number]) => {"
            " const { Tokenizer } = await import('/tokens.js');"
            " const files = await (await fetch('/tokenizers.json')).json();"
            " const one = new Tokenizer(files[number].tokenizer);"
            " return texts.map((text) => one.encode(text)); }",
            [texts, number],
        )
        for text, ids in zip(texts, got, strict=True):
            assert ids == library.encode(text).ids, f"{spec.name}: {text[:200]!r}"
    type_texts(page, model)


def type_texts(page: Page, model: Model) -> None:
    """Type as a person would: a text is named, an empty one is not."""
    page.get_by_label("Your text", exact=True).fill("The soup was cold")
    page.get_by_role("button", name="Name it").click()
    [want] = model.predict(["The soup was cold"])
    expect(page.locator("#answers h2")).to_have_text(want.label)
    page.get_by_label("Your text", exact=True).fill("   ")
    page.get_by_role("button", name="Name it").click()
    expect(page.locator("#answers .wrong")).to_have_text("The text is empty.")
    assert [one["id"] for one in Axe().run(page).response["violations"]] == []


@pytest.fixture
def pretending(browser: Browser) -> Iterator[Browser]:
    """A browser with a camera and a microphone that are made up."""
    opened = browser.browser_type.launch(
        executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
        args=["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"],
    )
    yield opened
    opened.close()


@pytest.mark.slow
def test_the_camera_takes_a_picture(
    pretending: Browser, visit_site: Callable[..., Site], page_of: Callable[[Model], Path], data_root: Path
):
    model = blended_model(Modality.IMAGE, real_inputs(Modality.IMAGE, data_root, 3))
    page = visit_site(page_of(model), pretending).page
    page.get_by_role("button", name="Use the camera").click()
    page.get_by_role("button", name="Take the picture").click()
    expect(page.locator("#answers h2")).to_have_count(1, timeout=30_000)
    page.get_by_role("button", name="Switch the camera off").click()
    expect(page.locator("#video")).to_be_hidden()


@pytest.mark.slow
def test_the_microphone_records(
    pretending: Browser, visit_site: Callable[..., Site], page_of: Callable[[Model], Path], data_root: Path
):
    model = blended_model(Modality.AUDIO, real_inputs(Modality.AUDIO, data_root, 3))
    page = visit_site(page_of(model), pretending).page
    page.get_by_role("button", name="Record with the microphone").click()
    page.wait_for_timeout(1200)
    page.get_by_role("button", name="Stop and name it").click()
    expect(page.locator("#answers h2")).to_have_count(1, timeout=30_000)


def test_a_model_that_finds_defects_shows_them_in_the_browser(
    visit_site: Callable[..., Site], page_of: Callable[[Model], Path], data_root: Path, tmp_path: Path
):
    model = train(write_parts(tmp_path / "parts", data_root, good=20)).model
    site, part = visit_site(page_of(model)), part_photo(data_root)
    photos = []
    for photo in (shot(part, 900), shot(scratched(part, 5), 901), shot(part, 902).resize((500, 300))):
        stream = io.BytesIO()
        photo.save(stream, "PNG")
        photos.append(stream.getvalue())

    for content, said in zip(photos, model.predict(photos), strict=True):
        given = base64.b64encode(content).decode()
        got = site.page.evaluate(
            "data => headstart.outputsOf(new File("
            "[Uint8Array.from(atob(data), (one) => one.charCodeAt(0))], 'x.png', { type: 'image/png' }))",
            given,
        )
        assert got["score"][0] == pytest.approx(said.score, abs=1.5e-4)  # told with four digits
        assert got["p_value"][0] == pytest.approx(said.p_value, abs=1e-5)
        np.testing.assert_allclose(np.reshape(got["heatmap"], (20, 20)), said.heatmap, rtol=1e-4, atol=1e-4)
        assert ("ok", "defect", "out-of-distribution")[got["answer"][0]] == said.answer

    page = site.page
    expect(page.locator("#about")).to_have_text("It tells defective photos from good ones.")
    expect(page.locator("#worth")).to_contain_text("Of 100 good parts about 5 will be called defective")
    file = {"name": "scratch.png", "mimeType": "image/png", "buffer": photos[1]}
    page.locator("#file-image").set_input_files(file)
    expect(page.locator("#answers h2")).to_have_text("defect", timeout=30_000)
    marked = page.evaluate(
        """async () => {
          const canvas = document.querySelector("canvas.map");
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          let white = 0;
          for (let at = 0; at < data.length; at += 4)
            white += data[at] === 255 && data[at + 1] === 255 && data[at + 2] === 255;
          return [canvas.width, canvas.height, white];
        }"""
    )
    assert marked[:2] == [256, 256]
    assert marked[2] > 20  # the line around the defect
    assert [one["id"] for one in Axe().run(page).response["violations"]] == []
