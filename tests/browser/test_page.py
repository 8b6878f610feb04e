import base64
import csv
import io
import os
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.browser.conftest import ROOT, Tab, serve
from tests.dicom_files import make_dicom

FILMS = ROOT / "tests" / "films"
SHOTS = ROOT / "docs"
NAMES = ("hand", "knee", "pelvis", "shoulder", "chest", "ankle", "foot")


def film(name: str) -> np.ndarray:
    return np.asarray(Image.open(FILMS / f"{name}.jpg").convert("L"))


def png(pixels: np.ndarray, name: str) -> FilePayload:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": file.getvalue()}


def thirty_large() -> list[FilePayload]:
    """Make films that keep the page busy for a while."""
    large = np.kron(film("hand"), np.ones((6, 6), np.uint8))
    return [png(np.roll(large, 3 * i, 1), f"{i}.png") for i in range(30)]


def dicom(pixels: np.ndarray, name: str, **tags: object) -> FilePayload:
    data = make_dicom(pixels.astype(np.uint16), **tags)
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


def upload(tab: Tab, files: list[FilePayload]) -> None:
    tab.page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(files)


def at_work(page: Page) -> Locator:
    """Find the progress bar, or what is there where it is gone already."""
    return page.get_by_test_id("stProgress").or_(cards(page)).first


def cards(page: Page) -> Locator:
    return page.locator('[class*="st-key-cards"] img')


def tool(page: Page, name: str) -> Locator:
    """The buttons of one kind below the cards."""
    return page.locator(".st-key-cards .stButton").get_by_role("button", name=name)


def picture(page: Page, locator: Locator) -> np.ndarray:
    """The pixels of a picture on the page, as the browser has them."""
    address = locator.get_attribute("src") or ""
    data = page.evaluate(
        """async (url) => {
            const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
            let text = "";
            bytes.forEach((each) => { text += String.fromCharCode(each); });
            return btoa(text);
        }""",
        address,
    )
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB"))


def is_colored(pixels: np.ndarray) -> bool:
    return bool((pixels.max(axis=2).astype(int) - pixels.min(axis=2)).max() > 60)


def go(tab: Tab, name: str) -> None:
    tab.page.get_by_test_id("stTopNavLink").filter(has_text=name).click()
    tab.settle()


def test_png_and_dicom_from_upload_to_export(tab: Tab, tmp_path: Path) -> None:
    page = tab.open()
    upload(
        tab,
        [
            png(film("hand"), "left hand.png"),
            dicom(film("knee"), "IM000001", BodyPartExamined="SKULL"),
        ],
    )
    expect(cards(page)).to_have_count(2)
    expect(page.get_by_text("Hand", exact=True)).to_be_visible()
    expect(page.get_by_text("Knee", exact=True)).to_be_visible()
    expect(page.get_by_text("header disagrees", exact=False).first).to_be_visible()
    tab.settle()

    # The map is there, and goes for one card and for all.
    assert is_colored(picture(page, cards(page).nth(0)))
    tool(page, "Heat map").nth(0).click()
    tab.settle()
    assert not is_colored(picture(page, cards(page).nth(0)))
    assert is_colored(picture(page, cards(page).nth(1)))
    page.get_by_text("Heat maps", exact=True).click()
    tab.settle()
    assert not is_colored(picture(page, cards(page).nth(1)))

    # One at a time, with the arrow keys.
    tool(page, "Open large").nth(0).click()
    expect(page.get_by_text("1 of 2")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("2 of 2")).to_be_visible()
    expect(page.get_by_text("MONOCHROME2")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_text("1 of 2")).to_be_visible()

    # Into the history, and out as CSV.
    go(tab, "History")
    with page.expect_download() as started:
        page.get_by_role("button", name="CSV").click()
    file = tmp_path / "export.csv"
    started.value.save_as(file)
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = {row["file"]: row for row in csv.DictReader(lines)}
    assert set(rows) == {"left hand.png", "IM000001"}
    assert rows["left hand.png"]["label"] == "Hand"
    assert rows["IM000001"]["label"] == "Knee"
    assert rows["IM000001"]["verdict"] == "disagree"
    assert float(rows["IM000001"]["confidence"]) > 0.5


def test_page_address_opened_first_has_its_frame(browser: Browser) -> None:
    with serve() as address:
        tab = Tab(browser, address)
        page = tab.open("/history")
        expect(page.get_by_role("heading", name="History")).to_be_visible()
        expect(page.get_by_text("Español")).to_be_visible()
        tab.close()


