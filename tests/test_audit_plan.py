"""An audit in chunks: planned once, made anywhere, reported when all are there."""

import errno
import os
from dataclasses import replace
from pathlib import Path

import fsspec
import pytest

from tests.planned import (
    classify,
    load,
    make_archive,
    plan_of,
    run_chunk,
    run_missing,
)
from xray.audit import chunks, parts
from xray.audit.archive import UNLISTED, open_archive
from xray.audit.chunks import write_planned_report
from xray.audit.compare import Options
from xray.audit.home import Home, open_home
from xray.audit.merging import merge
from xray.audit.parts import rows_in
from xray.audit.plan import files_left, files_of, make_plan, missing, read_plan
from xray.audit.run import run_audit
from xray.audit.table import Row
from xray.cli import main
from xray.errors import DatasetError, ImageError
from xray.reading.files import PAUSES, read_patiently

FILMS = 25


@pytest.fixture(scope="module")
def archive(tmp_path_factory) -> Path:
    return make_archive(tmp_path_factory.mktemp("archive"), FILMS)


def verdicts(report: Path) -> list[tuple[str, str, str]]:
    """List path, part and verdict of a report's rows."""
    with rows_in(report) as rows:
        found = rows.execute("SELECT path, part, verdict FROM rows ORDER BY path")
        return found.fetchall()


def test_plan_lists_every_file_once_and_shuffles_them(archive, tmp_path):
    plan = plan_of(archive, tmp_path / "r")
    assert (plan.files, plan.chunks) == (FILMS, 3)
    listed = [path for number in range(3) for path in files_of(tmp_path / "r", number)]
    there = [os.fsencode(p.relative_to(archive)) for p in archive.rglob("*.dcm")]
    assert sorted(listed) == sorted(there)
    assert listed != sorted(listed)
    assert len(files_of(tmp_path / "r", 0)) == 10
    assert files_left(plan, [0, 2]) == 10 + 5


def test_same_archive_is_cut_into_the_same_chunks(archive, tmp_path):
    for name in "ab":
        plan_of(archive, tmp_path / name)
    assert files_of(tmp_path / "a", 1) == files_of(tmp_path / "b", 1)


def test_names_that_are_no_text_stay_what_they_are(tmp_path):
    folder = os.fsencode(make_archive(tmp_path / "films", 1))
    Path(os.fsdecode(folder + b"/Hand_\xff'*[1].dcm")).write_bytes(b"x")
    plan_of(tmp_path / "films", tmp_path / "odd [r]*'")
    assert b"Hand_\xff'*[1].dcm" in files_of(tmp_path / "odd [r]*'", 0)
    run_missing(tmp_path / "odd [r]*'", [0], classify)
    assert write_planned_report(Home(tmp_path / "odd [r]*'")).files == 2


def test_part_belongs_to_its_plan_only(archive, tmp_path):
    one = plan_of(archive, tmp_path / "a")
    other = plan_of(archive, tmp_path / "b", chunk_files=9)
    assert one.part(0) != other.part(0) != other.part(1)


def test_planned_audit_says_what_an_unplanned_one_says(archive, tmp_path):
    plan = plan_of(archive, tmp_path / "planned")
    run_missing(tmp_path / "planned", range(plan.chunks), classify)
    summary = write_planned_report(Home(tmp_path / "planned"))
    whole = run_audit(archive, tmp_path / "whole", classify=classify)
    assert verdicts(tmp_path / "planned") == verdicts(tmp_path / "whole")
    assert summary.verdicts == whole.verdicts
    assert summary.confusion == whole.confusion
    assert (tmp_path / "planned" / "report.html").is_file()


def test_audit_is_not_begun_in_the_folder_of_a_plan(archive, tmp_path):
    plan_of(archive, tmp_path)
    run_chunk(Home(tmp_path), 0, classify)
    with pytest.raises(DatasetError, match=r"plan\.json .* Choose another --out"):
        run_audit(archive, tmp_path, classify=classify)
    assert len(Home(tmp_path).parts()) == 1


def test_audit_goes_on_the_way_it_was_begun(archive, tmp_path):
    run_audit(archive, tmp_path / "a", fast=True, classify=classify)
    with pytest.raises(DatasetError, match=r"begun with: .* --fast\. Received"):
        run_audit(archive, tmp_path / "a", classify=classify)


