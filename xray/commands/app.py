"""`xray app`: the page, in a browser."""

import argparse
import runpy
import sys
from collections.abc import Sequence
from importlib.util import find_spec


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command's words."""
    parser = commands.add_parser(
        "app",
        help="open the page in a browser",
        description="Serve the page on this machine and open it in a browser. "
        "Ctrl-C stops it.",
    )
    parser.add_argument(
        "options",
        nargs="*",
        metavar="OPTION",
        help="of `streamlit run`, after --, as in: xray app -- --server.port 9000",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the command."""
    return open_page(arguments.options)


def open_page(options: Sequence[str]) -> int:
    """Serve the page; Streamlit takes this process over, and ends it.

    Raises:
        ModuleNotFoundError: Streamlit is not installed.
    """
    from ..place import shipped

    if find_spec("streamlit") is None:
        raise ModuleNotFoundError(name="streamlit")
    sys.argv = ["streamlit", "run", str(shipped("app.py")), *options]
    runpy.run_module("streamlit", run_name="__main__")
    return 0
