"""The one door: pictures in, predictions and heat maps out."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ..errors import XrayError
from ..labels import BODY_PARTS
from ..network.card import Card, read_card
from ..network.densenet.tail import Tail
from ..network.engine import Engine
from ..network.ensemble import SecondNetwork
from ..network.findings.card import DEFAULT_FINDINGS, FindingsCard
from ..network.findings.points import BALANCED, Point
from ..network.local_card import LocalCard, chosen_card, read_local_card
from ..network.openvino.engine import OpenVinoEngine
from ..network.weights import DEFAULT_WEIGHTS, read_weights
from ..threads import in_order, keep_products_single, once
from .findings import chosen_point
from .findings_inference import FindingsInference
from .inference import Inference, batches
from .prediction import Explanation, Prediction
from .prepared import Picture, PreparedPicture
from .trust.fast import FastWay, require_fast
from .trust.references import References

Item = TypeVar("Item")
Result = TypeVar("Result")

MANY = 32  # pictures; for fewer, making ready for all cores costs more than it saves


class Classifier:
    """Says which body part a radiograph shows. Safe to share between threads.

    >>> classifier = Classifier.load()
    >>> prediction, = classifier.predict(["hand.png"])
    >>> prediction.part.english, prediction.band
    """

    def __init__(
        self,
        engine: Engine,
        tail: Tail,
        card: Card,
        references: References | None = None,
        second: SecondNetwork | None = None,
        *,
        local: LocalCard | None = None,
        findings: Path = DEFAULT_FINDINGS,
        fast: Callable[[], FastWay | None] | None = None,
    ) -> None:
        self.card = card
        self.local = local  # None: calibrated as shipped
        self.engine = engine
        self._inference = Inference(engine, tail, card, references, second, fast)
        self._findings = FindingsInference(findings)

    @classmethod
    def load(
        cls,
        weights: Path | None = None,
        second: Path | None = None,
        card: str | Path | None = None,
        findings: Path | None = None,
    ) -> "Classifier":
        """Load weights and their card.

        Args:
            weights: None is the shipped ones.
            second: Weights to ask beside, instead of those that the card names.
            card: Name or path of a local card; None is that of XRAY_CARD, if it is
                set, and "" is none, to measure what was shipped.
            findings: Weights of the network of findings, read when they are first
                asked for; None is the shipped ones.

        Raises:
            ModelError: Either is missing or damaged, they don't belong together, or
                the weights are of no network that can be the first.
        """
        keep_products_single()
        weights = weights or DEFAULT_WEIGHTS
        shipped = read_card(weights)
        shipped.require_first()
        arrays = read_weights(weights)
        shipped.network.check(arrays, weights.name)
        kept = shipped.references()
        references = References.load(kept) if kept else None
        beside = SecondNetwork(second) if second else SecondNetwork.of(shipped)
        named = chosen_card() if card is None else card
        local = read_local_card(named, shipped.sha256) if named else None
        engine = OpenVinoEngine(arrays)
        return cls(
            engine,
            Tail(arrays),
            shipped,
            references,
            beside,
            local=local,
            findings=findings or DEFAULT_FINDINGS,
            fast=None if second else once(lambda: FastWay.load(shipped)),
        )

    @property
    def version(self) -> str:
        """Name and version of what answers, as exports state it."""
        if self.local is None:
            return self.card.version
        return f"{self.card.version} + local card {self.local.name}"

    def require_fast(self) -> None:
        """Make sure that films can be answered the fast way.

        Raises:
            ModelError: That was not measured for the weights, or for the local card, or
                the small network's reference films are missing.
        """
        require_fast(self.card, self.local)
        if self._inference.fast is not None:
            self._inference.fast()

    @property
    def findings_card(self) -> FindingsCard:
        """The card of the network of findings.

        Raises:
            ModelError: It or its weights are missing or damaged.
        """
        return self._findings.network.card

    def require_findings(self) -> None:
        """Make sure, before any film, that findings can be looked for.

        Raises:
            ModelError: The network of findings or its card is missing or damaged.
        """
        _ = self.findings_card

    def predict(
        self, images: Sequence[Picture], findings: bool | Point = False
    ) -> list[Prediction]:
        """Classify radiographs.

        Args:
            images: Paths, whole files as bytes or opened for reading, radiographs,
                or gray pictures (H, W) in [0, 1] with bone bright.
            findings: As for `explain_all`.

        Returns:
            One prediction an image, in their order.

        Raises:
            ImageError: One of them can't be read.
        """
        found = self.explain_all(images, top=0, findings=findings)
        return [explanation.prediction for explanation in found]

    def measure(
        self, images: Sequence[Picture], busy: bool = False
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Compute what calibration and rejection are fitted on.

        Args:
            images: As for `predict`.
            busy: As for `explain_all`.

        Returns:
            Logits (N, 22), and the pooled features (N, 1920).
        """
        many = not busy and len(images) >= MANY

        def measure(
            batch: Sequence[Picture],
        ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
            return self._inference.measure(_prepared(batch), busy or many)

        logits, features = zip(*_spread(measure, images, many), strict=True)
        return np.concatenate(logits), np.concatenate(features)

    def explain(
        self,
        image: Picture,
        label: int | None = None,
        findings: bool | Point = False,
    ) -> Explanation:
        """Classify one radiograph and map what speaks for a body part.

        Args:
            image: As for `predict`.
            label: Class number to explain; None is the likeliest.
            findings: As for `explain_all`.

        Raises:
            XrayError: As `explain_all`.
        """
        labels = None if label is None else [label]
        return self.explain_all([image], labels, findings=findings)[0]

    def explain_all(
        self,
        images: Sequence[Picture],
        labels: Sequence[int] | None = None,
        top: int = 1,
        busy: bool = False,
        findings: bool | Point = False,
        *,
        fast: bool = False,
    ) -> list[Explanation]:
        """Classify radiographs and map them, in one pass through the trunk.

        Args:
            images: As for `predict`.
            labels: One class number an image to explain; None is the likeliest.
            top: How many of the likeliest parts to map, if `labels` is None; with
                0 there are no maps, and the gradient costs nothing.
            busy: Other threads call at the same time, and this is one of those that
                `threads.in_order` works on, as in `pipeline`.
            findings: Look for fracture, hardware and projection too, for research,
                not for diagnosis; True flags at the balanced operating point, a name
                at that one. Answers are in `Prediction.findings`.
            fast: Let the small network answer alone what it is sure of, where no map
                is asked for; see `require_fast`.

        Returns:
            One explanation an image, in their order; maps are on the square.

        Raises:
            ImageError: One of them can't be read.
            XrayError: A label is no class number, or there isn't one an image; no
                such operating point.
            ModelError: Findings are wanted, and their network is missing or damaged.
        """
        _check_labels(labels, len(images))
        point = chosen_point(findings) if findings else None
        many = not busy and len(images) >= MANY
        fast = fast and top == 0 and labels is None

        def explain(numbers: Sequence[int]) -> list[Explanation]:
            prepared = _prepared([images[each] for each in numbers])
            wanted = None if labels is None else [labels[each] for each in numbers]
            if fast:
                found = self._inference.explain_fast(prepared, busy or many)
            else:
                found = self._inference.explain(prepared, wanted, top, busy or many)
            if self.local is not None:
                found = [each.recalibrated(self.local) for each in found]
            if point is None:
                return found
            return self._findings.add(prepared, found, point, busy or many)

        found = _spread(explain, range(len(images)), many)
        return [explanation for batch in found for explanation in batch]

    def add_findings(
        self,
        images: Sequence[Picture],
        explanations: Sequence[Explanation],
        point: Point = BALANCED,
        busy: bool = False,
    ) -> list[Explanation]:
        """Look for findings on radiographs that were explained before.

        Args:
            images: As for `predict`.
            explanations: What `explain_all` said of each; no part is asked for again.
            point: By which operating point to flag.
            busy: As for `explain_all`.

        Raises:
            ImageError: One of them can't be read.
            ModelError: The network of findings or its card is missing or damaged.
        """
        return self._findings.add(_prepared(images), explanations, point, busy)


def _check_labels(labels: Sequence[int] | None, images: int) -> None:
    if labels is None:
        return
    last = len(BODY_PARTS) - 1
    wrong = [each for each in labels if each not in range(last + 1)]
    if wrong or len(labels) != images:
        received = f"{wrong[0]!r}" if wrong else f"{len(labels)} for {images} images"
        raise XrayError(
            f"Expected a class number from 0 to {last} for each image. Received: "
            f"{received}. `BODY_PARTS` lists them."
        )


def _spread(
    work: Callable[[Sequence[Item]], Result], items: Sequence[Item], many: bool
) -> Iterable[Result]:
    """Work on a list batch by batch, on all cores if it is long: results in order."""
    return in_order(work, batches(items)) if many else map(work, batches(items))


def _prepared(images: Sequence[Picture]) -> list[PreparedPicture]:
    return [PreparedPicture.of(image) for image in images]
