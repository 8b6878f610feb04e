"""A plan's chunks on this machine: what ends the process that makes them."""

import os
import signal

import pytest

from tests.planned import FATAL, classify, load, make_archive, plan_of
from xray.audit.attempts import MOST_TRIES, Attempts, one_by_one
from xray.audit.chunks import write_planned_report
from xray.audit.home import Home
from xray.audit.local_executor import run_here
from xray.audit.parts import rows_in
from xray.audit.plan import missing, read_plan
from xray.classify.pipeline import Source
from xray.cli import main
from xray.errors import DatasetError, ImageError


def load_nothing():
    """End before anything is loaded, as where memory is short."""
    os.kill(os.getpid(), signal.SIGKILL)


def load_missing():
    """Meet a mistake while loading."""
    raise KeyError("DOE^JANE")


def test_film_that_ends_its_process_is_named_and_costs_no_other(
    tmp_path, monkeypatch, capsys
):
    films = make_archive(tmp_path / "films", 5)
    for number in range(2):
        film = next(films.rglob("*.dcm")).read_bytes()
        (films / f"{FATAL}{number}.dcm").write_bytes(film)
    plan_of(films, tmp_path / "r", chunk_files=20)
    monkeypatch.setattr("xray.commands.audit.load_classify", load)
    assert main(["audit", "--run", str(tmp_path / "r")]) == 0
    assert "2  not classified" in capsys.readouterr().out
    with rows_in(tmp_path / "r") as rows:
        found = rows.execute(
            "SELECT path, problem FROM rows WHERE problem <> '' ORDER BY path"
        ).fetchall()
    assert found == [(f"{FATAL}{n}.dcm", "decoder_died") for n in range(2)]


def test_every_row_is_told_of(tmp_path):
    plan = plan_of(make_archive(tmp_path / "films", 6), tmp_path / "r", 4)
    told: list[int] = []
    assert run_here(tmp_path / "r", range(2), load, lambda: told.append(1)) == {}
    assert len(told) == plan.files
    assert missing(Home(tmp_path / "r"), read_plan(tmp_path / "r")) == []
    assert write_planned_report(Home(tmp_path / "r")).files == 6


def test_archive_that_went_away_is_told_as_it_is(tmp_path):
    films = make_archive(tmp_path / "films", 2)
    plan_of(films, tmp_path / "r")
    films.rename(tmp_path / "unplugged")
    with pytest.raises(DatasetError, match="Connect it"):
        run_here(tmp_path / "r", [0], load)


@pytest.mark.parametrize(
    ("loads", "said"),
    [(load_nothing, "Make memory free"), (load_missing, "KeyError")],
)
def test_network_that_cannot_be_loaded_is_told(loads, said, tmp_path):
    plan_of(make_archive(tmp_path / "films", 1), tmp_path / "r")
    with pytest.raises((DatasetError, ImageError), match=said) as raised:
        run_here(tmp_path / "r", [0], loads)
    assert "DOE" not in str(raised.value)


def test_chunk_that_goes_on_ending_processes_is_given_up():
    attempts = Attempts()
    assert attempts.how(7) == (False, ())
    again = [attempts.died(7, None if n < 2 else f"{n}.dcm") for n in range(MOST_TRIES)]
    assert again == [True] * (MOST_TRIES - 1) + [False]
    careful, crashing = attempts.how(7)
    assert careful
    assert len(crashing) == MOST_TRIES - 2
    assert f"{MOST_TRIES} processes" in attempts.failed[7]


def test_chunk_that_is_refused_is_tried_again_only_where_that_may_help():
    attempts = Attempts()
    assert attempts.refused(0, DatasetError("the share is gone"))
    while attempts.refused(0, DatasetError("the share is gone")):
        continue
    assert not attempts.refused(1, KeyError("DOE^JANE"))
    assert attempts.failed == {0: "the share is gone", 1: "KeyError"}


def test_file_in_work_is_known_until_it_is_done():
    told: list[str | None] = []
    slowly = one_by_one(classify, told.append)
    sources = [Source("Hand_1", b"x"), Source("b", ImageError("empty"))]
    assert [each.name for each in slowly(sources)] == ["Hand_1", "b"]
    assert told == ["Hand_1", None]
