"""Several audits as one report: their rows, each once, and their surest pictures."""

import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import DatasetError
from ..reading.files import make_folder, unwritable
from ..text import RUNS
from .examples import FOLDER_NAME, Examples
from .home import PLAN_NAME, Home, refuse
from .lock import locked
from .parts import (
    PARTS_NAME,
    STATE_NAME,
    TYPES,
    copy,
    database,
    every_part,
    rows_at,
)
from .run import write_report
from .summary import Summary
from .table import CSV_NAME

if TYPE_CHECKING:
    import duckdb


def merge(reports: Sequence[Path], out: Path) -> Summary:
    """Put the rows of audits together; a row that is there already is left out.

    Args:
        reports: Folders of audits, planned or not, or of merged ones.
        out: Folder of the merged report; what an earlier merge left there stays.

    Raises:
        DatasetError: One of the folders holds no audit of this version, or `out` is
            an audit's own or being written by another.
    """
    for report in reports:
        if not is_report(report):
            raise DatasetError(f"Expected {CSV_NAME} of an audit. Received: {report}")
    with locked(out):
        refuse(Home(out), STATE_NAME, PLAN_NAME)
        make_folder(out / PARTS_NAME)
        try:
            _merge_rows(reports, out)
        except OSError as error:
            raise unwritable(out, error) from error
        examples = Examples(out)
        for report in reports:
            folder = report / FOLDER_NAME
            examples.take(folder, *sorted(folder.glob("part-*")))
        title = ", ".join(dict.fromkeys(report.resolve().name for report in reports))
        return write_report(out, examples, title)


def is_report(folder: Path) -> bool:
    """Say whether a folder holds rows of an audit."""
    return (folder / CSV_NAME).is_file() or (folder / PLAN_NAME).is_file()


def _merge_rows(reports: Sequence[Path], out: Path) -> None:
    with database() as (rows, plain):
        here = plain(out)
        merged = f"{here}/{PARTS_NAME}"
        for report in reports:
            _add_new(rows, rows_at(rows, plain, report), merged)
        cells = (_cell(name, kind) for name, kind in TYPES.items())
        partial = f"{here}/.{uuid.uuid4().hex}.partial"
        copy(
            rows,
            f"SELECT {', '.join(cells)} FROM {every_part(merged)}",
            partial,
            "FORMAT csv, HEADER",
        )
        Path(partial).replace(Path(here) / CSV_NAME)


def _add_new(rows: "duckdb.DuckDBPyConnection", table: str, merged: str) -> None:
    """Write the rows whose keys are not there yet as a part of their own."""
    known = every_part(merged) if any(Path(merged).glob("*.parquet")) else "none"
    new = f"FROM {table} AS new ANTI JOIN (SELECT key FROM {known}) USING (key)"
    found = rows.execute(f"SELECT count(*), count(DISTINCT key) {new}").fetchone()
    count, different = found or (0, 0)
    if not count:
        return
    only = "" if count == different else "DISTINCT ON (key)"
    path = Path(merged) / f"merged-{uuid.uuid4().hex}"
    names = ", ".join(TYPES)
    copy(rows, f"SELECT {only} {names} {new}", f"{path}.partial")
    path.with_suffix(".partial").replace(path.with_suffix(".parquet"))


def _cell(name: str, kind: str) -> str:
    if kind != "VARCHAR":
        return f"printf('%.6f', {name}) AS {name}"
    runs = RUNS.replace("'", "''")
    return (
        f"CASE WHEN regexp_matches({name}, '{runs}') THEN '''' || {name} "
        f"ELSE {name} END AS {name}"
    )
