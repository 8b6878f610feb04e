"""The review with real keys, in real browsers, on a server that may be killed."""

import os
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE, Tab, serve
from tests.reviews import FILMS, films_of, make_report
from xray.review.opinion import Choice, Opinion
from xray.review.store import OpinionStore

HAND, KNEE = 9, 11
MORE = {f"more{number}": ("CHEST", "Hand", 0.9 - number / 100) for number in range(4)}


@pytest.fixture
def report(tmp_path: Path) -> Path:
    return make_report(tmp_path, {**FILMS, **MORE})


@pytest.fixture
def reviewed(report: Path) -> Iterator[str]:
    with serve(variables={"XRAY_REVIEW": str(report), "XRAY_REVIEWER": "ann"}) as found:
        yield found


@pytest.fixture
def tabs(browser: Browser, reviewed: str) -> Iterator[Callable[..., Tab]]:
    opened: list[Tab] = []

    def make(**options: object) -> Tab:
        opened.append(Tab(browser, reviewed, **options))
        return opened[-1]

    yield make
    for tab in opened:
        tab.close()


def shown(page: Page) -> str:
    """Name of the film on the page."""
    caption = page.locator(".st-key-review-film").get_by_test_id("stCaptionContainer")
    return caption.inner_text().partition(".dcm")[0]


def wait_for(page: Page, name: str, patience: float = PATIENCE) -> None:
    film = page.locator(".st-key-review-film")
    expect(film.get_by_text(f"{name}.dcm")).to_be_visible(timeout=patience)
    # A key pressed before all keys of a film are there says nothing.
    page.wait_for_timeout(300)
    app = page.locator('[data-testid="stApp"]')
    expect(app).to_have_attribute("data-test-script-state", "notRunning")
    expect(page.locator('[class*="st-key-review-skip-"]')).to_have_count(1)
    page.wait_for_timeout(200)


def open_on(tab: Tab, name: str) -> Page:
    """Open the page; a server's first film takes as long as its network to load."""
    page = tab.open()
    wait_for(page, name, 4 * PATIENCE)
    page.wait_for_timeout(1_500)  # it is drawn once more as soon as it is there
    return page


def said(report: Path, name: str) -> Opinion:
    return OpinionStore(report).standings.said(films_of(report)[name].key)[-1]


def test_every_key_decides_and_shows_the_next_film(
    tabs: Callable[..., Tab], report: Path
) -> None:
    page = open_on(tabs(), "surest")
    page.keyboard.press("h")
    wait_for(page, "sure")
    page.keyboard.press("2")
    wait_for(page, "more0")
    page.keyboard.press("u")
    wait_for(page, "sure")
    page.keyboard.press("p")
    wait_for(page, "more0")
    page.keyboard.press("/")
    page.keyboard.type("kne", delay=30)
    page.keyboard.press("Enter")
    wait_for(page, "more1")
    page.keyboard.press("v")
    expect(page.get_by_role("button", name="Choose the parts")).to_be_visible()
    page.keyboard.press("1")
    expect(page.get_by_role("button", name="Done: Hand")).to_be_visible()
    page.keyboard.press("3")
    expect(
        page.get_by_role("button", name=re.compile(r"Done: Hand \+"))
    ).to_be_visible()
    page.keyboard.press("v")
    wait_for(page, "more2")
    page.keyboard.press("n")
    wait_for(page, "more3")
    page.keyboard.press("s")
    wait_for(page, "near")
    page.keyboard.press("o")
    expect(page.get_by_text("A second opinion is asked for")).to_be_visible()
    assert said(report, "surest").choice is Choice.HEADER
    assert said(report, "sure").choice is Choice.PICTURE
    assert said(report, "more0").parts == (KNEE,)
    assert said(report, "more1").choice is Choice.SEVERAL
    assert len(said(report, "more1").parts) == 2
    assert said(report, "more2").choice is Choice.NOT_RADIOGRAPH
    assert said(report, "more3").choice is Choice.SKIP
    assert said(report, "near").choice is Choice.SECOND


def test_two_browsers_share_a_queue_and_no_film(
    tabs: Callable[..., Tab], report: Path
) -> None:
    first = open_on(tabs(), "surest")
    second = open_on(tabs(), "sure")
    for _ in range(3):
        for page in (first, second):
            before = shown(page)
            page.keyboard.press("p")
            expect(page.get_by_text(f"{before}.dcm")).to_have_count(0)
        assert shown(first) != shown(second)
    standings = OpinionStore(report).standings
    decided = [key for key in standings if standings.final(key)]
    assert len(decided) == 6
    assert all(len(standings.said(key)) == 1 for key in decided)


def test_reloaded_page_has_the_film_it_had(tabs: Callable[..., Tab]) -> None:
    page = open_on(tabs(), "surest")
    page.keyboard.press("p")
    wait_for(page, "sure")
    page.reload()
    wait_for(page, "sure")


def test_server_killed_between_decisions_loses_none(
    browser: Browser, report: Path
) -> None:
    variables = {"XRAY_REVIEW": str(report), "XRAY_REVIEWER": "ann"}
    with serve(variables=variables) as address:
        tab = Tab(browser, address)
        page = open_on(tab, "surest")
        page.keyboard.press("p")
        wait_for(page, "sure")
        page.keyboard.press("p")
        wait_for(page, "more0")
        os.kill(_server_of(report), signal.SIGKILL)
        tab.close()
    with serve(variables=variables) as address:
        tab = Tab(browser, address)
        # Not the film that the killed server had given away: it is free in minutes.
        page = open_on(tab, "more1")
        page.keyboard.press("u")
        wait_for(page, "sure")
        tab.close()
    assert said(report, "surest").choice is Choice.PICTURE


def _server_of(report: Path) -> int:
    """The process that serves a report."""
    wanted = f"XRAY_REVIEW={report}".encode()
    for each in Path("/proc").iterdir():
        if each.name.isdecimal() and int(each.name) != os.getpid():
            try:
                variables = (each / "environ").read_bytes().split(b"\0")
                words = (each / "cmdline").read_bytes()
            except OSError:
                continue
            if wanted in variables and b"streamlit" in words:
                return int(each.name)
    raise AssertionError("Expected a server of the report")


def test_narrow_page_is_worked_by_touch(tabs: Callable[..., Tab], report: Path) -> None:
    size = {"width": 420, "height": 900}
    options = {"viewport": size, "has_touch": True, "color_scheme": "light"}
    page = open_on(tabs(**options), "surest")
    width = page.evaluate("document.scrollingElement.scrollWidth")
    assert width <= 420
    picture = page.get_by_role("button", name="Picture is right")
    box = picture.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 900  # in sight without scrolling
    assert box["height"] >= 38
    picture.tap()
    wait_for(page, "sure")
    assert said(report, "surest").choice is Choice.PICTURE


def test_marks_of_the_single_view_have_the_same_keys(tab: Tab) -> None:
    page = tab.open()
    page.get_by_role("button", name="Try an example").click()
    expect(page.get_by_text("Knee", exact=True)).to_be_visible()
    tab.settle()
    page.locator(".st-key-cards .stButton").get_by_role(
        "button", name="Open large"
    ).first.click()
    expect(page.get_by_text("What does it show?")).to_be_visible()
    tab.settle()
    page.keyboard.press("n")
    expect(page.get_by_text("marked: not a radiograph")).to_be_visible()
    page.keyboard.press("u")
    expect(page.get_by_text("marked: not a radiograph")).to_have_count(0)
