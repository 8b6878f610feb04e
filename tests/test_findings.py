"""Findings beside the body part: when they're asked, of what, and what they hold."""

from dataclasses import replace

import numpy as np
import pytest

from tests.findings_network import make_findings_network
from tests.predictions import finds, predicts
from xray import Classifier, ModelError, XrayError
from xray.classify.findings import Findings
from xray.classify.findings_inference import FindingsInference
from xray.classify.pipeline import Source, classify_all
from xray.classify.prediction import Explanation, Prediction
from xray.classify.prepared import PreparedPicture
from xray.classify.trust.pose import POSES
from xray.explanation.caption import caption_lines
from xray.network.findings.answer import PROJECTIONS
from xray.network.findings.card import read_findings_card
from xray.network.findings.points import POINTS
from xray.network.local_card import LocalCard
from xray.reading.reader import read_radiograph
from xray.records.answer import as_record


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    return make_findings_network(tmp_path_factory.mktemp("findings"))


@pytest.fixture(scope="module")
def asked(weights) -> Classifier:
    return Classifier.load(findings=weights)


@pytest.fixture(scope="module")
def inference(weights) -> FindingsInference:
    return FindingsInference(weights)


def nothing(findings: Findings | None) -> bool:
    """Say whether it was asked for, and there was nothing to ask about."""
    assert findings is not None
    values = findings.fracture, findings.hardware, findings.projection, findings.where
    return all(value is None for value in values)


def test_findings_of_a_known_part_are_probabilities_and_a_map(asked, films) -> None:
    explanation = asked.explain(films["hand"], findings=True)
    findings = explanation.prediction.findings
    assert 0 < findings.fracture.probability < 1
    assert 0 < findings.hardware.probability < 1
    assert findings.projection.name in PROJECTIONS
    assert 0.25 <= findings.projection.probability <= 1
    pixels = read_radiograph(films["hand"]).pixels
    where = explanation.fracture_map()
    assert where.shape == pixels.shape
    assert 0 <= where.min() < where.max() <= 1
    assert explanation.fracture_map(30, 40).shape == (30, 40)


def test_body_part_is_the_same_with_findings(asked, films) -> None:
    alone, beside = (
        asked.explain(films["knee"], findings=each) for each in (False, True)
    )
    assert np.array_equal(
        alone.prediction.probabilities, beside.prediction.probabilities
    )
    assert np.array_equal(alone.heatmap, beside.heatmap)


def test_without_asking_no_file_of_the_network_is_read(films, tmp_path) -> None:
    classifier = Classifier.load(findings=tmp_path / "none.npz")
    explanation = classifier.explain(films["hand"])
    assert explanation.prediction.findings is None
    assert explanation.fracture_map() is None
    with pytest.raises(ModelError, match=r"none\.json"):
        classifier.predict([films["hand"]], findings=True)


def test_part_that_the_network_does_not_know_has_no_findings(asked, films) -> None:
    chest = asked.explain(films["chest"], findings=True)
    assert nothing(chest.prediction.findings)
    assert chest.fracture_map() is None


def look(
    inference: FindingsInference,
    pictures: list[PreparedPicture],
    predictions: list[Prediction],
) -> list[Findings]:
    said = [Explanation(each, {}, 1, 1) for each in predictions]
    found = inference.add(pictures, said, "balanced", busy=False)
    return [each.prediction.findings for each in found]


@pytest.mark.parametrize(
    "prediction",
    [
        predicts("Hand", 0.6),
        predicts("Hand", 0.95, "rejected_unfamiliar"),
        predicts("Others", 0.95),
    ],
    ids=["unsure", "rejected", "others"],
)
def test_film_whose_part_is_red_has_no_findings(prediction, inference, films) -> None:
    picture = PreparedPicture.of(films["hand"])
    (found,) = look(inference, [picture], [prediction])
    assert nothing(found)


def test_film_of_medium_confidence_has_findings(inference, films) -> None:
    picture = PreparedPicture.of(films["hand"])
    (found,) = look(inference, [picture], [predicts("Hand", 0.75)])
    assert found.fracture is not None


