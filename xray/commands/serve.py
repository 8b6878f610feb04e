"""`xray serve`: the back end that other programs call over HTTP."""

import argparse
import ipaddress
import sys
from pathlib import Path

_LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command's words."""
    parser = commands.add_parser(
        "serve",
        help="answer other programs over HTTP",
        description="Serve predictions, heat maps and jobs over HTTP, and take DICOM "
        "instances by STOW-RS; see /openapi.json, and / for a page to try it. Without "
        "--token-file only this machine is answered. SIGTERM and Ctrl-C end what has "
        "begun. Needs the [server] extra.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8000, help="0 chooses a free one")
    parser.add_argument(
        "--token-file",
        type=Path,
        metavar="FILE",
        help="known tokens, one a line, as they are or as sha256:HEX",
    )
    parser.add_argument(
        "--new-token", action="store_true", help="make a token, print it and end"
    )
    parser.add_argument(
        "--spool",
        type=Path,
        metavar="DIR",
        help="where jobs and received instances wait, as for xray node; without it "
        "neither is taken",
    )
    parser.add_argument(
        "--allow-origin",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="a web page's server that may ask from a browser, as https://pacs.example",
    )
    parser.add_argument(
        "--drain-seconds",
        type=float,
        default=30.0,
        metavar="SECONDS",
        help="how long to wait at the end for what has begun",
    )
    parser.set_defaults(run=run, refuse=parser.error)


def run(arguments: argparse.Namespace) -> int:
    """Run the command."""
    from ..server.settings import Settings
    from ..server.tokens import Tokens, new_token

    if arguments.new_token:
        token, line = new_token()
        sys.stdout.write(f"{token}\n")
        sys.stderr.write(f"the token is above; its line for --token-file:\n{line}\n")
        return 0
    tokens = Tokens.read(arguments.token_file) if arguments.token_file else None
    if tokens is None and not _is_local(arguments.host):
        arguments.refuse(
            "expected --token-file where others reach the server, or --host 127.0.0.1"
        )
    from ..server.run import run_server

    settings = Settings(
        spool=arguments.spool,
        tokens=tokens,
        origins=tuple(arguments.allow_origin),
        hosts=() if tokens else _LOCAL_NAMES,
        drain_seconds=arguments.drain_seconds,
    )
    return run_server(arguments.host, arguments.port, settings)


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
