"""`xray quantize`: make the light, 8-bit variant of trained weights."""

import argparse
import random
import sys
from pathlib import Path


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command's words."""
    parser = commands.add_parser(
        "quantize",
        help="make the light 8-bit variant of the weights",
        description="Quantize the trunk to 8-bit integers, calibrated on training "
        "films, and measure it on the validation fold. Where it loses at most 0.5 "
        "points of accuracy and agrees on 99 % of films, it becomes what "
        "Classifier.load() loads. Needs requirements-bench.txt. Weights of a second "
        "reader get what they need to compute in 8 bits, without it.",
    )
    parser.add_argument("data", type=Path, help="folder with manifest.csv")
    parser.add_argument("--weights", type=Path, help="default: the shipped ones")
    parser.add_argument(
        "--out",
        type=Path,
        help="default: beside the shipped ones; a second reader's own file",
    )
    parser.add_argument("--fold", type=int, default=0, help="validation fold")
    parser.add_argument(
        "--films", type=int, default=300, help="how many training films to calibrate on"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the command."""
    from ..network.card import read_card
    from ..network.weights import DEFAULT_WEIGHTS, LIGHT_WEIGHTS
    from ..training.dataset import HOME, read_dataset, split
    from ..training.quantize import quantize, quantize_second

    weights = arguments.weights or DEFAULT_WEIGHTS
    is_second = read_card(weights).is_of_second_reader
    out: Path = arguments.out or (weights if is_second else LIGHT_WEIGHTS)
    training, validation = split(
        read_dataset(arguments.data),
        arguments.fold,
        sources=None if is_second else [HOME],
    )
    count = min(arguments.films, len(training))
    calibration = random.Random(0).sample(training, count)
    make = quantize_second if is_second else quantize
    found = make(weights, calibration, validation, out)
    size = out.stat().st_size / 1e6
    sys.stdout.write(
        f"{out}: {size:.1f} MB\n"
        + "".join(f"{key}: {value}\n" for key, value in found.to_json().items())
    )
    if is_second:
        sys.stdout.write(
            "Cards that name these weights no longer fit: fit them again with "
            "`xray evaluate --fit --write-card`.\n"
        )
    return 0
