"""`xray fix`: set DICOM files' body part by their pictures, in new copies."""

import argparse
import sys
from collections import Counter
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from ..text import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..review.copies import CopyResult


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command's words."""
    parser = commands.add_parser(
        "fix",
        help="correct the body part in copies of DICOM files",
        description="Print how Body Part Examined and Anatomic Region Sequence would "
        "change, and stop there unless --write is given. The copy keeps the old "
        "values in Original Attributes Sequence and gets a new SOP Instance UID; its "
        "pixels are the same bytes. The file itself is never changed. With --reviewed, "
        "do so for every film that was decided in `xray review REPORT`, into a folder.",
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("file", type=Path, nargs="?", metavar="FILE")
    what.add_argument(
        "--reviewed",
        type=Path,
        metavar="REPORT",
        help="the folder of an audit that was reviewed",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="NEW.dcm|COPIES")
    parser.add_argument(
        "--write", action="store_true", help="write the copy, not only the difference"
    )
    parser.add_argument(
        "--send",
        nargs=2,
        metavar=("NODE.toml", "NAME"),
        help="with --reviewed and --write: then send the copies to a destination of a "
        "node's settings",
    )
    parser.add_argument(
        "--min-confidence",
        type=_share,
        metavar="P",
        help="refuse below this probability; left out, what is not green",
    )
    parser.set_defaults(run=run, refuse=parser.error)


def run(arguments: argparse.Namespace) -> int:
    """Run the command."""
    if arguments.reviewed is not None:
        if arguments.min_confidence is not None:
            arguments.refuse("expected no --min-confidence where a person decided")
        if arguments.send and not arguments.write:
            arguments.refuse("expected --write with --send: only copies are sent")
        return _fix_reviewed(
            arguments.reviewed, arguments.out, arguments.write, arguments.send
        )
    if arguments.send:
        arguments.refuse("expected --send with --reviewed")
    return _fix_file(arguments)


def _fix_file(arguments: argparse.Namespace) -> int:
    from ..classify.classifier import Classifier
    from ..reading.files import read_file
    from ..records.correction import plan, write
    from ..text import sureness

    data = read_file(arguments.file)
    (prediction,) = Classifier.load().predict([data])
    correction = plan(data, prediction, arguments.min_confidence)
    sys.stdout.write(
        f"{printable(str(arguments.file))}: "
        f"{prediction.part.english}, {sureness(prediction.confidence)}\n"
    )
    for change in correction.changes:
        sys.stdout.write(f"  {change.name}\n")
        sys.stdout.write(f"    - {printable(change.before) or '(none)'}\n")
        sys.stdout.write(f"    + {printable(change.after) or '(none)'}\n")
    if not correction.changes:
        sys.stdout.write("  nothing to change\n")
    elif arguments.write:
        uid = write(correction, arguments.out)
        sys.stdout.write(f"written to {printable(str(arguments.out))} as {uid}\n")
    else:
        sys.stdout.write("dry run: nothing written, add --write\n")
    return 0


def _fix_reviewed(
    folder: Path, out: Path, write: bool, send: "Sequence[str] | None"
) -> int:
    """Correct what was decided, and count what came of every decision."""
    from ..review.audited import Report
    from ..review.copies import (
        Copies,
        CopyResult,
        named_by_header,
        plan_copies,
        require_apart,
    )
    from ..review.store import OpinionStore

    report = Report(folder)
    require_apart(out, report)
    sending = None
    if send:
        from ..review.sending import find_destination, send_copies

        sending = find_destination(Path(send[0]), send[1])
    failures = (CopyResult.GONE, CopyResult.CHANGED, CopyResult.REFUSED)
    results: Counter[CopyResult] = Counter()
    changes: Counter[tuple[str, str]] = Counter()
    written = 0
    with Copies(out) if write else nullcontext() as copies:
        for step in plan_copies(report, OpinionStore(folder).standings):
            results[step.result] += 1
            if step.reason and step.result in failures:
                name = printable(step.film.name)
                sys.stderr.write(f"{name}: {printable(step.reason)}\n")
            if step.correction is None or step.result is not CopyResult.CORRECT:
                continue
            part = step.correction.part.english
            changes[named_by_header(step.film), part] += 1
            if copies is not None:
                written += copies.write(step.film, step.opinion, step.correction)
    _print_results(changes, results)
    if write:
        already = results[CopyResult.CORRECT] - written
        rest = f", {already:,} were there already" if already else ""
        sys.stdout.write(f"{written:,} copies written to {printable(str(out))}{rest}\n")
    elif changes:
        sys.stdout.write("dry run: nothing written, add --write\n")
    failed = any(results[each] for each in failures)
    if sending is not None:
        fates = send_copies(sending, out)
        for fate, number in fates.items():
            sys.stdout.write(f"{number:>8,}  {fate}\n")
        failed |= any(fate != "sent" for fate in fates)
    return int(failed)


def _print_results(
    changes: Counter[tuple[str, str]], results: "Counter[CopyResult]"
) -> None:
    """Print what would change, and what came of every decision."""
    for (before, after), number in changes.most_common():
        sys.stdout.write(f"{number:>8,}  {printable(before)} → {after}\n")
    sys.stdout.write("\n" if changes else "")
    for result, number in sorted(results.items(), key=lambda item: -item[1]):
        sys.stdout.write(f"{number:>8,}  {result.value}\n")
    if not results:
        sys.stdout.write("no film of this report was reviewed\n")


def _share(text: str) -> float:
    share = float(text)
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"expected 0 to 1, received {text}")
    return share
