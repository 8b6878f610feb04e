"""A real server and a real browser, and nothing between them but localhost."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

ROOT = Path(__file__).parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic"),
    *("--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)
PATIENCE = 60_000  # milliseconds, for machines that are busy

expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = str(Path(__file__).parent)
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell with a failure what its tabs showed."""
    report = yield
    if call.when == "call" and report.failed and isinstance(item, pytest.Function):
        for name, tab in item.funcargs.items():
            if isinstance(tab, Tab):
                picture = Path(tempfile.mkdtemp("-xray")) / f"{item.name}.png"
                report.sections.append((f"The {name}", tab.describe(picture)))
    return report


@contextmanager
def serve(
    root: Path = ROOT,
    program: Sequence[str] = (sys.executable, "-m", "streamlit", "run", "app.py"),
    variables: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """Run the app as people do, on a free port: its address.

    Args:
        root: Folder to serve from: a checkout.
        program: What to run; options of Streamlit follow.
        variables: Of the environment, beside this process's own.
    """
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    options = ["--server.headless", "true", "--server.port", str(port)]
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [*program, *options],
            cwd=root,
            env={**os.environ, **(variables or {})},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            address = f"http://localhost:{port}"
            _wait_for(f"{address}/_stcore/health")
            yield address
        finally:
            process.terminate()
            process.wait(20)
        log.seek(0)
        said = log.read()
    assert "Error" not in said, said


def _wait_for(address: str) -> None:
    until = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.2)
    raise TimeoutError(f"Expected the app at {address}")


def chromium() -> str:
    """Path of a Chromium."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    path = os.environ.get("XRAY_CHROMIUM") or found
    assert path, "No Chromium found: install one, or set XRAY_CHROMIUM to its path"
    return path


def launch(running: Playwright) -> Browser:
    """Start it."""
    return running.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with serve() as address:
        yield address


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    running = launch(playwright)
    yield running
    running.close()


class Tab:
    """One browser tab on the app, which may talk to the app and to nobody else."""

    def __init__(self, browser: Browser, address: str, **options: object) -> None:
        size = {"width": 1280, "height": 900}
        settings = {"viewport": size, "locale": "en-US", "color_scheme": "dark"}
        self.context = browser.new_context(**{**settings, **options})  # type: ignore[arg-type]
        self.page: Page = self.context.new_page()
        self.foreign: list[str] = []
        self.failures: list[str] = []
        self.console: list[str] = []
        self.page.on("request", lambda request: self._check(request.url, address))
        self.page.on("websocket", lambda socket: self._check(socket.url, address))
        self.page.on("pageerror", lambda error: self.failures.append(str(error)))
        self.page.on("console", lambda line: self.console.append(line.text))
        self.page.set_default_timeout(PATIENCE)
        self.address = address

    def open(self, path: str = "/") -> Page:
        self.page.goto(self.address + path)
        expect(self.page.get_by_test_id("stSidebar")).to_be_attached()
        self.settle()
        return self.page

    def settle(self) -> None:
        """Wait until the app is idle."""
        self.page.wait_for_timeout(300)
        app = self.page.locator('[data-testid="stApp"]')
        expect(app).to_have_attribute("data-test-script-state", "notRunning")
        self.page.wait_for_timeout(200)

    def describe(self, picture: Path) -> str:
        """Say what the page showed in the end, with a picture of it."""
        self.page.screenshot(path=picture, timeout=5_000)
        words = self.page.locator("body").inner_text(timeout=5_000)
        return "\n".join((f"Picture: {picture}", *self.console[-20:], words))

    def _check(self, url: str, address: str) -> None:
        inside = urlsplit(address).netloc
        if url.startswith(("http", "ws")) and urlsplit(url).netloc != inside:
            self.foreign.append(url)

    def close(self) -> None:
        self.context.close()
        assert not any("fatal error" in line for line in self.console), self.console
        assert not self.foreign
        assert not self.failures


@pytest.fixture
def tab(browser: Browser, server: str) -> Iterator[Tab]:
    opened = Tab(browser, server)
    yield opened
    opened.close()


@pytest.fixture
def narrow(browser: Browser, server: str) -> Iterator[Tab]:
    size = {"width": 420, "height": 900}
    opened = Tab(browser, server, viewport=size, color_scheme="light")
    yield opened
    opened.close()
