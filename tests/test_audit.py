"""Whole audits: real films, the shipped network, every verdict."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
import zipfile
from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path

import data_store
import numpy as np
import pyarrow.parquet as pq
import pydicom
import pytest

from tests.archives import FILMS, code, film, radiograph, write
from tests.predictions import explains, predicts
from xray.audit.compare import Options, compare
from xray.audit.examples import Examples
from xray.audit.merging import merge
from xray.audit.origin import read_origin
from xray.audit.run import run_audit, write_report
from xray.classify.pipeline import Outcome, classify_all
from xray.errors import DatasetError, ImageError
from xray.reading.archive import Found, find
from xray.reading.radiograph import Facts, Radiograph
from xray.reading.reader import read_radiograph

TERMS = {
    "ankle": "ANKLE",
    "chest": "CHEST",
    "foot": "FOOT",
    "hand": "HAND",
    "knee": "KNEE",
    "pelvis": "PELVIS",
    "shoulder": "SHOULDER",
}


def classify_by_name(sources):
    """Stand in for the network: a file called knee shows a knee."""
    for source in sources:
        if isinstance(source.data, ImageError):
            yield Outcome(source.name, error=source.data)
            continue
        name = Path(source.name).stem
        part = "Feet" if name == "foot" else name.capitalize()
        try:
            picture = read_radiograph(source.data)
        except ImageError as error:
            yield Outcome(source.name, error=error)
            continue
        explanation = explains(predicts(part), *picture.pixels.shape)
        yield Outcome(source.name, picture, explanation)


def rows_of(report: Path) -> dict[str, dict[str, str]]:
    with (report / "results.csv").open(encoding="utf-8", newline="") as file:
        return {row["path"]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def archive(tmp_path_factory) -> tuple[Path, dict[str, str]]:
    """Real films with right, wrong, neighboring, missing and foreign headers."""
    root = tmp_path_factory.mktemp("archive")
    expected = {}

    def put(path: str, name: str, verdict: str, **tags: object) -> None:
        write(root / path, radiograph(film(name), **tags))
        expected[path] = verdict

    for name, term in TERMS.items():
        put(f"right/{name}", name, "agree", BodyPartExamined=term)
        put(f"wrong/{name}.dcm", name, "disagree", BodyPartExamined="SKULL")
        put(f"missing/{name}.img", name, "missing")
    put("near/hand", "hand", "neighboring", BodyPartExamined="WRIST")
    put("near/knee", "knee", "neighboring", BodyPartExamined="PATELLA")
    put("foreign/knee", "knee", "agree", BodyPartExamined="KNIE")
    put("foreign/hand", "hand", "agree", BodyPartExamined="MANO DX")
    put("foreign/chest", "chest", "agree", SeriesDescription="RX TORAX PA E PERFIL")
    put("foreign/pelvis", "pelvis", "not_understood", BodyPartExamined="ZZTOP")
    region = [code("T-D3000", "Chest", "SRT")]
    put("coded/chest", "chest", "agree", AnatomicRegionSequence=region)
    put("coded/foot", "foot", "disagree", AnatomicRegionSequence=region)
    with zipfile.ZipFile(root / "packed", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.write(root / "right" / "knee", "deep/knee")
        packed.write(root / "wrong" / "foot.dcm", "../../foot")
    expected |= {"packed!/deep/knee": "agree", "packed!/../../foot": "disagree"}
    return root, expected


@pytest.fixture(scope="module")
def report(archive, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("reports") / "report"
    run_audit(archive[0], out)
    return out


def test_every_verdict_is_as_the_header_deserves(archive, report):
    found = {path: row["verdict"] for path, row in rows_of(report).items()}
    assert found == archive[1]


def test_parquet_holds_the_same_rows_as_csv(report):
    table = pq.read_table(report / "results").to_pylist()
    cells = rows_of(report)
    assert {row["path"] for row in table} == set(cells)
    for row in table:
        as_text = {name: "" if v is None else str(v) for name, v in row.items()}
        probability = as_text.pop("probability")
        other = dict(cells[row["path"]])
        assert float(other.pop("probability")) == pytest.approx(float(probability))
        assert as_text == other


def test_rows_carry_term_and_code(report):
    row = rows_of(report)["wrong/hand.dcm"]
    assert row["header_term"] == "SKULL"
    assert (row["part"], row["dicom_term"]) == ("Hand", "HAND")
    assert (row["snomed_code"], row["snomed_meaning"]) == ("85562004", "Hand")
    assert row["model"]


def test_nothing_in_the_report_names_a_patient(archive, report):
    from pydicom import dcmread

    uid = str(dcmread(archive[0] / "right" / "hand").SOPInstanceUID)
    for path in report.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            for secret in (b"Secret", b"S3CRET", b"20240517", uid.encode()):
                assert secret not in content, path


def test_names_in_a_header_term_are_left_out_of_unreadable_files_too(tmp_path):
    dataset = radiograph(film("knee"), BodyPartExamined="KNEE SMITH")
    whole = write(tmp_path / "in" / "knee", dataset).read_bytes()
    (tmp_path / "in" / "cut").write_bytes(whole[:3000])
    run_audit(tmp_path / "in", tmp_path / "r", classify=classify_by_name)
    terms = {path: row["header_term"] for path, row in rows_of(tmp_path / "r").items()}
    assert terms == {"knee": "KNEE", "cut": "KNEE"}


def test_uids_are_kept_on_demand(archive, tmp_path):
    from pydicom import dcmread

    folder = archive[0] / "near"
    run_audit(folder, tmp_path / "r", keep_uids=True, classify=classify_by_name)
    uid = str(dcmread(folder / "hand").SOPInstanceUID)
    assert rows_of(tmp_path / "r")["hand"]["uid"] == uid


def test_paths_are_hidden_on_demand_and_audits_still_continue(archive, tmp_path):
    folder, out = archive[0] / "near", tmp_path / "r"
    for _ in range(2):
        run_audit(folder, out, hide_paths=True, classify=classify_by_name)
        with (out / "results.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert [row["path"] for row in rows] == ["", ""]
        assert len({row["key"] for row in rows}) == 2
        assert "An archive · 2 files" in (out / "report.html").read_text("utf-8")


def test_audit_is_never_continued_with_other_privacy(archive, tmp_path):
    folder, out = archive[0] / "near", tmp_path / "r"
    run_audit(folder, out, hide_paths=True, classify=classify_by_name)
    with pytest.raises(DatasetError, match=r"begun with: .* --hide-paths\. Received"):
        run_audit(folder, out, classify=classify_by_name)


def test_empty_folder_gives_an_empty_report(tmp_path):
    (tmp_path / "in").mkdir()
    summary = run_audit(tmp_path / "in", tmp_path / "r", classify=classify_by_name)
    assert summary.files == 0
    assert (tmp_path / "r" / "report.html").exists()


def test_folder_that_cannot_be_listed_is_a_row(archive, tmp_path, monkeypatch):
    folder = tmp_path / "mixed"
    (folder / "closed").mkdir(parents=True)
    (folder / "knee").write_bytes((archive[0] / "right" / "knee").read_bytes())
    real = os.scandir

    def scandir(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    run_audit(folder, tmp_path / "r", classify=classify_by_name)
    assert set(rows_of(tmp_path / "r")) == {"closed", "knee"}


def test_row_says_why_an_answer_is_not_to_be_believed(tmp_path):
    def classify(sources):
        for source in sources:
            doubted = "rejected_rough" if source.name == "doubted" else None
            picture = read_radiograph(source.data)
            explanation = explains(predicts("Knee", rejected=doubted), 8, 8)
            yield Outcome(source.name, picture, explanation)

    for name in ("believed", "doubted"):
        write(tmp_path / "a" / name, radiograph(film("knee"), BodyPartExamined="KNEE"))
    run_audit(tmp_path / "a", tmp_path / "r", classify=classify)
    rows = rows_of(tmp_path / "r")
    found = {name: (row["rejected"], row["verdict"]) for name, row in rows.items()}
    assert found["believed"] == ("", "agree")
    assert found["doubted"] == ("rejected_rough", "uncertain")


def test_page_is_self_contained_and_shows_disagreements(report):
    page = (report / "report.html").read_text(encoding="utf-8")
    assert page.count("data:image/jpeg;base64,") == 9
    assert "<script" not in page
    assert "http:" not in page
    assert "https:" not in page
    assert "wrong/hand.dcm" in page


def test_unreadable_files_are_rows_and_never_stop_the_audit(archive, tmp_path):
    folder = tmp_path / "mixed"
    good = (archive[0] / "right" / "knee").read_bytes()
    ct = radiograph(film("knee"), Modality="CT", BodyPartExamined="HEAD")
    write(folder / "ct", ct)
    (folder / "knee").write_bytes(good)
    (folder / "cut").write_bytes(good[:3000])
    (folder / "empty").write_bytes(b"")
    (folder / "notes.txt").write_text("hello")
    (folder / "film.jpg").write_bytes((FILMS / "hand.jpg").read_bytes())
    (folder / "=cmd()").write_text("formula")
    (folder / "broken.zip").write_bytes(b"PK\x03\x04 no zip")
    with zipfile.ZipFile(folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("zeros", b"\0" * 50_000_000)
    os.mkfifo(folder / "pipe")
    (folder / "nowhere").symlink_to(folder / "no")
    summary = run_audit(folder, tmp_path / "r", classify=_quick)
    rows = rows_of(tmp_path / "r")
    problems = {path: row["problem"] for path, row in rows.items()}
    assert problems == {
        "ct": "other_modality",
        "knee": "",
        "cut": "short_pixels",
        "empty": "empty",
        "notes.txt": "unsupported",
        "film.jpg": "",
        "'=cmd()": "unsupported",
        "broken.zip": "damaged",
        "bomb.zip!/zeros": "zip_ratio",
        "pipe": "unreadable",
        "nowhere": "unreadable",
    }
    assert (summary.files, summary.judged, summary.pictures) == (11, 1, 1)
    assert summary.unread == 9


def _quick(sources):
    for source in sources:
        try:
            if isinstance(source.data, ImageError):
                raise source.data
            picture = read_radiograph(source.data)
        except ImageError as error:
            yield Outcome(source.name, error=error)
        else:
            size = picture.pixels.shape
            yield Outcome(source.name, picture, explains(predicts("Knee"), *size))


def test_pydicoms_own_files_are_all_counted(tmp_path):
    folder = Path(pydicom.__file__).parent / "data" / "test_files"
    count = sum(1 for _ in find(folder))
    summary = run_audit(folder, tmp_path / "r", classify=_quick)
    assert summary.files == count > 100
    assert summary.judged + summary.pictures + summary.unread == count
    problems = {row["problem"] for row in rows_of(tmp_path / "r").values()}
    assert {"", "other_modality", "no_pixels", "unsupported"} <= problems


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_terminal_shows_how_many_are_left_and_each_file_is_opened_once(
    archive, tmp_path, monkeypatch
):
    opened = Counter[Path]()

    def counting_open(path: Path, *words: str, open=Path.open, **more: str):
        opened[path] += 1
        return open(path, *words, **more)

    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(Path, "open", counting_open)
    run_audit(archive[0], tmp_path / "r", classify=classify_by_name)
    total = len(archive[1])
    assert f"{total}/{total}" in screen.getvalue()
    films = [path for path in opened if archive[0] in path.parents]
    assert len(films) == total - 1  # two are in one zip
    assert {opened[path] for path in films} == {1}


def test_real_dicom_radiographs_are_judged(classifier, tmp_path):
    folder = tmp_path / "real"
    folder.mkdir()
    stored = Path(data_store.__file__).parent / "data"
    for name in ("RG1_J2KR.dcm", "RG3_J2KR.dcm"):
        (folder / name).write_bytes((stored / name).read_bytes())
    run_audit(folder, tmp_path / "r", classify=partial(classify_all, classifier))
    rows = rows_of(tmp_path / "r")
    chest, extremity = rows["RG1_J2KR.dcm"], rows["RG3_J2KR.dcm"]
    assert (chest["header_term"], chest["verdict"]) == ("CHEST", "agree")
    assert chest["dicom_term"] == "CHEST"
    # A word as broad as this can be confirmed by no picture, and is no error.
    assert extremity["header_term"] == "EXTREMITY"
    assert extremity["verdict"] != "agree"


def test_report_inside_the_archive_is_not_audited(archive, tmp_path):
    folder = tmp_path / "own"
    write(folder / "knee", radiograph(film("knee")))
    for _ in range(2):
        summary = run_audit(folder, folder / "report", classify=_quick)
        assert summary.files == 1


def test_audit_of_another_folder_is_refused(archive, tmp_path):
    run_audit(archive[0] / "near", tmp_path / "r", classify=classify_by_name)
    with pytest.raises(DatasetError, match="Choose another --out"):
        run_audit(archive[0] / "right", tmp_path / "r", classify=classify_by_name)


def test_missing_folder_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="Expected a folder"):
        run_audit(tmp_path / "no", tmp_path / "r")


def test_new_files_are_added_when_run_again(archive, tmp_path):
    folder = tmp_path / "growing"
    for count, name in enumerate(TERMS, start=1):
        write(folder / name, radiograph(film(name)))
        summary = run_audit(folder, tmp_path / "r", classify=classify_by_name)
        assert summary.files == count
    assert len(pq.read_table(tmp_path / "r" / "results")) == len(TERMS)


def test_stopped_early_it_reports_what_it_has_and_goes_on(archive, tmp_path):
    folder, out = archive[0] / "right", tmp_path / "r"
    for most, expected in ((3, 3), (2, 5), (99, 7), (99, 7)):
        until = partial(_first_new, out=out, most=most)
        summary = run_audit(folder, out, until=until, classify=classify_by_name)
        assert summary.files == summary.judged == expected


def _first_new(files, out: Path, most: int):
    """Pass known files on, and then as many new ones as asked for."""
    known = set(rows_of(out))
    for file in files:
        most -= file.path not in known
        if most < 0:
            return
        yield file


def test_shards_merge_to_the_same_counts(archive, tmp_path):
    for name in ("right", "wrong", "near"):
        run_audit(archive[0] / name, tmp_path / name, classify=classify_by_name)
    shards = [tmp_path / name for name in ("right", "wrong", "near")]
    for _ in range(2):  # merged again, nothing is counted twice
        summary = merge(shards, tmp_path / "all")
        assert summary.verdicts == {"agree": 7, "disagree": 7, "neighboring": 2}
    page = (tmp_path / "all" / "report.html").read_text(encoding="utf-8")
    assert page.count("data:image/jpeg;base64,") == 7


def test_merged_report_names_each_folder_once(archive, tmp_path):
    shards = [tmp_path / name / "report" for name in "ab"]
    for shard in shards:
        run_audit(archive[0] / "near", shard, classify=classify_by_name)
    assert merge(shards, tmp_path / "all").files == 4
    page = (tmp_path / "all" / "report.html").read_text("utf-8")
    assert '<p class="quiet">report · 4 files' in page


def test_report_on_a_folder_whose_name_is_no_utf8_is_written(archive, tmp_path):
    run_audit(archive[0] / "near", tmp_path, classify=classify_by_name)
    name = os.fsdecode(b"films-\xff")
    assert write_report(tmp_path, Examples(tmp_path), name).files == 2
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "films-\\udcff" in page


def test_merged_report_names_the_model_of_every_row(archive, tmp_path):
    for name in ("right", "wrong", "near"):
        out = tmp_path / name
        run_audit(archive[0] / name, out, classify=classify_by_name, model=name[0])
    merge([tmp_path / "right"], tmp_path / "all")
    summary = merge([tmp_path / "wrong", tmp_path / "near"], tmp_path / "all")
    assert summary.models == {"r": 7, "w": 7, "n": 2}
    assert "model n, r, w ·" in (tmp_path / "all" / "report.html").read_text("utf-8")


def test_audits_and_merges_never_share_a_folder(archive, tmp_path):
    near, out = archive[0] / "near", tmp_path / "all"
    for name in "ab":
        run_audit(near, tmp_path / name, classify=classify_by_name)
    with pytest.raises(DatasetError, match="Choose another --out"):
        merge([tmp_path / "a", tmp_path / "b"], tmp_path / "a")
    merge([tmp_path / "a"], out)
    with pytest.raises(DatasetError, match="Choose another"):
        run_audit(near, out, classify=classify_by_name)
    assert len(rows_of(tmp_path / "a")) == len(rows_of(out)) == 2


def test_state_that_was_changed_is_refused(archive, tmp_path):
    run_audit(archive[0] / "near", tmp_path / "r", classify=classify_by_name)
    path = tmp_path / "r" / "audit.json"
    state = json.loads(path.read_text())
    damages: tuple[object, ...] = (
        state | {"salt": "salt"},
        state | {"salt": 1},
        [],
        {"salt": ""},
        {name: value for name, value in state.items() if name != "salt"},
    )
    for changed in damages:
        path.write_text(json.dumps(changed))
        with pytest.raises(DatasetError, match=r"audit\.json, could not read it"):
            run_audit(archive[0] / "near", tmp_path / "r", classify=classify_by_name)


def test_merging_what_is_no_audit_is_refused(tmp_path):
    with pytest.raises(DatasetError, match=r"results\.csv"):
        merge([tmp_path], tmp_path / "all")


def test_any_number_of_files_is_drawn_a_few_at_a_time():
    """The audit reads a file only when the row of an earlier one has left."""
    read = 0

    def files():
        nonlocal read
        for number in range(10_000):
            read += 1
            yield Found(str(number), lambda: ImageError("empty"))

    def fail(sources):
        for source in sources:
            yield Outcome(source.name, error=source.data)

    rows = compare(files(), fail, Options("", ""))
    for count, _ in enumerate(rows, start=1):
        assert read - count <= 1
    assert read == 10_000


_KILLED = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from tests.test_audit import cheap
from xray.audit.run import run_audit
run_audit(Path({folder!r}), Path({out!r}), classify=cheap)
"""


