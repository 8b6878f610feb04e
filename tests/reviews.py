"""Audits of a few made-up films, for tests of what comes after them."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tests.archives import film, radiograph, write
from tests.predictions import explains, predicts
from xray.audit.run import run_audit
from xray.classify.pipeline import Outcome, Source
from xray.errors import ImageError
from xray.explanation.render import encode_jpeg
from xray.reading.reader import read_radiograph
from xray.review.audited import AuditedFilm, Report, digest
from xray.review.opinion import Choice, Opinion
from xray.review.prepare import Prepared
from xray.review.store import OpinionStore

# name: (what the header says, what the network sees, how sure it is)
FILMS = {
    "surest": ("SKULL", "Hand", 0.99),
    "sure": ("CHEST", "Hand", 0.95),
    "near": ("WRIST", "Hand", 0.97),
    "silent": (None, "Hand", 0.96),
    "right": ("HAND", "Hand", 0.98),
}
_JPEG = encode_jpeg(film("hand")[:40, :30])
Films = Mapping[str, tuple[str | None, str, float]]


def make_report(
    root: Path,
    films: Films = FILMS,
    *,
    hide_paths: bool = False,
    keep: Films | None = None,
    **tags: object,
) -> Path:
    """Write films to `root`/archive and audit them into `root`/report.

    Args:
        root: Of both.
        films: To write.
        hide_paths: As `run_audit` takes it.
        keep: What is seen in films that are there already.
        tags: Of every header.
    """
    for number, (name, (term, _, _)) in enumerate(films.items()):
        said = {} if term is None else {"BodyPartExamined": term}
        header = {"PatientID": f"PATIENT{number}", **said, **tags}
        write(root / "archive" / f"{name}.dcm", radiograph(film("hand"), **header))

    def classify(sources: Iterable[Source]) -> Iterator[Outcome]:
        for source in sources:
            assert isinstance(source.data, bytes)
            picture = read_radiograph(source.data)
            _, part, confidence = (keep or films)[Path(source.name).stem]
            answer = explains(predicts(part, confidence), *picture.pixels.shape)
            yield Outcome(source.name, picture, answer)

    run_audit(
        root / "archive",
        root / "report",
        hide_paths=hide_paths,
        classify=classify,
        model="tiny 1",
    )
    return root / "report"


def prepare_plainly(report: Report, _classifier: object, film: AuditedFilm) -> Prepared:
    """Make a film ready without a network: its second likeliest part is the wrist."""
    try:
        sha256 = digest(report.read(film))
    except ImageError as error:
        return Prepared(film, error=error)
    likeliest = [(film.answer, 0.9), (21, 0.06), (7, 0.01)]
    return Prepared(film, _JPEG, _JPEG, likeliest, (), sha256)


def films_of(report: Path) -> dict[str, AuditedFilm]:
    """The films of a report by the stem of their names."""
    found = Report(report).every_film()
    return {Path(each.path).stem or each.key: each for each in found}


def decide(
    report: Path, name: str, choice: Choice, *parts: int, who: str = "ann"
) -> Opinion:
    """Say something of a film, as the page does."""
    film = films_of(report)[name]
    sha256 = digest(Report(report).read(film))
    opinion = Opinion(film.key, choice, who, parts, film.model, sha256)
    OpinionStore(report).append(opinion)
    return opinion


def table(report: Path) -> dict[str, dict[str, str]]:
    """The rows of reviews.csv by the stem of their films' names."""
    with (report / "reviews.csv").open(encoding="utf-8", newline="") as file:
        return {Path(row["path"]).stem: row for row in csv.DictReader(file)}
