"""Findings on the page: asked for by a switch, shown with what they are not for."""

import csv
import io
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from tests.predictions import finds
from tests.test_app import ABOUT, app, cards, drop, film, state, text, words
from tests.test_pictures import make_entry
from xray.classify.findings_inference import FindingsInference
from xray.errors import ModelError
from xray.messages import MESSAGES
from xray.network.findings.network import FindingsNetwork
from xray.ui import model
from xray.ui.badges import finding_badges
from xray.ui.cards import describe
from xray.ui.history import Entry, History, to_csv
from xray.ui.looking import Looking
from xray.ui.pictures import DrawnPictures
from xray.ui.selection import Filter, Sort, arrange

__all__ = ["app"]
RESEARCH = MESSAGES["findings_research"]


def found_on(key: str, fracture: float, hardware: float = 0.1) -> Entry:
    """Make an entry on which findings were looked for."""
    entry = make_entry(key)
    prediction = finds(entry.prediction, fracture=fracture, hardware=hardware)
    explanation = replace(entry.explanation, prediction=prediction)
    return replace(entry, explanation=explanation)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many films the network of findings was asked about, call by call."""
    calls: list[int] = []
    real = FindingsNetwork.ask

    def counting(self, pictures, busy):
        calls.append(len(pictures))
        return real(self, pictures, busy)

    monkeypatch.setattr(FindingsNetwork, "ask", counting)
    return calls


def test_switch_looks_once_at_what_is_there_and_off_shows_the_page_as_before(
    app: AppTest, asked: list[int]
) -> None:
    drop(app, ("hand.jpg", film("hand")))
    before = words(app)
    (known,) = state(app).films
    assert not asked
    assert RESEARCH.english not in before
    app.toggle(key="findings").set_value(True).run()
    assert not app.exception
    assert sum(asked) == 1
    (entry,) = state(app).films
    # The body part was not asked for again.
    assert entry.prediction.probabilities is known.prediction.probabilities
    findings = entry.prediction.findings
    assert findings is not None
    assert findings.fracture is not None
    assert RESEARCH.english in words(app)
    for point in ("sensitive", "specific"):
        app.radio(key="point").set_value(point).run()
        (seen,) = state(app).films
        assert seen.prediction.findings.point == point
    app.segmented_control(key="mode").set_value("single").run()
    assert RESEARCH.english in words(app)
    app.segmented_control(key="mode").set_value("grid").run()
    app.segmented_control(key="language").set_value("es").run()
    assert RESEARCH.spanish in words(app)
    app.segmented_control(key="language").set_value("en").run()
    app.toggle(key="findings").set_value(False).run()
    assert words(app) == before
    app.toggle(key="findings").set_value(True).run()
    assert RESEARCH.english in words(app)
    assert sum(asked) == 1  # nothing of all this asked again


def test_film_dropped_while_the_switch_is_on_is_asked_in_one_go(
    app: AppTest, asked: list[int]
) -> None:
    app.toggle(key="findings").set_value(True).run()
    drop(app, ("hand.jpg", film("hand")))
    (entry,) = state(app).films
    assert entry.prediction.findings is not None
    assert sum(asked) == 1


def test_filter_and_sort_by_fracture_are_there_with_the_switch_only(
    app: AppTest,
) -> None:
    assert "fractured" not in [each.key for each in app.toggle]
    app.toggle(key="findings").set_value(True).run()
    tab = state(app)
    for key, fracture in (("a", 0.01), ("b", 0.99)):
        tab.history.add(replace(found_on(key, fracture), file=f"{key}.png"), b"")
        tab.show(key)
    app.run()
    app.selectbox(key="sort").set_value(Sort.FRACTURE).run()
    assert cards(app) == ["b.png", "a.png"]
    app.toggle(key="fractured").set_value(True).run()
    assert cards(app) == ["b.png"]
    app.toggle(key="findings").set_value(False).run()
    assert not app.exception
    assert cards(app) == ["a.png", "b.png"]


def test_damaged_findings_are_said_in_words_and_films_stay(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise ModelError("Expected the card. Restore both files.")

    monkeypatch.setattr(model, "findings_card", broken)
    app.toggle(key="findings").set_value(True).run()
    assert not app.exception
    assert "Restore both files" in words(app)
    assert not state(app).looking.on
    app.switch_page(ABOUT).run()
    assert "Restore both files" in words(app)


def test_film_that_fails_is_listed_and_not_asked_again(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    drop(app, ("hand.jpg", film("hand")))
    monkeypatch.setattr(FindingsInference, "add", fail)
    app.toggle(key="findings").set_value(True).run()
    assert not app.exception
    (problem,) = state(app).problems
    assert problem.file == "hand.jpg"
    assert text("findings_none") in words(app)


def test_about_page_tells_what_findings_are_worth(app: AppTest) -> None:
    app.switch_page(ABOUT).run()
    assert not app.exception
    assert text("about_findings") in [each.value for each in app.header]
    assert RESEARCH.english[1:] in words(app)
    assert text("figure_auroc") in [each.label for each in app.metric]


def test_operating_point_changes_flags_and_no_probability() -> None:
    entry, looking = found_on("a", 0.4), Looking()
    assert looking.seen(entry).prediction.findings is None
    flags = {}
    for point in ("sensitive", "balanced", "specific"):
        looking.turn(True, point)
        seen = looking.seen(entry)
        assert looking.seen(entry) is seen  # and costs nothing the next time
        findings = seen.prediction.findings
        assert findings is not None
        assert findings.answer is entry.prediction.findings.answer
        flags[point] = seen.fractured
    assert flags == {"sensitive": True, "balanced": False, "specific": False}


def test_entry_without_findings_is_seen_as_it_is() -> None:
    entry, looking = make_entry("a"), Looking()
    assert looking.seen(entry) is entry
    looking.turn(True, "balanced")
    assert looking.seen(entry) is entry


def test_flagged_fracture_is_outlined_on_its_card_and_said_to_be() -> None:
    pictures = DrawnPictures()
    flagged, calm = found_on("a", 0.9), found_on("b", 0.1)
    plain = pictures.card(make_entry("c"), None)
    assert pictures.card(flagged, None) != plain
    assert pictures.card(calm, None) == plain
    assert text("outline_alt") in describe(flagged, mapped=False)
    assert text("outline_alt") not in describe(calm, mapped=False)


def test_badges_tell_metal_where_it_is_flagged_and_a_fracture_always() -> None:
    said = finding_badges(found_on("a", 0.1, hardware=0.9))
    assert "hardware 90 %" in said.replace("\N{NO-BREAK SPACE}", " ")
    assert "fracture 10 %" in said.replace("\N{NO-BREAK SPACE}", " ")
    assert RESEARCH.english in said
    assert "hardware" not in finding_badges(found_on("a", 0.1))
    assert finding_badges(make_entry("a")) == ""


def test_films_that_were_not_asked_come_last_by_fracture() -> None:
    films = [make_entry("a"), found_on("b", 0.1), found_on("c", 0.9)]
    ordered = arrange(films, Sort.FRACTURE, "en")
    assert [each.key for each in ordered] == ["c", "b", "a"]
    passing = [each.key for each in films if Filter(fractured=True).passes(each)]
    assert passing == ["c"]


def test_export_holds_findings_by_the_chosen_point() -> None:
    looking, history = Looking(), History()
    history.add(found_on("a", 0.4), b"")

    def rows() -> list[dict[str, str]]:
        table = to_csv([looking.seen(each) for each in history], "x")
        return list(csv.DictReader(io.StringIO(table)))

    assert "fracture_flag" not in rows()[0]
    looking.turn(True, "sensitive")
    assert rows()[0]["fracture_flag"] == "True"
    looking.turn(True, "specific")
    assert rows()[0]["fracture_flag"] == "False"
