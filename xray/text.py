"""Text as people read it: on a terminal, in a table, in a spreadsheet program."""

import math
import re
import unicodedata

# All white space: Python's `\s`, spelled out as DuckDB guards by it too, whose is less.
_SPACE = "\t-\r\x1c- \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
# A cell that begins so is run as a formula (OWASP, "CSV Injection"); the wide forms are
# those of Asian keyboards. The apostrophe itself is guarded too, so that the guard can
# be undone.
RUNS = f"^[{_SPACE}]*[-=+@\t\r\n'＝＋－＠]"
_RUNS = re.compile(RUNS)


def printable(text: str) -> str:
    r"""Escape what would be acted on or can't be shown, as in `\x1b`; one line."""
    return "".join(char if _is_shown(char) else _escaped(char) for char in text)


def guard(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would run as a formula."""
    return f"'{text}" if _RUNS.match(text) else text


def unguard(cell: str) -> str:
    """Give back the text that `guard` was given."""
    return cell.removeprefix("'")


def percent(share: float | None, digits: int = 0) -> str:
    """Write a share of 1 as people read it; never rounded to 0 or 100 %.

    Args:
        share: [0, 1]; None is a dash.
        digits: Behind the point.
    """
    if share is None:
        return "–"
    least = 10.0**-digits
    shown = f"{100 * share:.{digits}f}"
    if float(shown) == 100 and share < 1:
        return f"> {100 - least:.{digits}f} %"
    if float(shown) == 0 and share > 0:
        return f"< {least:.{digits}f} %"
    return f"{shown} %"


def sureness(share: float) -> str:
    """Write a probability in whole percents, never rounded up over a color's border.

    69.6 % is red, which begins below 70 %: written as 70 % it would seem a mistake.
    """
    if not 0.01 <= share < 0.99:
        return percent(share)
    # A little more, as 0.95 may come in single precision, as 0.94999999.
    return percent(math.floor(100 * share + 1e-5) / 100)


def _is_shown(char: str) -> bool:
    # Spaces of other widths are in names that people have to find again.
    return char.isprintable() or unicodedata.category(char) == "Zs"


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode()
