"""Feed damaged files to the readers: `python -m tests.fuzz --cases 20000`.

Every case is made from a seed, so that it can be made again. What may come out
is a picture or a typed error; what must not: any other exception, here or in the
decoding process, or a file that takes longer than 5 seconds. Native decoders do
crash now and then (GDCM aborts): that ends their process, as a typed error.
"""

import argparse
import io
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec

import cv2
import numpy as np
from PIL import Image
from pydicom import Dataset
from pydicom.uid import JPEGBaseline8Bit, RLELossless

from tests.dicom_files import (
    make_dataset,
    make_dicom,
    make_lut,
    phantom,
    to_bytes,
    wedge,
)
from tests.hostile_files import make_zip, nested_sequences
from tests.saying import say
from xray.errors import ImageError
from xray.reading.archive import expand_all
from xray.reading.decoding import decode
from xray.reading.dicom.codecs import DECODERS
from xray.reading.reader import read_radiograph

SLOWEST = 5.0  # seconds a file may take
_EDGES = (0, 1, 0x7F, 0x80, 0xFE, 0xFF)
_HEADER = 1200  # bytes at the start of a DICOM file that decide the most


@dataclass
class Findings:
    """What a run of cases came to."""

    outcomes: Counter[str] = field(default_factory=Counter)
    bad: list[str] = field(default_factory=list)
    slowest: float = 0.0


def run(
    first: int, cases: int, each: Callable[[int], None] = lambda _: None
) -> Findings:
    """Read that many damaged files.

    Args:
        first: Number of the first case; a case's number is its seed.
        cases: How many.
        each: Called after each case with its number.
    """
    findings = Findings()
    for number in range(first, first + cases):
        name, outcomes, took = _read(number)
        if took > SLOWEST:
            # Once more: the machine may have been busy with something else.
            took = min(took, _read(number)[2])
        findings.outcomes.update(outcomes)
        findings.slowest = max(findings.slowest, took)
        if took > SLOWEST:
            findings.bad.append(f"case {number} ({name}): {took:.1f} s")
        if "decoder_died" in outcomes and not _crashes_natively(number):
            findings.bad.append(f"case {number} ({name}): not a typed error")
        each(number)
    return findings


def _read(number: int) -> tuple[str, list[str], float]:
    name, data = make_case(number)
    start = time.monotonic()
    outcomes = list(_outcomes(name, data))
    return name, outcomes, time.monotonic() - start


def make_case(number: int) -> tuple[str, bytes]:
    """Make a damaged file: its kind, and its bytes."""
    rng = np.random.default_rng(number)
    kinds = seeds()
    name, data = kinds[int(rng.integers(len(kinds)))]
    for _ in range(int(rng.integers(1, 6))):
        mutate = _MUTATIONS[int(rng.integers(len(_MUTATIONS)))]
        data = mutate(rng, data)
    return name, data


def _crashes_natively(number: int) -> bool:
    """Decode a case again in a process of its own: did a signal end it?"""
    code = f"from tests.fuzz import again; again({number})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    return run.returncode < 0


def again(number: int) -> None:
    """Decode a case in this process, for whoever wants to see where it ends."""
    for _, content in expand_all([make_case(number)]):
        if isinstance(content, bytes):
            with suppress(ImageError):
                decode(content)


def _outcomes(name: str, data: bytes) -> Iterator[str]:
    for _, content in expand_all([(name, data)]):
        try:
            if isinstance(content, ImageError):
                raise content
            pixels = read_radiograph(content).pixels
        except ImageError as error:
            assert error.text("en")
            assert error.text("es")
            yield error.key
            continue
        assert pixels.dtype == np.float32
        assert pixels.ndim == 2
        assert 0 <= pixels.min() <= pixels.max() <= 1
        yield "read"


@cache
def seeds() -> list[tuple[str, bytes]]:
    """One small file of every kind that is read."""
    films: list[tuple[str, bytes]] = []
    for syntax in DECODERS:
        pixels = wedge() if "High-Throughput" in syntax.name else phantom()
        bits = 12
        if syntax == JPEGBaseline8Bit:
            pixels, bits = phantom(bits=8).astype(np.uint8), 8
        data = make_dicom(pixels, syntax, bits=bits, WindowCenter=99, WindowWidth=999)
        films.append((syntax.keyword, data))
    gray = phantom(bits=8).astype(np.uint8)
    color = np.stack([gray, gray[::-1], gray[:, ::-1]], axis=-1)
    frames = np.stack([phantom(), phantom()[::-1], phantom()])
    films += [
        ("RGB", make_dicom(color, photometric="RGB")),
        ("YBR_FULL", make_dicom(color, photometric="YBR_FULL")),
        ("signed", make_dicom(phantom().astype(np.int16) - 900, RescaleSlope=2)),
        ("wide", make_dicom(phantom().astype(np.uint32))),
        ("frames", make_dicom(frames, RLELossless)),
        ("palette", _palette(gray)),
        ("tables", _tables(gray)),
        ("nested", nested_sequences(4)),
    ]
    picture = Image.fromarray(gray)
    films += [
        ("PNG", _save(picture)),
        ("PNG palette", _save(picture.convert("P"), transparency=3)),
        ("PNG color", _save(Image.fromarray(color).convert("RGBA"))),
        ("PNG 16 bits", _save(Image.fromarray(phantom(bits=16)))),
        (
            "PNG 16-bit color",
            cv2.imencode(".png", color.astype(np.uint16))[1].tobytes(),
        ),
        ("JPEG", _save(picture, "JPEG", quality=80)),
        ("JPEG color", _save(Image.fromarray(color), "JPEG", progressive=True)),
        ("JPEG CMYK", _save(Image.fromarray(color).convert("CMYK"), "JPEG")),
    ]
    members = {f"{index}.dcm": data for index, (_, data) in enumerate(films[:3])}
    return [*films, ("zip", make_zip(members)), ("zip", make_zip(members, method=0))]


