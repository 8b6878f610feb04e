"""Asking the network of findings: when it's wanted, and where it knows the part."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ..network.findings.answer import FindingsAnswer
from ..network.findings.card import FindingsCard
from ..network.findings.network import FindingsNetwork
from ..network.findings.points import Point
from ..threads import once
from .findings import Findings
from .prediction import Explanation, Prediction
from .prepared import PreparedPicture
from .trust.confidence import Band


class FindingsInference:
    """The network of findings, not read before it is asked; shared between threads."""

    def __init__(self, path: Path) -> None:
        self._network = once(lambda: FindingsNetwork(path))

    @property
    def network(self) -> FindingsNetwork:
        """The network, its card read; compiled only when a film comes.

        Raises:
            ModelError: Card or weights are missing or damaged.
        """
        return self._network()

    def add(
        self,
        pictures: Sequence[PreparedPicture],
        explanations: Sequence[Explanation],
        point: Point,
        busy: bool,
    ) -> list[Explanation]:
        """Look for findings on films whose body part is known.

        Returns:
            The explanations, their predictions with findings.
        """
        network = self.network
        predictions = [each.prediction for each in explanations]
        asked = [
            number
            for number, prediction in enumerate(predictions)
            if _may_be_asked(network.card, prediction)
        ]
        laid = [predictions[each].pose.lay(pictures[each].pixels) for each in asked]
        found = dict(zip(asked, network.ask(laid, busy), strict=True))
        answers = (
            _as_it_came(found.get(number), prediction)
            for number, prediction in enumerate(predictions)
        )
        return [
            explanation.with_findings(Findings(network.card, answer, point))
            for explanation, answer in zip(explanations, answers, strict=True)
        ]


def _may_be_asked(card: FindingsCard, prediction: Prediction) -> bool:
    """Say whether a film shows, most likely, a part that the network was trained on."""
    return prediction.band is not Band.LOW and card.covers(prediction.label)


def _as_it_came(
    answer: FindingsAnswer | None, prediction: Prediction
) -> FindingsAnswer | None:
    if answer is None:
        return None
    return replace(answer, where=prediction.pose.redo(answer.where))