def test_part_of_the_fast_way_is_another_and_says_how_many_networks_read(
    archive, tmp_path
):
    plan = plan_of(archive, tmp_path)
    assert replace(plan, fast=True).part(0) != plan.part(0)
    run_chunk(Home(tmp_path), 0, classify)
    with rows_in(tmp_path) as rows:
        found = rows.execute("SELECT DISTINCT networks FROM rows").fetchall()
    assert found == [("1",)]


def test_report_doesnt_depend_on_who_made_which_part_when(archive, tmp_path):
    first = tmp_path / "r"
    plan = plan_of(archive, first)
    run_missing(first, range(plan.chunks), classify)
    write_planned_report(Home(first))
    page = (first / "report.html").read_bytes()
    for path in (first / "results").iterdir():
        path.unlink()
    for number in (2, 0, 2, 1):  # any order, one of them twice
        run_chunk(Home(first), number, classify)
    write_planned_report(Home(first))
    assert (first / "report.html").read_bytes() == page


def test_manifest_is_read_once_for_any_number_of_chunks(archive, tmp_path, monkeypatch):
    plan_of(archive, tmp_path)
    plan = read_plan(tmp_path)
    monkeypatch.setattr("xray.audit.plan._digest", lambda _: pytest.fail("hashed"))
    for number in range(plan.chunks):
        chunks.run_chunk(Home(tmp_path), plan, number, classify)
    assert not missing(Home(tmp_path), plan)


def test_stopped_chunk_leaves_nothing_and_only_missing_ones_are_done(archive, tmp_path):
    plan = plan_of(archive, tmp_path / "r")
    run_chunk(Home(tmp_path / "r"), 1, classify)

    def stop_at_fourth(row, seen=[]):  # noqa: B006
        seen.append(row)
        if len(seen) == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_missing(tmp_path / "r", range(3), classify, stop_at_fourth)
    names = {path.name for path in (tmp_path / "r" / "results").iterdir()}
    assert names == {f"{plan.part(1)}.parquet"}
    assert missing(Home(tmp_path / "r"), plan) == [0, 2]
    with pytest.raises(DatasetError, match="Expected all 3 parts"):
        write_planned_report(Home(tmp_path / "r"))
    rows: list[Row] = []
    run_missing(tmp_path / "r", range(3), classify, rows.append)
    assert len(rows) == FILMS - 10
    assert write_planned_report(Home(tmp_path / "r")).files == FILMS


def test_share_that_goes_away_leaves_its_chunk_to_be_done(archive, tmp_path):
    share = make_archive(tmp_path / "share", 4)
    plan_of(share, tmp_path / "r")

    def unplug(sources):
        for outcome in classify(sources):
            if share.exists():
                share.rename(tmp_path / "unplugged")
            yield outcome

    with pytest.raises(DatasetError, match="Connect it"):
        run_chunk(Home(tmp_path / "r"), 0, unplug)
    assert missing(Home(tmp_path / "r"), read_plan(tmp_path / "r")) == [0]
    (tmp_path / "unplugged").rename(share)
    run_chunk(Home(tmp_path / "r"), 0, classify)
    assert write_planned_report(Home(tmp_path / "r")).unread == 0


def test_file_that_went_since_the_plan_is_a_row_with_the_reason(tmp_path):
    films = make_archive(tmp_path / "films", 3)
    plan_of(films, tmp_path / "r")
    next(films.rglob("*.dcm")).unlink()
    run_missing(tmp_path / "r", [0], classify)
    summary = write_planned_report(Home(tmp_path / "r"))
    assert (summary.files, summary.problems) == (3, {"unreadable": 1})


def test_file_that_ends_the_program_is_a_row_where_its_name_is_given(tmp_path):
    films = make_archive(tmp_path / "films", 3)
    (films / "fatal.dcm").write_bytes(next(films.rglob("*.dcm")).read_bytes())
    plan_of(films, tmp_path / "r")
    run_chunk(Home(tmp_path / "r"), 0, classify, crashing=["fatal.dcm"])
    assert write_planned_report(Home(tmp_path / "r")).problems == {"decoder_died": 1}


