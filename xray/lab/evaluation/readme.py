"""The model card for people: `README.md` beside the weights, from the JSON card."""

from collections.abc import Collection, Iterator
from typing import Any

from ...labels import BODY_PARTS
from ...network.card import (
    Card,
    Fast,
    Figures,
    Rejection,
    Training,
)
from ...network.credits import CREDITS
from .readme_figures import left_out_measured, measured, percent, table


def write_readme(card: Card) -> None:
    """Write `README.md` beside a card, from what the card says."""
    text = "\n\n".join(_sections(card))
    card.path.with_name("README.md").write_text(text + "\n", encoding="utf-8")


def _sections(card: Card) -> Iterator[str]:
    figures = card.figures
    yield f"# Model card: {card.name} {card.release}"
    yield (
        "Says which of 22 body parts a plain radiograph shows. **For research and "
        "archive work; not a medical device.** This page is written by `python -m "
        "xray evaluate` from the JSON card beside the weights; every figure names "
        "what it was measured on."
    )
    yield _intended()
    if card.training != Training():
        yield _training(card)
    if said := _in_8_bits(figures):
        yield said.strip()
    if (second := card.second()) is not None and card.ensemble is not None:
        alone = figures.get("second_alone", {})
        yield _ensemble(second, card.ensemble.share, alone)
    if data := figures.get("data"):
        yield _data(data)
    splits, left_out = figures.get("splits", {}), figures.get("left_out", {})
    for name, each in splits.items():
        yield from measured(name, each)
    if left_out:
        yield from left_out_measured(left_out)
    yield from _not_measured({*splits, *left_out})
    if card.rejection is not None:
        yield _rejection(card.rejection, figures["rejection"])
    if card.fast is not None:
        yield _fast(card.fast, figures["fast"])
    if seen := figures.get("seen_in_training"):
        yield from _seen(seen)
    yield _limits()
    yield (
        f"## License\n\n**{card.license}** for the weights: they learned from "
        "UNIFESP films and inherit their terms. That allows no commercial use."
    )
    credits = (f"- {text}" for text in CREDITS.values())
    yield "Films used in training:\n\n" + "\n".join(credits)


def _intended() -> str:
    return (
        "## Intended use\n\n"
        "Sorting and checking archives, and finding radiographs whose header names "
        "another body part than the picture shows. A person looks at what is orange, "
        "red or rejected. It was not made to diagnose, to choose a treatment, or to "
        "correct headers unseen."
    )


def _training(card: Card) -> str:
    training = card.training
    facts = training.facts().items()
    rows = [(key.replace("_", " "), _words(each)) for key, each in facts]
    text = "## Training and data\n\n" + table(("what", "how"), rows)
    if training.log:
        text += "\n\n![Loss and accuracy by epoch](curves.png)"
        text += f"\n\nEvery epoch: [{training.log}]({training.log})"
    return text


def _ensemble(second: Card, share: float, alone: Figures) -> str:
    name = second.weights.name
    text = (
        f"## The second network\n\n[{name}]({name}), an {second.network.name} that "
        "started from ImageNet's photographs, reads every film too and counts "
        f"{percent(share)} of the answer: the geometric mean of what both say. The "
        "heat map is the first one's. "
    )
    if alone:
        right = "; ".join(
            f"{percent(each['any_label'])} of {each['films']} films"
            for each in alone.values()
        )
        text += f"Alone it answers {right} rightly, any label counting. "
    text += _in_8_bits(second.figures)
    facts = second.training.facts().items()
    rows = [(key.replace("_", " "), _words(each)) for key, each in facts]
    return f"{text.strip()}\n\n{table(('what', 'how'), rows)}"


def _in_8_bits(figures: Figures) -> str:
    found = figures.get("in_8_bits")
    if not found or not found.get("qualifies", True):
        return ""
    return (
        f"It computes in 8 bits, which leaves {percent(found['same_answer'])} of its "
        "answers the same. "
    )


def _data(data: list[dict[str, Any]]) -> str:
    return "Films in training, and the UNIFESP patients behind them:\n\n" + table(
        ("part", "films", "UNIFESP patients"),
        [
            (each["class"], str(each["films"]), str(each["home_patients"]))
            for each in data
        ],
    )


