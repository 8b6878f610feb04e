"""Text for a terminal, and for a table that people open in a spreadsheet program."""

import re
import unicodedata

# A cell that begins so is run as a formula (OWASP, "CSV Injection"); the wide forms are
# those of Asian keyboards. The apostrophe itself is guarded too, so that the guard can
# be undone.
_RUNS = re.compile(r"\s*[-=+@\t\r\n'＝＋－＠]")


def printable(text: str) -> str:
    r"""Escape what would be acted on or can't be shown, as in `\x1b`; one line."""
    return "".join(char if _is_shown(char) else _escaped(char) for char in text)


def guard(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would run as a formula."""
    return f"'{text}" if _RUNS.match(text) else text


def unguard(cell: str) -> str:
    """Give back the text that `guard` was given."""
    return cell.removeprefix("'")


def _is_shown(char: str) -> bool:
    # Spaces of other widths are in names that people have to find again.
    return char.isprintable() or unicodedata.category(char) == "Zs"


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode()