def test_folder_that_cannot_be_listed_is_listed_itself(tmp_path, monkeypatch):
    make_archive(tmp_path / "films", 2)
    real = os.scandir

    def scandir(path):
        if os.fsencode(path).endswith(b"study1"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    listed = {each.path: each.size for each in open_archive(str(tmp_path)).walk()}
    assert listed[b"films/study1"] == UNLISTED
    assert len(listed) == 2


def test_files_of_any_name_are_listed_with_and_without_a_plan(tmp_path):
    films, out = tmp_path / "films", tmp_path / "films" / "deep" / "report"
    make_archive(films, 1)
    (films / ".Hand_1.2.3").write_bytes(b"x")
    (films / ".old").mkdir()
    (films / ".old" / "Knee_1").write_bytes(b"x")
    (films / "again").symlink_to(films, target_is_directory=True)
    (films / "nothing").symlink_to(tmp_path / "nowhere")
    out.mkdir(parents=True)
    (out / "earlier.log").write_bytes(b"x")
    walked = list(open_archive(str(films), without=out).walk())
    listed = {os.fsdecode(each.path) for each in walked}
    assert len(listed) == len(walked) == 4
    assert {".Hand_1.2.3", ".old/Knee_1"} < listed
    run_audit(films, out, classify=classify)
    assert {path for path, _, _ in verdicts(out)} == listed


def test_object_store_is_audited_as_a_folder_is(archive, tmp_path):
    store = fsspec.filesystem("memory")
    store.put(f"{archive}/", "/bucket/films/", recursive=True)
    place = "memory://bucket/films"
    plan = make_plan(
        open_archive(place).walk(),
        Home(tmp_path / "r"),
        Options(place, "stand-in 1"),
    )
    run_missing(tmp_path / "r", range(plan.chunks), classify)
    write_planned_report(Home(tmp_path / "r"))
    run_audit(archive, tmp_path / "folder", classify=classify)
    assert verdicts(tmp_path / "r") == verdicts(tmp_path / "folder")


def test_plan_parts_and_report_may_lie_in_a_store(archive, tmp_path, monkeypatch):
    store = fsspec.filesystem("memory")
    place = f"memory://{tmp_path.name}/report"
    puts: list[str] = []
    real = store.pipe_file

    def put(path, *args, **options):
        puts.append(path.rpartition("/")[2])
        real(path, *args, **options)

    monkeypatch.setattr(type(store), "pipe_file", lambda _, *args: put(*args))
    with open_home(place) as home:
        plan = plan_of(archive, home)
    for number in (1, 0, 2):  # each on a machine of its own
        with open_home(place) as home:
            assert number in missing(home, plan)
            run_chunk(home, number, classify)
    with open_home(place) as home:
        assert missing(home, plan) == []
        assert write_planned_report(home).files == FILMS
        with pytest.raises(DatasetError, match="Choose another --out"):
            plan_of(archive, home)
    assert len(puts) == len(set(puts)) == 2 + plan.chunks + 1  # each once, whole
    assert puts[:2] == ["manifest.parquet", "plan.json"]
    assert b"<html" in store.cat_file(f"{place}/report.html")


def test_part_that_a_store_refuses_is_told(archive, tmp_path, monkeypatch):
    store = fsspec.filesystem("memory")
    place = f"memory://{tmp_path.name}/report"
    with open_home(place) as home:
        plan_of(archive, home)

        def refuse(*_):
            raise PermissionError(errno.EACCES, "Access Denied")

        monkeypatch.setattr(type(store), "pipe_file", refuse)
        with pytest.raises(ImageError, match="Access Denied"):
            run_chunk(home, 0, classify)


def test_file_url_is_a_folder(tmp_path):
    for scheme in ("file", "local"):
        with open_home(f"{scheme}://{tmp_path}") as home:
            assert home.folder == tmp_path


def test_store_that_nothing_is_installed_for_is_told(tmp_path):
    with pytest.raises(DatasetError, match="nothing-known://x"):
        open_archive("nothing-known://x")
    with (
        pytest.raises(DatasetError, match="nothing-known://x"),
        open_home("nothing-known://x"),
    ):
        pass
    with pytest.raises(DatasetError, match="can be listed"):
        open_archive(str(tmp_path / "nowhere"))


def test_slow_share_is_asked_again_after_longer_and_longer_pauses():
    answers = [OSError(errno.EIO, "Input/output error"), OSError("odd"), b"film"]
    pauses: list[float] = []

    def read():
        answer = answers.pop(0)
        if isinstance(answer, OSError):
            raise answer
        return answer

    assert read_patiently(read, pauses.append) == b"film"
    assert pauses == list(PAUSES[:2])


@pytest.mark.parametrize(
    ("number", "tries"), [(errno.ENOENT, 1), (errno.EIO, len(PAUSES) + 1)]
)
def test_what_stays_unreadable_is_an_error_with_the_reason(number, tries):
    asked: list[int] = []

    def read():
        asked.append(number)
        raise OSError(number, os.strerror(number))

    with pytest.raises(ImageError, match=os.strerror(number)):
        read_patiently(read, lambda _seconds: None)
    assert len(asked) == tries


def test_machines_share_a_plan_on_the_command_line(
    archive, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr("xray.commands.audit.load_classify", load)
    out = str(tmp_path / "r")
    words = ["audit", str(archive), "--plan", "--chunk-files", "10", "--out", out]
    assert main(words) == 0
    assert "3  chunks" in capsys.readouterr().out
    assert main(["audit", "--run", out, "--chunk", "1/2"]) == 0
    assert "2  of 3 chunks are done" in capsys.readouterr().out
    assert main(["audit", "--run", out, "--chunk", "2/2"]) == 0
    assert f"{FILMS}  files in" in capsys.readouterr().out
    assert main(words) == 1
    assert "Choose another --out" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--run", "r", "--chunk", "3/2"], "from 1/2 to 2/2"),
        (["--run", "r", "--chunk", "3"], "expected --chunk N/M"),
        (["films", "--out", "r", "--chunk", "1/2"], "with --run REPORT"),
        (["films", "--out", "r", "--chunk-files", "0", "--plan"], "at least 1"),
        (["--run", "r", "--plan"], "expected --plan with FOLDER"),
    ],
)
def test_words_that_lead_nowhere_are_refused(words, said, archive, tmp_path, capsys):
    (tmp_path / "films").symlink_to(archive)
    plan_of(archive, tmp_path / "r")
    here = [str(tmp_path / w) if w in {"r", "films"} else w for w in words]
    with pytest.raises(SystemExit) as status:
        main(["audit", *here])
    assert status.value.code == 2
    assert said in capsys.readouterr().err


