"""`xray audit`: the headers of a whole archive against its pictures."""

import argparse
import sys
from pathlib import Path

from ..text import printable


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command's words."""
    parser = commands.add_parser(
        "audit",
        help="compare the headers of an archive with its pictures",
        description="Walk an archive (sub-folders, zips, any file names), compare "
        "each DICOM header with its picture, and write results.csv, Parquet parts "
        "and report.html into a folder. Run it again with the same --out to go on "
        "after a stop. Exit status: 0 done, also where some files can't be read (they "
        "are counted); 1 stopped; 2 wrong usage.",
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("folder", type=Path, nargs="?", metavar="FOLDER")
    what.add_argument(
        "--merge",
        type=Path,
        nargs="+",
        metavar="REPORT",
        help="put the rows of finished reports together instead",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="REPORT")
    parser.add_argument(
        "--keep-uids",
        action="store_true",
        help="write SOP Instance UIDs as they are, not as salted hashes",
    )
    parser.add_argument(
        "--hide-paths",
        action="store_true",
        help="leave file paths out, which may name patients; a salted key remains",
    )
    parser.set_defaults(run=run, refuse=parser.error)


def run(arguments: argparse.Namespace) -> int:
    """Run the command."""
    from ..audit.merging import merge
    from ..audit.run import run_audit
    from ..records.verdict import Verdict
    from .console import Stop

    _refuse_what_cannot_be(arguments)

    if arguments.merge:
        summary = merge(arguments.merge, arguments.out)
        stopped = False
    else:
        with Stop() as stop:
            summary = run_audit(
                arguments.folder,
                arguments.out,
                keep_uids=arguments.keep_uids,
                hide_paths=arguments.hide_paths,
                until=stop.until,
            )
        stopped = stop.asked
    page = arguments.out / "report.html"
    for verdict in Verdict:
        count = summary.verdicts[verdict.value]
        sys.stdout.write(f"{count:>12,}  {verdict.icon} {verdict.word()}\n")
    sys.stdout.write(
        f"{summary.pictures:>12,}  pictures without a header\n"
        f"{summary.unread:>12,}  not classified\n"
        f"{summary.files:>12,}  files in {printable(str(page))}\n"
    )
    if stopped:
        raise KeyboardInterrupt
    return 0


def _refuse_what_cannot_be(arguments: argparse.Namespace) -> None:
    """End with a usage error where the words contradict each other or lead nowhere."""
    from ..audit.table import CSV_NAME
    from ..reading.files import is_same

    def refuse(text: str) -> None:
        arguments.refuse(printable(text))

    if arguments.merge:
        if arguments.keep_uids or arguments.hide_paths:
            refuse("expected --keep-uids and --hide-paths as rows are made, not merged")
        for report in arguments.merge:
            if not (report / CSV_NAME).is_file():
                refuse(f"expected {CSV_NAME} of an audit, received {report}")
    elif not arguments.folder.exists():
        refuse(f"expected a folder or file to audit, received {arguments.folder}")
    elif is_same(arguments.folder, arguments.out):
        refuse(f"expected --out to differ from FOLDER, received {arguments.out}")
