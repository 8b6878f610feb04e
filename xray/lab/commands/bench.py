"""`xray bench`: how fast this machine is, against the common ways."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from ..bench import GROUPS


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command's words."""
    parser = commands.add_parser(
        "bench",
        help="measure the speed on this machine",
        description="Measure xray against tf-keras-vis and ONNX Runtime (where "
        "requirements-bench.txt is installed), print a table and save it as JSON. "
        "Takes about ten minutes on two cores.",
    )
    parser.add_argument(
        "--films", type=Path, help="folder of radiographs to use; default: the examples"
    )
    parser.add_argument(
        "--unknown",
        type=Path,
        help="folder of radiographs that the networks have not learned from; default: "
        "the films, strongly changed",
    )
    parser.add_argument(
        "--data",
        type=Path,
        help="folder with manifest.csv, to measure exactness on its fold 0",
    )
    parser.add_argument(
        "--only",
        nargs="+",
        choices=GROUPS,
        default=GROUPS,
        metavar="GROUP",
        help=f"measure these alone, of {', '.join(GROUPS)}",
    )
    parser.add_argument(
        "--out", type=Path, default=Path("runs/bench.json"), help="JSON file"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the command."""
    from ...errors import DatasetError
    from ...reading.files import make_folder, walk, write_file
    from ..bench.figures import run_bench
    from ..bench.machine import describe_machine
    from ..training.dataset import HOME, read_dataset, split

    films = arguments.films or Path(__file__).parents[2] / "ui" / "examples"
    endings = (".jpg", ".jpeg", ".png", ".dcm")
    paths, unknown = (
        [path for path in walk([folder]) if path.suffix.lower() in endings]
        if folder
        else []
        for folder in (films, arguments.unknown)
    )
    for folder, found in ((films, paths), (arguments.unknown, unknown)):
        if folder is not None and not found:
            raise DatasetError(f"Expected radiographs in {folder}, found none.")
    labeled = []
    if arguments.data is not None:
        labeled = split(read_dataset(arguments.data), 0, sources=[HOME])[1]
    make_folder(arguments.out.parent)
    machine = describe_machine()
    sys.stdout.write(f"{machine['processor']}, {machine['cores']} cores\n")
    rows = []
    for row in run_bench(paths, labeled, unknown, arguments.only):
        rows.append(asdict(row))
        mark = {True: "✓", False: "✗", None: "–"}[row.met]
        details = ", ".join(f"{key} {value}" for key, value in row.details.items())
        value = "–" if row.value is None else f"{row.value:g}"
        sys.stdout.write(f"{mark} {value:>8} ({row.target})  {row.what}")
        sys.stdout.write(f"  [{details}]\n" if details else "\n")
        sys.stdout.flush()
    text = json.dumps({"machine": machine, "rows": rows}, indent=2, ensure_ascii=False)
    write_file(arguments.out, text.encode())
    sys.stdout.write(f"saved {arguments.out}\n")
    return 0
