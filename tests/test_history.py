import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xray.classify.pipeline import Outcome
from xray.classify.prediction import Explanation, Prediction
from xray.classify.verdict import Verdict
from xray.commands.predict import json_line
from xray.header.claim import HeaderClaim
from xray.header.laterality import LateralityClaim
from xray.header.projection import ProjectionClaim
from xray.labels import BODY_PARTS
from xray.reading.radiograph import Facts, Radiograph
from xray.review.opinion import Choice
from xray.text import unguard
from xray.ui.history import Entry, History, Mark, to_csv, to_json

TIME = datetime(2026, 11, 23, 12, 30, 5, tzinfo=UTC)


def make_entry(key: str = "a", file: str = "film.png", label: int = 9) -> Entry:
    probabilities = np.full(22, 0.002, np.float32)
    probabilities[label] = 1 - 21 * 0.002
    maps = {label: np.ones((8, 8), np.float32)}
    explanation = Explanation(Prediction(probabilities), maps, 30, 20)
    return Entry(key, file, TIME, Facts("PNG", 100, 20, 30), explanation, b"thumb")


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_entries_keep_their_order_and_their_own_pictures() -> None:
    history = History()
    for key in "abc":
        history.add(make_entry(key), key.encode())
    assert [entry.key for entry in history] == ["a", "b", "c"]
    assert [history.picture(key) for key in "abc"] == [b"a", b"b", b"c"]


@given(st.lists(st.integers(0, 60), max_size=30), st.integers(0, 100))
def test_pictures_never_exceed_the_cap_and_results_stay(
    sizes: list[int], cap: int
) -> None:
    history = History(cap)
    for number, size in enumerate(sizes):
        history.add(make_entry(str(number)), b"x" * size)
        assert history.picture_bytes <= cap
    assert len(history) == len(sizes)


def test_oldest_picture_goes_first() -> None:
    history = History(picture_bytes=10)
    for key in "abc":
        history.add(make_entry(key), b"12345")
    assert history.picture("a") is None
    assert history.picture("c") == b"12345"
    assert history["a"].thumbnail == b"thumb"


def test_remove_forgets_entry_and_picture_and_nothing_else() -> None:
    history = History()
    for key in "ab":
        history.add(make_entry(key), b"p")
    history.remove("a")
    history.remove("never there")
    assert "a" not in history
    assert history.picture("a") is None
    assert history.picture("b") == b"p"


def test_clear_forgets_everything() -> None:
    history = History()
    history.add(make_entry(), b"p")
    history.clear()
    assert len(history) == 0
    assert history.picture_bytes == 0


def test_entry_may_leave_while_the_history_is_read() -> None:
    history = History()
    for key in "abc":
        history.add(make_entry(key), b"p")
    for entry in history:
        history.remove(entry.key)
    assert len(history) == 0


@pytest.mark.parametrize(
    ("name", "second", "third"),
    [
        ("film.png", "film (2).png", "film (3).png"),
        ("IM1", "IM1 (2)", "IM1 (3)"),
        (".dcm", ".dcm (2)", ".dcm (3)"),
        ("a.b.dcm", "a.b (2).dcm", "a.b (3).dcm"),
    ],
)
def test_files_of_one_name_are_told_apart(name: str, second: str, third: str) -> None:
    history = History()
    for key in "abc":
        history.add(make_entry(key, history.free_name(name)), b"")
    assert [entry.file for entry in history] == [name, second, third]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_csv_reads_back_and_never_starts_a_formula(file: str) -> None:
    (row,) = read(to_csv([make_entry(file=file)], "m"))
    assert unguard(row["file"]) == file
    assert (
        not row["file"]
        .lstrip(" ")
        .startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    )


def test_json_reads_back_with_every_probability() -> None:
    entries = [make_entry(label=part.id) for part in BODY_PARTS]
    records = json.loads(to_json(entries, "xray 1"))
    assert [record["label"] for record in records] == [p.english for p in BODY_PARTS]
    for record in records:
        assert len(record["probabilities"]) == 22
        assert record["model"] == "xray 1"
        assert record["time"] == "2026-11-23T12:30:05+00:00"


