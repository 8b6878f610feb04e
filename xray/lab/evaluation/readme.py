"""The model card for people: `README.md` beside the weights, from the JSON card."""

from collections.abc import Collection, Iterator
from typing import Any

from ...labels import BODY_PARTS
from ...network.card import (
    CREDITS,
    Card,
    EnsembleSettings,
    Figures,
    Rejection,
    Training,
)
from .readme_figures import measured, percent, recipes_measured, table


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
    if card.ensemble is not None:
        yield _ensemble(card, card.ensemble)
    if data := figures.get("data"):
        yield _data(data)
    splits, recipes = figures.get("splits", {}), figures.get("recipes", {})
    for name, each in splits.items():
        yield from measured(name, each)
    if recipes:
        yield from recipes_measured(recipes)
    yield from _not_measured({*splits, *recipes})
    if card.rejection is not None:
        yield _rejection(card.rejection, figures["rejection"])
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


def _ensemble(card: Card, settings: EnsembleSettings) -> str:
    alone = "; ".join(
        f"{percent(each['any_label'])} of {each['films']} films"
        for each in card.figures.get("ensemble_alone", {}).values()
    )
    cards = [card.card_of(member) for member in settings.members]
    parts = [
        f"## The ensemble\n\n{len(cards)} networks that started from "
        "ImageNet's photographs read a film too where the first network's confidence "
        f"is below {percent(settings.asked_below)}. They count "
        f"{percent(settings.counts)} of the answer then; the heat map stays the first "
        "one's. Of several networks the answer is the geometric mean. What they are "
        "unsure of themselves they read again (test-time augmentation): mirrored, "
        "tilted either way, the middle alone, and that mirrored; they answer the mean. "
        "**Where films measure, only the networks that were kept from them are "
        "asked**: what all answer together on the home source, nobody can measure. "
        f"Alone, those kept from {settings.fitted_on} answer {alone} rightly, any "
        "label counting.",
        table(
            ("network", "kept from", "learned from", "same answers in 8 bits", "log"),
            [_network(each) for each in cards],
        ),
    ]
    if how := cards[0].training.how:
        parts.append(f"{cards[0].weights.name} (the others alike):")
        parts.append(
            table(
                ("what", "how"),
                [(key.replace("_", " "), _words(each)) for key, each in how.items()],
            )
        )
    return "\n\n".join(parts)


def _network(card: Card) -> tuple[str, ...]:
    name, training = card.weights.name, card.training
    same = card.figures.get("in_8_bits", {}).get("same_answer")
    return (
        f"[{name}]({name})",
        training.protocol or "–",
        f"{training.films:,} films" if training.films else "–",
        "–" if same is None else percent(same),
        f"[every epoch]({training.log})" if training.log else "–",
    )


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
            "by film). It needs a network trained on that split: `python -m xray "
            "train data --recipe efficientnet --protocol film`, then `evaluate "
            "--protocol film`."
        )
    if not any(name.startswith("without") for name in names):
        missing.append(
            "- **Another hospital** (leave one source out). It needs a network trained "
            "without the source: `python -m xray train data --recipe efficientnet "
            "--protocol source --leave-out fracatlas`, then `evaluate` with the same "
            "words."
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
        f"{rejection.threshold} ({rejection.fitted_on}) where the confidence is "
        f"below 70 %, and of {rejection.threshold_surer} from there on "
        f"({rejection.surer_fitted_on}); there are {rejection.references} reference "
        f"films.\n\n{scores}\n\nWhat would be rejected of each source "
        "if none of its films were known. That stands for hospitals that nobody has "
        "seen, too kindly: the network itself was trained on these sources."
        f"\n\n{elsewhere}"
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
            "films, one a label, neighbors not counted as wrong, before any second "
            "look:"
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
        '- "Others" was learned mostly from DXA pictures and fluoroscopy frames.\n'
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
