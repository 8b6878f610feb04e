import csv
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xray.audit.parts import (
    PARTS_NAME,
    WHOLE_NAME,
    database,
    of_csv,
    rows_in,
    write_part,
)
from xray.audit.rows import RowStore
from xray.audit.table import NUMBERS, Row
from xray.errors import DatasetError, ImageError
from xray.text import printable


def make(number: int, **values: object) -> Row:
    given_: dict[str, Any] = dict.fromkeys(Row.__slots__, "")
    given_ |= dict.fromkeys(NUMBERS) | {"key": f"{number:016x}", "path": f"{number}"}
    return Row(**{**given_, "probability": 0.5, **values})


def read_rows(path: Path) -> list[Row]:
    """Read the rows of an audit's CSV."""
    with database() as (connection, plain):
        found = connection.execute(f"FROM {of_csv(connection, plain, path)}").fetchall()
    return [Row(*values) for values in found]


def save(folder: Path, *rows: Row) -> None:
    """Write the rows of an audit as one that was not stopped does."""
    with RowStore(folder) as store:
        for row in rows:
            store.append(row)
    write_part(folder / PARTS_NAME / WHOLE_NAME, store.path)


def keys(folder) -> list[str]:
    return [row.key for row in read_rows(folder / "results.csv")]


@pytest.mark.parametrize("first", [0, 1, 5, 8])
def test_stopped_anywhere_and_continued_gives_the_same_rows(tmp_path, first):
    rows = [make(number) for number in range(8)]
    save(tmp_path / "whole", *rows)
    save(tmp_path / "halves", *rows[:first])
    save(tmp_path / "halves", *rows[first:])
    assert keys(tmp_path / "halves") == keys(tmp_path / "whole")
    tables = [
        pq.read_table(tmp_path / name / "results") for name in ("halves", "whole")
    ]
    assert tables[0].equals(tables[1])


def test_rows_of_a_killed_audit_are_read_before_it_goes_on(tmp_path):
    (tmp_path / "audit.json").touch()
    save(tmp_path, make(0), make(1))
    with RowStore(tmp_path) as store:
        store.append(make(2))
        with rows_in(tmp_path) as rows:
            assert rows.execute("SELECT count(*) FROM rows").fetchall() == [(3,)]


def test_file_cut_at_any_byte_keeps_every_whole_row(tmp_path):
    with RowStore(tmp_path) as store:
        for number in range(5):
            store.append(make(number, error='says "this", that'))
    path = tmp_path / "results.csv"
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    for cut in range(len(whole) - 1, len(whole) - 2 * len(lines[-1]), -7):
        path.write_bytes(whole[:cut])
        with RowStore(tmp_path) as store:
            kept = whole[:cut].count(b"\n") - 1
            assert len(store) == kept
            store.append(make(99))
        assert len(keys(tmp_path)) == kept + 1


def test_header_cut_short_is_written_again(tmp_path):
    (tmp_path / "results.csv").write_bytes(b"key,pa")
    with RowStore(tmp_path) as store:
        store.append(make(1))
    assert keys(tmp_path) == [f"{1:016x}"]


def test_known_keys_are_those_of_earlier_runs(tmp_path):
    big = 2**64 - 1
    with RowStore(tmp_path) as store:
        store.append(make(1))
        store.append(make(big))
    with RowStore(tmp_path) as store:
        assert f"{1:016x}" in store
        assert f"{big:016x}" in store
        assert f"{2:016x}" not in store


