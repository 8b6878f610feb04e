"""What a person says of one film, as one line of a file.

Lines are only ever added: an opinion is taken back by a line of its own.
"""

import json
import secrets
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from ..labels import BODY_PARTS


class Choice(StrEnum):
    """What a person may say."""

    HEADER = "header"  # the header is right
    PICTURE = "picture"  # the network is right
    PART = "part"  # another part
    SEVERAL = "several"  # several parts
    NOT_RADIOGRAPH = "not_radiograph"
    SKIP = "skip"  # nothing, for now
    SECOND = "second"  # somebody else should look too
    UNDO = "undo"

    @property
    def decides(self) -> bool:
        """Whether it says what the film shows."""
        return self not in (Choice.SKIP, Choice.SECOND, Choice.UNDO)


@dataclass(frozen=True, slots=True)
class Opinion:
    """One line."""

    film: str  # key of the audit's row
    choice: Choice
    who: str
    parts: tuple[int, ...] = ()  # class numbers that the film shows, if it decides
    model: str = ""  # name and version of what had answered
    sha256: str = ""  # of the file that was looked at
    queue: str = ""  # which one the film came from
    tab: str = ""  # of the browser
    undoes: str = ""  # id of the line that this one takes back
    at: str = field(
        default_factory=lambda: datetime.now(UTC).isoformat(timespec="milliseconds")
    )
    id: str = field(default_factory=lambda: secrets.token_hex(6))

    @property
    def answer(self) -> tuple[str, frozenset[int]]:
        """What two opinions have in common that agree."""
        return ("" if self.parts else self.choice.value, frozenset(self.parts))


_NAMES = frozenset(each.name for each in fields(Opinion))


def to_line(opinion: Opinion) -> bytes:
    """Write an opinion as a line of JSON; what is empty is left out."""
    values = {name: value for name, value in asdict(opinion).items() if value}
    return json.dumps(values, ensure_ascii=True).encode() + b"\n"


def read_line(line: bytes) -> Opinion | None:
    """Read a line; None where a crash cut it short or another program wrote it."""
    try:
        values = json.loads(line)
    except ValueError:
        return None
    if not isinstance(values, dict):
        return None
    known: dict[str, Any] = {k: v for k, v in values.items() if k in _NAMES}
    try:
        known["choice"] = Choice(known["choice"])
        parts = tuple(known.pop("parts", ()))
        texts = [known[name] for name in ("film", "who", "at", "id")]
        opinion = Opinion(parts=parts, **known)
    except (KeyError, TypeError, ValueError):
        return None
    good = all(isinstance(each, str) for each in texts) and all(
        type(part) is int and 0 <= part < len(BODY_PARTS) for part in parts
    )
    return opinion if good else None
