"""Run an audit into a folder, or go on with it."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import DatasetError
from ..network.findings.points import Asked
from ..reading.archive import Found, name_below, open_file
from ..reading.dicomweb import read_ahead
from ..reading.files import walk, write_file
from .archive import open_archive
from .compare import Classify, Options, compare
from .examples import Examples
from .home import PLAN_NAME, Home, refuse
from .lock import locked
from .parts import PARTS_NAME, STATE_NAME, WHOLE_NAME, rows_of, write_part
from .report import render_report
from .rows import RowStore
from .summary import Summary, summarize
from .table import CSV_NAME

if TYPE_CHECKING:
    from tqdm import tqdm

REPORT_NAME = "report.html"

_SLOW_REPORT = 30.0  # seconds between progress lines that go to a file


def run_audit(
    folder: Path | str,
    out: Path,
    *,
    keep_uids: bool = False,
    hide_paths: bool = False,
    fast: bool = False,
    until: Callable[[Iterable[Found]], Iterable[Found]] = iter,
    classify: Classify | None = None,
    model: str = "",
    findings: Asked = False,
) -> Summary:
    """Audit a folder, or go on where a stopped audit of it was.

    Args:
        folder: The archive; a text is the address of a DICOMweb server, whose paths
            are UIDs and left out of the rows.
        out: Folder of the rows and the report.
        keep_uids: Write UIDs as they are.
        hide_paths: Leave paths out of the rows.
        fast: Let the small network answer alone where it may.
        until: May end the files early.
        classify: What answers for the films; None is the shipped network.
        model: Name and version of what classifies, if it isn't the shipped network.
        findings: Look for them with the shipped network, by this operating point.

    Raises:
        DatasetError: No such folder, or `out` belongs to another audit or is being
            written by one.
    """
    place = str(folder.resolve()) if isinstance(folder, Path) else folder
    hide_paths = hide_paths or isinstance(folder, str)
    if isinstance(folder, Path) and not folder.exists():
        raise DatasetError(f"Expected a folder or file to audit. Received: {folder}")
    with locked(out):
        if classify is None:
            classify, model = load_network(findings, fast)
        asked = Options(place, model, keep_uids, hide_paths, fast)
        options = _begin(out, asked)
        examples = Examples(out)
        with RowStore(out) as rows, _progress(len(rows)) as bar:
            found = until(
                _find(folder, out, lambda path: options.key(path) in rows, bar)
            )
            for row, outcome in compare(found, classify, options):
                examples.offer(row, outcome)
                rows.append(row)
                bar.update()
        write_part(out / PARTS_NAME / WHOLE_NAME, rows.path)
        title = "An archive" if hide_paths else Path(place).name
        return write_report(out, examples, title, model)


def write_report(out: Path, examples: Examples, title: str, model: str = "") -> Summary:
    """Write report.html from the rows in a folder; no model means that of the rows."""
    summary = summarize(out)
    model = model or ", ".join(sorted(summary.models))
    pictures = examples.pictures()
    page = render_report(summary, pictures, rows_of(out, pictures), title, model)
    # A folder's name may not be UTF-8.
    write_file(out / REPORT_NAME, page.encode(errors="backslashreplace"))
    return summary


def _begin(out: Path, asked: Options) -> Options:
    """Read what an audit was begun with, or begin it."""
    path = out / STATE_NAME
    if not path.exists():
        refuse(Home(out), PLAN_NAME, CSV_NAME)
        write_file(path, json.dumps(asdict(asked)).encode())
        return asked
    begun = read_state(out)
    if replace(begun, salt="") != replace(asked, salt=""):
        raise DatasetError(
            f"Expected what the audit in {out} was begun with: {_words(begun)}. "
            f"Received: {_words(asked)}. Choose another --out, or give the same."
        )
    return begun


def read_state(out: Path) -> Options:
    """Read what the audit in a folder was begun with.

    Raises:
        DatasetError: Nothing that can be read says so.
    """
    path = out / STATE_NAME
    try:
        begun = Options(**{"salt": None} | json.loads(path.read_text()))
        bytes.fromhex(begun.salt)
    except (OSError, ValueError, TypeError) as error:
        raise DatasetError(
            f"Expected the state of an audit in {path}, could not read it. "
            "Choose another report."
        ) from error
    return begun


def _words(options: Options) -> str:
    flags = {
        " --hide-paths": options.hide_paths,
        " --keep-uids": options.keep_uids,
        " --fast": options.fast,
    }
    given = "".join(flag for flag, is_given in flags.items() if is_given)
    return f"{options.folder} with {options.model}{given}"


def load_network(findings: Asked = False, fast: bool = False) -> tuple[Classify, str]:
    """Load what classifies, and name it; with findings also what looks for them.

    The name tells both and the operating point: rows of an audit with others can't
    be continued, or be taken for the same.

    Raises:
        ModelError: Weights or a card are missing or damaged, or can't answer the fast
            way.
    """
    from ..classify.classifier import Classifier
    from ..classify.pipeline import classify_all

    classifier = Classifier.load()
    if fast:
        classifier.require_fast()
    model = classifier.version
    if findings:
        model = f"{model} + {classifier.findings_card.version}, {findings}"
    return partial(classify_all, classifier, findings=findings, fast=fast), model


def _find(
    folder: Path | str, out: Path, is_known: Callable[[str], bool], bar: "tqdm[None]"
) -> Iterator[Found]:
    """List what is not yet known, from wherever it is.

    On a terminal the files are listed before the first is opened, for the time left;
    each member of a zip after its first is added to the total as it is met.
    """
    if isinstance(folder, str):
        archive = open_archive(folder)
        listed = (each.path for each in archive.walk())
        new = (path for path in listed if not is_known(os.fsdecode(path)))
        yield from read_ahead(found for path in new for found in archive.open(path))
        return
    paths: Iterable[Path] = walk([folder], without=out, hidden=True)
    if sys.stderr.isatty():
        paths = list(paths)
        bar.total = len(paths)
    for path in paths:
        name = name_below(folder, path)
        if is_known(name):
            continue
        for number, found in enumerate(open_file(path, name)):
            if number and bar.total:
                bar.total += 1
            if not is_known(found.path):
                yield found


def _progress(done: int) -> "tqdm[None]":
    """Show the rate; to a file only now and then."""
    from tqdm import tqdm

    seconds = 0.5 if sys.stderr.isatty() else _SLOW_REPORT
    return tqdm(initial=done, unit="file", mininterval=seconds)
