"""The command line: reads the words, hands over to a command, reports errors.

Each command is a module of `xray.commands` with two functions: `add_parser`
declares its words and imports nothing heavy, `run` does the work and returns the
exit status. Status 0 is all well, 1 something failed, 2 wrong usage.
"""

import argparse
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from . import __version__
from .commands import (
    app,
    audit,
    convert,
    explain,
    fix,
    node,
    predict,
    report,
    review,
    serve,
)
from .errors import XrayError, program_error
from .extras import how_to_install
from .lab.commands import bench, evaluate, findings, quantize, train
from .text import printable

_COMMANDS = (
    app,
    predict,
    explain,
    convert,
    audit,
    review,
    report,
    fix,
    node,
    serve,
    train,
    evaluate,
    quantize,
    findings,
    bench,
)


def main(words: Sequence[str] | None = None) -> int:
    """Run one command by its words, or those of `sys.argv`: the exit status."""
    _open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        # Some terminals know few letters: what they lack is written as \\u2713.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    arguments = make_parser().parse_args(words)
    try:
        return int(arguments.run(arguments))
    except XrayError as error:
        sys.stderr.write(f"error: {printable(str(error))}\n")
    except ModuleNotFoundError as error:
        help_ = how_to_install(error.name)
        if help_ is None:
            raise
        sys.stderr.write(f"error: {help_}\n")
    except KeyboardInterrupt:
        sys.stderr.write("stopped\n")
    except BrokenPipeError:
        # The reader of our output (head, less) went away: nothing left to say.
        sys.stderr.close()
    except OSError as error:  # a disk that is full, a share that went away
        where = f"{printable(str(error.filename))}: " if error.filename else ""
        sys.stderr.write(
            f"error: Expected a disk to read from and to write to, received: {where}"
            f"{error.strerror}. Make room or connect it, and run the same again.\n"
        )
    except Exception as error:  # noqa: BLE001  # what it says may be of a header
        sys.stderr.write(f"error: {program_error(error)}\n")
    return 1


def _open_closed_streams() -> None:
    """Let what is written to a closed stream go nowhere, as in `xray ... >&-`.

    Also as descriptors: else the next file to be opened would take their number, and
    a library's words would end up in it.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
    nowhere = sys.stdout, sys.stderr
    if None in nowhere:
        sink = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
        sys.stdout, sys.stderr = sys.stdout or sink, sys.stderr or sink


def make_parser() -> argparse.ArgumentParser:
    """Declare every command's words."""
    parser = argparse.ArgumentParser(
        prog="xray",
        description="Say which part of the body a radiograph shows, how sure that "
        "is, and why. Research use, not a medical device.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in _COMMANDS:
        command.add_parser(commands)
    return parser
