import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.archives import film
from tests.predictions import explains, predicts
from tests.test_audit_rows import make, save
from xray.audit.examples import Examples
from xray.audit.parts import rows_of
from xray.audit.report import render_report
from xray.audit.summary import (
    GROUPS,
    Summary,
    header_label,
    interval,
    summarize,
)
from xray.classify.pipeline import Outcome
from xray.reading.radiograph import Facts, Notice, Radiograph


# Wilson's interval as published: Newcombe 1998, Statist. Med. 17:857, table I,
# method 3.
@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_interval_is_the_published_one(count, total, low, high):
    assert interval(count, total) == pytest.approx((low, high), abs=5e-5)


@given(
    st.integers(1, 10**7).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
)
def test_interval_holds_the_share_and_stays_a_share(counts):
    count, total = counts
    low, high = interval(count, total)
    assert 0 <= low <= count / total + 1e-12
    assert count / total - 1e-12 <= high <= 1


def test_interval_of_nothing_is_everything():
    assert interval(0, 0) == (0, 1)


def judged(number, verdict="agree", **values):
    defaults = {
        "verdict": verdict,
        "kind": "DICOM",
        "header_parts": "Hand",
        "part": "Hand",
        "station": "A",
        "manufacturer": "M",
        "month": "2024-01",
    }
    return make(number, **{**defaults, **values})


@pytest.fixture
def folder(tmp_path):
    rows = [
        judged(1),
        judged(2, "disagree", header_parts="Chest", station="<script>alert(1)"),
        judged(3, "neighboring", header_parts="~Finger|~Hand", station="B"),
        judged(4, "missing", header_parts=""),
        judged(5, "uncertain", part="Knee"),
        make(6, problem="no_pixels", error="no pixels"),
        make(7, part="Hand"),
    ]
    save(tmp_path, *rows)
    return tmp_path


def test_summary_counts_every_row_once(folder):
    summary = summarize(folder)
    assert summary.files == 7
    assert (summary.judged, summary.unread, summary.pictures) == (5, 1, 1)
    assert summary.files == summary.judged + summary.unread + summary.pictures
    assert summary.verdicts == {
        "agree": 1,
        "disagree": 1,
        "neighboring": 1,
        "missing": 1,
        "uncertain": 1,
    }
    assert summary.problems == {"no_pixels": 1}
    for groups in summary.groups.values():
        assert sum(group.total() for group in groups.values()) == summary.judged
    assert summary.groups["station"]["A"].total() == 3
    assert summary.groups["month"]["2024-01"].total() == 5


def test_confusion_holds_what_could_be_compared(folder):
    assert summarize(folder).confusion == {
        ("Hand", "Hand"): {"agree": 1},
        ("Chest", "Hand"): {"disagree": 1},
        ("several parts", "Hand"): {"neighboring": 1},
    }


@pytest.mark.parametrize(
    ("parts", "label"),
    [("Hand", "Hand"), ("~Thigh", "Thigh"), ("Hand|~Wrist", "several parts")],
)
def test_claim_is_one_row_of_the_matrix(parts, label):
    assert header_label(parts) == label


def test_rows_are_found_by_key(folder):
    found = rows_of(folder, [f"{2:016x}", "0" * 16])
    assert [row.station for row in found.values()] == ["<script>alert(1)"]
    assert rows_of(folder, []) == {}


def test_page_escapes_whatever_files_say(folder):
    summary = summarize(folder)
    evil = "<img src=x onerror=alert(1)>\"'"
    row = judged(2, "disagree", header_term=evil, path=evil, part=evil)
    page = render_report(summary, {"k": b"jpeg"}, {"k": row}, evil, evil)
    assert "<img src=x" not in page
    assert "<script" not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;&quot;&#x27;") >= 4
    assert "default-src 'none'" in page


def test_page_says_every_share_with_its_interval(folder):
    summary = summarize(folder)
    page = render_report(summary, {}, {}, "archive", "net 1.0")
    assert "20.0 % <small>3.6 to 62.4 %</small>" in page
    for heading in ("Station", "Manufacturer", "Month", "Body part in the picture"):
        assert f"<h2>{heading}</h2>" in page


def test_page_rounds_no_share_to_none_or_all() -> None:
    summary = Summary(files=10_000, groups={name: {} for name in GROUPS})
    summary.verdicts.update(agree=9_999, disagree=1)
    page = render_report(summary, {}, {}, "archive", "net 1.0")
    assert "<td>&gt; 99.9 % <small>99.9 to 100.0 %</small>" in page
    assert "<td>&lt; 0.1 % <small>0.0 to 0.1 %</small>" in page
    row = judged(2, "disagree", probability=0.9996, part="Hand")
    page = render_report(summary, {"k": b"jpeg"}, {"k": row}, "archive", "net 1.0")
    assert "Hand, &gt; 99 %" in page


def test_page_adds_up_groups_beyond_the_most_frequent(tmp_path):
    save(tmp_path, *(judged(number, station=f"S{number:02}") for number in range(40)))
    page = render_report(summarize(tmp_path), {}, {}, "archive", "net 1.0")
    assert "S29" in page
    assert "S30" not in page
    assert "10 others" in page


def test_empty_audit_has_a_page(tmp_path):
    save(tmp_path, make(1, problem="empty"))
    page = render_report(summarize(tmp_path), {}, {}, "archive", "net 1.0")
    assert "1 files" in page


def outcome(*notices: Notice) -> Outcome:
    picture = film("hand").astype(np.float32) / np.float32(255)
    facts = Facts("DICOM", 1, picture.shape[1], picture.shape[0])
    explanation = explains(predicts("Hand"), *picture.shape)
    return Outcome("x", Radiograph(picture, facts, notices=notices), explanation)


def offer(examples: Examples, number: int, probability: float, verdict="disagree"):
    examples.offer(judged(number, verdict, probability=probability), outcome())


def test_only_the_surest_disagreements_are_kept(tmp_path):
    examples = Examples(tmp_path, kept=2)
    for number, probability in enumerate((0.91, 0.99, 0.95, 0.93)):
        offer(examples, number, probability)
    offer(examples, 9, 0.999, "agree")
    assert list(examples.pictures()) == [f"{1:016x}", f"{2:016x}"]
    assert len(list((tmp_path / "examples").iterdir())) == 2


def test_pictures_of_an_earlier_run_count(tmp_path):
    offer(Examples(tmp_path, kept=2), 1, 0.99)
    again = Examples(tmp_path, kept=2)
    offer(again, 1, 0.99)
    offer(again, 2, 0.95)
    offer(again, 3, 0.92)
    assert list(again.pictures()) == [f"{1:016x}", f"{2:016x}"]


def test_picture_with_burned_in_text_is_left_out(tmp_path):
    examples = Examples(tmp_path)
    examples.offer(judged(1, "disagree"), outcome(Notice("burned_in")))
    assert examples.pictures() == {}
