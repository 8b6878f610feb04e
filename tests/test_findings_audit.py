"""`audit --findings`: columns, counts, plans; rows with and without never mix."""

import json
from collections import Counter
from pathlib import Path

import pytest

from tests.archives import film, radiograph, write
from tests.findings_network import make_findings_network
from tests.predictions import explains, finds, predicts
from tests.test_audit_rows import read_rows
from xray.audit.compare import Options, make_row
from xray.audit.found_report import print_found, render_found
from xray.audit.home import PLAN_NAME
from xray.audit.origin import Origin
from xray.audit.plan import read_plan
from xray.audit.summary import summed
from xray.classify.classifier import Classifier
from xray.classify.pipeline import Outcome
from xray.cli import main
from xray.errors import DatasetError
from xray.messages import MESSAGES

RESEARCH = MESSAGES["findings_research"].text()
LOAD = Classifier.load
FLAGS = ("fracture_flag", "hardware_flag", "projection")


@pytest.fixture(autouse=True, scope="module")
def asked(tmp_path_factory):
    """Have commands load a network of findings that has learned nothing."""
    weights = make_findings_network(tmp_path_factory.mktemp("findings"))
    classifier = Classifier.load(findings=weights)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Classifier, "load", lambda: classifier)
        yield classifier


@pytest.fixture(scope="module")
def archive(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    for name in ("hand", "foot", "chest"):
        write(folder / f"{name}.dcm", radiograph(film(name)))
    return folder


def test_audit_has_columns_and_counts_where_asked(archive, tmp_path, capsys) -> None:
    out = tmp_path / "report"
    words = ["--findings", "--operating-point", "sensitive", "--out", str(out)]
    assert main(["audit", str(archive), *words]) == 0
    said = capsys.readouterr().out
    assert "2  of 2 films asked about: fracture flagged" in said
    assert RESEARCH in said
    rows = {row.path: row for row in read_rows(out / "results.csv")}
    hand, chest = rows["hand.dcm"], rows["chest.dcm"]
    assert hand.fracture_flag == "yes"
    assert hand.hardware_flag in ("yes", "no")
    assert 0 < hand.fracture_probability < 1
    assert hand.projection_verdict == "missing"
    assert [getattr(chest, name) for name in FLAGS] == ["", "", ""]
    assert chest.fracture_probability is None
    assert "xray-findings" in hand.model
    assert hand.model.endswith(", sensitive")
    page = (out / "report.html").read_text()
    assert RESEARCH[1:] in page


def test_audit_without_findings_says_nothing_of_them(archive, tmp_path, capsys) -> None:
    out = tmp_path / "report"
    assert main(["audit", str(archive), "--out", str(out)]) == 0
    assert "fracture" not in capsys.readouterr().out
    assert all(row.fracture_flag == "" for row in read_rows(out / "results.csv"))
    assert "Fracture" not in (out / "report.html").read_text()


def test_audit_begun_otherwise_is_not_continued(archive, tmp_path, capsys) -> None:
    words = ["audit", str(archive), "--out", str(tmp_path / "report")]
    assert main([*words, "--findings"]) == 0
    capsys.readouterr()
    for other in ([], ["--findings", "--operating-point", "specific"]):
        assert main([*words, *other]) == 1
        assert "Choose another --out" in capsys.readouterr().err


def test_plan_says_itself_what_its_chunks_look_for(
    archive, tmp_path, capsys, monkeypatch
) -> None:
    monkeypatch.setattr(Classifier, "load", LOAD)  # as the process of the chunks has it
    parts = set()
    for name, words in (
        ("without", []),
        ("balanced", ["--findings"]),
        ("specific", ["--findings", "--operating-point", "specific"]),
    ):
        out = tmp_path / name
        assert main(["audit", str(archive), "--plan", "--out", str(out), *words]) == 0
        plan = read_plan(out)
        assert plan.findings == ("" if name == "without" else name)
        parts.add(plan.part(0).rpartition("-")[0])
    assert len(parts) == 3
    assert main(["audit", "--run", str(tmp_path / "balanced")]) == 0
    assert "films asked about" in capsys.readouterr().out


def test_plan_of_an_unknown_operating_point_is_told(archive, tmp_path) -> None:
    out = tmp_path / "report"
    main(["audit", str(archive), "--plan", "--out", str(out)])
    path = out / PLAN_NAME
    content = json.loads(path.read_text()) | {"findings": "lenient"}
    path.write_text(json.dumps(content))
    with pytest.raises(DatasetError, match="lenient"):
        read_plan(out)


@pytest.mark.parametrize(
    "words",
    [
        ["--run", "x", "--findings"],
        ["--merge", "x", "--out", "y", "--findings"],
        ["x", "--out", "y", "--operating-point", "specific"],
    ],
    ids=["run", "merge", "point"],
)
def test_wish_that_can_not_be_is_refused(words, capsys) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["audit", *words])
    assert stopped.value.code == 2
    assert "--findings" in capsys.readouterr().err


def test_row_states_flags_of_its_operating_point() -> None:
    said = finds(predicts("Hand"), fracture=0.7, hardware=0.2)
    outcome = Outcome("a.dcm", None, explains(said, 30, 20))
    row = make_row("a.dcm", Origin(), outcome, Options("", ""))
    assert (row.fracture_flag, row.hardware_flag) == ("yes", "no")
    assert row.fracture_probability == 0.7
    assert row.projection == "lateral"


def test_counts_are_added_and_shown_by_part() -> None:
    counts = {
        "Hand": Counter({"asked": 3, "fracture": 1, "hardware": 0}),
        "Knee": Counter({"asked": 2, "fracture": 1, "hardware": 2}),
    }
    assert summed(counts) == Counter({"asked": 5, "fracture": 2, "hardware": 2})
    page = render_found(counts)
    assert page.index("Hand") < page.index("Knee") < page.index("All")
    assert "40.0 %" in page
    assert "2  of 5 films asked about" in print_found(counts)
    assert render_found({}) == print_found({}) == ""