def test_drag_and_drop_takes_files_in(tab: Tab) -> None:
    page = tab.open()
    files = [png(film(name), f"{name}.png") for name in ("hand", "knee")]
    handle = page.evaluate_handle(
        """(files) => {
            const transfer = new DataTransfer();
            for (const [name, text] of files) {
                const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
                transfer.items.add(new File([bytes], name, { type: "image/png" }));
            }
            return transfer;
        }""",
        [[each["name"], base64.b64encode(each["buffer"]).decode()] for each in files],
    )
    zone = page.get_by_test_id("stFileUploaderDropzone")
    for event in ("dragenter", "dragover", "drop"):
        zone.dispatch_event(event, {"dataTransfer": handle})
    expect(cards(page)).to_have_count(2)


def test_whole_folder_is_taken_in(tab: Tab, tmp_path: Path) -> None:
    inner = tmp_path / "study" / "series"
    inner.mkdir(parents=True)
    (inner / "IM1").write_bytes((FILMS / "hand.jpg").read_bytes())
    (tmp_path / "study" / "readme.txt").write_text("no picture", encoding="utf-8")
    page = tab.open()
    page.get_by_text("Whole folder").click()
    tab.settle()
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
        tmp_path / "study"
    )
    expect(cards(page)).to_have_count(1)
    expect(page.get_by_text("1 file could not be read")).to_be_visible()
    expect(page.get_by_text("readme.txt", exact=True)).to_be_visible()


def test_second_drop_right_after_the_first_loses_nothing(tab: Tab) -> None:
    page = tab.open()
    rng = np.random.default_rng(0)
    films = [
        png(film("hand") ^ rng.integers(0, 2, film("hand").shape, np.uint8), f"{n}.png")
        for n in range(24)
    ]
    upload(tab, films[:16])
    expect(at_work(page)).to_be_visible()
    # The one that took the first drop may still be there, out of sight.
    zone = page.get_by_test_id("stFileUploaderDropzoneInput").first
    # Whether the first is still under way then, is for the machine to say.
    zone.set_input_files(films[16:])
    expect(cards(page)).to_have_count(24)
    tab.settle()
    expect(page.get_by_text("24 radiographs")).to_be_visible()
    expect(page.get_by_test_id("stProgress")).to_have_count(0)


def test_first_results_leave_the_uploader_in_place(tab: Tab) -> None:
    page = tab.open()
    upload(tab, thirty_large())
    expect(at_work(page)).to_be_visible()
    zone = page.get_by_test_id("stFileUploaderDropzoneInput").first.element_handle()
    tab.settle()
    # A new one would have lost what this one was uploading.
    assert zone.evaluate("(zone) => zone.isConnected")


def test_hostile_names_stay_words_and_bad_files_stay_alone(tab: Tab) -> None:
    page = tab.open()
    name = "![x](javascript:alert(1)) **b** <img src=x onerror=alert(1)>.png"
    broken = png(film("knee"), "broken.png")
    broken["buffer"] = broken["buffer"][:500]
    upload(tab, [broken, png(film("hand"), name)])
    expect(cards(page)).to_have_count(1)
    # The uploader names its files too, until the page has taken them.
    expect(page.get_by_test_id("stFileChipName")).to_have_count(0)
    expect(page.get_by_text("broken.png", exact=True)).to_be_visible()
    expect(page.get_by_text(name, exact=True)).to_be_visible()
    assert page.get_by_test_id("stException").count() == 0


def test_language_and_pages_change_in_the_middle_of_work(tab: Tab) -> None:
    page = tab.open()
    upload(tab, thirty_large())
    # Whether the others are still under way then, is for the machine to say.
    expect(cards(page).first).to_be_visible()
    expect(page.get_by_text("For research. Not a medical device.")).to_have_count(1)
    expect(page.get_by_test_id("stStatusWidget")).to_be_hidden()
    page.get_by_text("Español").click()
    expect(page.get_by_text("Mapas de calor")).to_be_visible()
    page.get_by_test_id("stTopNavLink").filter(has_text="Historial").click()
    expect(page.get_by_role("heading", name="Historial")).to_be_visible()
    page.get_by_test_id("stTopNavLink").filter(has_text="Radiografías").click()
    expect(page.get_by_text(re.compile("^30 radiografías"))).to_be_visible()
    tab.settle()
    expect(cards(page)).to_have_count(24)
    page.get_by_test_id("stPagination").get_by_text("2", exact=True).click()
    expect(cards(page)).to_have_count(6)


