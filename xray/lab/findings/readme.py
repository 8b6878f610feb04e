"""The model card for people: `FINDINGS.md` beside the weights, from the JSON card."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ...network.findings.answer import PROJECTIONS
from ...network.findings.card import FindingsCard, Scaling
from ...reading.reader import read_image
from ..evaluation.readme_figures import percent, table
from .measure import FilmLogits, peaks

_EACH = 2  # pictures of missed fractures, and of false alarms
_WHITE = 255
_COUNTED = ("films", "flagged", "with_hardware", "hardware_seen")


def draw_failures(
    answers: FilmLogits, fracture: Scaling, folder: Path
) -> list[dict[str, object]]:
    """Draw the surest wrong answers: experts' boxes, and a cross where the map peaks.

    Args:
        answers: Out of fold, of films that may be shown.
        fracture: Scaling of the fracture's logit.
        folder: Where the pictures go, in place of earlier ones.

    Returns:
        File, what the experts say and the probability of each.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    probabilities = fracture.probability(answers.film[:, 0])
    missed = np.flatnonzero(answers.fractured)
    alarms = np.flatnonzero(~answers.fractured)
    chosen = [
        *missed[np.argsort(probabilities[missed])[:_EACH]],
        *alarms[np.argsort(-probabilities[alarms])[:_EACH]],
    ]
    places = peaks(answers.where[chosen], [answers.films[i] for i in chosen])
    drawn = []
    for index, place in zip(chosen, places, strict=True):
        film = answers.films[index]
        levels = np.round(read_image(film.path) * 255).astype(np.uint8)
        for left, top, right, bottom in np.array(film.boxes, int).reshape(-1, 4):
            ends = (int(left), int(top)), (int(right), int(bottom))
            cv2.rectangle(levels, *ends, _WHITE, 1)
        center = int(place[0]), int(place[1])
        cv2.drawMarker(levels, center, _WHITE, cv2.MARKER_TILTED_CROSS, 13, 1)
        path = folder / f"{film.path.stem}.jpg"
        cv2.imwrite(str(path), levels, [cv2.IMWRITE_JPEG_QUALITY, 80])
        drawn.append(
            {
                "file": f"{folder.name}/{path.name}",
                "fractured": bool(film.fractured),
                "probability": round(float(probabilities[index]), 3),
            }
        )
    return drawn


def write_readme(card: FindingsCard) -> None:
    """Write `FINDINGS.md` beside a card, from what the card says."""
    text = "\n\n".join(_sections(card))
    card.path.with_name("FINDINGS.md").write_text(text + "\n", encoding="utf-8")


def _sections(card: FindingsCard) -> Iterator[str]:
    figures = card.figures
    yield f"# Model card: {card.name} {card.release}"
    yield (
        "Says of a radiograph of a limb, a shoulder or a hip whether it shows a "
        "fracture, and where; whether it shows hardware; and from which side it was "
        "taken. **Experimental, for research, not for diagnosis: not a medical "
        "device.** It misses fractures, as the figures below say. This page is "
        "written by `xray findings` from the JSON card beside the weights."
    )
    yield (
        "## Intended use\n\nSorting archives, choosing films for teaching or for an "
        "annotator's list, and checking a header's View Position. Never to decide "
        "about a patient, never to leave a film unread. It is asked only where "
        "someone wants it, and only about: " + ", ".join(card.parts) + "."
    )
    yield "## Training\n\n" + table(
        ("what", "how"),
        [(key.replace("_", " "), str(each)) for key, each in card.training.items()],
    )
    eight = figures["in_8_bits"]
    yield (
        f"## Measured\n\nWhat is shipped, on {_films(figures)} of the fold that was "
        f"kept from it; AUROC in 8 bits {eight['auroc']:.3f}, in full "
        f"{eight['auroc_in_full']:.3f}. 95 % intervals by group of neighboring numbers."
    )
    yield _measured(figures)
    yield _points(card)
    yield _false_alarms(figures["unbroken"])
    if crossed := figures.get("cross_validated"):
        yield (
            "## On all films, after the first stage\n\nThe recipe without its further "
            f"epochs, cross-validated: {_films(crossed)}, each answered by a network "
            "that learned from none of its group's fold."
        )
        yield _measured(crossed)
    yield _failures(figures["failures"])
    yield (
        "## Limits\n\nThree hospitals of one country, most films 373 × 454 pixels, "
        "adults for the most part, every fracture seen by the same few experts; "
        "spine, skull, chest and ribs not at all. Fine, undisplaced fractures are "
        "smaller than what it can see at 384 pixels. Fractures of other hospitals "
        "were not measured here."
    )
    yield (
        f"## License\n\n**{card.license}** for these weights: they learned from "
        "ImageNet's EfficientNet-Lite2 and the films named under Training alone, all "
        "CC BY 4.0 (FracAtlas: doi 10.6084/m9.figshare.22363012), not from UNIFESP's "
        "as the networks of the body part did."
    )


