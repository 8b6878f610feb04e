"""`xray review`: open the app on an audit's report, or export what was decided."""

import argparse
import getpass
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..text import printable
from .app import open_page

if TYPE_CHECKING:
    from ..review.audited import Report


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command's words."""
    parser = commands.add_parser(
        "review",
        help="decide with the keyboard what the films of an audit show",
        description="Open the app on the folder of an audit: its films one by one, "
        "the surest disagreements first, a key for each decision. Films are read from "
        "where the audit found them. Decisions go to reviews.jsonl and reviews.csv in "
        "the folder; `xray fix --reviewed REPORT` writes corrected copies.",
    )
    parser.add_argument("report", type=Path, metavar="REPORT")
    parser.add_argument(
        "--as",
        dest="who",
        metavar="NAME",
        help="who reviews; left out, the name you are logged in by",
    )
    parser.add_argument(
        "--port", type=int, default=8501, help="of the page, on this computer alone"
    )
    parser.add_argument(
        "--no-browser", action="store_true", help="only say where the page is"
    )
    parser.add_argument(
        "--export",
        type=Path,
        metavar="DATA",
        help="instead write the reviewed films as a data set that `xray evaluate` and "
        "`xray train` read: gray PNGs without patient data, and manifest.csv",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the command."""
    from ..review.audited import Report

    report = Report(arguments.report)  # says what is wrong before a server starts
    if arguments.export is not None:
        return _export(report, arguments.export)
    os.environ["XRAY_REVIEW"] = str(arguments.report.resolve())
    os.environ["XRAY_REVIEWER"] = arguments.who or _login()
    settings = {
        "server.address": "localhost",
        "server.port": str(arguments.port),
        "server.headless": str(arguments.no_browser).lower(),
    }
    options = [word for key, value in settings.items() for word in (f"--{key}", value)]
    return open_page(options)


def _export(report: "Report", out: Path) -> int:
    """Write the data set, and say what is in it."""
    from ..review.copies import require_apart
    from ..review.export import export
    from ..review.store import OpinionStore

    require_apart(out, report)
    done = export(report, OpinionStore(report.folder).standings, out)
    lines = {
        "films, with their parts": done.films,
        "of them drawn at random": done.sample,
        "drawn at random and not decided": done.undecided,
        "no radiographs, in strangers/": done.strangers,
        "left out: text may be burned in": done.burned_in,
        "left out: the header's part is no class": done.without_part,
        "left out: gone, changed or damaged": done.unread,
    }
    for words, number in lines.items():
        if number:
            sys.stdout.write(f"{number:>8,}  {words}\n")
    shown = printable(str(out))
    sys.stdout.write(f"in {shown}. Next: xray evaluate {shown} --protocol reviewed\n")
    return 0


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may know no name
        return "reviewer"