def test_no_click_on_a_page_is_lost_while_work_goes_on(tab: Tab) -> None:
    page = tab.open()
    pixels = film("hand")
    upload(tab, [png(np.roll(pixels, 3 * i, 1), f"{i}.png") for i in range(60)])
    expect(cards(page).first).to_be_visible()
    for _ in range(8):
        page.get_by_test_id("stTopNavLink").filter(has_text="History").click()
        expect(page.get_by_role("heading", name="History")).to_be_visible()
        page.get_by_test_id("stTopNavLink").filter(has_text="Radiographs").click()
        expect(page.get_by_test_id("stFileUploaderDropzone")).to_be_visible()
    expect(page.get_by_text("60 radiographs")).to_be_visible()


def test_page_never_counts_on_what_the_browser_may_have_dropped(tab: Tab) -> None:
    answers: list[ForwardMsg] = []

    def read(frame: str | bytes) -> None:
        if isinstance(frame, bytes):
            answers.append(ForwardMsg.FromString(frame))

    tab.page.on("websocket", lambda socket: socket.on("framereceived", read))
    page = tab.open()
    upload(tab, [png(film(name), f"{name}.png") for name in ("hand", "chest")])
    expect(cards(page)).to_have_count(2)
    tab.settle()
    go(tab, "History")
    go(tab, "Radiographs")
    expect(cards(page)).to_have_count(2)
    kinds = {answer.WhichOneof("type") for answer in answers}
    assert "delta" in kinds
    assert "ref_hash" not in kinds


def test_language_changes_and_every_choice_stays(tab: Tab) -> None:
    page = tab.open()
    upload(tab, [png(film(name), f"{name}.png") for name in ("hand", "knee", "pelvis")])
    expect(cards(page)).to_have_count(3)
    tab.settle()
    side = page.get_by_test_id("stSidebar")
    side.get_by_role("combobox", name="Sort by").click()
    page.get_by_role("option", name="File name").click()
    tab.settle()
    side.get_by_role("combobox", name="Body parts").click()
    for part in ("Hand", "Knee"):
        page.get_by_role("option", name=part, exact=True).click()
        tab.settle()
    page.keyboard.press("Escape")
    expect(cards(page)).to_have_count(2)

    side.get_by_text("Español").click()
    tab.settle()
    expect(cards(page)).to_have_count(2)
    expect(side.get_by_test_id("stMultiSelect")).to_contain_text("Mano")
    expect(side.get_by_test_id("stMultiSelect")).to_contain_text("Rodilla")
    sort = side.get_by_role("combobox", name="Ordenar por")
    expect(sort).to_have_value("Nombre de archivo")


def test_cards_of_one_row_are_equally_tall(tab: Tab) -> None:
    page = tab.open()
    upload(
        tab,
        [
            png(film("hand"), "hand.png"),
            png(np.zeros((80, 60), np.uint8), "black.png"),
            dicom(film("knee"), "IM000001", BodyPartExamined="SKULL"),
        ],
    )
    expect(cards(page)).to_have_count(3)
    tab.settle()
    tops, bottoms, buttons = page.evaluate(
        """() => {
            const cells = document.querySelectorAll(
                '.st-key-cards [data-testid="stGridCellContent"] > *');
            const boxes = [...cells].map((each) => each.getBoundingClientRect());
            const tools = [...cells].map((each) =>
                each.querySelector('[class*="st-key-hide-"]').getBoundingClientRect());
            return [boxes.map((each) => each.top), boxes.map((each) => each.bottom),
                    tools.map((each) => each.bottom)];
        }"""
    )
    for edges in (tops, bottoms, buttons):
        assert len(edges) == 3
        assert max(edges) - min(edges) < 1


def test_compared_films_show_both_pictures_whole(tab: Tab) -> None:
    page = tab.open()
    page.get_by_role("button", name="Try an example").click()
    expect(cards(page)).to_have_count(3)
    tab.settle()
    go(tab, "History")
    for number in range(3):
        page.locator('[class*="st-key-chosen-"] label').nth(number).click()
        tab.settle()
    wide = page.evaluate(
        """() => [...document.querySelectorAll('.st-key-compared .stGridCell')].map(
            (cell) => [...cell.querySelectorAll('img')].every((each) =>
                each.getBoundingClientRect().right
                    <= cell.getBoundingClientRect().right - 8))"""
    )
    assert wide == [True, True, True]