def _not_measured(names: Collection[str]) -> Iterator[str]:
    missing = []
    if not any(name.startswith("film") for name in names):
        missing.append(
            "- **The original project's protocol** (single-label films, random 80/20 "
            "by film). It needs networks trained on that split."
        )
    if not any(name.startswith("without") for name in names):
        missing.append(
            "- **Another hospital** (leave one source out). It needs a second network "
            "trained without the source: `python -m xray train data --recipe small "
            "--protocol source --leave-out roboflow`, then `evaluate` with the same "
            "words, `--second` and `--write-card`."
        )
    if missing:
        yield "## Not measured\n\n" + "\n".join(missing)


def _rejection(rejection: Rejection, figures: Figures) -> str:
    scores = table(
        ("score", "AUROC, strangers against validation films"),
        [(name, str(each)) for name, each in figures["auroc_by_score"].items()],
    )
    elsewhere = table(
        ("source", "films", "rejected below 70 % confidence", "rejected from 70 % on"),
        [
            (
                source,
                str(each["films"]),
                *map(percent, (each["unsure"], each["surer"])),
            )
            for source, each in figures["rejected_if_source_unknown"].items()
        ],
    )
    return (
        "## Rejection\n\nColor pictures, blank exposures, pictures with a side under "
        "32 pixels, soft shades, noise and printed text are rejected by looks. "
        "Everything else is rejected as out of distribution beyond a squared Hellinger "
        "distance of pooled features to the nearest reference film of "
        f"{rejection.threshold} where the confidence is below 70 %, and of "
        f"{rejection.threshold_surer} from there on (fitted to "
        f"{rejection.fitted_on}); there are {rejection.references} reference "
        f"films.\n\n{scores}\n\nWhat would be rejected of a source, none of whose "
        "films are known, if all answers were unsure, and if all were surer:"
        f"\n\n{elsewhere}"
    )


def _fast(fast: Fast, figures: Figures) -> str:
    rows = [
        (
            *(name, str(each["films"]), percent(each["alone"])),
            *(str(each["differ"]), str(each["other_color"])),
        )
        for name, each in figures.items()
    ]
    return (
        "## The fast way\n\nWith `--fast` the small network answers alone, at a "
        f"confidence of its own from {fast.confidence:.4f} on (temperature "
        f"{fast.temperature}), where the film lies within a squared Hellinger "
        f"distance of {fast.distance} of its reference films, and never “Others”. "
        "Both are asked of the rest, and wherever a header would be contradicted. The "
        f"confidence was chosen on {fast.films:,} answers ({fast.fitted_on}), so that "
        "at most 0.2 % of them give a header another verdict than both do, whatever it "
        "says: another part, or doubt. Green and orange are its own; how "
        "many have another color by both is counted too.\n\n"
        + table(
            ("films", "how many", "answered alone", "other verdict", "other color"),
            rows,
        )
    )


def _seen(seen: dict[str, Any]) -> Iterator[str]:
    yield (
        "## By source\n\n**Seen in training:** "
        + seen["note"]
        + ".\n\n"
        + table(
            ("source", "films", "any label", "or a neighbor"),
            [
                (
                    source,
                    str(each["films"]),
                    percent(each["any_label"]),
                    percent(each["or_neighbor"]),
                )
                for source, each in seen["sources"].items()
            ],
        )
    )
    if seen["failures"]:
        yield (
            "## Failures\n\nThe surest wrong answers on freely licensed training "
            "films, one a label, neighbors not counted as wrong, before any further "
            "view:"
        )
        yield table(
            ("film", "label", "answer", "credit"),
            [
                (
                    f"![]({each['file']})",
                    BODY_PARTS[each["label"]].english,
                    f"{BODY_PARTS[each['answer']].english}, "
                    f"{percent(each['confidence'])}",
                    CREDITS.get(each["source"], each["source"]),
                )
                for each in seen["failures"]
            ],
        )


def _limits() -> str:
    return (
        "## Limits\n\n"
        "- Films of hospitals that are not among the sources are answered less well, "
        "and some of them are rejected as unfamiliar.\n"
        "- Every figure comes from 8-bit pictures of at most 320 pixels, windowed and "
        "with bright bone; original DICOM files go through the same steps, but were "
        "not measured.\n"
        "- Rare parts come from few patients in UNIFESP: clavicles and skull 5 each, "
        "forearm 9, thigh 10, elbow and lower leg 13, sinus 15, finger 16. Their "
        "figures say little.\n"
        "- About 30 labels of UNIFESP look wrong, so that an accuracy above 0.98 "
        "measures noise.\n"
        "- Gray photographs can pass for radiographs of unknown kind; see the table "
        "of strangers.\n"
        "- No laterality, no view, no finding, no age or sex is told."
    )


def _words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {each}" for key, each in value.items())
    return str(value)