def test_json_says_what_the_command_line_says() -> None:
    probabilities = np.full(22, 0.0, np.float32)
    probabilities[[9, 21]] = 0.6, 0.4
    prediction = Prediction(probabilities, rejected="rejected_blank")
    entry = make_entry()
    explanation = replace(entry.explanation, prediction=prediction)
    entry = replace(entry, explanation=explanation, verdict=Verdict.UNCERTAIN)
    claim = HeaderClaim(frozenset({18}), "(0018,0015)", "SKULL")
    picture = Radiograph(np.ones((30, 20), np.float32), entry.facts, claim)
    (record,) = json.loads(to_json([entry], "m"))
    line = json.loads(json_line(Outcome(entry.file, picture, explanation)))
    assert {key: record[key] for key in line} == line
    assert line["verdict"] == "uncertain"


def test_exports_carry_codes_and_the_header_verdict() -> None:
    claim = HeaderClaim(frozenset({18}), "(0018,0015)", "SKULL")
    entry = replace(make_entry(), claim=claim, verdict=Verdict.DISAGREE)
    (row,) = read(to_csv([entry], "m"))
    assert row["verdict"] == "disagree"
    assert row["header_term"] == "SKULL"
    assert (row["dicom_term"], row["snomed_code"]) == ("HAND", "85562004")


def test_exports_tell_projection_and_side_of_the_header() -> None:
    projection = ProjectionClaim(frozenset({"frontal"}), "(0018,5101)", "AP")
    claim = HeaderClaim(projection=projection, laterality=LateralityClaim("L"))
    entry = replace(make_entry(), claim=claim, verdict=Verdict.MISSING)
    (row,) = read(to_csv([entry], "m"))
    assert (row["header_projection"], row["header_view"]) == ("frontal", "AP")
    assert (row["header_laterality"], row["described_laterality"]) == ("L", "")
    (record,) = json.loads(to_json([entry], "m"))
    assert record["header_laterality"] == "L"
    assert "projection_verdict" not in record


def test_export_says_why_a_picture_was_rejected() -> None:
    entry = make_entry()
    prediction = replace(entry.prediction, rejected="rejected_blank")
    explanation = replace(entry.explanation, prediction=prediction)
    (row,) = read(to_csv([replace(entry, explanation=explanation)], "m"))
    assert row["rejected"].startswith("Blank exposure")
    assert row["band"] == "low"


def test_several_parts_are_named_together() -> None:
    probabilities = np.full(22, 0.0, np.float32)
    probabilities[[9, 21]] = 0.6, 0.4
    prediction = Prediction(probabilities, part_threshold=0.3)
    entry = make_entry()
    explanation = replace(entry.explanation, prediction=prediction)
    (row,) = read(to_csv([replace(entry, explanation=explanation)], "m"))
    assert row["parts"] == "Hand + Wrist"


def test_mark_is_exported_and_changes_nothing_that_was_answered() -> None:
    history = History()
    history.add(make_entry("a"), b"picture")
    before = history["a"]
    history.mark("a", Mark(Choice.SEVERAL, (9, 21)))
    after = history["a"]
    assert after.explanation is before.explanation
    (record,) = json.loads(to_json([after], "model 1"))
    assert record["mark"] == "several"
    assert record["marked_parts"] == ["Hand", "Wrist"]
    (row,) = csv.DictReader(io.StringIO(to_csv([after], "model 1")))
    assert row["marked_parts"] == "Hand + Wrist"
    (unmarked,) = json.loads(to_json([before], "model 1"))
    assert {
        name: value for name, value in record.items() if not name.startswith("mark")
    } == {
        name: value for name, value in unmarked.items() if not name.startswith("mark")
    }


def test_mark_stays_when_the_film_comes_again_and_goes_when_taken_back() -> None:
    history = History()
    history.add(make_entry("a"), b"picture")
    history.mark("a", Mark(Choice.NOT_RADIOGRAPH))
    history.add(make_entry("a"), b"picture")
    assert history["a"].mark == Mark(Choice.NOT_RADIOGRAPH)
    history.mark("a", None)
    assert history["a"].mark is None
    history.remove("a")
    history.mark("a", Mark(Choice.NOT_RADIOGRAPH))
    assert "a" not in history
