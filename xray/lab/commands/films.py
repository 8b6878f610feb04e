"""The words that choose films, shared by train and evaluate."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..training.splits import Split


PROTOCOLS = {
    "patient": "a fold of patients",
    "film": "a random fifth of the single-label films (as the original project did)",
    "source": "a whole source",
    "reviewed": "films of `xray review --export`, none of which trained the network",
}


def add_protocol(
    parser: argparse.ArgumentParser, protocols: Sequence[str] = tuple(PROTOCOLS)
) -> None:
    """Declare the words of the protocols that a command knows."""
    parser.add_argument(
        "--protocol",
        choices=protocols,
        default="patient",
        help="what is kept for measuring. "
        + "; ".join(f"{name}: {PROTOCOLS[name]}" for name in protocols),
    )
    parser.add_argument(
        "--fold", type=int, default=0, help="of patients; -1 trains on all films"
    )
    parser.add_argument(
        "--leave-out", metavar="SOURCE", help="the source, with --protocol source"
    )


def choose_films(arguments: argparse.Namespace) -> "Split":
    """Read the data set and split it as the words say.

    Raises:
        DatasetError: The folder has no layout known here, or no such source.
    """
    from ..training.dataset import read_dataset
    from ..training.splits import by_film, by_patient, by_review, by_source

    films = read_dataset(arguments.data)
    sources = getattr(arguments, "sources", None)
    if arguments.protocol == "film":
        return by_film(films, sources or ())
    if arguments.protocol == "source":
        return by_source(films, arguments.leave_out, sources)
    if arguments.protocol == "reviewed":
        return by_review(films)
    return by_patient(films, arguments.fold, sources)
