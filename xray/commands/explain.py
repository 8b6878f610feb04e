"""`xray explain`: one file's heat map, as a picture and as an animation."""

import argparse
import sys
from itertools import combinations
from pathlib import Path

from ..labels import BODY_PARTS, find_label
from ..reading.files import fitting_name, is_same, write_file
from ..text import printable
from .asking import add_findings, wanted_findings

# Times as long as wide: below such a strip a caption would be far larger than it.
_STRIP = 10
_PALETTES = ("inferno", "magma", "viridis", "cividis")


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command's words."""
    parser = commands.add_parser(
        "explain",
        help="show why: a file's heat map, and how it gathers",
        description="Classify one DICOM, PNG or JPEG file and write its Grad-CAM++ map "
        "over the picture, at the picture's own size, with body part, confidence and "
        "model below it. Without --out and --gif the picture is written to "
        "NAME-explained.png in the current folder.",
    )
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument(
        "--label",
        type=_label,
        metavar="PART",
        help="explain this body part: name, DICOM term or class number; the "
        "likeliest if left out",
    )
    parser.add_argument(
        "--out", type=_picture, metavar="PICTURE", help="a .png, .jpg or .jpeg to write"
    )
    parser.add_argument(
        "--gif",
        type=Path,
        metavar="GIF",
        help="write how attention gathers through the network",
    )
    parser.add_argument(
        "--contours", action="store_true", help="lines instead of colors"
    )
    parser.add_argument(
        "--palette",
        choices=_PALETTES,
        default=_PALETTES[0],
        help="colors of the map; cividis looks the same without red or green vision",
    )
    add_findings(parser)
    parser.set_defaults(run=run, refuse=parser.error)


def run(arguments: argparse.Namespace) -> int:
    """Run the command."""
    wanted = wanted_findings(arguments)
    paths = [arguments.file, *filter(None, (arguments.out, arguments.gif))]
    if any(is_same(*pair) for pair in combinations(paths, 2)):
        arguments.refuse("expected FILE, PICTURE and GIF to be different files")

    from ..classify.classifier import Classifier
    from ..explanation.animation import animate
    from ..explanation.caption import add_caption, caption_lines
    from ..explanation.fracture import outline_fracture
    from ..explanation.render import contours, encode_jpeg, encode_png, overlay
    from ..image import require_sides
    from ..messages import MESSAGES
    from ..reading.files import read_file
    from ..reading.reader import read_radiograph
    from ..text import sureness

    classifier = Classifier.load()
    radiograph = read_radiograph(read_file(arguments.file))
    picture = radiograph.pixels
    explanation = classifier.explain(radiograph, arguments.label, wanted)
    label = next(iter(explanation.maps))
    prediction = explanation.prediction
    out: Path | None = arguments.out
    if out is None and arguments.gif is None:
        out = Path(fitting_name(arguments.file.stem, "-explained.png"))
    if out is not None:
        if arguments.contours:
            drawn = contours(picture, explanation.heatmap)
        else:
            drawn = overlay(picture, explanation.heatmap, palette=arguments.palette)
        drawn = outline_fracture(drawn, explanation)
        lines = caption_lines(prediction, label, classifier.version)
        if max(picture.shape) <= _STRIP * min(picture.shape):
            drawn = add_caption(drawn, lines)
        is_png = out.suffix.lower() == ".png"
        require_sides(drawn.shape, "PNG" if is_png else "JPEG")
        write_file(out, encode_png(drawn) if is_png else encode_jpeg(drawn))
    if arguments.gif is not None:
        gif = animate(classifier, picture, label, palette=arguments.palette)
        write_file(arguments.gif, gif)
    part = BODY_PARTS[label].english
    sys.stdout.write(f"{part}  {sureness(prediction.probabilities[label])}\n")
    if prediction.rejected is not None:
        reason = MESSAGES[prediction.rejected].text()
        sys.stderr.write(f"warning: not judged, {part} is but the guess: {reason}\n")
    if prediction.findings is not None:
        sys.stdout.write(f"{prediction.findings.text()}\n")
    for path in (out, arguments.gif):
        if path is not None:
            sys.stdout.write(f"wrote {printable(str(path))}\n")
    if not explanation.heatmap.any():
        sys.stderr.write(f"warning: {MESSAGES['map_empty'].text()}\n")
    return 0


def _label(word: str) -> int:
    label = find_label(word)
    if label is None:
        known = ", ".join(part.english for part in BODY_PARTS)
        raise argparse.ArgumentTypeError(f"expected one of {known}; received {word!r}")
    return label


def _picture(word: str) -> Path:
    path = Path(word)
    if path.suffix.lower() not in {".png", ".jpg", ".jpeg"}:
        raise argparse.ArgumentTypeError(
            f"expected a name ending in .png, .jpg or .jpeg; received {word!r}"
        )
    return path
