"""The rows of an audit as Parquet parts, and what is asked of all of them in SQL.

DuckDB reads and writes them: it takes the memory it is given, whatever their number,
and spills what doesn't fit.
"""

import os
import re
import tempfile
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path
from typing import TYPE_CHECKING

from ..threads import count_cores
from .table import NAMES, NUMBERS, Row

if TYPE_CHECKING:
    import duckdb

PARTS_NAME = "results"  # the folder of Parquet parts, one table

_MEMORY = "1GB"  # of DuckDB's own; it spills what doesn't fit
_PATTERN = re.compile(r"[*?\[\]{}']")  # what DuckDB and SQL take for more than a name
TYPES = {name: "FLOAT" if name in NUMBERS else "VARCHAR" for name in NAMES}


@contextmanager
def rows_in(report: Path) -> "Iterator[duckdb.DuckDBPyConnection]":
    """Open a report's parts as the view `rows`; without any it is empty."""
    with tempfile.TemporaryDirectory(prefix="xray-") as folder:
        spill = Path(folder)
        with database(spill) as connection:
            source = "none"
            if parts_in(report):
                plain = plain_name(report / PARTS_NAME, spill / "parts")
                source = every_part(plain)
            connection.execute(f"CREATE VIEW rows AS FROM {source}")
            yield connection


def every_part(folder: str) -> str:
    """Name the rows of a folder's parts for a query; columns may be newer than they."""
    found = f"read_parquet('{folder}/*.parquet', union_by_name = true)"
    return f"(FROM none UNION ALL BY NAME FROM {found})"


def parts_in(report: Path) -> bool:
    """Say whether a report has any part."""
    return any((report / PARTS_NAME).glob("*.parquet"))


def write_part(path: Path, rows: Sequence[Row]) -> None:
    """Write rows to one part, whole or not at all.

    Raises:
        OSError: The file can't be written.
    """
    columns = list(zip(*map(astuple, rows), strict=True)) or [()] * len(NAMES)
    given = ", ".join(f"unnest(?)::{kind} AS {name}" for name, kind in TYPES.items())
    partial = path.with_suffix(f".{uuid.uuid4().hex}")  # others may make the same
    with tempfile.TemporaryDirectory(prefix="xray-") as folder:
        plain = plain_name(path.parent, Path(folder, "parts"))
        with database(Path(folder)) as connection:
            connection.execute(
                f"CREATE TABLE part AS SELECT {given}", [list(each) for each in columns]
            )
            try:
                copy(connection, "FROM part", f"{plain}/{partial.name}")
                partial.replace(path)
            except OSError:
                partial.unlink(missing_ok=True)
                raise


@contextmanager
def database(spill: Path) -> "Iterator[duckdb.DuckDBPyConnection]":
    """Open a database in memory that asks no network, with rows of `none`.

    What doesn't fit into memory goes to the folder `spill`.
    """
    import duckdb

    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": _MEMORY,
        "threads": count_cores(),
        "temp_directory": str(spill),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    columns = ", ".join(f"{name} {kind}" for name, kind in TYPES.items())
    with duckdb.connect(":memory:", config=config) as connection:
        connection.execute(f"CREATE TABLE none ({columns})")
        yield connection


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


def plain_name(folder: Path, link: Path) -> str:
    """Name a folder so that DuckDB takes the name as it stands.

    Args:
        folder: May hold patterns, quotes, or bytes that are no UTF-8.
        link: Made to lead to the folder, if its name is such.
    """
    name = os.fsencode(folder)
    try:
        if not _PATTERN.search(name.decode()):
            return str(folder)
    except UnicodeDecodeError:
        pass
    link.symlink_to(folder.absolute(), target_is_directory=True)
    return str(link)


def rows_of(report: Path, keys: Iterable[str]) -> dict[str, Row]:
    """Look a few rows up by their keys."""
    query = f"SELECT {', '.join(NAMES)} FROM rows WHERE list_contains(?, key)"
    with rows_in(report) as connection:
        found = connection.execute(query, [list(keys)]).fetchall()
    rows = [Row(*values) for values in found]
    return {row.key: row for row in rows}
