"""`xray report`: the body part of one DICOM file, as a DICOM SR."""

import argparse
from pathlib import Path


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command's words."""
    parser = commands.add_parser(
        "report",
        help="write the body part as a DICOM SR",
        description="Classify a DICOM radiograph and write a structured report (TID "
        "1500, image level) into the same study: body part, probability, algorithm. "
        "The report is unverified. Files that exist are never replaced.",
    )
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--out", type=Path, required=True, metavar="SR.dcm")
    parser.add_argument(
        "--heatmap",
        type=Path,
        metavar="SC.dcm",
        help="also write the heat map over the radiograph as a Secondary Capture",
    )
    parser.set_defaults(run=run, refuse=parser.error)


def run(arguments: argparse.Namespace) -> int:
    """Run the command."""
    from ..reading.files import is_same, read_file

    if arguments.heatmap is not None and is_same(arguments.out, arguments.heatmap):
        arguments.refuse("expected --out and --heatmap to be different files")

    from ..classify.classifier import Classifier
    from ..explanation.render import overlay
    from ..reading.reader import read_radiograph
    from ..records.correction import read_whole, require_new, save_new
    from ..records.structured_report import make_heatmap, make_report

    require_new(arguments.out, arguments.heatmap)
    data = read_file(arguments.file)
    # First in the decoding process, which refuses what this one couldn't bear.
    radiograph = read_radiograph(data)
    image = read_whole(data)
    classifier = Classifier.load()
    explanation = classifier.explain(radiograph)
    report = make_report(image, explanation.prediction, classifier.version)
    made = [(report, arguments.out)]
    if arguments.heatmap is not None:
        picture = overlay(radiograph.pixels, explanation.heatmap)
        made.append((make_heatmap(image, picture), arguments.heatmap))
    for dataset, path in made:
        save_new(dataset, path)
    return 0
