"""The words that choose films, shared by train and evaluate."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..training.splits import Split


def add_protocol(parser: argparse.ArgumentParser) -> None:
    """Declare the words."""
    parser.add_argument(
        "--protocol",
        choices=("patient", "film", "source"),
        default="patient",
        help="what is kept for measuring: a fold of patients, a random fifth of the "
        "single-label films (as the original project did), or a whole source",
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
    from ..training.splits import by_film, by_patient, by_source

    films = read_dataset(arguments.data)
    sources = getattr(arguments, "sources", None)
    if arguments.protocol == "film":
        return by_film(films, sources or ())
    if arguments.protocol == "source":
        return by_source(films, arguments.leave_out)
    return by_patient(films, arguments.fold, sources)
