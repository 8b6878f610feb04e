"""The review page: every key, by whoever looks."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.reviews import decide, films_of, make_report, prepare_plainly, table
from xray.review.opinion import Choice, Opinion
from xray.review.standing import ReviewStatus
from xray.review.store import OpinionStore
from xray.ui import frame, review
from xray.ui.review_texts import REVIEW_TEXTS

ROOT = Path(__file__).parents[1]
HAND, WRIST, KNEE = 9, 21, 11


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review, "prepare", prepare_plainly)
    monkeypatch.setattr(review, "classifier", lambda: None)


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = make_report(tmp_path)
    monkeypatch.setenv(frame.REPORT, str(folder))
    monkeypatch.setenv(review.REVIEWER, "ann")
    return folder


def open_page() -> AppTest:
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()


@pytest.fixture
def page(report: Path) -> AppTest:
    return open_page()


def press(page: AppTest, start: str) -> AppTest:
    """Press the button whose key begins so."""
    (button,) = [each for each in page.button if (each.key or "").startswith(start)]
    button.click().run()
    assert not page.exception
    return page


def shown(page: AppTest) -> str | None:
    """Name of the film on the page."""
    names = [each.value.split(" · ")[0] for each in page.caption]
    films = [name.replace("\\", "") for name in names]
    return next((name[:-4] for name in films if name.endswith(".dcm")), None)


def words(page: AppTest) -> str:
    kinds = (page.markdown, page.caption, page.success, page.info, page.error)
    return "\n".join(each.value for kind in kinds for each in kind).replace("\\", "")


def said_of(report: Path, name: str) -> list[Opinion]:
    return list(OpinionStore(report).standings.said(films_of(report)[name].key))


def status(report: Path, name: str) -> ReviewStatus:
    return OpinionStore(report).standings.status(films_of(report)[name].key)


def test_surest_disagreement_comes_first_with_header_answer_and_position(
    page: AppTest,
) -> None:
    assert shown(page) == "surest"
    assert "**Skull**" in words(page)
    assert "**Hand**" in words(page)
    assert "1 of 4" in words(page)
    assert "4 left" in words(page)


@pytest.mark.parametrize(
    ("key", "choice", "parts"),
    [
        ("mark_header", Choice.HEADER, (18,)),
        ("mark_picture", Choice.PICTURE, (HAND,)),
        ("mark-1", Choice.PICTURE, (HAND,)),
        ("mark-2", Choice.PART, (WRIST,)),
        ("mark_not", Choice.NOT_RADIOGRAPH, ()),
        ("review-skip", Choice.SKIP, ()),
    ],
)
def test_one_key_keeps_a_decision_and_shows_the_next_film(
    page: AppTest, report: Path, key: str, choice: Choice, parts: tuple[int, ...]
) -> None:
    press(page, key)
    (opinion,) = said_of(report, "surest")
    assert (opinion.choice, opinion.parts) == (choice, parts)
    assert (opinion.who, opinion.model, opinion.queue) == ("ann", "tiny 1", "look")
    assert len(opinion.sha256) == 64
    assert opinion.at.endswith("+00:00")
    assert shown(page) == "sure"


def test_any_of_the_22_parts_can_be_typed(page: AppTest, report: Path) -> None:
    (box,) = [each for each in page.selectbox if (each.key or "").startswith("mark-o")]
    assert len(box.options) == 22
    box.set_value(KNEE).run()
    assert said_of(report, "surest")[0].parts == (KNEE,)
    assert shown(page) == "sure"


def test_several_parts_are_collected_and_then_kept(page: AppTest, report: Path) -> None:
    press(page, "mark-several")
    press(press(page, "mark-1"), "mark-2")
    assert shown(page) == "surest"
    press(press(page, "mark-3"), "mark-3")  # twice: taken out again
    press(page, "mark-several")
    (opinion,) = said_of(report, "surest")
    assert (opinion.choice, opinion.parts) == (Choice.SEVERAL, (HAND, WRIST))
    assert shown(page) == "sure"


def test_several_without_any_part_says_nothing(page: AppTest, report: Path) -> None:
    press(press(page, "mark-several"), "mark-several")
    assert shown(page) == "surest"
    assert not said_of(report, "surest")


def test_undo_takes_back_step_by_step(page: AppTest, report: Path) -> None:
    press(press(page, "mark_picture"), "review-skip")
    assert shown(page) == "near"
    press(page, "review-undo")
    assert shown(page) == "sure"
    press(page, "review-undo")
    assert shown(page) == "surest"
    assert not said_of(report, "surest")
    press(page, "mark_header")
    assert status(report, "surest") is ReviewStatus.DECIDED


def test_undo_of_a_reloaded_page_takes_back_what_was_said_before(
    page: AppTest, report: Path
) -> None:
    press(page, "mark_picture")
    again = open_page()
    press(again, "review-undo")
    assert shown(again) == "surest"


def test_undo_after_a_restart_shows_a_film_of_another_queue(report: Path) -> None:
    decide(report, "right", Choice.SKIP)  # its header agrees: of the sample alone
    page = press(open_page(), "review-undo")
    assert shown(page) == "right"
    press(page, "mark_picture")
    assert status(report, "right") is ReviewStatus.DECIDED


def test_undo_of_a_film_that_the_report_lacks_shows_the_next_one(report: Path) -> None:
    OpinionStore(report).append(Opinion("0" * 16, Choice.SKIP, "ann"))
    assert shown(press(open_page(), "review-undo")) == "surest"


def test_film_without_a_claim_has_no_key_for_its_header(
    page: AppTest, report: Path
) -> None:
    for _ in range(3):
        press(page, "mark_picture")
    assert shown(page) == "silent"
    assert not [each for each in page.button if "mark_header" in (each.key or "")]


def test_end_of_the_queue_offers_what_was_skipped(page: AppTest, report: Path) -> None:
    press(page, "review-skip")
    for _ in range(3):
        press(page, "mark_picture")
    assert shown(page) is None
    assert REVIEW_TEXTS["review_end_look"].english in words(page)
    press(page, "review-unskip")
    assert shown(page) == "surest"


def test_map_key_shows_the_film_without_its_map(page: AppTest) -> None:
    press(page, "review-map")
    assert shown(page) == "surest"
    assert not page.session_state[review.MAP]


def test_second_opinion_is_given_by_another_person(page: AppTest, report: Path) -> None:
    press(page, "review-second")
    assert shown(page) == "surest"
    press(page, "mark_picture")
    assert status(report, "surest") is ReviewStatus.WAITING
    second = page.segmented_control(key="review-queue")
    second.set_value("second").run()
    assert shown(page) is None  # not by the same
    other = open_page()
    other.text_input(key="reviewer").set_value("ben").run()
    other.segmented_control(key="review-queue").set_value("second").run()
    assert shown(other) == "surest"
    assert "ann" not in words(other)  # not to be swayed
    press(other, "mark-2")
    assert status(report, "surest") is ReviewStatus.DISPUTED
    other.segmented_control(key="review-queue").set_value("disputed").run()
    assert "ann: **Hand**" in words(other)
    assert "ben: **Wrist**" in words(other)
    press(other, "mark_picture")
    assert status(report, "surest") is ReviewStatus.DECIDED
    assert shown(other) is None


def test_two_tabs_get_different_films_and_lose_no_decision(
    page: AppTest, report: Path
) -> None:
    other = open_page()
    assert [shown(page), shown(other)] == ["surest", "sure"]
    press(page, "mark_picture")
    press(other, "mark_header")
    assert {shown(page), shown(other)} == {"near", "silent"}
    assert status(report, "surest") is status(report, "sure") is ReviewStatus.DECIDED


def test_second_press_meant_for_the_film_before_says_nothing(
    page: AppTest, report: Path
) -> None:
    desk, seat = review.open_desk(report), page.session_state["seat"]
    film = desk.ahead.get(desk.film(seat.current))
    desk.decide(seat, film, Choice.PICTURE)
    desk.decide(seat, film, Choice.PICTURE)
    assert len(said_of(report, "surest")) == 1


@pytest.mark.parametrize(
    ("verdict", "first", "total"),
    [("agree", "right", 1), ("neighboring", "near", 1), ("missing", "silent", 1)],
)
def test_filter_by_verdict(page: AppTest, verdict: str, first: str, total: int) -> None:
    page.button_group(key="review-verdicts").set_value([verdict]).run()
    assert shown(page) == first
    assert f"1 of {total}" in words(page)


def test_filters_by_part_station_and_month(page: AppTest) -> None:
    page.multiselect(key="review-parts").set_value([3]).run()  # a header's chest
    assert shown(page) == "sure"
    page.multiselect(key="review-parts").set_value([]).run()
    page.multiselect(key="review-stations").set_value(["ROOM1"]).run()
    page.multiselect(key="review-months").set_value(["2024-05"]).run()
    assert "1 of 4" in words(page)


def test_sample_holds_films_whose_header_agrees_too(
    page: AppTest, report: Path
) -> None:
    page.segmented_control(key="review-queue").set_value("sample").run()
    assert "1 of 5" in words(page)
    first = min(films_of(report).items(), key=lambda item: item[1].key)[0]
    assert shown(page) == first
    press(page, "mark_picture")
    assert said_of(report, first)[0].queue == "sample"


def test_film_that_is_gone_is_told_of_and_passed_over(
    report: Path, tmp_path: Path
) -> None:
    (tmp_path / "archive" / "surest.dcm").unlink()
    page = open_page()
    assert shown(page) == "sure"
    assert "surest" in words(page)
    assert "1 of 4" not in words(page)
    assert not page.exception


def test_film_that_was_replaced_is_not_shown(report: Path, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    (archive / "near.dcm").replace(archive / "surest.dcm")
    page = open_page()
    assert shown(page) == "sure"
    assert "another file in its place" in words(page)


def test_archive_that_is_away_is_told_of_once_and_can_be_tried_again(
    report: Path, tmp_path: Path
) -> None:
    (tmp_path / "archive").rename(tmp_path / "elsewhere")
    page = open_page()
    assert "2 films could not be shown" in words(page) or page.expander
    (tmp_path / "elsewhere").rename(tmp_path / "archive")
    press(page, "review-retry")
    assert shown(page) == "surest"


def test_decisions_stand_in_a_table_for_others(page: AppTest, report: Path) -> None:
    press(press(page, "mark_header"), "mark-2")
    review.open_desk(report).finish()
    assert len(table(report)) == 2
    row = table(report)["sure"]
    assert (row["decision"], row["parts"], row["who"]) == ("part", "Wrist", "ann")
    assert row["status"] == "decided"
    assert table(report)["surest"]["parts"] == "Skull"


def test_page_in_spanish_keeps_film_and_keys(page: AppTest) -> None:
    page.segmented_control(key="language").set_value("es").run()
    assert shown(page) == "surest"
    assert "**Cráneo**" in words(page)
    labels = [each.label for each in page.button]
    assert any(label.startswith("Imagen correcta: Mano") for label in labels)


def test_app_without_a_report_has_no_review(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(frame.REPORT, raising=False)
    page = open_page()
    with pytest.raises(ValueError, match="pages/review"):
        page.switch_page("pages/review.py")


def test_folder_that_is_no_report_is_said_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(frame.REPORT, str(tmp_path))
    page = open_page()
    assert not page.exception
    assert "xray audit --out" in words(page)
