"""What README and docs/ say of the code, from the code: `python -m tests.tables`.

Each part stands between two comments, `<!-- name -->` and `<!-- end -->`.
"""

import contextlib
import io
import json
import os
import re
import sys
import tomllib
from ast import get_docstring, parse
from collections.abc import Iterable
from pathlib import Path
from textwrap import wrap
from typing import Any
from unittest.mock import patch

import numpy as np
from pydicom.uid import JPEGBaseline8Bit

from tests.dicom_files import make_dicom, phantom, wedge
from xray.cli import main as xray
from xray.lab.evaluation.readme_figures import percent, table
from xray.limits import LIMITS
from xray.messages import MESSAGES
from xray.network.findings.card import read_findings_card
from xray.network.findings.points import POINTS
from xray.network.weights import DEFAULT_WEIGHTS
from xray.reading.decoding import decode
from xray.reading.dicom.codecs import DECODERS

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
PAGES = [README, *sorted(ROOT.glob("docs/*.md"))]

_LIBRARIES = {
    "pydicom": "pydicom (MIT)",
    "pillow": "Pillow (MIT-CMU)",
    "pylibjpeg": "pylibjpeg-openjpeg (MIT)",
    "pyjpegls": "pyjpegls (MIT)",
    "gdcm": "GDCM (BSD)",
}
_LIMITS = {
    "file_bytes": "bytes of one file",
    "pixels": "pixels of one picture, checked before it is decoded",
    "header_elements": "elements of one DICOM header",
    "fragments": "fragments of one compressed picture",
    "inflated_bytes": "bytes of one deflated DICOM file, unpacked",
    "upload_files": "files of one upload, those inside zips included",
    "upload_bytes": "bytes of one upload, zips unpacked",
    "zip_members": "entries of one zip",
    "zip_ratio": "unpacked bytes for each packed byte in a zip",
    "decode_seconds": "seconds to decode one file",
    "decode_bytes": "bytes of memory to decode one file",
}
_ACCURACIES = {
    "any_label": "the answer is any of the film's labels",
    "strict": "the answer is the label, films with one label only",
    "any_label_or_neighbor": "… or a neighboring part",
    "macro_recall": "recall, mean over the parts",
}
_EXAMPLE = """\
from xray import Classifier

classifier = Classifier.load()
# Paths, whole files as bytes, or gray arrays (H, W) in [0, 1].
(prediction,) = classifier.predict(["tests/films/hand.jpg"])
print(prediction.part.english, f"{prediction.confidence:.0%}", prediction.band)
"""


def transfer_syntaxes() -> str:
    """List every transfer syntax, decoding a picture in each.

    The last column is how far the decoded pixels are from the uncompressed ones,
    in parts of the whole range.
    """
    lines = []
    for syntax, plugins in DECODERS.items():
        pixels, bits = phantom(), 12
        if "High-Throughput" in syntax.name:
            pixels = wedge()
        if syntax == JPEGBaseline8Bit:
            pixels, bits = phantom(bits=8).astype(np.uint8), 8
        plain = decode(make_dicom(pixels, bits=bits)).samples.astype(np.int64)
        packed = decode(make_dicom(pixels, syntax, bits=bits)).samples
        off = np.abs(packed - plain).max() / 65535
        exact = "0" if off == 0 else f"{off:.1%}" if off >= 0.001 else "< 0.1%"
        by = ", then ".join(_LIBRARIES[name] for name in plugins) or "NumPy (BSD)"
        lines.append((syntax.name, str(syntax), by, exact))
    return table(("Transfer syntax", "UID", "Decoded by", "Off by"), lines)


def messages() -> str:
    """List every message in English, with its placeholders."""
    return table(
        ("Key", "What it says"),
        [
            (f"`{key}`", message.english.replace("|", "\\|"))
            for key, message in MESSAGES.items()
        ],
    )


def findings() -> str:
    """List the parts and operating points of the findings' card."""
    card = read_findings_card()
    points = table(
        ("", "from a probability of", "fractures flagged", "others left alone"),
        [
            (
                name,
                f"{each.threshold:.3f}",
                f"{each.sensitivity:.1%}",
                f"{each.specificity:.1%}",
            )
            for name, each in ((name, card.points[name]) for name in POINTS)
        ],
    )
    return f"Of {', '.join(card.parts).lower()}:\n\n{points}"


def limits() -> str:
    """List the caps on what comes in."""
    return table(
        ("Limit", "At most", "Of"),
        [
            (f"`{name}`", f"{getattr(LIMITS, name):,}", meaning)
            for name, meaning in _LIMITS.items()
        ],
    )


