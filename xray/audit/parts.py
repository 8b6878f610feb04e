"""The rows of an audit as Parquet parts, and what is asked of all of them in SQL.

DuckDB reads and writes them: it takes the memory it is given, whatever their number,
and spills what doesn't fit.
"""

import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path
from typing import TYPE_CHECKING

from ..threads import count_cores
from .table import NAMES, Row

if TYPE_CHECKING:
    import duckdb

PARTS_NAME = "results"  # the folder of Parquet parts, one table

_MEMORY = "1GB"  # of DuckDB's own; it spills what doesn't fit
_PATTERN = re.compile(r"[*?\[\]{}']")  # what DuckDB and SQL take for more than a name
_TYPES = {name: "FLOAT" if name == "probability" else "VARCHAR" for name in NAMES}


@contextmanager
def rows_in(*reports: Path) -> "Iterator[duckdb.DuckDBPyConnection]":
    """Open all parts of reports as the view `rows`; without any it is empty."""
    with tempfile.TemporaryDirectory(prefix="xray-") as folder:
        parts = [
            f"{plain}/{name}"
            for number, report in enumerate(reports)
            for plain in [plain_name(report / PARTS_NAME, Path(folder, str(number)))]
            for name in sorted(path.name for path in Path(plain).glob("*.parquet"))
        ]
        with database(Path(folder)) as connection:
            rows = connection.sql(_empty())
            if parts:
                rows = connection.read_parquet(parts, union_by_name=True)
            rows.create_view("rows")
            yield connection


def write_part(path: Path, rows: Sequence[Row]) -> None:
    """Write rows to one part, whole or not at all.

    Raises:
        OSError: The file can't be written.
    """
    columns = list(zip(*map(astuple, rows), strict=True)) or [()] * len(NAMES)
    given = ", ".join(f"unnest(?)::{kind} AS {name}" for name, kind in _TYPES.items())
    with tempfile.TemporaryDirectory(prefix="xray-") as folder:
        plain = plain_name(path.parent, Path(folder, "parts"))
        with database(Path(folder)) as connection:
            connection.execute(
                f"CREATE TABLE part AS SELECT {given}", [list(each) for each in columns]
            )
            copy(connection, "FROM part", f"{plain}/{path.stem}.partial")
    path.with_suffix(".partial").replace(path)


@contextmanager
def database(spill: Path) -> "Iterator[duckdb.DuckDBPyConnection]":
    """Open a database in memory that asks no network.

    Args:
        spill: Folder for what doesn't fit into memory.
    """
    import duckdb

    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": _MEMORY,
        "threads": count_cores(),
        "temp_directory": str(spill),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    with duckdb.connect(":memory:", config=config) as connection:
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


def _empty() -> str:
    columns = (f"NULL::{kind} AS {name}" for name, kind in _TYPES.items())
    return f"SELECT {', '.join(columns)} WHERE false"
