"""`xray train`: make weights from labeled films."""

import argparse
from pathlib import Path


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command's words."""
    parser = commands.add_parser(
        "train",
        help="train the network on labeled films",
        description="Train on a folder with manifest.csv, or with Kaggle's train.csv. "
        "Run it again with the same --out to go on where it stopped. "
        "KERAS_BACKEND chooses tensorflow, torch or jax.",
    )
    parser.add_argument("data", type=Path, help="folder with the films and their table")
    parser.add_argument(
        "--out", type=Path, default=Path("runs/train"), help="folder for the results"
    )
    parser.add_argument("--recipe", default="original", help="original or shipped")
    parser.add_argument(
        "--weights",
        default="imagenet",
        help="imagenet (downloads), none, or a file: .npz of this network or .h5 of "
        "Keras' DenseNet201 without top",
    )
    parser.add_argument(
        "--fold", type=int, default=0, help="validation fold; -1 trains on all films"
    )
    parser.add_argument("--sources", nargs="+", help="train on these sources only")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--mixed", action="store_true", help="compute in bfloat16 (much faster)"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the command."""
    from ..dataset import read_dataset, split
    from ..errors import ModelError

    films = read_dataset(arguments.data)
    fold = None if arguments.fold < 0 else arguments.fold
    training, validation = split(films, fold, arguments.sources)

    from ..train import RECIPES, train

    if arguments.recipe not in RECIPES:
        raise ModelError(
            f"Expected a recipe of {', '.join(RECIPES)}. "
            f"Received: {arguments.recipe!r}"
        )
    start: bool | Path | None = {"imagenet": True, "none": None}.get(
        arguments.weights, Path(arguments.weights)
    )
    train(
        training,
        validation,
        arguments.out,
        RECIPES[arguments.recipe],
        start,
        arguments.seed,
        arguments.mixed,
    )
    return 0
