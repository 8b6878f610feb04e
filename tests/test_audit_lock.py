"""One audit at a time in a folder."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.archives import film, radiograph, write
from tests.test_audit import cheap
from tests.test_audit_rows import read_rows
from xray.audit.lock import LOCK_NAME, locked
from xray.audit.merging import merge
from xray.audit.run import run_audit
from xray.classify.pipeline import Outcome
from xray.cli import main
from xray.errors import DatasetError, ImageError

_HOLD = """
import sys, time
from pathlib import Path
from xray.audit.lock import locked
with locked(Path(sys.argv[1])):
    print("locked", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the lock of tmp_path/report."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(tmp_path / "report")],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "locked\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def _archive(folder: Path, count: int = 3) -> Path:
    for number in range(count):
        dataset = radiograph(film("hand")[:8, :8], BodyPartExamined="HAND")
        write(folder / str(number), dataset)
    return folder


def test_second_audit_is_refused_and_told_what_to_do(
    tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    folder, out = _archive(tmp_path / "in"), tmp_path / "report"
    with pytest.raises(DatasetError) as caught:
        run_audit(folder, out, classify=cheap)
    message = str(caught.value)
    assert str(out / LOCK_NAME) in message
    assert "another --out" in message
    assert [path.name for path in out.iterdir()] == [LOCK_NAME]


def test_merging_into_a_folder_that_is_written_is_refused(
    tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    run_audit(_archive(tmp_path / "in"), tmp_path / "one", classify=cheap)
    with pytest.raises(DatasetError, match=LOCK_NAME):
        merge([tmp_path / "one"], tmp_path / "report")


def test_command_says_so_in_one_line(
    tmp_path: Path,
    holder: subprocess.Popen[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = _archive(tmp_path / "in")
    assert main(["audit", str(folder), "--out", str(tmp_path / "report")]) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: Expected no other audit")
    assert error.count("\n") == 1


def test_killed_audit_leaves_no_lock(
    tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    holder.kill()
    holder.wait()
    summary = run_audit(_archive(tmp_path / "in"), tmp_path / "report", classify=cheap)
    assert summary.files == 3


def test_audit_that_failed_leaves_no_lock(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="folder or file"):
        run_audit(tmp_path / "none", tmp_path / "report", classify=cheap)

    def fail(_: object) -> Iterator[Outcome]:
        raise ImageError("empty")
        yield

    folder = _archive(tmp_path / "in")
    with pytest.raises(ImageError):
        run_audit(folder, tmp_path / "report", classify=fail)
    assert run_audit(folder, tmp_path / "report", classify=cheap).files == 3


def test_other_folders_are_not_locked(tmp_path: Path) -> None:
    with locked(tmp_path / "one"), locked(tmp_path / "two"):
        pass


def test_of_two_audits_at_once_one_is_done_and_no_row_is_twice(
    tmp_path: Path,
) -> None:
    folder, out = _archive(tmp_path / "in", 40), tmp_path / "report"
    refused = []

    def work() -> None:
        try:
            run_audit(folder, out, classify=cheap)
        except DatasetError as error:
            refused.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    paths = [row.path for row in read_rows(out / "results.csv")]
    assert sorted(paths) == sorted(map(str, range(40)))
    assert len(refused) <= 3


def test_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "report").write_text("a file")
    with pytest.raises(ImageError, match="report"), locked(tmp_path / "report"):
        pass
