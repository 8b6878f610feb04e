"""Lines of the programs in here that measure, as soon as there is something to say."""

import sys


def say(line: str) -> None:
    """Write a line, whoever reads it."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