@pytest.mark.parametrize("start", [*list("=+-@'＝＋－＠"), " =", "\t=", "\r@"])
def test_no_cell_begins_a_formula(tmp_path, start):
    text = f"{start}cmd|' /C calc'!A0"
    with RowStore(tmp_path) as store:
        store.append(make(1, station=text))
    with (tmp_path / "results.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["station"][0] in "'\\"  # a tab is written as a backslash and a t
    (read,) = read_rows(tmp_path / "results.csv")
    assert read.station == printable(text)


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(text=st.text())
def test_any_text_is_one_line_and_reads_back(tmp_path_factory, text):
    folder = tmp_path_factory.mktemp("rows")
    save(folder, make(1, path=text), make(2))
    assert (folder / "results.csv").read_bytes().count(b"\n") == 3
    first, second = read_rows(folder / "results.csv")
    assert first.path == printable(text)
    assert second.path == "2"
    table = pq.read_table(folder / "results").to_pylist()
    assert table[0]["path"] == first.path


def test_other_columns_are_refused(tmp_path):
    (tmp_path / "results.csv").write_text("a,b\n1,2\n")
    with pytest.raises(DatasetError, match="choose another --out"):
        RowStore(tmp_path)


def test_missing_probability_stays_missing(tmp_path):
    save(tmp_path, make(1, probability=None))
    (row,) = read_rows(tmp_path / "results.csv")
    assert row.probability is None
    assert pq.read_table(tmp_path / "results").to_pylist()[0]["probability"] is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("0000000000000001", "1.0E+00"),  # what a spreadsheet makes of a key
        ("0.500000", "0,5"),
        ("2024-05", "May-24"),
        (",", ";"),
    ],
)
def test_rows_saved_by_another_program_are_refused(tmp_path, before, after):
    with RowStore(tmp_path) as store:
        store.append(make(1, month="2024-05", model="net 1"))
    path = tmp_path / "results.csv"
    header, row = path.read_text("utf-8").splitlines()
    path.write_text(f"{header}\n{row.replace(before, after)}\n", "utf-8")
    with pytest.raises(DatasetError, match=r"results\.csv\. Received: others"):
        RowStore(tmp_path)


@pytest.mark.parametrize(
    "save",
    [
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.replace(",", ";").encode(),
        lambda text: text.replace("\n", "\r").encode(),
        lambda text: text.encode("utf-16"),
        lambda text: text.replace("film", "r\xf6ntgen").encode("cp1252"),
        lambda text: b"sep=,\r\n" + text.encode(),
    ],
)
def test_table_saved_by_another_program_is_refused_and_left_alone(save, tmp_path):
    with RowStore(tmp_path) as store:
        store.append(make(1, path="film"))
    path = tmp_path / "results.csv"
    saved = save(path.read_text("utf-8"))
    path.write_bytes(saved)
    with pytest.raises(DatasetError, match=r"(?s)spreadsheet program.*another --out"):
        RowStore(tmp_path)
    assert path.read_bytes() == saved


def test_line_breaks_of_another_system_do_no_harm(tmp_path):
    with RowStore(tmp_path) as store:
        store.append(make(1))
    path = tmp_path / "results.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    with RowStore(tmp_path) as store:
        store.append(make(2))
    assert keys(tmp_path) == [f"{1:016x}", f"{2:016x}"]


def test_disk_that_fills_up_is_named_and_costs_no_row_before(tmp_path):
    resource = pytest.importorskip("resource")
    least, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    written = 0
    with pytest.raises(ImageError, match=r"write .*results\.csv"):  # noqa: SIM117
        with RowStore(tmp_path) as store:
            resource.setrlimit(resource.RLIMIT_FSIZE, (1500, most))
            try:
                for number in range(100):
                    store.append(make(number))
                    written += 1
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, (least, most))
    with RowStore(tmp_path) as store:
        assert len(store) >= written > 0


def test_names_that_differ_in_odd_bytes_stay_apart(tmp_path):
    with RowStore(tmp_path) as store:
        for number, name in enumerate(("a\udcff", "a\udcfe", "a\n", "a\u202e")):
            store.append(make(number, path=name))
    found = [row.path for row in read_rows(tmp_path / "results.csv")]
    assert found == ["a\\udcff", "a\\udcfe", "a\\n", "a\\u202e"]
