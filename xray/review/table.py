"""`reviews.csv`: what was decided, for people and programs to read."""

import csv
import io
from collections.abc import Iterable
from dataclasses import asdict

from ..labels import BODY_PARTS
from ..reading.files import write_file
from ..text import guard, printable
from .audited import AuditedFilm, Report
from .opinion import Opinion
from .standing import ReviewStatus, Standings
from .store import OpinionStore

CSV_NAME = "reviews.csv"
_OF_FILM = (
    *("key", "path", "station", "month"),
    *("header_source", "header_term", "header_parts"),
    *("part", "probability", "verdict"),
)
COLUMNS = (*_OF_FILM, "status", "decision", "parts", "who", "when", "opinions", "model")


def write_table(
    report: Report, store: OpinionStore, films: dict[str, AuditedFilm]
) -> None:
    """Write the table anew: one row for each film that somebody decided.

    Films are those of the report by key; what is missing there is read and put there.

    Raises:
        ImageError: It can't be written.
    """
    standings = store.refresh()
    decided = [film for film in standings if standings.decisions(film)]
    if any(film not in films for film in decided):
        films.update({film.key: film for film in report.every_film()})
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    with store.alone():  # from the reading on: nobody's newer table is replaced
        standings = store.refresh()
        for key in standings:
            if key in films and standings.decisions(key):
                writer.writerow(map(_as_cell, _row(films[key], standings)))
        write_file(report.folder / CSV_NAME, text.getvalue().encode())


def name_parts(parts: Iterable[int]) -> str:
    """Name class numbers in English, "|" between."""
    return "|".join(BODY_PARTS[part].english for part in parts)


def _row(film: AuditedFilm, standings: Standings) -> Iterable[object]:
    decisions = list(standings.decisions(film.key).values())
    status, last = standings.status(film.key), decisions[-1]
    told = last if status is not ReviewStatus.DISPUTED else None
    values = asdict(film) | {
        "status": status.value,
        "decision": told.choice.value if told else "",
        "parts": name_parts(told.parts) if told else "",
        "who": last.who,
        "when": last.at,
        "opinions": "; ".join(map(_in_words, decisions)),
    }
    return (values[name] for name in COLUMNS)


def _in_words(opinion: Opinion) -> str:
    what = name_parts(opinion.parts) or opinion.choice.value
    return f"{opinion.who}: {what}"


def _as_cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6f}"
    return guard(printable(str(value)))
