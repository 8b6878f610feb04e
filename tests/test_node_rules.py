import pytest

from tests.predictions import IDS, predicts
from xray.classify.verdict import Verdict
from xray.node.rules import Rule, RuleFacts, decide

HAND = RuleFacts(predicts("Hand", 0.95), Verdict.DISAGREE, "CR1")


@pytest.mark.parametrize(
    ("condition", "matches"),
    [
        ({}, True),
        ({"verdicts": frozenset({Verdict.DISAGREE})}, True),
        ({"verdicts": frozenset({Verdict.AGREE})}, False),
        ({"labels": frozenset({IDS["Hand"], IDS["Knee"]})}, True),
        ({"labels": frozenset({IDS["Knee"]})}, False),
        ({"sources": frozenset({"CR1"})}, True),
        ({"sources": frozenset({"CR2"})}, False),
        ({"min_confidence": 0.9}, True),
        ({"min_confidence": 0.96}, False),
        ({"max_confidence": 0.9}, False),
        ({"rejected": False}, True),
        ({"rejected": True}, False),
        ({"min_confidence": 0.9, "sources": frozenset({"CR2"})}, False),
    ],
)
def test_a_rule_matches_where_all_its_conditions_hold(condition, matches):
    assert Rule("r", ("sr",), ("pacs",), **condition).matches(HAND) is matches


def test_a_rejected_film_matches_rules_for_rejected_ones():
    cat = RuleFacts(predicts("Hand", rejected="rejected_colored"), None, "")
    assert Rule("r", ("record",), ("app",), rejected=True).matches(cat)


def test_matching_rules_add_up_and_send_nothing_twice():
    rules = (
        Rule("a", ("sr",), ("pacs",)),
        Rule("b", ("sr", "heatmap"), ("pacs", "research")),
        Rule("c", ("copy",), ("pacs",), sources=frozenset({"CR2"})),
    )
    assert decide(rules, HAND) == {
        "sr": {"pacs", "research"},
        "heatmap": {"pacs", "research"},
    }
    assert decide((), HAND) == {}
