"""The rows of an audit as Parquet parts, and what is asked of all of them in SQL.

DuckDB reads and writes them: it takes the memory it is given, whatever their number,
and spills what doesn't fit.
"""

import os
import re
import tempfile
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..reading.files import make_folder, unwritable
from ..threads import count_cores
from .table import CSV_NAME, NAMES, NUMBERS, Row, not_own, require_own

if TYPE_CHECKING:
    import duckdb

PARTS_NAME = "results"  # the folder of Parquet parts, one table
WHOLE_NAME = "rest.parquet"  # there if all of an audit's CSV is in its parts
STATE_NAME = "audit.json"  # salt and folder: keep it as private as the archive

_MEMORY = "1GB"  # of DuckDB's own; it spills what doesn't fit
_PATTERN = re.compile(r"[*?\[\]{}']")  # what DuckDB and SQL take for more than a name
TYPES = {name: "FLOAT" if name in NUMBERS else "VARCHAR" for name in NAMES}
_OWN = (
    "regexp_full_match(key, '[0-9a-f]{16}') AND "
    r"regexp_full_match(month, '(\d{4}-\d{2})?') AND "
    + " AND ".join(
        f"({name} = '' OR TRY_CAST({name} AS FLOAT) IS NOT NULL)" for name in NUMBERS
    )
)


@contextmanager
def rows_in(report: Path) -> "Iterator[duckdb.DuckDBPyConnection]":
    """Open a report's rows as the view `rows`; without any it is empty."""
    with database() as (connection, plain):
        table = rows_at(connection, plain, report)
        connection.execute(f"CREATE VIEW rows AS FROM {table}")
        yield connection


def rows_at(
    connection: "duckdb.DuckDBPyConnection", plain: Callable[[Path], str], report: Path
) -> str:
    """Name a report's rows for a query: its parts, or its CSV while that grows.

    Raises:
        DatasetError: Another program has saved the CSV.
    """
    parts, csv = report / PARTS_NAME, report / CSV_NAME
    if (report / STATE_NAME).exists() and not (parts / WHOLE_NAME).exists():
        return of_csv(connection, plain, csv) if csv.exists() else "none"
    return every_part(plain(parts)) if any(parts.glob("*.parquet")) else "none"


def every_part(folder: str) -> str:
    """Name the rows of a folder's parts for a query; columns may be newer than they."""
    found = f"read_parquet('{folder}/*.parquet', union_by_name = true)"
    return f"(FROM none UNION ALL BY NAME FROM {found})"


def of_csv(
    connection: "duckdb.DuckDBPyConnection", plain: Callable[[Path], str], csv: Path
) -> str:
    """Name the rows of an audit's CSV for a query, once all are known to be its own.

    Raises:
        DatasetError: Another program has saved it.
    """
    import duckdb

    require_own(csv)
    raw = (
        f"read_csv('{plain(csv.parent)}/{csv.name}', header = true, all_varchar = true,"
        " delim = ',', quote = '\"', escape = '\"', auto_detect = false, "
        f"columns = {{{', '.join(f'{name}: VARCHAR' for name in TYPES)}}})"
    )
    texts = ", ".join(
        f"regexp_replace(coalesce({name}, ''), '^''', '') AS {name}" for name in TYPES
    )
    casts = ", ".join(f"TRY_CAST({name} AS FLOAT) AS {name}" for name in NUMBERS)
    try:
        # Every column is asked for: of those that are not, none would be missed.
        asked = f"SELECT count_if(NOT ({_OWN})), count(COLUMNS(*))"
        found = connection.execute(f"{asked} FROM (SELECT {texts} FROM {raw})")
        wrong = found.fetchone()
    except (duckdb.InvalidInputException, duckdb.ConversionException) as error:
        raise not_own(csv) from error
    if wrong is None or wrong[0]:
        raise not_own(csv)
    return f"(SELECT * REPLACE ({casts}) FROM (SELECT {texts} FROM {raw}))"


def write_part(path: Path, csv: Path) -> None:
    """Make a part of a CSV's rows, whole or not at all.

    Raises:
        ImageError: The part can't be written.
    """
    make_folder(path.parent)
    unready = path.with_suffix(f".{uuid.uuid4().hex}")  # others may make the same
    with database() as (connection, plain):
        query = f"FROM {of_csv(connection, plain, csv)}"
        try:
            copy(connection, query, f"{plain(path.parent)}/{unready.name}")
            unready.replace(path)
        except OSError as error:
            unready.unlink(missing_ok=True)
            raise unwritable(path, error) from error


@contextmanager
def database() -> "Iterator[tuple[duckdb.DuckDBPyConnection, Callable[[Path], str]]]":
    """Open a database in memory that asks no network, with rows of `none`.

    What doesn't fit into memory goes to a temporary folder.

    Yields:
        The connection, and what names a folder so that it takes the name as it stands.
    """
    import duckdb

    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": _MEMORY,
        "threads": count_cores(),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    columns = ", ".join(f"{name} {kind}" for name, kind in TYPES.items())
    with tempfile.TemporaryDirectory(prefix="xray-") as spill:
        config["temp_directory"] = spill
        with duckdb.connect(":memory:", config=config) as connection:
            connection.execute(f"CREATE TABLE none ({columns})")
            yield connection, partial(_plain, Path(spill))


def copy(
    connection: "duckdb.DuckDBPyConnection",
    query: str,
    path: str,
    options: str = "FORMAT parquet, COMPRESSION zstd",
) -> None:
    """Write what a query gives to a file.

    Raises:
        OSError: The file can't be written.
    """
    import duckdb

    try:
        connection.execute(f"COPY ({query}) TO '{path}' ({options})")
    except duckdb.IOException as error:
        raise OSError(None, str(error).splitlines()[0], path) from error


def rows_of(report: Path, keys: Iterable[str]) -> dict[str, Row]:
    """Look a few rows up by their keys."""
    query = f"SELECT {', '.join(NAMES)} FROM rows WHERE list_contains(?, key)"
    with rows_in(report) as connection:
        found = connection.execute(query, [list(keys)]).fetchall()
    rows = [Row(*values) for values in found]
    return {row.key: row for row in rows}


def _plain(spill: Path, folder: Path) -> str:
    """Name a folder, or a link to it where its name holds patterns, quotes or bytes."""
    name = os.fsencode(folder)
    try:
        if not _PATTERN.search(name.decode()):
            return str(folder)
    except UnicodeDecodeError:
        pass
    link = spill / uuid.uuid4().hex
    link.symlink_to(folder.absolute(), target_is_directory=True)
    return str(link)
