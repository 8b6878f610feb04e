"""`xray quantize`: let trained weights compute in 8 bits."""

import argparse
import random
import sys
from pathlib import Path

from .films import add_protocol, choose_films


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command's words."""
    parser = commands.add_parser(
        "quantize",
        help="let the weights compute in 8-bit integers",
        description="Measure what enters the convolutions of weights on training "
        "films, write it beside the kernels, and measure on the films that are kept "
        "how the answers follow. Weights of the first network that lose more than 0.5 "
        "points of accuracy or agree on fewer than 99 % of films go on computing in "
        "full.",
    )
    parser.add_argument("data", type=Path, help="folder with manifest.csv")
    parser.add_argument(
        "--weights",
        type=Path,
        nargs="+",
        help="default: the shipped ones; several runs from one start are averaged",
    )
    parser.add_argument("--out", type=Path, help="default: the same file")
    add_protocol(parser, ("patient", "source"))
    parser.add_argument(
        "--films", type=int, default=300, help="how many training films to calibrate on"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the command."""
    from ...network.weights import DEFAULT_WEIGHTS
    from ..training.quantize import quantize

    weights = arguments.weights or [DEFAULT_WEIGHTS]
    out: Path = arguments.out or weights[0]
    chosen = choose_films(arguments)
    count = min(arguments.films, len(chosen.training))
    calibration = random.Random(0).sample(chosen.training, count)
    found = quantize(weights, calibration, chosen.validation, out)
    size = out.stat().st_size / 1e6
    sys.stdout.write(
        f"{out}: {size:.1f} MB\n"
        + "".join(f"{key}: {value}\n" for key, value in found.to_json().items())
        + "What was fitted to the weights as they were, and cards that name them, no "
        "longer fit: run `xray evaluate --fit --write-card`.\n"
    )
    return 0
