"""`xray predict`: the body part of each file, as a table or as JSON Lines."""

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ImageError
from ..messages import MESSAGES
from ..reading.dicomweb import is_url
from ..reading.files import make_folder, walk, write_file
from ..text import printable
from .asking import add_findings, wanted_findings
from .console import Stop, make_progress, summarize

if TYPE_CHECKING:
    from ..classify.pipeline import Outcome, Source

_ANSI = {"green": "32", "orange": "33", "red": "31"}


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command's words."""
    parser = commands.add_parser(
        "predict",
        help="say which body part each file shows",
        description="Classify DICOM, PNG and JPEG files, also in folders and zips, and "
        "one study of a DICOMweb server, as https://pacs/dicom-web/studies/UID. "
        "Results come in order, one line a file, as soon as they are there. Exit "
        "status: 0 all read, 1 some could not be, 2 wrong usage.",
    )
    parser.add_argument("paths", nargs="+", metavar="PATH")
    parser.add_argument(
        "--json",
        action="store_true",
        help="JSON Lines: file, label, class, confidence, band, probabilities, "
        "rejected, parts, pose, DICOM term, SNOMED CT code, verdict on the "
        "header; with --findings fracture, hardware, projection; or file, error. Both "
        "where only the heat map could not be written",
    )
    parser.add_argument(
        "--heatmaps",
        type=Path,
        metavar="DIR",
        help="write each picture with its Grad-CAM++ map over it, as PNG",
    )
    parser.add_argument(
        "--fast",
        action="store_true",
        help="let the small network answer alone what it is sure of and has seen the "
        'like of ("networks": 1), several times as fast; at most 2 of 1,000 verdicts '
        "differ",
    )
    add_findings(parser)
    parser.set_defaults(run=run, refuse=parser.error)


def run(arguments: argparse.Namespace) -> int:
    """Run the command."""
    from ..classify.classifier import Classifier
    from ..classify.pipeline import process_all

    for place in arguments.paths:
        if is_url(place) and "/studies/" not in place:
            arguments.refuse(
                f"expected one study, as {place}/studies/UID; `xray audit` takes a "
                "whole server"
            )
    findings = wanted_findings(arguments)
    folder: Path | None = arguments.heatmaps
    if folder is not None and arguments.fast:
        arguments.refuse("expected --fast or --heatmaps: maps take the whole network")
    if folder is not None:
        make_folder(folder)
    classifier = Classifier.load()
    if arguments.fast:
        classifier.require_fast()
    files = partial(_files, arguments.paths, folder)
    done = failed = 0
    with Stop() as stop, make_progress(files) as bar:
        for answer, complaint, has_failed in process_all(
            classifier,
            stop.until(_sources(files())),
            partial(_tell, folder=folder, as_json=arguments.json),
            top=0 if folder is None else 1,
            findings=findings,
            fast=arguments.fast,
        ):
            bar.update()
            done += 1
            failed += has_failed
            if complaint:
                sys.stderr.write(complaint)
            sys.stdout.write(answer)
            sys.stdout.flush()
    if stop.asked:
        raise KeyboardInterrupt
    return summarize(failed, done)


def _files(places: Iterable[str], folder: Path | None) -> Iterator[Path | str]:
    """List files, and addresses as they are."""
    for place in places:
        if is_url(place):
            yield place
        else:
            yield from walk([Path(place)], without=folder)


def _sources(paths: Iterable[Path | str]) -> "Iterator[Source]":
    """Name the files, zips opened; no two members of a zip have one name."""
    from ..classify.pipeline import Source
    from ..reading.archive import SHOWN, open_file

    for path in paths:
        if isinstance(path, str):
            yield from _study(path)
            continue
        for found in open_file(path, str(path), SHOWN):
            yield Source(found.path, found.read())


def _study(url: str) -> "Iterator[Source]":
    """Read the radiographs of a study on a DICOMweb server."""
    from ..classify.pipeline import Source
    from ..reading.dicomweb import DicomWeb, read_ahead

    server = DicomWeb(url)
    for found in read_ahead(server.found(each) for each in server.instances()):
        yield Source(f"{server.base}/{found.path}", found.read())


def _tell(
    outcome: "Outcome", folder: Path | None, as_json: bool
) -> tuple[str, str, bool]:
    """Say what came of a file; pictures end here, so that none waits its turn.

    Returns:
        For stdout, for stderr, and whether there was an error.
    """
    heatmap = None
    if folder is not None and outcome.explanation is not None:
        try:
            heatmap = _write_heatmap(outcome, folder)
        except ImageError as error:  # costs the map, not the answer
            outcome = replace(outcome, error=error)
    failed = outcome.error is not None
    if as_json:
        return json_line(outcome, heatmap), "", failed
    complaint = f"error: {printable(outcome.name)}: {outcome.error}\n"
    return row(outcome), complaint if failed else "", failed


def _write_heatmap(outcome: "Outcome", folder: Path) -> Path:
    """Draw an outcome's map over its picture."""
    from ..explanation.render import encode_png, overlay
    from ..image import require_sides

    assert outcome.explanation is not None and outcome.radiograph is not None
    path, pixels = folder / heatmap_name(outcome.name), outcome.radiograph.pixels
    require_sides(pixels.shape, "PNG")
    write_file(path, encode_png(overlay(pixels, outcome.explanation.heatmap)))
    return path


def heatmap_name(file: str) -> str:
    """Name a file's heat map: readable, and never that of another file."""
    stem = "".join(c if c.isalnum() or c in "-_" else "_" for c in Path(file).stem)
    whole = os.fsencode(Path(file).absolute())
    return f"{stem[:48]}-{hashlib.sha256(whole).hexdigest()[:12]}.png"


def json_line(outcome: "Outcome", heatmap: Path | None = None) -> str:
    """Write an outcome as one line of JSON."""
    from ..records.answer import file_record

    record = file_record(outcome)
    if heatmap is not None:
        record["heatmap"] = str(heatmap)
    return json.dumps(record) + "\n"


def row(outcome: "Outcome") -> str:
    """Write an outcome as one line of the table, or none where there is no answer."""
    from ..text import sureness

    if outcome.explanation is None:
        return ""
    name, prediction = printable(outcome.name), outcome.explanation.prediction
    if prediction.rejected is not None:
        reason = MESSAGES[prediction.rejected].text()
        part = f"{prediction.part.english:<14}"
        return f"\N{MULTIPLICATION SIGN} not judged     {part}  {name}: {reason}\n"
    part = f"{prediction.named():<14}"
    found = "" if prediction.findings is None else f"  {prediction.findings.text()}"
    band = prediction.band
    sure = f"{band.icon} {sureness(prediction.confidence):>6} {band.word():<6}"
    if sys.stdout.isatty() and "NO_COLOR" not in os.environ:
        sure = f"\x1b[{_ANSI[band.color]}m{sure}\x1b[0m"
    return f"{sure}  {part}  {name}{found}\n"
