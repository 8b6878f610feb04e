"""Months, stations and makers that differ from the whole archive."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.test_audit_report import judged
from tests.test_audit_rows import save
from xray.audit.drift import LEAST_FILES, THRESHOLD, find_drift, stability_terms
from xray.audit.report import render_report
from xray.audit.summary import summarize

counts = st.fixed_dictionaries({name: st.integers(0, 10_000) for name in "abc"})


@given(counts, counts)
def test_index_is_never_negative_and_zero_only_of_equals(ours, whole):
    index = sum(stability_terms(ours, whole).values())
    assert index >= 0
    equal = sum(stability_terms(whole, whole).values())
    assert equal == pytest.approx(0, abs=1e-12)


def test_index_is_the_published_sum():
    ours, whole = {"a": 30_000, "b": 70_000}, {"a": 50_000, "b": 50_000}
    expected = (0.3 - 0.5) * math.log(0.3 / 0.5) + (0.7 - 0.5) * math.log(0.7 / 0.5)
    index = sum(stability_terms(ours, whole).values())
    assert index == pytest.approx(expected, abs=1e-4)


def test_few_files_are_no_drift():
    usual = {"agree": 10_000, "disagree": 100}
    few = {"disagree": LEAST_FILES - 1}
    assert find_drift("month", "verdict", {"a": usual, "b": few}) == []
    many = {"disagree": LEAST_FILES}
    (found,) = find_drift("month", "verdict", {"a": usual, "b": many})
    assert found.name == "b"
    assert found.index > THRESHOLD


def test_station_that_began_to_write_wrong_tags_is_in_the_report(tmp_path):
    rows = [judged(n, station="GOOD", month="2024-02") for n in range(3000)]
    rows += [
        judged(n, "disagree", station="NEW<b>", month="2024-03", header_parts="Chest")
        for n in range(3000, 3300)
    ]
    save(tmp_path, *rows)
    summary = summarize(tmp_path)
    found = {(each.group, each.name, each.what) for each in summary.drift}
    assert {("station", "NEW<b>", "verdict"), ("month", "2024-03", "verdict")} <= found
    page = render_report(summary, {}, {}, "archive", "net")
    assert "Unlike the rest" in page
    assert "NEW&lt;b&gt;" in page
    assert "usually" in page


def test_archive_without_drift_says_nothing_of_it(tmp_path):
    rows = [judged(n, station=f"S{n % 3}") for n in range(1000)]
    save(tmp_path, *rows)
    assert "Unlike the rest" not in render_report(
        summarize(tmp_path), {}, {}, "archive", "net"
    )
