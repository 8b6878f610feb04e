"""`--findings` of the commands: what is asked, said, drawn, refused."""

import json
import re

import numpy as np
import pytest
from PIL import Image

from tests.archives import FILMS
from tests.findings_network import make_findings_network
from xray.classify.classifier import Classifier
from xray.cli import main
from xray.messages import MESSAGES
from xray.network.findings.points import POINTS
from xray.reading.reader import read_radiograph

RESEARCH = MESSAGES["findings_research"].text()


@pytest.fixture(autouse=True, scope="module")
def asked(tmp_path_factory):
    """Have commands load a network of findings that has learned nothing."""
    weights = make_findings_network(tmp_path_factory.mktemp("findings"))
    classifier = Classifier.load(findings=weights)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Classifier, "load", lambda: classifier)
        yield classifier


def test_predict_json_has_findings_only_where_asked(capsys) -> None:
    hand, chest = str(FILMS / "hand.jpg"), str(FILMS / "chest.jpg")
    assert main(["predict", "--json", "--findings", hand, chest]) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["fracture"]["flag"] is False
    assert 0 < first["hardware"]["probability"] < 1
    assert set(first["projection"]) == {"name", "probability"}
    assert [second[key] for key in ("fracture", "hardware", "projection")] == [None] * 3
    assert main(["predict", "--json", hand]) == 0
    assert "fracture" not in json.loads(capsys.readouterr().out)


def test_predict_flags_by_the_operating_point(capsys) -> None:
    words = ["predict", "--json", "--findings", str(FILMS / "hand.jpg")]
    flags = {}
    for point in POINTS:
        main([*words, "--operating-point", point])
        flags[point] = json.loads(capsys.readouterr().out)["fracture"]["flag"]
    assert flags == {"sensitive": True, "balanced": False, "specific": False}


def test_predict_row_says_what_findings_are_not_for(capsys) -> None:
    words = ["predict", "--findings", "--operating-point", "sensitive"]
    main([*words, str(FILMS / "hand.jpg"), str(FILMS / "chest.jpg")])
    hand, chest = capsys.readouterr().out.splitlines()
    assert re.search(r"fracture \d+ % \(flagged\), hardware", hand)
    assert hand.endswith(RESEARCH)
    assert chest.endswith(MESSAGES["findings_not_asked"].text())


@pytest.mark.parametrize("command", ["predict", "explain"])
def test_operating_point_without_findings_is_refused(command, capsys) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([command, str(FILMS / "hand.jpg"), "--operating-point", "specific"])
    assert stopped.value.code == 2
    assert "--findings" in capsys.readouterr().err


def test_explain_outlines_a_flagged_fracture_and_says_so(
    tmp_path, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    film = read_radiograph((FILMS / "foot.jpg").read_bytes()).pixels
    shown = {}
    for point in ("sensitive", "specific"):
        words = ["--findings", "--operating-point", point, "--out", f"{point}.png"]
        assert main(["explain", str(FILMS / "foot.jpg"), "--contours", *words]) == 0
        assert RESEARCH in capsys.readouterr().out
        with Image.open(f"{point}.png") as image:
            shown[point] = np.asarray(image.convert("RGB"))[: len(film)]
    assert np.ptp(shown["sensitive"], axis=-1).max() > 50  # a blue line
    assert np.ptp(shown["specific"], axis=-1).max() == 0
