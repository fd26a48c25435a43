"""The real app in a process of its own, opened in a real browser by somebody who is signed in."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import APIRequestContext, Browser, BrowserContext, Page, expect

REPO = Path(__file__).resolve().parents[2]
SHARED_CACHE = Path(os.environ.get("HEADSTART_TEST_CACHE", REPO / ".cache"))
TOKEN = "walk"
# One base of each kind: the walks are about the app, and embed every example once.
BASES = ("efficientnet_lite0", "wordllama_256", "speech_embedding")
PROGRAM = str(Path(sys.executable).parent / "headstart")
PATIENCE = 90_000


def small_cache(folder: Path) -> Path:
    """Make a cache that holds one prepared base of each kind, linked."""
    prepared = SHARED_CACHE / "headstart" / "bases"
    (folder / "bases").mkdir()
    for name in BASES:
        found = next(iter(prepared.glob(f"{name}-*")), None)
        if found is None:
            pytest.fail(f"No prepared {name} in {prepared}. Run: make bases")
        (folder / "bases" / found.name).symlink_to(found, target_is_directory=True)
    return folder


def some(data: Path, target: Path, n: int, kinds: tuple[str, ...] = ()) -> Path:
    """Copy the first files of each class: enough to look at, little to embed."""
    for folder in sorted(one for one in data.iterdir() if not kinds or one.name in kinds):
        (target / folder.name).mkdir(parents=True)
        for path in sorted(folder.iterdir())[:n]:
            shutil.copy(path, target / folder.name)
    return target


def environment(cache: Path) -> dict[str, str]:
    """Return the surroundings of the program: our cache, and no network."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("HEADSTART_")}
    return {**kept, "HEADSTART_CACHE": str(cache), "HEADSTART_OFFLINE": "1"}


@dataclass
class RunningApp:
    """An app that runs."""

    browser: Browser
    workspace: Path
    cache: Path
    url: str = ""
    process: subprocess.Popen[str] | None = None
    contexts: list[BrowserContext] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def start(self, port: int = 0) -> None:
        """Start it and wait until it says that it is open."""
        arguments = ["app", "--workspace", self.workspace, "--port", port, "--token", TOKEN, "--no-browser"]
        self.process = subprocess.Popen(
            [PROGRAM, *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment(self.cache),
        )
        assert self.process.stdout is not None
        said = []
        for line in self.process.stdout:
            said.append(line)
            found = re.search(r"(http://127\.0\.0\.1:\d+)/", line)
            if found:
                self.url = found[1]
                return
        pytest.fail(f"The app did not open: {''.join(said)}")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it, kindly or not."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(timeout=30)
            self.process.stdout.close()  # type: ignore[union-attr]
            self.process = None

    def kill_worker(self) -> None:
        """End the process that does the jobs, at once."""
        tasks = Path(f"/proc/{self.process.pid}/task")  # type: ignore[union-attr]
        children = [one for task in tasks.iterdir() for one in (task / "children").read_text().split()]
        [worker] = [int(one) for one in children if b"headstart.app.worker" in _command(one)]
        os.kill(worker, signal.SIGKILL)

    def context(self, **options: Any) -> BrowserContext:
        """Return a signed-in window."""
        size = {"width": options.pop("width", 1280), "height": options.pop("height", 800)}
        made = self.browser.new_context(viewport=size, accept_downloads=True, locale="en-GB", **options)
        made.set_default_timeout(30_000)
        made.request.get(f"{self.url}/?token={TOKEN}")
        self.contexts.append(made)
        return made

    def open(self, path: str = "/", context: BrowserContext | None = None, **options: Any) -> Page:
        """Open a page of the app in a window of its own."""
        page = (context or self.context(**options)).new_page()
        page.on("console", lambda message: self.complaints.append(f"{message.text} ({message.location})"))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(self.url + path)
        return page

    def close_pages(self) -> None:
        """Close every window; none may have complained."""
        for one in self.contexts:
            one.close()
        found, self.contexts, self.complaints = self.complaints, [], []
        assert found == []

    def api(self, page: Page) -> Api:
        """Return what asks the API with the cookie of a page."""
        return Api(page.context.request, self.url)


def _command(pid: str) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


@dataclass
class Api:
    """The API of the app, asked as its own pages ask."""

    request: APIRequestContext
    url: str

    def get(self, path: str) -> Any:
        answer = self.request.get(f"{self.url}/api{path}")
        assert answer.ok, answer.text()
        return answer.json()

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        options = options or {"data": body or {}}
        answer = self.request.post(f"{self.url}/api{path}", headers={"Origin": self.url}, **options)
        assert answer.ok, answer.text()
        return answer.json()

    def patch(self, path: str, body: Any) -> Any:
        answer = self.request.patch(f"{self.url}/api{path}", headers={"Origin": self.url}, data=body)
        assert answer.ok, answer.text()
        return answer.json()

    def project(self, name: str, modality: str, folder: Path | None = None) -> str:
        """Make a project, with the files of a folder of folders."""
        made = self.post("/projects", {"name": name, "modality": modality})["id"]
        for one in sorted(folder.iterdir()) if folder else []:
            owner = self.post(f"/projects/{made}/classes", {"name": one.name})["id"]
            for path in sorted(one.iterdir()):
                part = {
                    "name": path.name,
                    "mimeType": "application/octet-stream",
                    "buffer": path.read_bytes(),
                }
                self.post(f"/projects/{made}/examples?class={owner}", multipart={"files": part})
        return str(made)

    def predict(self, project: str, content: Path | str) -> Any:
        """What the app says of a file or a text."""
        if isinstance(content, str):
            return self.post(f"/projects/{project}/predict?nearest=0", {"text": content})
        headers = {"Origin": self.url, "Content-Type": "application/octet-stream"}
        where = f"{self.url}/api/projects/{project}/predict?nearest=0&name={content.name}"
        answer = self.request.post(where, headers=headers, data=content.read_bytes())
        assert answer.ok, answer.text()
        return answer.json()

    def run(self, project: str, kind: str) -> dict[str, Any]:
        """Check or train, and wait for the end."""
        job = self.post(f"/projects/{project}/jobs", {"kind": kind})
        for _ in range(900):
            job = self.get(f"/jobs/{job['id']}")
            if job["state"] not in ("queued", "running"):
                break
            time.sleep(0.2)
        assert job["state"] == "done", job
        return dict(job)


def choose_folder(page: Page, folder: Path) -> None:
    """Choose a folder as a person does, and wait until all of it was taken in."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a folder").click()
    with page.expect_response(lambda r: "/examples?batch=" in r.url, timeout=PATIENCE):
        chooser.value.set_files(folder)
    expect(page.locator("#upload")).to_be_hidden(timeout=PATIENCE)


def new_project(page: Page, kind: str, name: str) -> str:
    """Start a project on the first screen; return its id."""
    page.locator(f"[data-kind={kind}]").click()
    page.get_by_label("Name of the project").fill(name)
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url("**/examples")
    return page.url.split("/")[-2]


def check_and_train(page: Page) -> None:
    """Go from the examples to a trained model by the one button of each screen."""
    page.get_by_role("link", name="Check these examples").click()
    page.get_by_role("button", name="Check now").click()
    expect(page.locator("#verdict")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("link", name="Train the model").click()
    page.get_by_role("button", name="Train the model").click()
    expect(page.get_by_role("heading", name="Your model is ready")).to_be_visible(timeout=PATIENCE)
