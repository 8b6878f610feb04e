"""The README's sections on what was measured by one protocol."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from ... import text

percent = partial(text.percent, digits=1)  # as all of the README's tables
FEWEST_CLASSES = 5  # of what a table by body part says more than one figure


def table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Write a table of text."""
    names = list(columns)
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def measured(name: str, figures: dict[str, Any]) -> Iterator[str]:
    """Write the sections on one protocol's figures."""
    yield _heading(name, figures)
    yield _accuracy(figures["accuracy"])
    yield _calibration(figures["calibration"])
    yield "![Reliability diagram](reliability.png)"
    yield _classes(figures["accuracy"]["classes"])
    yield "![Confusion matrix](confusion.png)"
    yield _changes(figures)
    yield _strangers(figures["strangers"])
    yield _parts(figures["parts"])
    if explanations := figures.get("explanations"):
        yield _explanations(explanations)


def left_out_measured(found: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Write the section on sources that neither network learned from."""
    yield (
        "## Films kept from training altogether\n\nThe first network has not learned "
        "from these films, and the second was trained anew without them, as "
        "docs/training.md says; calibration and rejection are the served ones. "
        "Intervals are 95 %, by drawing patients again, or where they are unknown runs "
        "of neighboring files. Labels of a source follow its own habit (a forearm with "
        "its elbow, a hand with its wrist), so that the neighbor counts beside."
    )
    yield table(
        (
            *("kept out", "films", "any label", "or a neighbor"),
            *("green", "wrong in green", "calibration error", "rejected"),
        ),
        [_left_out_row(figures) for figures in found.values()],
    )
    yield "\n".join(f"- `{figures['command']}`" for figures in found.values())
    for name, figures in found.items():
        classes = figures["accuracy"]["classes"]
        if len(classes) >= FEWEST_CLASSES:
            yield f"### {name[0].upper()}{name[1:]}, each body part"
            yield _class_table(classes)


def _left_out_row(figures: dict[str, Any]) -> tuple[str, ...]:
    accuracy, calibration = figures["accuracy"], figures["calibration"]
    green = calibration["bands"]["high"]
    return (
        figures["kept_out"],
        f"{accuracy['films']:,}",
        _with_interval(accuracy["any_label"]),
        _with_interval(accuracy["any_label_or_neighbor"]),
        percent(green["share"]),
        percent(green["error_rate"]),
        str(calibration["expected_calibration_error"]),
        percent(figures["rejected"]),
    )


def _with_interval(figure: dict[str, Any]) -> str:
    return f"{percent(figure['value'])} ({_interval(figure)})"


def _heading(name: str, figures: dict[str, Any]) -> str:
    accuracy = figures["accuracy"]
    return (
        f"## Measured: {name}\n\n`{figures['command']}`, {accuracy['films']} films of "
        f"{accuracy['patients']} patients"
        + (
            "; **some of these films were in training, so this flatters**"
            if figures.get("seen_in_training")
            else ""
        )
        + ". Intervals are 95 %, by drawing patients again (bootstrap, 1,000 times)."
    )


def _accuracy(accuracy: dict[str, Any]) -> str:
    return table(
        ("figure", "value", "95 % interval"),
        [
            (label, percent(accuracy[key]["value"]), _interval(accuracy[key]))
            for key, label in (
                ("any_label", "the answer is any of the film's labels"),
                ("strict", "the answer is the label, films with one label only"),
                ("any_label_or_neighbor", "or a neighboring part"),
                ("macro_recall", "recall, mean over the parts"),
            )
        ],
    )


def _classes(classes: list[dict[str, Any]]) -> str:
    return "### Each body part\n\n" + _class_table(classes)


def _class_table(classes: list[dict[str, Any]]) -> str:
    return table(
        ("part", "films", "found (recall)", "right when named (precision)"),
        [
            (
                each["class"],
                str(each["films"]),
                percent(each["recall"]),
                percent(each["precision"]),
            )
            for each in classes
        ],
    )


def _changes(figures: dict[str, Any]) -> str:
    return (
        "### Films that arrive otherwise\n\nA film that both networks are unsure of is "
        "looked at again, turned back or as its negative, if it seems to lie so: "
        f"{percent(figures['looked_at_again'])} of these films as they are.\n\n"
    ) + table(
        ("change", "any-label accuracy", "points lost", "rejected"),
        [
            (
                change,
                percent(each["any_label"]),
                f"{each['points_lost']:.1f}",
                percent(each["rejected"]),
            )
            for change, each in figures["changes"].items()
        ],
    )


def _strangers(strangers: dict[str, Any]) -> str:
    return "### Pictures that are no radiographs\n\n" + table(
        ("kind", "pictures", "rejected", "rejected, Others or red", "a part in green"),
        [
            (kind, *(str(number) for number in each.values()))
            for kind, each in strangers.items()
        ],
    )


def _calibration(calibration: dict[str, Any]) -> str:
    bands = table(
        ("color", "share of films", "wrong", "wrong, suspect labels left out"),
        [
            (
                color,
                percent(each["share"]),
                percent(each["error_rate"]),
                percent(each["error_rate_without_suspect_labels"]),
            )
            for color, each in zip(
                ("green (> 0.90)", "orange", "red (< 0.70) or rejected"),
                calibration["bands"].values(),
                strict=True,
            )
        ],
    )
    shown = calibration["expected_calibration_error"]
    crossed = calibration["expected_calibration_error_cross_fitted"]
    floor = calibration["expected_calibration_error_if_perfect"]
    return (
        f"### Confidence\n\n{bands}\n\nExpected calibration error (15 bins): {shown}; "
        f"with the temperature fitted on other patients: {crossed}. A perfectly "
        f"calibrated model would show {floor} on so few films. Brier score: "
        f"{calibration['brier']}."
    )


def _parts(parts: dict[str, Any]) -> str:
    text = f"### Films with several parts\n\nF1 over all films: {parts['f1']}"
    if "several_f1" in parts:
        text += (
            f"; over the {parts['several_films']} with several labels: "
            f"{parts['several_f1']} ({parts['several_f1_naming_one_part']} if only "
            "the likeliest part were named)"
        )
    return text + "."


def _explanations(figures: dict[str, Any]) -> str:
    kinds = ("map", "random", "gaussian")
    rows = [
        (words, *(f"{figures[name][kind]:.2f}" for kind in kinds))
        for name, words in (
            ("deletion", "deletion: confidence as the warmest go (lower is better)"),
            ("insertion", "insertion: as they come first (higher is better)"),
            ("average_drop", "average drop: lost where they alone stay (lower)"),
        )
        if name in figures
    ]
    text = (
        f"### Are the heat maps true?\n\nOn {figures['films']} films, against a random "
        "map and a Gaussian in the middle:\n\n" + table(("measure", *kinds), rows)
    )
    if deletion := figures.get("deletion"):
        text += (
            "\n\nBy deletion the map beats the random one on "
            f"{percent(deletion['better_than_random'])} of the films, the Gaussian on "
            f"{percent(deletion['better_than_gaussian'])}."
        )
    if parts := figures.get("randomization"):
        kept = (f"{part} {each['rank_correlation']}" for part, each in parts.items())
        text += (
            "\n\nWith a part of the network untrained again, maps still correlate with "
            f"those shown (by rank, lower is better): {', '.join(kept)}."
        )
    return text


def _interval(figure: dict[str, Any]) -> str:
    return f"{100 * figure['low']:.1f} to {100 * figure['high']:.1f} %"
