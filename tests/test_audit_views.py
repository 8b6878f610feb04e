"""Sides and projections in an audit's rows, figures and page."""

import csv
import io

import numpy as np
import pytest

from tests.archives import film, radiograph
from tests.predictions import explains, finds, predicts
from tests.test_audit_report import judged
from tests.test_audit_rows import save
from xray.audit.compare import Options, make_row
from xray.audit.merging import merge
from xray.audit.origin import read_origin
from xray.audit.parts import WHOLE_NAME, database
from xray.audit.report import render_report
from xray.audit.summary import summarize
from xray.audit.table import NAMES
from xray.classify.pipeline import Outcome
from xray.cli import main
from xray.reading.reader import read_radiograph

ROWS = [
    judged(1, part="Hand", header_laterality="L"),
    judged(2, part="Hand", described_laterality="R"),
    judged(3, part="Hand"),
    judged(4, part="Knee", header_laterality="R", described_laterality="L"),
    judged(5, part="Knee", header_laterality="B", described_laterality="L"),
    judged(6, part="Chest"),  # has no side
    judged(7, part="Knee", band="low", verdict="uncertain"),  # may be no knee
    judged(8, part="Feet", kind="other", verdict=""),  # has no header
]


@pytest.fixture
def report(tmp_path):
    save(tmp_path / "report", *ROWS)
    return tmp_path / "report"


def page_of(report):
    return render_report(summarize(report), {}, {}, "archive", "net 1.0")


def test_missing_sides_are_counted_where_the_part_has_one(report):
    views = summarize(report).views
    assert views.sides == {
        "Hand": {"stated": 1, "described": 1, "missing": 1},
        "Knee": {"stated": 2},
    }
    assert (views.sided, views.without_side, views.opposite) == (5, 1, 1)


def test_page_tells_the_share_without_a_side(report):
    page = page_of(report)
    assert "<h2>Left or right</h2>" in page
    assert "20.0 % <small>3.6 to 62.4 %</small>" in page  # 1 of 5
    assert "<h2>Projection" not in page  # nobody asked for it


def test_page_without_a_sided_part_says_nothing_of_sides(tmp_path):
    save(tmp_path, judged(1, part="Chest"))
    assert "Left or right" not in page_of(tmp_path)


def test_projections_are_counted_and_shown(tmp_path):
    seen = [("frontal", "frontal", "agree"), ("frontal", "lateral", "disagree")]
    seen += [("lateral|other", "lateral", "agree"), ("", "oblique", "missing")]
    rows = (
        judged(
            number,
            header_projection=header,
            projection=picture,
            projection_probability=0.9,
            projection_verdict=verdict,
        )
        for number, (header, picture, verdict) in enumerate(seen)
    )
    save(tmp_path, *rows)
    views = summarize(tmp_path).views
    assert views.projections == {"agree": 2, "disagree": 1, "missing": 1}
    assert views.confusion == {
        ("frontal", "frontal"): {"agree": 1},
        ("frontal", "lateral"): {"disagree": 1},
        ("lateral|other", "lateral"): {"agree": 1},
    }
    page = page_of(tmp_path)
    assert "projection disagrees" in page
    assert "<th>lateral, other</th>" in page
    assert "Experimental, for research, not for diagnosis" in page


def film_and_origin(**tags):
    file = io.BytesIO()
    pixels = np.ascontiguousarray(film("hand")[:64, :64])
    radiograph(pixels, **tags).save_as(file, enforce_file_format=True)
    return read_radiograph(file.getvalue()), read_origin(file.getvalue())


def row_of(prediction=None, **tags):
    picture, origin = film_and_origin(**tags)
    explanation = explains(prediction or predicts("Hand"), *picture.pixels.shape)
    return make_row("x", origin, Outcome("x", picture, explanation), Options("", ""))


def test_row_holds_what_the_header_says_and_no_more():
    row = row_of(
        ViewPosition="AP", Laterality="L", SeriesDescription="JANE SMITH: HAND R OBL"
    )
    assert (row.header_projection, row.header_view) == ("frontal", "AP")
    assert (row.header_laterality, row.described_laterality) == ("L", "R")
    assert row.header_laterality_source == "(0020,0060)"
    assert (row.projection, row.projection_verdict) == ("", "")
    assert row.projection_probability is None
    assert "JANE" not in repr(row)


def test_row_judges_the_projection_where_it_was_asked_for():
    row = row_of(finds(predicts("Hand"), "lateral", 0.75), ViewPosition="AP")
    assert (row.projection, row.projection_probability) == ("lateral", 0.75)
    assert row.projection_verdict == "disagree"


def test_row_has_no_projection_where_the_network_could_not_be_asked():
    row = row_of(finds(predicts("Chest"), None), ViewPosition="AP")
    assert (row.projection, row.projection_verdict) == ("", "")
    assert row.header_projection == "frontal"


def test_rows_of_an_older_version_are_merged_and_not_counted(report, tmp_path):
    old = tmp_path / "old"
    save(old, judged(50, part="Hand"))
    part = old / "results" / WHOLE_NAME
    added = [name for name in NAMES if "laterality" in name or "projection" in name]
    with database() as (rows, _):
        older = f"SELECT * EXCLUDE ({', '.join(added)}) FROM '{part}'"
        rows.execute(f"COPY ({older}) TO '{part}.new' (FORMAT parquet)")
    part.with_name(f"{part.name}.new").replace(part)
    (old / "plan.json").touch()
    merged = tmp_path / "merged"
    summary = merge([old, report], merged)
    assert summary.files == len(ROWS) + 1
    assert summary.views.sided == 5
    with (merged / "results.csv").open(newline="") as file:
        assert len(list(csv.reader(file))) == len(ROWS) + 2


def test_terminal_tells_how_many_name_no_side(report, tmp_path, capsys):
    assert main(["audit", "--merge", str(report), "--out", str(tmp_path / "all")]) == 0
    said = capsys.readouterr().out
    assert "1  of 5 films of a part with a side don't say which" in said