@pytest.mark.parametrize("pose", POSES[1:], ids=lambda pose: pose.key)
def test_film_in_another_pose_is_asked_upright_and_mapped_as_it_came(
    pose, inference, films
) -> None:
    upright = read_radiograph(films["foot"]).pixels
    came = 1 - upright if pose.inverted else np.rot90(upright, pose.turns).copy()
    said = predicts("Feet")
    pictures = [PreparedPicture.of(each) for each in (upright, came)]
    first, second = look(inference, pictures, [said, replace(said, pose=pose)])
    assert second.fracture.probability == pytest.approx(
        first.fracture.probability, abs=1e-3
    )
    assert np.allclose(second.where, np.rot90(first.where, pose.turns), atol=1e-2)


def test_operating_point_decides_flags_and_nothing_else(asked, films, weights) -> None:
    by_point = [asked.predict([films["hand"]], findings=each)[0] for each in POINTS]
    found = [each.findings.fracture for each in by_point]
    assert [each.flag for each in found] == [True, False, False]
    assert len({each.probability for each in found}) == 1
    card = read_findings_card(weights)
    first = by_point[0].findings
    assert first.card == card
    assert [first.at(each).fracture.flag for each in POINTS] == [True, False, False]


def test_unknown_operating_point_is_told(asked, films) -> None:
    with pytest.raises(XrayError, match="sensitive, balanced, specific"):
        asked.predict([films["hand"]], findings="lenient")


def test_film_together_with_others_is_answered_as_alone(asked, films) -> None:
    names = ["chest", "hand", "knee"]
    together = asked.predict([films[name] for name in names], findings=True)
    assert nothing(together[0].findings)
    (alone,) = asked.predict([films["knee"]], findings=True)
    assert together[2].findings.fracture.probability == pytest.approx(
        alone.findings.fracture.probability, abs=1e-3
    )


def test_pipeline_passes_the_wish_on(asked, films) -> None:
    sources = [Source(name, films[name]) for name in ("hand", "chest")]
    hand, chest = classify_all(asked, sources, findings="sensitive")
    assert hand.explanation.prediction.findings.fracture.flag
    assert nothing(chest.explanation.prediction.findings)


def test_record_holds_findings_only_where_they_were_asked(asked, films) -> None:
    (hand, chest) = asked.predict([films["hand"], films["chest"]], findings=True)
    record = as_record(hand, None)
    assert list(record)[-3:] == ["fracture", "hardware", "projection"]
    assert record["fracture"] == {
        "probability": round(hand.findings.fracture.probability, 6),
        "flag": False,
    }
    seen = hand.findings.projection
    assert record["projection"] == {
        "name": seen.name,
        "probability": round(seen.probability, 6),
    }
    assert [as_record(chest, None)[key] for key in list(record)[-3:]] == [None] * 3
    (unasked,) = asked.predict([films["hand"]])
    assert not {"fracture", "hardware", "projection"} & set(as_record(unasked, None))


def test_card_is_told_without_a_film(asked, weights) -> None:
    assert asked.findings_card == read_findings_card(weights)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            "fracture 70 % (flagged), hardware 10 %, several projections 95 % · "
            "experimental, for research, not for diagnosis",
        ),
        (
            "es",
            "fractura 70 % (marcada), material metálico 10 %, varias proyecciones 95 % "
            "· experimental, para investigación, no para diagnóstico",
        ),
    ],
)
def test_text_for_people_says_what_it_is_not_for(language, said) -> None:
    found = finds(predicts("Hand"), "several", fracture=0.7).findings
    assert found.text(language) == said


def test_caption_names_the_network_that_found_it() -> None:
    said = finds(predicts("Hand"), fracture=0.7, point="specific")
    lines = caption_lines(said, said.label, "x 1")
    assert lines[1] == "fracture 70 %, hardware 10 %, lateral 95 %"
    assert lines[2] == "experimental, for research, not for diagnosis"
    assert lines[3].startswith("xray-findings")
    assert lines[3].endswith(", specific")


def test_film_that_a_local_card_makes_red_has_no_findings(weights, films) -> None:
    classifier = Classifier.load(findings=weights)
    classifier.local = LocalCard(
        *("ours", classifier.card.sha256, 10.0, 0.9, 0.05, 9, 9, "2026-11-28", {})
    )
    (hand,) = classifier.predict([films["hand"]], findings=True)
    assert hand.band.value == "low"
    assert nothing(hand.findings)


def test_missing_network_is_told_once_before_any_film(tmp_path) -> None:
    bare = Classifier.load(findings=tmp_path / "none.npz")
    with pytest.raises(ModelError, match="none"):
        classify_all(
            bare, (pytest.fail("a film was drawn") for _ in [0]), findings=True
        )