def _measured(figures: Mapping[str, Any]) -> str:
    area, sensitivity = "auroc", "sensitivity_at_specificity_0.90"
    rows = [("all films", figures["films"], figures["fracture"], figures["fractured"])]
    rows += [
        (name, each["films"], each, each["fractured"])
        for name, each in figures["regions"].items()
    ]
    rows.append(("without hardware", "", figures["without_hardware"], ""))
    fracture = table(
        ("fracture", "films", "fractured", "AUROC", "sensitivity at specificity 0.90"),
        [
            (
                name,
                str(films),
                str(broken),
                _value(each[area]),
                _value(each[sensitivity]),
            )
            for name, films, each, broken in rows
        ],
    )
    metal, turned = figures["hardware"], figures["projection"]
    pointing = figures["pointing"]
    projection = table(
        ("projection", "recall"),
        [(name, percent(turned["recalls"][name])) for name in PROJECTIONS],
    )
    return (
        f"{fracture}\n\nExpected calibration error {figures['fracture']['ece']:.3f}. "
        f"Of the {pointing['found']} fractured films found at specificity 0.90 the "
        f"map is highest inside an expert's box on {percent(pointing['in_a_box'])}. "
        f"{_metal_is_no_fracture(figures['hardware_called_fractured'])}\n\n"
        f"Hardware ({metal['films']} films): AUROC {_value(metal['auroc'])}.\n\n"
        f"{projection}\n\nBalanced accuracy {percent(turned['balanced_accuracy'])}, "
        "frontal told from lateral on "
        f"{percent(turned['frontal_against_lateral'])} of films of one of the two."
    )


def _false_alarms(unbroken: Mapping[str, Mapping[str, int]]) -> str:
    return (
        "Films without fractures, of other hospitals (nobody marked them; about as "
        "many of each kind taught the last stage):\n\n"
        + table(
            (
                *("source", "films", "flagged as fractured"),
                *("with hardware", "hardware seen on"),
            ),
            [
                (name, *(str(each[key]) for key in _COUNTED))
                for name, each in unbroken.items()
            ],
        )
    )


def _films(figures: Mapping[str, Any]) -> str:
    return f"{figures['films']:,} films in {figures['groups']} groups"


def _metal_is_no_fracture(called: Mapping[str, int]) -> str:
    if not called["films"]:
        return "These films hold no unbroken bone with hardware; those below do."
    return (
        f"Of {called['films']} unbroken films with hardware the balanced point flags "
        f"{called['flagged']}."
    )


def _points(card: FindingsCard) -> str:
    rows = [
        (
            name,
            f"{each.threshold:.3f}",
            percent(each.sensitivity),
            percent(each.specificity),
        )
        for name, each in card.points.items()
    ]
    return "Operating points of the fracture's flag:\n\n" + table(
        ("point", "probability", "fractures flagged", "others left alone"), rows
    )


def _failures(failures: list[dict[str, Any]]) -> str:
    lines = ["## Failures", "Boxes are the experts', a cross is where the map peaks."]
    for each in failures:
        kind = "Missed" if each["fractured"] else "False alarm"
        said = f"{kind}, probability {each['probability']:.3f}"
        lines.append(f"![{said}]({each['file']})\n{said}")
    return "\n\n".join(lines)


def _value(figure: Mapping[str, Any]) -> str:
    if not figure:
        return "–"
    if "interval" not in figure:
        return f"{figure['value']:.3f}"
    low, high = figure["interval"]
    return f"{figure['value']:.3f} ({low:.3f} to {high:.3f})"
