"""`xray app`: the page, in a browser."""

import argparse
import subprocess
import sys
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
    from ..place import shipped

    if find_spec("streamlit") is None:
        raise ModuleNotFoundError(name="streamlit")
    # -P: a folder in the working directory must not shadow a module.
    command = [sys.executable, "-P", "-m", "streamlit", "run", str(shipped("app.py"))]
    return subprocess.run([*command, *arguments.options], check=False).returncode
