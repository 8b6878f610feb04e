"""Fuzz by coverage, where atheris is installed: `python -m tests.fuzz_guided`.

For the Python side of the readers: header, layout, gray pipeline, zip. Native
decoders are left out, because they would end the run by crashing; the seeded fuzz
has them in processes of their own.
"""

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

import atheris

with atheris.instrument_imports(include=["xray", "pydicom"]):
    import xray.reading.dicom.decode
    from xray.errors import ImageError
    from xray.reading.archive import expand_all
    from xray.reading.decoding import decode

from tests.fuzz import seeds


def read(data: bytes) -> None:
    """Read one file, as atheris made it."""
    for _, content in expand_all([("case", data)]):
        if isinstance(content, ImageError):
            continue
        try:
            decode(content)
        except ImageError as error:
            str(error)


def _refuse(*_: object) -> None:
    raise ImageError("undecodable", syntax="left out")


def main() -> None:
    """Run for some seconds; atheris itself reports what it finds and exits."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz_guided")
    parser.add_argument("--seconds", type=int, default=120)
    options = parser.parse_args()
    vars(xray.reading.dicom.frame)["decode_stream"] = _refuse
    with TemporaryDirectory() as folder:
        for number, (_, data) in enumerate(seeds()):
            (Path(folder) / f"{number}").write_bytes(data)
        settings = {
            "max_total_time": options.seconds,
            "timeout": 5,
            "rss_limit_mb": 2048,
            "max_len": 20_000,
            "artifact_prefix": f"{gettempdir()}/xray-",
        }
        words = [f"-{name}={value}" for name, value in settings.items()]
        atheris.Setup([sys.argv[0], folder, *words], read)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
