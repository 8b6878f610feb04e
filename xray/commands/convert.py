"""`xray convert`: DICOM files to PNG."""

import argparse
import sys
from functools import partial
from pathlib import Path

from ..text import printable
from .console import Stop, make_progress, summarize


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command's words."""
    parser = commands.add_parser(
        "convert",
        help="turn DICOM files into PNG",
        description="Convert a file, or all files below a folder, on all cores: bone "
        "bright, windowed as the file says. Folders keep their structure. Of a "
        "multi-frame file the middle frame is taken. Exit status: 0 all converted, 1 "
        "some could not be, 2 wrong usage.",
    )
    parser.add_argument("source", type=Path, metavar="IN", help="file or folder")
    parser.add_argument(
        "out", type=Path, metavar="OUT", help="folder, or for a file a .png"
    )
    parser.add_argument("--bits", type=int, choices=(8, 16), default=8)
    parser.add_argument(
        "--size",
        type=_positive,
        metavar="N",
        help="shrink so that the longer side has N pixels",
    )
    parser.set_defaults(run=run, refuse=parser.error)


def run(arguments: argparse.Namespace) -> int:
    """Run the command."""
    source: Path = arguments.source
    out: Path = arguments.out
    from ..reading.convert import convert_all, plan
    from ..reading.files import is_folder, is_same

    # Above a folder, results of its sub-folders would fall among its own files.
    inside = source.resolve().parents if is_folder(source) else ()
    if any(is_same(out, each) for each in (source, *inside)):
        arguments.refuse(
            "expected OUT to differ from IN and not to hold it, received "
            + printable(str(out))
        )
    planned = partial(plan, source, out)
    done = failed = 0
    with Stop() as stop, make_progress(planned) as bar:
        found = stop.until(planned())
        for each in convert_all(found, arguments.bits, arguments.size):
            bar.update()
            done += 1
            if each.error is not None:
                failed += 1
                name = printable(str(each.source))
                sys.stderr.write(f"error: {name}: {each.error}\n")
    if stop.asked:
        raise KeyboardInterrupt
    return summarize(failed, done, "converted")


def _positive(word: str) -> int:
    number = int(word)
    if number < 1:
        raise ValueError
    return number