def test_compare_view_tells_two_parts_apart(tab: Tab) -> None:
    page = tab.open()
    upload(tab, [png(film("hand"), "hand.png")])
    expect(cards(page)).to_have_count(1)
    tab.settle()
    tool(page, "Open large").click()
    page.get_by_text("Compare", exact=True).click()
    title = page.get_by_text(re.compile("^Why Hand and not "))
    expect(title).to_be_visible()
    tab.settle()
    pictures = page.locator(".st-key-versus img")
    expect(pictures).to_have_count(4)  # two maps, their difference, its legend
    hand, other, difference = (
        picture(page, pictures.nth(number)).astype(int) for number in range(3)
    )
    assert np.abs(hand - other).max() > 60
    redder = difference[..., 0] - difference[..., 2]
    assert redder.max() > 60  # orange, where the hand's map is higher
    assert redder.min() < -60  # blue, where the other's is

    # Another part to compare with, chosen beside the picture.
    before = title.inner_text()
    page.get_by_role("combobox", name="Map of").click()
    page.get_by_role("option").nth(3).click()
    tab.settle()
    expect(title).not_to_have_text(before)
    assert np.abs(picture(page, pictures.nth(1)).astype(int) - other).max() > 30


def test_downloaded_picture_is_whole_with_map_and_caption(tab: Tab) -> None:
    page = tab.open()
    pixels = np.asarray(
        Image.fromarray(film("hand")).resize((1500, 1800))  # larger than is shown
    )
    upload(tab, [png(pixels, "hand.png")])
    expect(cards(page)).to_have_count(1)
    tab.settle()
    tool(page, "Open large").click()
    with page.expect_download() as started:
        page.get_by_role("button", name="Download picture").click()
    assert started.value.suggested_filename == "xray.png"
    with Image.open(started.value.path()) as opened:
        assert opened.format == "PNG"
        shown = np.asarray(opened.convert("RGB"))
    height, width = pixels.shape
    assert shown.shape[1] == width
    assert height < shown.shape[0] < 1.2 * height  # the caption's strip
    assert is_colored(shown[:height])
    strip = shown[height:]
    assert not is_colored(strip)
    assert strip.max() > 200  # letters
    corner = np.abs(shown[:20, :20].mean(axis=2) - pixels[:20, :20])
    assert corner.mean() < 12  # the film itself, where the map is low


def luminance(color: str) -> float:
    """The relative luminance of WCAG 2 of a color as browsers write it."""
    shares = [int(each) / 255 for each in re.findall(r"\d+", color)[:3]]
    linear = [
        s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares
    ]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


def test_words_of_charts_are_readable_on_dark_and_on_light(tab: Tab) -> None:
    page = tab.open()
    page.get_by_role("button", name="Try an example").click()
    tool(page, "Open large").nth(0).click()
    words = page.locator(".st-key-likeliest svg text")
    expect(words).to_have_count(10)  # five names, five numbers
    for theme in ("Light", "Dark"):
        page.get_by_test_id("stMainMenu").get_by_role("button").click()
        page.get_by_test_id(f"stMainMenuItem-theme-{theme}").click()
        page.keyboard.press("Escape")
        tab.settle()
        app = page.get_by_test_id("stApp")
        ground = luminance(app.evaluate("e => getComputedStyle(e).backgroundColor"))
        fills = words.evaluate_all("all => all.map((e) => getComputedStyle(e).fill)")
        for fill in fills:
            low, high = sorted((ground, luminance(fill)))
            assert (high + 0.05) / (low + 0.05) > 4.5, (theme, fill)


def test_findings_are_looked_for_when_their_switch_is_turned_on(tab: Tab) -> None:
    page = tab.open()
    upload(tab, [png(film("hand"), "hand.png")])
    expect(cards(page)).to_have_count(1)
    tab.settle()
    research = page.locator(".st-key-cards").get_by_text("not for diagnosis")
    expect(research).to_have_count(0)
    before = picture(page, cards(page))
    page.locator(".st-key-findings label").first.click()
    expect(research).to_be_visible()
    tab.settle()
    for point in ("Sensitive", "Specific"):
        page.locator(".st-key-point").get_by_text(point, exact=True).click()
        expect(research).to_be_visible()
    page.locator(".st-key-findings label").first.click()
    expect(research).to_have_count(0)
    assert np.array_equal(picture(page, cards(page)), before)