def cheap(sources):
    """Stand in for the network at a millisecond a file."""
    picture = Radiograph(
        (film("hand") / 255).astype(np.float32), Facts("DICOM", 1, 1, 1)
    )
    explanation = explains(predicts("Hand"), *picture.pixels.shape)
    for source in sources:
        time.sleep(0.001)
        read = replace(picture, claim=read_origin(source.data).claim)
        yield Outcome(source.name, read, explanation)


def test_thousand_files_with_kills_in_the_middle_lose_none(tmp_path):
    folder, out = tmp_path / "many", tmp_path / "r"
    terms = ("HAND", "CHEST", "WRIST", "ZZTOP", None)
    pixels = film("hand")[:8, :8]
    for number in range(1000):
        term = terms[number % len(terms)]
        tags = {} if term is None else {"BodyPartExamined": term}
        write(folder / f"{number % 7}" / f"{number}", radiograph(pixels, **tags))
    script = textwrap.dedent(_KILLED).format(
        tests=str(Path(__file__).parents[1]), folder=str(folder), out=str(out)
    )
    rows = out / "results.csv"
    for least in (20_000, 60_000):
        process = subprocess.Popen([sys.executable, "-c", script])
        while not (rows.exists() and rows.stat().st_size > least):
            assert process.poll() is None
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert len(rows.read_bytes().splitlines()) < 1000
    with rows.open("ab") as file:  # as a kill in the middle of a row leaves it
        file.write(b'"torn, and with')
    summary = run_audit(folder, out, classify=cheap)
    assert summary.files == 1000
    with rows.open(encoding="utf-8", newline="") as file:
        paths = [row["path"] for row in csv.DictReader(file)]
    assert len(paths) == len(set(paths)) == 1000
    table = pq.read_table(out / "results")
    assert sorted(table["path"].to_pylist()) == sorted(paths)
    assert summary.verdicts == {
        "agree": 200,
        "disagree": 200,
        "neighboring": 200,
        "not_understood": 200,
        "missing": 200,
    }
    assert Counter(table["verdict"].to_pylist()) == summary.verdicts


