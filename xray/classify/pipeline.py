"""Many files to results: decoded and classified on threads, delivered in order.

Everything heavy (decoding, resizing, the trunk, matrix products) leaves Python's
lock, so threads keep all cores busy. One set of threads serves every caller, in
the order of asking, so that several sessions share the processor fairly. A call
never holds more than a few pictures, however long its list is.
"""

import itertools
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from ..errors import XrayError, program_error
from ..network.findings.points import Point
from ..reading.files import read_file
from ..reading.radiograph import Notice, Radiograph
from ..reading.reader import read_radiograph
from ..threads import in_order
from .classifier import Classifier
from .prediction import Explanation
from .verdict import Verdict, judge, judge_findings

Result = TypeVar("Result")

FEW = 8  # up to so many files, compiling for throughput costs more than it saves


@dataclass(frozen=True, slots=True)
class Source:
    """A file to classify."""

    name: str  # as messages and tables name it
    data: bytes | Path | XrayError  # an error: what is known to be wrong with it
    findings: bool | Point = False  # as for `Classifier.explain_all`, of this file


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What came of a source: either radiograph and explanation, or an error."""

    name: str
    radiograph: Radiograph | None = None
    explanation: Explanation | None = None
    error: XrayError | None = None
    verdict: Verdict | None = field(init=False, default=None)  # None: no header

    def __post_init__(self) -> None:
        """Judge the header, if there is one."""
        if self.radiograph is None or self.explanation is None:
            return
        claim = self.radiograph.claim
        if claim is not None:
            verdict = judge(claim, self.explanation.prediction)
            object.__setattr__(self, "verdict", verdict)

    @property
    def projection_verdict(self) -> Verdict | None:
        """What header and picture say of the projection, where it was asked for."""
        if self.radiograph is None or self.explanation is None:
            return None
        return judge_findings(self.radiograph.claim, self.explanation.prediction)

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What to say of the file, and of the way it was read."""
        read = () if self.radiograph is None else self.radiograph.notices
        if self.explanation is None:
            return read
        return (*read, *self.explanation.prediction.notices)


def classify_all(
    classifier: Classifier,
    sources: Iterable[Source],
    *,
    top: int = 1,
    findings: bool | Point = False,
    fast: bool = False,
) -> Generator[Outcome, None, None]:
    """Classify files, as many at once as there are cores.

    Sources are drawn one by one, a few ahead of the results; closing the iterator
    early drops what hasn't begun. For the arguments see `process_all`.

    Yields:
        One outcome a source, in their order. A file that can't be read is an
        outcome with an error; it never stops the others.
    """
    return process_all(
        classifier,
        sources,
        lambda outcome: outcome,
        top=top,
        findings=findings,
        fast=fast,
    )


def process_all(
    classifier: Classifier,
    sources: Iterable[Source],
    finish: Callable[[Outcome], Result],
    *,
    top: int = 1,
    labels: Sequence[int] | None = None,
    busy: bool = False,
    findings: bool | Point = False,
    fast: bool = False,
) -> Generator[Result, None, None]:
    """Classify files and do something with each, still on its thread.

    As `classify_all`, for work that is worth doing on all cores: drawing a map,
    shrinking a picture.

    Args:
        classifier: May be shared between threads and calls.
        sources: Any number of files, also without end.
        finish: Called with each outcome, several at once. What it raises ends the
            whole call in its place, and what hasn't begun is dropped.
        top: How many of the likeliest parts to map for each; 0 only predicts.
        labels: The one class number to map instead, for every file.
        busy: Other callers are classifying at the same time.
        findings: As for `Classifier.explain_all`, of every file.
        fast: As for `Classifier.explain_all`. Both networks are asked, and maps
            drawn, only where the header would be contradicted.

    Yields:
        What `finish` returned, in the order of the sources.

    Raises:
        Exception: What `finish` raises.
        ModelError: Findings are wanted, and their network is missing or damaged.
    """
    if findings:  # told once, not of every file
        classifier.require_findings()
    drawn = iter(sources)
    first = list(itertools.islice(drawn, FEW + 1))
    busy = busy or len(first) > FEW

    def explain(radiograph: Radiograph, wanted: bool | Point) -> Explanation:
        if fast:
            (alone,) = classifier.explain_all(
                [radiograph], top=0, busy=busy, findings=wanted or findings, fast=True
            )
            claim = radiograph.claim
            if claim is None or judge(claim, alone.prediction) is not Verdict.DISAGREE:
                return alone
        (explanation,) = classifier.explain_all(
            [radiograph], labels, top, busy, wanted or findings
        )
        return explanation

    def work(source: Source) -> Result:
        return finish(_classify(source, explain))

    return in_order(work, itertools.chain(first, drawn))


def _classify(
    source: Source, explain: Callable[[Radiograph, bool | Point], Explanation]
) -> Outcome:
    if isinstance(source.data, XrayError):
        return Outcome(source.name, error=source.data)
    try:
        data = read_file(source.data) if isinstance(source.data, Path) else source.data
        radiograph = read_radiograph(data)
        explanation = explain(radiograph, source.findings)
    except XrayError as error:
        return Outcome(source.name, error=error)
    except Exception as error:  # noqa: BLE001  # no other file may pay for a mistake
        return Outcome(source.name, error=program_error(error))
    return Outcome(source.name, radiograph, explanation)
