"""`xray evaluate`: measure the served model, and write its card."""

import argparse
import sys
from pathlib import Path

from .films import add_protocol, choose_films


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
        "--weights", type=Path, help="an .npz with its card; default: what is served"
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
    from ..classifier import Classifier
    from ..errors import DatasetError
    from ..evaluation import run as evaluation
    from ..evaluation.fitted_card import fit_card
    from ..evaluation.report import write_report
    from ..evaluation.training_record import record_training
    from ..network.weights import DEFAULT_WEIGHTS

    chosen = choose_films(arguments)
    if not chosen.validation:
        raise DatasetError(
            f"Expected films to measure on ({chosen.name}), found none. "
            "Choose another fold."
        )

    strangers = evaluation.gather_strangers(arguments.strangers)
    if arguments.fit:
        weights = arguments.weights or DEFAULT_WEIGHTS
        classifier = fit_card(weights, chosen, strangers)
        if arguments.training_run:
            record_training(classifier.card, arguments.training_run)
    else:
        classifier = Classifier.load(arguments.weights)
    answers, figures = evaluation.measure_split(classifier, chosen, strangers)
    trained_on = classifier.card.content.get("training", {}).get("protocol")
    figures = {
        "command": _command(arguments),
        "weights": classifier.card.path.with_suffix(".npz").name,
        "seen_in_training": trained_on != chosen.name,
        **figures,
    }
    if arguments.explanations:
        figures["explanations"] = evaluation.measure_explanations(classifier, chosen)
    if arguments.write_card:
        evaluation.publish(classifier.card, chosen, figures, answers)
    write_report(arguments.out, answers, figures)
    sys.stdout.write(_summary(figures))
    return 0


def _command(arguments: argparse.Namespace) -> str:
    words = [f"python -m xray evaluate {arguments.data.name}"]
    if arguments.protocol == "patient":
        words.append(f"--fold {arguments.fold}")
    else:
        words.append(f"--protocol {arguments.protocol}")
    if arguments.leave_out:
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
