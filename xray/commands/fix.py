"""`xray fix`: set a DICOM file's body part by its picture, in a new copy."""

import argparse
import sys
from pathlib import Path

from ..text import printable


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command's words."""
    parser = commands.add_parser(
        "fix",
        help="correct the body part in a copy of a DICOM file",
        description="Print how Body Part Examined and Anatomic Region Sequence would "
        "change, and stop there unless --write is given. The copy keeps the old "
        "values in Original Attributes Sequence and gets a new SOP Instance UID; its "
        "pixels are the same bytes. The file itself is never changed.",
    )
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--out", type=Path, required=True, metavar="NEW.dcm")
    parser.add_argument(
        "--write", action="store_true", help="write the copy, not only the difference"
    )
    parser.add_argument(
        "--min-confidence",
        type=_share,
        metavar="P",
        help="refuse below this probability; left out, what is not green",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the command."""
    from ..classify.classifier import Classifier
    from ..reading.files import read_file
    from ..records.correction import MIN_CONFIDENCE, plan, write
    from ..text import percent

    data = read_file(arguments.file)
    (prediction,) = Classifier.load().predict([data])
    asked: float | None = arguments.min_confidence
    correction = plan(data, prediction, MIN_CONFIDENCE if asked is None else asked)
    sys.stdout.write(
        f"{printable(str(arguments.file))}: "
        f"{prediction.part.english}, {percent(prediction.confidence)}\n"
    )
    for change in correction.changes:
        sys.stdout.write(f"  {change.name}\n")
        sys.stdout.write(f"    - {printable(change.before) or '(none)'}\n")
        sys.stdout.write(f"    + {printable(change.after) or '(none)'}\n")
    if not correction.changes:
        sys.stdout.write("  nothing to change\n")
    elif arguments.write:
        uid = write(correction, arguments.out)
        sys.stdout.write(f"written to {printable(str(arguments.out))} as {uid}\n")
    else:
        sys.stdout.write("dry run: nothing written, add --write\n")
    return 0


def _share(text: str) -> float:
    share = float(text)
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"expected 0 to 1, received {text}")
    return share
