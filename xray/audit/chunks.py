"""Making the parts of a plan, and the report when all are there."""

import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path

from ..errors import DatasetError, ImageError
from ..reading.archive import Found, refused
from ..reading.dicomweb import is_url, read_ahead
from ..reading.files import make_folder, write_file
from .archive import Archive, open_archive
from .compare import Classify, compare
from .examples import FOLDER_NAME, Examples
from .home import Home
from .parts import PARTS_NAME, write_part
from .plan import Plan, files_of, missing, read_plan
from .rows import RowStore
from .run import REPORT_NAME, write_report
from .summary import Summary
from .table import Row

# What may come and go with a share, told as rows only where the share is there.
_COMES_AND_GOES = "unreadable"


def run_chunk(
    home: Home,
    plan: Plan,
    number: int,
    classify: Classify,
    *,
    each: Callable[[Row], object] = lambda _row: None,
    crashing: Collection[str] = (),
) -> None:
    """Audit the files of one chunk, and leave its part if all went well.

    Args:
        home: The report's.
        plan: Its own, read once for any number of chunks.
        number: Of the chunk, from 0.
        classify: What answers for the films.
        each: Is told of each row as it is known.
        crashing: Names of files that make the program itself end: not opened.

    Raises:
        DatasetError: The archive went away; nothing is written.
        ImageError: The part can't be written.
    """
    archive = open_archive(plan.place)
    gone = False
    with tempfile.TemporaryDirectory(prefix="xray-") as folder:
        examples = Examples(Path(folder))
        found = _found(archive, files_of(home.folder, number), crashing)
        if is_url(plan.place):
            found = read_ahead(found)
        with RowStore(Path(folder)) as rows:
            for row, outcome in compare(found, classify, plan.options):
                examples.offer(row, outcome)
                rows.append(row)
                gone = gone or row.problem == _COMES_AND_GOES
                each(row)
        if gone and not archive.is_there():
            raise DatasetError(
                f"Expected {plan.place} to stay connected. Received: nothing, in the "
                f"middle of chunk {number + 1}. Connect it, and run the same again."
            )
        _write(home, plan.part(number), rows.path, examples.files())


def write_planned_report(home: Home) -> Summary:
    """Write the report of a plan whose parts are all there.

    Raises:
        DatasetError: A part is missing.
    """
    out = home.folder
    plan = read_plan(out)
    if left := missing(home, plan):
        raise DatasetError(
            f"Expected all {plan.chunks:,} parts in {PARTS_NAME}. Received: "
            f"{plan.chunks - len(left):,}. Run the chunks that are missing first."
        )
    home.fetch_all()
    for path in (out / PARTS_NAME).iterdir():
        if path.suffix != ".parquet":  # what a killed machine left
            path.unlink()
    examples = Examples(out)
    examples.take(*sorted((out / FOLDER_NAME).glob("part-*")))
    title = "An archive" if plan.hide_paths else plan.place.rstrip("/").split("/")[-1]
    summary = write_report(out, examples, title, plan.model)
    home.publish(out / REPORT_NAME)
    return summary


def _found(
    archive: Archive, paths: Iterable[bytes], crashing: Collection[str]
) -> Iterator[Found]:
    for path in paths:
        for found in archive.open(path):
            if found.path in crashing:
                yield refused(found.path, ImageError("decoder_died"))
            else:
                yield found


def _write(home: Home, part: str, csv: Path, pictures: Iterable[Path]) -> None:
    """Write pictures first: where the part is, all of the chunk is."""
    folder = home.folder / FOLDER_NAME / part
    for picture in pictures:
        make_folder(folder)
        write_file(folder / picture.name, picture.read_bytes())
        home.publish(folder / picture.name)
    path = home.folder / PARTS_NAME / f"{part}.parquet"
    write_part(path, csv)
    home.publish(path)