def test_manifest_of_another_plan_is_refused(archive, tmp_path):
    plan_of(archive, tmp_path / "a")
    plan_of(archive, tmp_path / "b", chunk_files=7)
    (tmp_path / "b" / "manifest.parquet").replace(tmp_path / "a" / "manifest.parquet")
    with pytest.raises(DatasetError, match="another manifest"):
        read_plan(tmp_path / "a")
    (tmp_path / "a" / "plan.json").write_text("{")
    with pytest.raises(DatasetError, match=r"Expected a plan in .*plan\.json"):
        read_plan(tmp_path / "a")


def test_planned_and_other_reports_merge_into_one(archive, tmp_path):
    run_missing(
        tmp_path / "p", range(plan_of(archive, tmp_path / "p").chunks), classify
    )
    run_audit(make_archive(tmp_path / "more", 4), tmp_path / "j", classify=classify)
    for _ in range(2):
        summary = merge([tmp_path / "p", tmp_path / "j"], tmp_path / "all")
        assert summary.files == FILMS + 4


def test_temporary_files_of_killed_machines_go_with_the_report(archive, tmp_path):
    run_missing(
        tmp_path / "r", range(plan_of(archive, tmp_path / "r").chunks), classify
    )
    (tmp_path / "r" / "results" / "part-x.0123").write_bytes(b"half")
    write_planned_report(Home(tmp_path / "r"))
    assert all(p.suffix == ".parquet" for p in (tmp_path / "r" / "results").iterdir())


def test_part_that_cannot_be_written_leaves_no_half_of_it(
    archive, tmp_path, monkeypatch
):
    plan_of(archive, tmp_path / "r")

    def fail(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(parts, "copy", fail)
    with pytest.raises(ImageError, match="No space left"):
        run_chunk(Home(tmp_path / "r"), 0, classify)
    assert not list((tmp_path / "r" / "results").iterdir())
