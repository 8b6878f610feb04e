"""`xray evaluate`: measure the served model, and write its card."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .films import add_protocol, choose_films

if TYPE_CHECKING:
    from ...network.card import Card
    from ..evaluation.answers import Answers
    from ..evaluation.protocols import Figures
    from ..training.dataset import Film
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
        help="an .npz with its card; default: what is served",
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
        help="first fit temperature, parts, rejection and the fast way to the weights, "
        "and write their card anew",
    )
    parser.add_argument(
        "--fit-fast",
        action="store_true",
        help="first fit the fast way alone, and keep what the card says else",
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
        "--second",
        type=Path,
        metavar="WEIGHTS",
        help="ask this network beside instead of the card's: one that was trained "
        "without the films, with --protocol source",
    )
    parser.add_argument(
        "--left-out-networks",
        nargs="+",
        type=Path,
        default=(),
        metavar="WEIGHTS",
        help="with --fit or --fit-fast: second networks trained with --protocol "
        "source; what is fitted is fitted on the films that each was kept from, too",
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
    parser.add_argument(
        "--green-error",
        type=float,
        default=0.01,
        metavar="SHARE",
        help="with --protocol reviewed: share of green answers that may be wrong",
    )
    parser.add_argument(
        "--save-card",
        metavar="NAME",
        help="with --protocol reviewed: keep temperature and threshold as a local card "
        "of this name, or at this path; XRAY_CARD=NAME uses it",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the command."""
    from ...errors import DatasetError, ModelError
    from ..evaluation.output import write_output

    chosen = choose_films(arguments)
    if not chosen.validation:
        raise DatasetError(
            f"Expected films to measure on ({chosen.name}), found none. "
            "Choose another fold."
        )

    if arguments.training_run and not arguments.fit:
        raise ModelError("Expected --training-run with --fit only. Leave it out.")
    if arguments.protocol == "reviewed":
        return _measure_reviewed(arguments, chosen)
    answers, figures = _measure(arguments, chosen)
    write_output(arguments.out, answers, figures)
    sys.stdout.write(_summary(figures))
    return 0


def _measure_reviewed(arguments: argparse.Namespace, chosen: "Split") -> int:
    """Measure the served classifier on an archive's own films."""
    from ...classify.classifier import Classifier
    from ...errors import DatasetError
    from ...network.local_card import local_path
    from ..evaluation.local import in_words, make_local_card, measure_reviewed
    from ..evaluation.output import write_output
    from ..writing import write_local_card

    if arguments.fit or arguments.fit_fast or arguments.write_card:
        raise DatasetError(
            "Expected no --fit, --fit-fast or --write-card with --protocol reviewed: "
            "the shipped card stays as it is. Use --save-card NAME."
        )
    classifier = Classifier.load(arguments.weights, card="")
    answers, measured = measure_reviewed(classifier, chosen, arguments.green_error)
    card = classifier.card
    figures = _facts(arguments, chosen, card, card.second()) | measured
    write_output(arguments.out, answers, figures)
    sys.stdout.write(in_words(figures, card.version))
    if arguments.save_card:
        path = local_path(arguments.save_card)
        write_local_card(make_local_card(path.stem, classifier, figures), path)
        sys.stdout.write(
            f"saved as {path}\nXRAY_CARD={arguments.save_card} before any command or "
            "the app uses it, and results name it\n"
        )
    return 0


def _measure(
    arguments: argparse.Namespace, chosen: "Split"
) -> "tuple[Answers, Figures]":
    """Measure the classifier as it is served, after fitting its card if asked to."""
    from ...classify.classifier import Classifier
    from ...network.card import read_card
    from ...network.weights import DEFAULT_WEIGHTS
    from ..evaluation import run as evaluation
    from ..evaluation.fast import fit_fast
    from ..evaluation.fitted_card import fit_card
    from ..training.log import record_training

    strangers = evaluation.gather_strangers(arguments.strangers)
    weights = arguments.weights or DEFAULT_WEIGHTS
    left_out = [_left_out(arguments, each) for each in arguments.left_out_networks]
    if arguments.fit:
        fit_card(weights, chosen, strangers, left_out)
        if arguments.training_run:
            record_training(read_card(weights), arguments.training_run)
    if arguments.fit or arguments.fit_fast:
        fit_fast(weights, chosen, left_out)
    classifier = Classifier.load(weights, arguments.second, card="")
    card = classifier.card
    second = read_card(arguments.second) if arguments.second else card.second()
    answers, measured = evaluation.measure_split(classifier, chosen, strangers)
    figures = _facts(arguments, chosen, card, second) | measured
    if arguments.explanations:
        figures["explanations"] = evaluation.measure_explanations(classifier, chosen)
    if arguments.write_card and arguments.second and second is not None:
        evaluation.publish_left_out(card, second, chosen, figures)
    elif arguments.write_card:
        evaluation.publish(card, chosen, figures, answers)
    return answers, figures


def _left_out(
    arguments: argparse.Namespace, network: Path
) -> "tuple[Path, Sequence[Film]]":
    """Find the films of the source that a network was trained without."""
    from ...network.card import read_card
    from ..training.dataset import read_dataset
    from ..training.splits import by_source

    source = read_card(network).training.protocol.removeprefix("without ")
    return network, by_source(read_dataset(arguments.data), source).validation


def _facts(
    arguments: argparse.Namespace,
    chosen: "Split",
    card: "Card",
    second: "Card | None",
) -> "Figures":
    """Say what was measured, and whether it can be trusted."""
    from ..training.splits import was_seen

    cards = [card] if second is None else [card, second]
    return {
        "command": _command(arguments),
        "weights": card.weights.name,
        "seen_in_training": any(was_seen(chosen, each.training) for each in cards),
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
    if arguments.left_out_networks:
        shown = map(_shown, arguments.left_out_networks)
        words.append(f"--left-out-networks {' '.join(shown)}")
    for name in ("weights", "second"):
        if path := getattr(arguments, name):
            words.append(f"--{name} {_shown(path)}")
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