def test_gif_is_built_on_demand(tab: Tab) -> None:
    page = tab.open()
    page.get_by_role("button", name="Try an example").click()
    tool(page, "Open large").nth(0).click()
    page.get_by_role("button", name="How attention gathers").click()
    with page.expect_download() as started:
        page.get_by_role("button", name="Download GIF").click()
    data = Path(started.value.path()).read_bytes()
    assert data.startswith(b"GIF8")
    assert len(data) < 2_000_000


def test_dark_comes_first_and_light_stays_once_chosen(
    browser: Browser, server: str
) -> None:
    tab = Tab(browser, server, color_scheme="light")
    page = tab.open()
    dark = "rgb(13, 16, 20)"
    app = page.get_by_test_id("stApp")
    expect(app).to_have_css("background-color", dark)
    page.get_by_test_id("stMainMenu").get_by_role("button").click()
    page.get_by_test_id("stMainMenuItem-theme-Light").click()
    expect(app).to_have_css("background-color", "rgb(255, 255, 255)")
    page.reload()
    expect(app).to_have_css("background-color", "rgb(255, 255, 255)")
    tab.close()


def test_browser_asking_for_spanish_gets_it(browser: Browser, server: str) -> None:
    tab = Tab(browser, server, locale="es-AR")
    page = tab.open()
    expect(page.get_by_text("¿Qué parte del cuerpo es")).to_be_visible()
    boxes = page.locator(".st-key-bands-explained .stVerticalBlock")
    heights = [each.bounding_box()["height"] for each in boxes.all()]
    assert len(heights) == 3
    assert max(heights) - min(heights) < 1  # one text is longer than the others
    button = page.get_by_test_id("stFileUploaderDropzone").get_by_role("button")
    label = button.locator("p").evaluate("e => getComputedStyle(e, '::after').content")
    assert label == '"Elegir archivos"'
    tab.close()


def test_drop_zone_is_large_until_there_is_something_to_see(tab: Tab) -> None:
    page = tab.open()
    zone = page.get_by_test_id("stFileUploaderDropzone")
    expect(zone).to_have_css("flex-direction", "column")
    page.get_by_role("button", name="Try an example").click()
    expect(cards(page)).to_have_count(3)
    expect(zone).to_have_css("flex-direction", "row")


@pytest.mark.parametrize("address", ["/", "/history", "/about"])
def test_narrow_page_never_scrolls_sideways(narrow: Tab, address: str) -> None:
    page = narrow.open()
    page.get_by_role("button", name="Try an example").click()
    expect(cards(page)).to_have_count(3)
    if address == "/":
        tool(page, "Open large").nth(0).click()
        expect(page.get_by_text("1 of 3")).to_be_visible()
    else:
        page.get_by_test_id("stExpandSidebarButton").click()
        name = {"/history": "History", "/about": "About"}[address]
        page.get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
        # The sidebar is out of its way.
        expect(page.get_by_test_id("stExpandSidebarButton")).to_be_visible()
    narrow.settle()
    width = page.evaluate("document.scrollingElement.scrollWidth")
    assert width <= 420


def test_readme_pictures(tab: Tab) -> None:
    page = tab.open()
    page.set_viewport_size({"width": 1280, "height": 1000})
    upload(tab, [png(film(name), f"{name}.png") for name in NAMES])
    expect(cards(page)).to_have_count(len(NAMES))
    tab.settle()
    keep_picture(page, "grid.png")
    tool(page, "Open large").nth(0).click()
    expect(page.get_by_text("1 of 7")).to_be_visible()
    expect(page.locator(".st-key-likeliest svg text")).to_have_count(10)
    expect(page.get_by_role("button", name="Download picture")).to_be_visible()
    tab.settle()
    keep_picture(page, "page.png")


def keep_picture(page: Page, name: str) -> None:
    """Take a picture of the page; into the README where that is asked for."""
    shot = page.screenshot()
    assert len(shot) > 50_000
    if os.environ.get("XRAY_SCREENSHOTS"):
        SHOTS.mkdir(exist_ok=True)
        (SHOTS / name).write_bytes(shot)
