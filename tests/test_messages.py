"""The catalog of messages: both languages, every key used."""

import re
import string
from pathlib import Path

import pytest

import xray
from xray.errors import ImageError
from xray.messages import MESSAGES

_CODE = "".join(
    path.read_text(encoding="utf-8")
    for path in Path(xray.__file__).parent.rglob("*.py")
    if path.name != "messages.py"
)


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", MESSAGES)
def test_both_languages_say_the_same_things(key: str) -> None:
    message = MESSAGES[key]
    assert message.english != message.spanish
    assert _placeholders(message.english) == _placeholders(message.spanish)
    tag = re.compile(r"\([0-9A-F]{4},[0-9A-F]{4}\)")
    assert set(tag.findall(message.english)) == set(tag.findall(message.spanish))


def test_every_message_is_used_somewhere() -> None:
    # Either by its key, or by the start of it: f"rejected_{reason}".
    for key in MESSAGES:
        start = key.split("_")[0]
        assert f'"{key}"' in _CODE or f'"{start}_{{' in _CODE, key


def test_every_error_raised_has_a_message() -> None:
    raised = re.findall(r'(?:ImageError|Notice)\(\s*"(\w+)"', _CODE)
    assert raised
    assert set(raised) <= set(MESSAGES)


def test_error_speaks_both_languages() -> None:
    error = ImageError("file_too_large", limit="3", received="4")
    assert str(error) == error.text("en")
    assert "at most 3" in error.text("en")
    assert "como máximo 3" in error.text("es")
