"""The command line as a whole: quick help, nothing heavy, exit statuses."""

import errno
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.archives import FILMS
from tests.servers.quick_classifier import QuickClassifier
from xray.cli import main

FILM = str(FILMS / "hand.jpg")
HEAVY = (
    *("tensorflow", "keras", "openvino", "cv2", "numpy", "pandas", "matplotlib"),
    *("pydicom", "gdcm"),
)


def loaded_after(code: str) -> set[str]:
    """Heavy modules that some code has imported in a fresh Python."""
    ends = f"\nimport sys; print(*(m for m in {HEAVY!r} if m in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code + ends], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_building_the_parser_imports_nothing_heavy() -> None:
    code = "from contextlib import suppress\nfrom xray.cli import main\n"
    code += "import io, sys\nsys.stdout = io.StringIO()\n"
    code += "with suppress(SystemExit): main(['--help'])\nsys.stdout = sys.__stdout__"
    assert loaded_after(code) == set()


def test_importing_xray_imports_nothing_heavy() -> None:
    assert loaded_after("import xray") == set()


def test_serving_never_imports_tensorflow() -> None:
    code = f"from xray import Classifier\nClassifier.load().explain({FILM!r})"
    assert not loaded_after(code) & {"tensorflow", "keras", "pandas", "matplotlib"}


def test_page_imports_no_pydicom() -> None:
    # Only decoders need it, in processes of their own: 30 MB of the server's memory.
    assert not loaded_after("import xray.ui.frame") & {"pydicom", "gdcm", "pandas"}


@pytest.mark.parametrize("command", ["predict", "convert", "train", "bench"])
def test_help_of_a_command_tells_what_it_does(command: str, capsys) -> None:
    with pytest.raises(SystemExit) as caught:
        main([command, "--help"])
    assert caught.value.code == 0
    assert "usage: xray" in capsys.readouterr().out


@pytest.mark.parametrize("words", [[], ["dance"], ["predict"], ["convert", "one"]])
def test_wrong_usage_exits_with_2(words: list[str], capsys) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2


def test_error_is_one_line_on_stderr_and_status_1(tmp_path, capsys) -> None:
    assert main(["train", str(tmp_path), "--weights", "none"]) == 1
    captured = capsys.readouterr()
    assert captured.err.startswith("error: Expected manifest.csv or train.csv")
    assert captured.err.count("\n") == 1
    assert captured.out == ""


def test_terminal_without_the_letters_gets_them_escaped() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "xray", "predict", FILM],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "cp1252"},
        check=True,
    )
    assert b"\\u2713" in done.stdout
    assert b"Hand" in done.stdout


def test_error_about_a_hostile_name_moves_no_cursor(tmp_path, capsys) -> None:
    out = tmp_path / "a\x1b[2J\nb.dcm"
    out.touch()
    assert main(["report", FILM, "--out", str(out)]) == 1
    said = capsys.readouterr().err
    assert "a\\x1b[2J\\nb.dcm exists" in said
    assert said.count("\n") == 1


class Failing(QuickClassifier):
    """Ends in an error, whatever it is asked."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def explain_all(self, *_: Any, **__: Any):
        raise self.error


def test_full_disk_is_said_in_words(load, capsys) -> None:
    load(Failing(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "results.csv")))
    assert main(["explain", FILM]) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: Expected a disk to read from and to write to")
    assert "results.csv: No space left" in said


def test_mistake_of_ours_is_told_without_its_words(load, capsys) -> None:
    load(Failing(AttributeError("Secret^Name")))
    assert main(["explain", FILM]) == 1
    said = capsys.readouterr().err
    assert "AttributeError" in said
    assert "Secret" not in said
    assert "Traceback" not in said


@pytest.mark.skipif(sys.platform == "win32", reason="closes descriptors by number")
@pytest.mark.parametrize("closed", [(1,), (2,), (0, 1, 2)])
def test_closed_streams_cost_neither_the_work_nor_the_status(
    closed: tuple[int, ...], tmp_path
) -> None:
    shell = " ".join(f"{number}>&-" for number in closed)
    words = [sys.executable, "-m", "xray", "convert", FILM, tmp_path / "hand.png"]
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {shell}', "sh", *words],
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert (tmp_path / "hand.png").read_bytes().startswith(b"\x89PNG")


def test_app_hands_its_options_to_streamlit() -> None:
    words = [sys.executable, "-m", "xray", "app", "--", "--help"]
    told = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert told.startswith("Usage: streamlit run [OPTIONS]")