def python() -> str:
    """Run the lines of Python, and show what they print."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.chdir(ROOT):
        exec(_EXAMPLE, {})
    return f"```python\n{_EXAMPLE}# {said.getvalue()}```"


def commands() -> str:
    """List the commands, as the help does."""
    said = io.StringIO()
    wide = patch.dict(os.environ, COLUMNS="88")
    with contextlib.suppress(SystemExit), contextlib.redirect_stdout(said), wide:
        xray(["--help"])
    lines = re.findall(r"^    (\w+) +(\S.*)$", said.getvalue(), re.M)
    return "```text\n" + "\n".join(f"xray {n:<9} {what}" for n, what in lines) + "\n```"


def layers() -> str:
    """Name what each layer is for, from the top down, by its first line."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contract = project["tool"]["importlinter"]["contracts"][0]
    rows = []
    for number, layer in enumerate(contract["layers"], 1):
        for name in re.findall(r"[\w.]+", layer):
            rows.append((str(number), f"`{name}`", _first_line(name)))
    return table(("Layer", "What", "Which is"), rows)


def results() -> str:
    """Say in two sentences how good the answers are, at home and elsewhere."""
    name, figures = next(iter(_card()["figures"]["splits"].items()))
    accuracy, high = figures["accuracy"], figures["calibration"]["bands"]["high"]
    seen = "no network that is asked was trained on them"
    if figures.get("seen_in_training"):
        seen = "some were in training, which flatters"
    text = (
        f"On {accuracy['films']:,} films of {accuracy['patients']:,} patients ({name}; "
        f"{seen}), **{_with_interval(accuracy['any_label'])} of the answers are "
        f"right**, and {percent(1 - high['error_rate'])} of the green ones."
    )
    elsewhere = [each for each in _elsewhere() if "without" in each["kept_out"]]
    if elsewhere:
        most = max(elsewhere, key=lambda each: int(each["accuracy"]["films"]))
        exactly = most["accuracy"]["any_label"]
        near = most["accuracy"]["any_label_or_neighbor"]
        text += (
            " **Films of hospitals that nobody has seen are answered less well**: "
            f"with networks trained {most['kept_out']}, {percent(exactly['value'])} of "
            f"its {exactly['films']:,} films are named as that archive does, "
            f"{percent(near['value'])} so or as a neighboring part."
        )
    return "\n".join(wrap(text, 88, break_on_hyphens=False))


def measured() -> str:
    """List the main figures of what is served."""
    parts = []
    alone = _card()["figures"].get("in_8_bits", {}).get("accuracy")
    for name, figures in _card()["figures"]["splits"].items():
        accuracy, calibration = figures["accuracy"], figures["calibration"]
        high = calibration["bands"]["high"]
        best = calibration["expected_calibration_error_if_perfect"]
        rows = [
            (what, _with_interval(accuracy[key])) for key, what in _ACCURACIES.items()
        ]
        if alone is not None:
            rows.append(("any label, by the first network alone", percent(alone)))
        rows += [
            ("green answers: share of films", percent(high["share"])),
            ("green answers that are right", percent(1 - high["error_rate"])),
            (
                f"expected calibration error (a perfect model would show {best:.3f})",
                f"{calibration['expected_calibration_error']:.3f}",
            ),
        ]
        rows += [
            (f"points lost: {change}", f"{each['points_lost']:.1f}")
            for change, each in figures["changes"].items()
        ]
        parts.append(
            f"{name[0].upper()}{name[1:]}, {accuracy['films']:,} films of "
            f"{accuracy['patients']:,} patients:"
        )
        parts.append(table(("figure", "value (95 % interval)"), rows))
    return "\n\n".join(parts)


def elsewhere() -> str:
    """List how films are answered that were kept from training altogether."""
    return table(
        ("Kept out of training", "Films", "As labeled", "… or a neighbor"),
        [
            (
                each["kept_out"],
                f"{each['accuracy']['films']:,}",
                _with_interval(each["accuracy"]["any_label"]),
                _with_interval(each["accuracy"]["any_label_or_neighbor"]),
            )
            for each in _elsewhere()
        ],
    )


TABLES = {
    "commands": commands,
    "elsewhere": elsewhere,
    "findings": findings,
    "layers": layers,
    "limits": limits,
    "measured": measured,
    "messages": messages,
    "python": python,
    "results": results,
    "transfer-syntaxes": transfer_syntaxes,
}


def fill(text: str) -> str:
    """Put every generated part between its two comments."""
    for name, make in TABLES.items():
        start, end = f"<!-- {name} -->\n", "<!-- end -->"
        before, mark, rest = text.partition(start)
        if mark:
            _, _, after = rest.partition(end)
            text = f"{before}{start}{make()}\n{end}{after}"
    return text


def main() -> int:
    """Bring README and docs/ up to date."""
    for page in PAGES:
        page.write_text(fill(page.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


def _card() -> dict[str, Any]:
    path = DEFAULT_WEIGHTS.with_suffix(".json")
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def _elsewhere() -> Iterable[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = _card()["figures"].get("left_out", {})
    return found.values()


def _with_interval(figure: dict[str, Any]) -> str:
    low, high = (percent(figure[key]).removesuffix(" %") for key in ("low", "high"))
    return f"{percent(figure['value'])} ({low} to {high} %)"


def _first_line(module: str) -> str:
    path = ROOT.joinpath(*module.split("."))
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    text = get_docstring(parse(source.read_text(encoding="utf-8"))) or ""
    return text.partition("\n")[0]


if __name__ == "__main__":
    sys.exit(main())
