"""`xray evaluate`: measure the served model, and write its card."""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from .films import add_protocol, choose_films

if TYPE_CHECKING:
    from ...network.card import Card
    from ..evaluation.answers import Answers
    from ..evaluation.protocols import Figures
    from ..training.splits import Split


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command's words."""
    parser = commands.add_parser(
        "evaluate",
        help="measure the model on labeled films",
        description="Put films that trained nothing through the served classifier: "
        "accuracy, recall, calibration, changes, strangers. DATA is a folder with "
        "manifest.csv, or with Kaggle's train.csv.",
    )
    parser.add_argument("data", type=Path, help="folder with the films and their table")
    parser.add_argument(
        "--weights",
        type=Path,
        help="an .npz with its card; default: what is served. One of the "
        "ensemble is measured alone",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("runs/evaluate"),
        help="folder for tables and pictures",
    )
    add_protocol(parser)
    parser.add_argument(
        "--fit",
        action="store_true",
        help="first fit temperature, parts and rejection to the weights, and write "
        "their card anew",
    )
    parser.add_argument(
        "--training-run",
        type=Path,
        metavar="DIR",
        help="with --fit: the run that made the weights, for its log and curves",
    )
    parser.add_argument(
        "--write-card",
        action="store_true",
        help="write the figures into the model card and the README beside it",
    )
    parser.add_argument(
        "--into",
        nargs="+",
        type=Path,
        metavar="WEIGHTS",
        help="with --weights of a network of the ensemble, trained without the films: "
        "write what it reaches into the cards of these weights too",
    )
    parser.add_argument(
        "--strangers",
        type=Path,
        metavar="DIR",
        help="pictures that are no radiographs, a sub-folder for each kind",
    )
    parser.add_argument(
        "--explanations", action="store_true", help="also check the heat maps"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the command."""
    from ...errors import DatasetError
    from ...network.backbones import DENSENET201
    from ...network.card import card_path, read_card
    from ..evaluation.report import write_report

    chosen = choose_films(arguments)
    if not chosen.validation:
        raise DatasetError(
            f"Expected films to measure on ({chosen.name}), found none. "
            "Choose another fold."
        )

    weights = arguments.weights
    has_card = weights is not None and card_path(weights).is_file()  # or --fit makes it
    if has_card and read_card(weights).backbone != DENSENET201:
        overlooked = "fit", "write_card", "strangers", "explanations", "training_run"
        _refuse(arguments, overlooked)
        measure = _measure_alone
    elif arguments.protocol == "folds":
        overlooked = "fit", "into", "strangers", "explanations", "training_run"
        _refuse(arguments, overlooked)
        measure = _measure_folds
    else:
        _refuse(arguments, ("into",) if arguments.fit else ("into", "training_run"))
        measure = _measure_served
    answers, figures = measure(arguments, chosen)
    write_report(arguments.out, answers, figures)
    sys.stdout.write(_summary(figures))
    return 0


def _refuse(arguments: argparse.Namespace, names: Iterable[str]) -> None:
    """Refuse words that would be overlooked.

    Raises:
        ModelError: One of them was given.
    """
    from ...errors import ModelError

    given = [name for name in names if getattr(arguments, name)]
    if given:
        words = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        raise ModelError(
            f"Expected no {words}: a training run is told of with --fit, a network "
            "of the ensemble is measured alone, and only what it reaches goes --into "
            "other cards. Leave it out, or name other --weights."
        )


def _measure_alone(
    arguments: argparse.Namespace, chosen: "Split"
) -> "tuple[Answers, Figures]":
    """Measure a network of the ensemble, and tell the cards it may be asked for."""
    from ...network.card import read_card
    from ..evaluation.alone import measure_alone
    from ..evaluation.run import publish_recipe

    card = read_card(arguments.weights)
    answers, measured = measure_alone(arguments.weights, chosen)
    figures = _facts(arguments, chosen, card) | measured
    for weights in arguments.into or ():
        publish_recipe(read_card(weights), card, chosen, figures)
    return answers, figures


def _measure_folds(
    arguments: argparse.Namespace, chosen: "Split"
) -> "tuple[Answers, Figures]":
    """Measure the ensemble's networks on the patients that each was kept from."""
    from ...network.card import read_card
    from ...network.weights import DEFAULT_WEIGHTS
    from ..evaluation.alone import measure_folds
    from ..evaluation.run import publish_recipe

    card = read_card(arguments.weights or DEFAULT_WEIGHTS)
    answers, measured = measure_folds(card, chosen)
    made = card.card_of(card.members()[0])
    figures = _facts(arguments, chosen, made) | measured | {"seen_in_training": False}
    if arguments.write_card:
        publish_recipe(card, made, chosen, figures)
    return answers, figures


def _measure_served(
    arguments: argparse.Namespace, chosen: "Split"
) -> "tuple[Answers, Figures]":
    """Measure the classifier as it is served, after fitting its card if asked to."""
    from ...classify.classifier import Classifier
    from ...network.weights import DEFAULT_WEIGHTS
    from ..evaluation import run as evaluation
    from ..evaluation.fitted_card import fit_card
    from ..evaluation.training_record import record_training

    strangers = evaluation.gather_strangers(arguments.strangers)
    if arguments.fit:
        weights = arguments.weights or DEFAULT_WEIGHTS
        classifier = fit_card(weights, chosen, strangers)
        if arguments.training_run:
            classifier.card = record_training(classifier.card, arguments.training_run)
    else:
        classifier = Classifier.load(arguments.weights, kept_from=chosen.name)
    answers, measured = evaluation.measure_split(classifier, chosen, strangers)
    figures = _facts(arguments, chosen, classifier.card) | measured
    if arguments.explanations:
        figures["explanations"] = evaluation.measure_explanations(classifier, chosen)
    if arguments.write_card:
        evaluation.publish(classifier.card, chosen, figures, answers)
    return answers, figures


def _facts(arguments: argparse.Namespace, chosen: "Split", card: "Card") -> "Figures":
    """Say what was measured, and whether it can be trusted."""
    from ..training.splits import was_seen

    return {
        "command": _command(arguments),
        "weights": card.weights.name,
        "seen_in_training": was_seen(chosen, card.training),
    }


def _command(arguments: argparse.Namespace) -> str:
    words = [f"python -m xray evaluate {arguments.data.name}"]
    if arguments.protocol == "patient":
        words.append(f"--fold {arguments.fold}")
    else:
        words.append(f"--protocol {arguments.protocol}")
    if arguments.protocol == "source":
        words.append(f"--leave-out {arguments.leave_out}")
    if arguments.strangers:
        words.append(f"--strangers {arguments.strangers.name}")
    if arguments.explanations:
        words.append("--explanations")
    if arguments.fit:
        words.append("--fit")
    if arguments.weights:
        words.append(f"--weights {_shown(arguments.weights)}")
    return " ".join(words)


def _shown(path: Path) -> str:
    """Write a path as it was given; of one from the root only its last two parts."""
    return Path(*path.parts[-2:]).as_posix() if path.is_absolute() else path.as_posix()


def _summary(figures: dict[str, object]) -> str:
    import json

    accuracy = dict(figures["accuracy"])  # type: ignore[call-overload]
    for table in ("classes", "confusion"):
        accuracy.pop(table)
    shown = figures | {"accuracy": accuracy}
    return json.dumps(shown, indent=1, ensure_ascii=False) + "\n"
