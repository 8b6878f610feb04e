import csv

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xray.audit.rows import Row, RowStore, read_rows
from xray.errors import DatasetError


def make(number: int, **values: object) -> Row:
    texts = dict.fromkeys(Row.__slots__, "")
    given_ = {"key": f"{number:016x}", "path": f"{number}", "probability": 0.5}
    return Row(**{**texts, **given_, **values})


def keys(folder) -> list[str]:
    return [row.key for row in read_rows(folder / "results.csv")]


def parts(folder) -> dict[str, int]:
    files = sorted((folder / "results").iterdir())
    return {file.name: len(pq.read_table(file)) for file in files}


def test_rows_fill_parts_of_a_fixed_size(tmp_path):
    with RowStore(tmp_path, part_rows=4) as store:
        for number in range(10):
            store.append(make(number))
    assert parts(tmp_path) == {
        "part-000000.parquet": 4,
        "part-000001.parquet": 4,
        "rest.parquet": 2,
    }


@pytest.mark.parametrize("first", range(9))
def test_stopped_anywhere_and_continued_gives_the_same_parts(tmp_path, first):
    with RowStore(tmp_path / "whole", part_rows=3) as store:
        for number in range(8):
            store.append(make(number))
    for numbers in (range(first), range(first, 8)):
        with RowStore(tmp_path / "halves", part_rows=3) as store:
            for number in numbers:
                store.append(make(number))
    assert keys(tmp_path / "halves") == keys(tmp_path / "whole")
    assert parts(tmp_path / "halves") == parts(tmp_path / "whole")


def test_file_cut_at_any_byte_keeps_every_whole_row(tmp_path):
    with RowStore(tmp_path, part_rows=2) as store:
        for number in range(5):
            store.append(make(number, error='says "this", that'))
    path = tmp_path / "results.csv"
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    for cut in range(len(whole) - 1, len(whole) - 2 * len(lines[-1]), -7):
        path.write_bytes(whole[:cut])
        for part in (tmp_path / "results").iterdir():
            part.unlink()
        with RowStore(tmp_path, part_rows=2) as store:
            kept = whole[:cut].count(b"\n") - 1
            assert len(store) == kept
            store.append(make(99))
        assert len(keys(tmp_path)) == kept + 1
        assert sum(parts(tmp_path).values()) == kept + 1


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
    assert row["station"].startswith("'")
    (read,) = read_rows(tmp_path / "results.csv")
    assert read.station == "".join(c if c.isprintable() else " " for c in text)


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(text=st.text())
def test_any_text_is_one_line_and_reads_back(tmp_path_factory, text):
    folder = tmp_path_factory.mktemp("rows")
    with RowStore(folder) as store:
        store.append(make(1, path=text))
        store.append(make(2))
    assert (folder / "results.csv").read_bytes().count(b"\n") == 3
    first, second = read_rows(folder / "results.csv")
    assert first.path == "".join(c if c.isprintable() else " " for c in text)
    assert second.path == "2"
    table = pq.read_table(folder / "results").to_pylist()
    assert table[0]["path"] == first.path


def test_other_columns_are_refused(tmp_path):
    (tmp_path / "results.csv").write_text("a,b\n1,2\n")
    with pytest.raises(DatasetError, match="Choose another --out"):
        RowStore(tmp_path)


def test_missing_probability_stays_missing(tmp_path):
    with RowStore(tmp_path) as store:
        store.append(make(1, probability=None))
    (row,) = read_rows(tmp_path / "results.csv")
    assert row.probability is None
    assert pq.read_table(tmp_path / "results").to_pylist()[0]["probability"] is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("0000000000000001", "1.0E+00"),  # what a spreadsheet makes of a key
        ("0.500000", "0,5"),
        (",", ";"),
    ],
)
def test_rows_saved_by_another_program_are_refused(tmp_path, before, after):
    with RowStore(tmp_path) as store:
        store.append(make(1))
    path = tmp_path / "results.csv"
    header, row = path.read_text("utf-8").splitlines()
    path.write_text(f"{header}\n{row.replace(before, after)}\n", "utf-8")
    with pytest.raises(DatasetError, match=r"results\.csv, line 2 is another"):
        RowStore(tmp_path)
