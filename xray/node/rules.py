"""Which products of an answer go where: said in the settings, never in code."""

from dataclasses import dataclass

from ..classify.prediction import Prediction
from ..classify.verdict import Verdict
from ..labels import BODY_PARTS, find_label
from .table import Table

DICOM_PRODUCTS = ("sr", "heatmap", "copy")
RECORD = "record"  # what `predict --json` says, for programs


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """What rules may ask about."""

    prediction: Prediction
    verdict: Verdict | None  # None: not a DICOM file
    source: str  # AE title that sent it; "": came another way


@dataclass(frozen=True, slots=True)
class Rule:
    """Products and destinations, for answers of which all of this is true."""

    name: str
    send: tuple[str, ...]
    to: tuple[str, ...]
    verdicts: frozenset[Verdict] = frozenset()  # empty: any, and so below
    labels: frozenset[int] = frozenset()  # class numbers
    sources: frozenset[str] = frozenset()  # AE titles
    min_confidence: float = 0.0
    max_confidence: float = 1.0
    rejected: bool | None = None

    def matches(self, facts: RuleFacts) -> bool:
        """Say whether an answer is one of those that the rule is for."""
        prediction = facts.prediction
        shown = {prediction.label, *(part.id for part in prediction.parts)}
        return (
            (not self.verdicts or facts.verdict in self.verdicts)
            and (not self.labels or not self.labels.isdisjoint(shown))
            and (not self.sources or facts.source in self.sources)
            and self.min_confidence <= prediction.confidence <= self.max_confidence
            and self.rejected in (None, prediction.rejected is not None)
        )


def decide(rules: tuple[Rule, ...], facts: RuleFacts) -> dict[str, set[str]]:
    """Say which products go where: what all the rules that match send together.

    Returns:
        Products, each with the names of its destinations.
    """
    wanted: dict[str, set[str]] = {}
    for rule in rules:
        if rule.matches(facts):
            for product in rule.send:
                wanted.setdefault(product, set()).update(rule.to)
    return wanted


def read_rule(table: Table) -> Rule:
    """Read a rule from the settings.

    Raises:
        ConfigError: A value can't be.
    """
    name = table.text("name")
    send = table.texts("send", (*DICOM_PRODUCTS, RECORD))
    to = table.texts("to")
    for key, value in (("send", send), ("to", to)):
        if not value:
            raise table.wrong(key, "a list that isn't empty", list(value))
    when = table.table("when")
    table.end()
    if when is None:
        return Rule(name, send, to)
    verdicts = when.texts("verdict", (each.value for each in Verdict))
    rule = Rule(
        name,
        send,
        to,
        verdicts=frozenset(Verdict(each) for each in verdicts),
        labels=_labels(when),
        sources=frozenset(when.texts("source")),
        min_confidence=when.number("min_confidence", 0, 0, 1),
        max_confidence=when.number("max_confidence", 1, 0, 1),
        rejected=when.flag("rejected") if when.has("rejected") else None,
    )
    when.end()
    return rule


def explain(rule: Rule) -> str:
    """Say a rule in a sentence."""
    conditions = []
    if rule.verdicts:
        words = sorted(verdict.value for verdict in rule.verdicts)
        conditions.append(f"verdict {' or '.join(words)}")
    if rule.labels:
        parts = sorted(BODY_PARTS[label].english for label in rule.labels)
        conditions.append(f"part {' or '.join(parts)}")
    if rule.sources:
        conditions.append(f"sent by {' or '.join(sorted(rule.sources))}")
    if rule.min_confidence > 0:
        conditions.append(f"confidence at least {rule.min_confidence:g}")
    if rule.max_confidence < 1:
        conditions.append(f"confidence at most {rule.max_confidence:g}")
    if rule.rejected is not None:
        conditions.append("rejected" if rule.rejected else "not rejected")
    when = ", ".join(conditions) or "always"
    return f"{rule.name}: {when}: {', '.join(rule.send)} to {', '.join(rule.to)}"


def _labels(table: Table) -> frozenset[int]:
    found = set()
    for name in table.texts("body_part"):
        label = find_label(name)
        if label is None:
            names = ", ".join(part.english for part in BODY_PARTS)
            raise table.wrong("body_part", f"some of {names}", name)
        found.add(label)
    return frozenset(found)
