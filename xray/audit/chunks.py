"""Making the parts of a plan: one chunk, all that are missing, and the report."""

import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path

from ..errors import DatasetError, ImageError
from ..reading.archive import Found, refused
from ..reading.dicomweb import is_url, read_ahead
from ..reading.files import make_folder, unwritable, write_file
from .archive import Archive, open_archive
from .compare import Classify, compare
from .examples import FOLDER_NAME, Examples
from .parts import PARTS_NAME, write_part
from .plan import files_of, missing, read_plan
from .run import write_report
from .summary import Summary
from .table import Row

# What may come and go with a share, told as rows only where the share is there.
_COMES_AND_GOES = "unreadable"


def run_chunk(
    out: Path,
    number: int,
    classify: Classify,
    each: Callable[[Row], object] = lambda _row: None,
    crashing: Collection[str] = (),
) -> None:
    """Audit the files of one chunk, and leave its part if all went well.

    Args:
        out: The report's folder, with its plan.
        number: Of the chunk, from 0.
        classify: As `audit` takes it.
        each: Is told of each row as it is known.
        crashing: Names of files that make the program itself end: not opened.

    Raises:
        DatasetError: The archive went away; nothing is written.
        ImageError: The part can't be written.
    """
    plan = read_plan(out)
    archive = open_archive(plan.place)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="xray-") as folder:
        examples = Examples(Path(folder))
        found = _found(archive, files_of(out, number), crashing)
        if is_url(plan.place):
            found = read_ahead(found)
        for row, outcome in compare(found, classify, plan.options):
            examples.offer(row, outcome)
            rows.append(row.on_one_line())
            each(row)
        gone = any(row.problem == _COMES_AND_GOES for row in rows)
        if gone and not archive.is_there():
            raise DatasetError(
                f"Expected {plan.place} to stay connected. Received: nothing, in the "
                f"middle of chunk {number + 1}. Connect it, and run the same again."
            )
        _write(out, plan.part(number), rows, examples.files())


def run_missing(
    out: Path,
    numbers: Iterable[int],
    classify: Classify,
    each: Callable[[Row], object] = lambda _row: None,
) -> None:
    """Make the parts of chunks on this machine, one after the other."""
    for number in missing(out, read_plan(out), numbers):
        run_chunk(out, number, classify, each)


def write_planned_report(out: Path) -> Summary:
    """Write the report of a plan whose parts are all there.

    Raises:
        DatasetError: A part is missing.
    """
    plan = read_plan(out)
    if left := missing(out, plan):
        raise DatasetError(
            f"Expected all {plan.chunks:,} parts in {out / PARTS_NAME}. Received: "
            f"{plan.chunks - len(left):,}. Run the chunks that are missing first."
        )
    for path in (out / PARTS_NAME).iterdir():
        if path.suffix != ".parquet":  # what a killed machine left
            path.unlink()
    examples = Examples(out)
    examples.take(*sorted((out / FOLDER_NAME).glob("part-*")))
    title = "An archive" if plan.hide_paths else plan.place.rstrip("/").split("/")[-1]
    return write_report(out, examples, title, plan.model)


def _found(
    archive: Archive, paths: Iterable[bytes], crashing: Collection[str]
) -> Iterator[Found]:
    for path in paths:
        for found in archive.open(path):
            if found.path in crashing:
                yield refused(found.path, ImageError("decoder_died"))
            else:
                yield found


def _write(out: Path, part: str, rows: list[Row], pictures: Iterable[Path]) -> None:
    """Write pictures first: where the part is, all of the chunk is."""
    folder = out / FOLDER_NAME / part
    for picture in pictures:
        make_folder(folder)
        write_file(folder / picture.name, picture.read_bytes())
    path = out / PARTS_NAME / f"{part}.parquet"
    try:
        write_part(path, rows)
    except OSError as error:
        raise unwritable(path, error) from error