def test_salt_differs_between_audits(archive, tmp_path):
    folder = archive[0] / "near"
    keys = set()
    for name in ("a", "b"):
        run_audit(folder, tmp_path / name, classify=classify_by_name)
        row = rows_of(tmp_path / name)["hand"]
        keys |= {row["key"], row["uid"]}
        state = json.loads((tmp_path / name / "audit.json").read_text())
        assert len(bytes.fromhex(state["salt"])) == 16
    assert len(keys) == 4


def test_files_are_found_in_the_same_order_each_time(archive):
    first = [file.path for file in find(archive[0])]
    assert first == [file.path for file in find(archive[0])]
    assert len(first) == len(set(first)) == len(archive[1])


def test_single_file_is_an_archive_of_one(archive):
    path = archive[0] / "near" / "hand"
    found = [(file.path, file.read()) for file in find(path)]
    assert found == [("hand", path.read_bytes())]


@pytest.fixture
def touched(monkeypatch) -> Counter[str]:
    """How often each file was opened and each folder listed, by the ends of paths."""
    counts: Counter[str] = Counter()
    real_open, real_scandir = io.open, os.scandir

    def counting(path, *words, **named):
        if not isinstance(path, int):
            counts[Path(path).name] += 1
        return real_open(path, *words, **named)

    def listing(path):
        if not isinstance(path, int):
            counts[f"{Path(path).name}/"] += 1
        return real_scandir(path)

    monkeypatch.setattr(io, "open", counting)  # what pathlib and zipfile call
    monkeypatch.setattr("builtins.open", counting)
    monkeypatch.setattr(os, "scandir", listing)
    return counts


