"""Text for a table that people open in a spreadsheet program."""

import re

# A cell that begins so is run as a formula (OWASP, "CSV Injection"); the wide forms are
# those of Asian keyboards. The apostrophe itself is guarded too, so that the guard can
# be undone.
_RUNS = re.compile(r"\s*[-=+@\t\r\n'＝＋－＠]")


def guard(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would run as a formula."""
    return f"'{text}" if _RUNS.match(text) else text


def unguard(cell: str) -> str:
    """Give back the text that `guard` was given."""
    return cell.removeprefix("'")