def _save(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def _palette(gray: np.ndarray) -> bytes:
    dataset = make_dataset(gray, photometric="PALETTE COLOR")
    for color in ("Red", "Green", "Blue"):
        setattr(dataset, f"{color}PaletteColorLookupTableDescriptor", [256, 0, 8])
        table = np.arange(256, dtype=np.uint8).tobytes()
        setattr(dataset, f"{color}PaletteColorLookupTableData", table)
    return to_bytes(dataset)


def _tables(gray: np.ndarray) -> bytes:
    entries = np.arange(256, dtype=np.uint16) * 16
    region = Dataset()
    region.CodeValue, region.CodeMeaning = "85562004", "Hand"
    region.CodingSchemeDesignator = "SCT"
    return make_dicom(
        gray,
        ModalityLUTSequence=[make_lut(0, entries)],
        VOILUTSequence=[make_lut(0, np.arange(4096, dtype=np.uint16), 12)],
        AnatomicRegionSequence=[region],
        PixelPaddingValue=7,
    )


def _spot(rng: np.random.Generator, data: bytes) -> int:
    """Choose a place, half the time where the header is."""
    end = min(len(data), _HEADER) if rng.random() < 0.5 else len(data)
    return int(rng.integers(max(1, end)))


def _flip(rng: np.random.Generator, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(int(rng.integers(1, 9)) if changed else 0):
        changed[_spot(rng, data)] ^= 1 << int(rng.integers(8))
    return bytes(changed)


def _overwrite(rng: np.random.Generator, data: bytes) -> bytes:
    at, size = _spot(rng, data), int(rng.choice((1, 2, 4, 8)))
    value = bytes([int(rng.choice(_EDGES))]) * size
    return data[:at] + value + data[at + size :]


def _cut(rng: np.random.Generator, data: bytes) -> bytes:
    return data[: _spot(rng, data)] if rng.random() < 0.3 else data


def _remove(rng: np.random.Generator, data: bytes) -> bytes:
    at = _spot(rng, data)
    return data[:at] + data[at + int(rng.integers(1, 64)) :]


def _repeat(rng: np.random.Generator, data: bytes) -> bytes:
    at, size = _spot(rng, data), int(rng.integers(1, 64))
    times = int(rng.choice((1, 2, 500)))
    return data[:at] + data[at : at + size] * times + data[at:]


def _insert(rng: np.random.Generator, data: bytes) -> bytes:
    at = _spot(rng, data)
    return data[:at] + rng.bytes(int(rng.integers(1, 32))) + data[at:]


def _splice(rng: np.random.Generator, data: bytes) -> bytes:
    kinds = seeds()
    other = kinds[int(rng.integers(len(kinds)))][1]
    return data[: _spot(rng, data)] + other[_spot(rng, other) :]


_MUTATIONS = (
    _flip,
    _flip,
    _overwrite,
    _overwrite,
    _cut,
    _remove,
    _repeat,
    _insert,
    _splice,
)


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line; 1 where anything was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--seconds", type=int, default=120, help="by coverage, then")
    options = parser.parse_args(arguments)
    start = time.monotonic()

    def report(number: int) -> None:
        done = number - options.first + 1
        if done % 1000 == 0:
            say(f"{done:,} cases, {time.monotonic() - start:.0f} s")

    findings = run(options.first, options.cases, report)
    for outcome, count in findings.outcomes.most_common():
        say(f"{count:8,}  {outcome}")
    say(f"slowest: {findings.slowest:.2f} s")
    for line in findings.bad:
        say(line)
    guided = 0
    if find_spec("atheris") is not None:
        seconds = ["--seconds", str(options.seconds)]
        guided = subprocess.run(
            [sys.executable, "-m", "tests.fuzz_guided", *seconds], check=False
        ).returncode
    return int(bool(findings.bad) or guided != 0)


if __name__ == "__main__":
    sys.exit(main())
