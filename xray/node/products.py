"""What is made of a classified film, as its rules want it, ready to be delivered."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import TypeVar

from pydicom import Dataset

from ..classify.classifier import Classifier
from ..classify.pipeline import Outcome
from ..classify.prediction import Explanation, Prediction
from ..errors import ImageError, SpoolFullError
from ..explanation.render import overlay
from ..reading.radiograph import Radiograph
from ..records.answer import as_record
from ..records.correction import apply, encode, plan, read_whole
from ..records.structured_report import make_heatmap, make_report
from ..records.uids import DerivedUids
from ..spool.folder import Spool
from ..spool.item import Item, Product
from .config import Config
from .rules import RECORD, RuleFacts, decide

Part = TypeVar("Part")

# Why a film has no product of some kind, though nothing is wrong with it.
_NO_PRODUCT = frozenset({"no_code", "too_unsure", "frame_anatomy"})


class Maker:
    """Makes products, and says what they are made from.

    Args:
        config: Its rules, and the form of reports.
        spool: Where products wait.
        classifier: Who answered, as products say.
    """

    def __init__(self, config: Config, spool: Spool, classifier: Classifier) -> None:
        self._config = config
        self._spool = spool
        self._classifier = classifier

    def make(
        self, item: Item, outcome: Outcome
    ) -> tuple[dict[str, object], list[Product]]:
        """Make what rules want of a film.

        Args:
            item: As claimed.
            outcome: Of it, without an error.

        Returns:
            The answer as `predict --json` has it, and the products.

        Raises:
            ImageError: The film's header can't be referred to.
            SpoolFullError: The disk is full.
        """
        film = _Answered(self._spool, self._config, self._classifier, item, outcome)
        wanted = decide(self._config.rules, film.facts)
        answer = film.record
        if not wanted or film.is_own:
            return answer, []
        products: list[Product] = []
        for product, destinations in sorted(wanted.items()):
            try:
                products += self._stage(film, product, sorted(destinations))
            except ImageError as error:
                if error.key in _NO_PRODUCT or error.key == film.prediction.rejected:
                    answer = answer | {f"no_{product}": error.key}
                    continue
                self.drop(products)
                raise
            except SpoolFullError:
                self.drop(products)
                raise
        return answer, products

    def drop(self, products: Sequence[Product]) -> None:
        """Remove products that nobody will deliver."""
        self._spool.store.remove(*(each.file for each in products))

    def _stage(self, film: "_Answered", product: str, to: list[str]) -> list[Product]:
        data, about = film.encoded(product)
        store, products = self._spool.store, list[Product]()
        try:
            for name in to:
                # Each delivery has a file of its own, which goes with it.
                first = products[0].file if products else ""
                staged = (
                    store.adopt(store.path(first)) if first else store.stage([data])
                )
                products.append(Product(name, product, staged.file, about))
        except SpoolFullError:
            self.drop(products)
            raise
        return products


class _Answered:
    """One film, its answer, and the objects that can be made of it."""

    def __init__(
        self,
        spool: Spool,
        config: Config,
        classifier: Classifier,
        item: Item,
        outcome: Outcome,
    ) -> None:
        self._spool = spool
        self._config = config
        self._classifier = classifier
        self._item = item
        self._verdict = outcome.verdict
        self._explanation: Explanation = _there(outcome.explanation)
        self._radiograph: Radiograph = _there(outcome.radiograph)

    @property
    def prediction(self) -> Prediction:
        return self._explanation.prediction

    @property
    def facts(self) -> RuleFacts:
        return RuleFacts(
            self.prediction, self._verdict, self._item.source.get("ae", "")
        )

    @property
    def record(self) -> dict[str, object]:
        return as_record(self.prediction, self._verdict, self._radiograph.claim)

    @cached_property
    def _data(self) -> bytes:
        return self._spool.store.read(self._item.file)

    @cached_property
    def _dataset(self) -> Dataset:
        return read_whole(self._data)

    @property
    def is_own(self) -> bool:
        """A heat map of ours that came back: else it would go round for ever."""
        return bool(self._item.source.get("own"))

    def encoded(self, product: str) -> tuple[bytes, dict[str, str]]:
        """Encode a product; with it what a delivery has to know of it."""
        uids = self._uids(product)
        if product == RECORD:
            return self._record_bytes(uids), {"uid": uids.instance}
        make: dict[str, Callable[[DerivedUids], Dataset]] = {
            "sr": self._report,
            "heatmap": self._heatmap,
            "copy": self._copy,
        }
        made = make[product](uids)
        about = {
            "uid": str(made.SOPInstanceUID),
            "class": str(made.SOPClassUID),
            "syntax": str(made.file_meta.TransferSyntaxUID),
        }
        return encode(made), about

    def _uids(self, product: str) -> DerivedUids:
        item = self._item
        # Of two films under one UID, the later one's products are not the earlier's.
        source = f"{item.key} {item.digest}" if item.conflict else str(item.key)
        series = item.source["series"]
        return DerivedUids.stable(product, series, source, self._model)

    @property
    def _model(self) -> str:
        """What tells answers apart: the weights, and the local card if there is one."""
        local, weights = self._classifier.local, self._classifier.card.sha256
        return weights if local is None else f"{weights} {local.name}"

    def _report(self, uids: DerivedUids) -> Dataset:
        return make_report(
            self._dataset,
            self.prediction,
            self._classifier.version,
            form=self._config.report,
            uids=uids,
        )

    def _heatmap(self, uids: DerivedUids) -> Dataset:
        picture = overlay(self._radiograph.pixels, self._explanation.heatmap)
        return make_heatmap(self._dataset, picture, uids=uids)

    def _copy(self, uids: DerivedUids) -> Dataset:
        correction = plan(self._data, self.prediction)
        return apply(correction, uid=uids.instance)

    def _record_bytes(self, uids: DerivedUids) -> bytes:
        received = datetime.fromtimestamp(self._item.received, UTC)
        record: dict[str, object] = {
            "id": uids.instance,
            "study": self._item.source["study"],
            "series": self._item.source["series"],
            "instance": self._item.key,
            "source": self._item.source.get("ae", ""),
            "received": received.isoformat(timespec="seconds"),
            "model": self._classifier.version,
        }
        return json.dumps(record | self.record).encode()


def _there(value: Part | None) -> Part:
    if value is None:
        raise ValueError("expected an outcome without an error")
    return value