def test_each_file_is_opened_once_and_each_folder_listed_once(
    archive, classifier, tmp_path, touched
):
    folder = tmp_path / "films"
    for name in ("near/hand", "right/knee", "packed"):
        to = folder / name
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes((archive[0] / name).read_bytes())
    (folder / "film.jpg").write_bytes((FILMS / "hand.jpg").read_bytes())
    (folder / "notes").write_text("no film")
    names = {"hand", "knee", "packed", "film.jpg", "notes"}
    for expected in (1, 0):  # what is done is not even opened when it goes on
        touched.clear()
        run_audit(folder, tmp_path / "r", classify=partial(classify_all, classifier))
        opened = {name: touched[name] for name in names - {"packed"}}
        assert opened == dict.fromkeys(names - {"packed"}, expected)
        assert touched["packed"] == 1
        folders = {name: touched[name] for name in ("films/", "near/", "right/")}
        assert folders == dict.fromkeys(folders, 1)


def test_odd_zips_cost_only_themselves(tmp_path):
    def pack(name, method, members):
        with zipfile.ZipFile(tmp_path / name, "w", method) as packed:
            for member, data in members.items():
                packed.writestr(member, data)

    pack("empty.zip", zipfile.ZIP_DEFLATED, {})
    pack("folders.zip", zipfile.ZIP_DEFLATED, {"a/": b"", "a/b/": b""})
    pack("lzma.zip", zipfile.ZIP_LZMA, {"film": bytes(2000)})
    path = tmp_path / "lzma.zip"
    damaged = bytearray(path.read_bytes())
    damaged[45:50] = b"\xff" * 5
    path.write_bytes(damaged)
    pack("nameless.zip", zipfile.ZIP_DEFLATED, {"x": b"film"})
    path = tmp_path / "nameless.zip"
    nameless = bytearray(path.read_bytes())
    for at in (nameless.find(b"PK\x03\x04") + 26, nameless.find(b"PK\x01\x02") + 28):
        nameless[at : at + 4] = b"\0\0\1\0"  # the name as an extra field
    path.write_bytes(nameless)
    found = {file.path: file.read() for file in find(tmp_path)}
    assert found.pop("nameless.zip!/") == b"film"
    keys = {path: getattr(error, "key", "") for path, error in found.items()}
    assert keys == {
        "empty.zip": "empty_zip",
        "folders.zip": "empty_zip",
        "lzma.zip!/film": "zip_unreadable",
    }


def test_members_that_begin_with_a_dot_are_counted(tmp_path):
    with zipfile.ZipFile(tmp_path / "packed", "w") as packed:
        packed.writestr(".1.2.3", b"x")
        packed.writestr("__MACOSX/._film", b"x")
    found = {found.path for found in find(tmp_path)}
    assert found == {"packed!/.1.2.3", "packed!/__MACOSX/._film"}
