"""Values of a TOML table, each asked for by name and kind, none left unread."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..errors import ConfigError

_MOST_AE = 16  # characters, PS3.5 6.2


class Table:
    """One table of a settings file; every message says which and what to do.

    Args:
        values: As tomllib read them.
        where: The table's name, as messages tell it: "[node]".
        base: Folder that paths are relative to.
    """

    def __init__(self, values: Mapping[str, Any], where: str, base: Path) -> None:
        self._values = dict(values)
        self.where = where
        self._base = base
        self._asked: list[str] = []

    def has(self, name: str) -> bool:
        """Say whether a value is there."""
        return name in self._values

    def text(self, name: str, default: str | None = None) -> str:
        """Read a text that isn't empty; without a default it has to be there."""
        value = self._take(name, default, "a text in quotes")
        if not isinstance(value, str) or not (value or default == ""):
            raise self.wrong(name, "a text in quotes", value)
        return value

    def ae_title(self) -> str:
        """Read an AE title, which has to be there."""
        title = self.text("ae_title").strip()
        if not 0 < len(title) <= _MOST_AE or not title.isascii() or "\\" in title:
            raise self.wrong("ae_title", f"1 to {_MOST_AE} ASCII characters", title)
        return title

    def url(self) -> str:
        """Read the address of a server, which has to be there."""
        url = self.text("url")
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise self.wrong("url", "an address as https://server/path", url)
        if parts.username or parts.password:
            raise self.wrong("url", "an address without a password; name a file", "one")
        return url

    def choice(
        self, name: str, words: Iterable[str], default: str | None = None
    ) -> str:
        """Read one of several words."""
        words = list(words)
        value = self.text(name, default)
        if value not in words:
            raise self.wrong(name, f"one of {', '.join(words)}", value)
        return value

    def texts(self, name: str, words: Iterable[str] | None = None) -> tuple[str, ...]:
        """Read a list of texts, of certain words if such are given; () if absent."""
        value = self._take(name, [], "a list of texts")
        if not isinstance(value, list) or not all(isinstance(e, str) for e in value):
            raise self.wrong(name, 'a list of texts, as ["A", "B"]', value)
        allowed = None if words is None else list(words)
        for each in value:
            if allowed is not None and each not in allowed:
                raise self.wrong(name, f"some of {', '.join(allowed)}", each)
        return tuple(value)

    def number(self, name: str, default: float, least: float, most: float) -> float:
        """Read a number within bounds."""
        value = self._take(name, default, "a number")
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong(name, "a number", value)
        if not least <= value <= most:
            raise self.wrong(name, f"a number from {least:g} to {most:g}", value)
        return float(value)

    def flag(self, name: str) -> bool:
        """Read true or false; false if absent."""
        value = self._take(name, False, "true or false")
        if not isinstance(value, bool):
            raise self.wrong(name, "true or false", value)
        return value

    def path(self, name: str) -> Path:
        """Read a path, relative to the settings file."""
        return self._base / self.text(name)

    def file_if_named(self, name: str) -> Path | None:
        """Read the path of a file that is there, where the table names one."""
        return self.file(name) if self.has(name) else None

    def file(self, name: str) -> Path:
        """Read the path of a file that is there."""
        path = self.path(name)
        if not path.is_file():
            raise self.wrong(name, "the path of a file that exists", str(path))
        return path

    def secret(self, name: str, least: int = 1) -> bytes:
        """Read a secret of some bytes from the file that the table names."""
        path = self.file(name)
        try:
            secret = path.read_bytes().strip()
        except OSError as error:
            raise self.wrong(name, "a file the node can read", str(error)) from error
        if len(secret) < least:
            raise self.wrong(name, f"a file of {least} bytes or more", len(secret))
        return secret

    def table(self, name: str) -> "Table | None":
        """Read a table below this one; None if absent."""
        if not self.has(name):
            self._asked.append(name)
            return None
        value = self._take(name, None, f"a table [{name}]")
        if not isinstance(value, dict):
            raise self.wrong(name, f"a table [{name}]", value)
        return Table(value, f"[{name}] of {self.where}", self._base)

    def tables(self, name: str) -> list["Table"]:
        """Read a list of tables, written as [[name]]; empty if absent."""
        value = self._take(name, [], "tables")
        if not isinstance(value, list) or not all(isinstance(e, dict) for e in value):
            raise self.wrong(name, f"tables written as [[{name}]]", value)
        return [
            Table(each, f"[[{name}]] number {number}", self._base)
            for number, each in enumerate(value, 1)
        ]

    def end(self) -> None:
        """Refuse what nobody asked for: a slip of the pen must not go unseen."""
        for name in self._values:
            if name not in self._asked:
                known = ", ".join(self._asked)
                raise ConfigError(
                    f"Expected in {self.where} only: {known}. Received: {name}. "
                    "Correct or remove it."
                )

    def wrong(self, name: str, expected: str, received: object) -> ConfigError:
        """Make the error for a value."""
        return ConfigError(
            f"Expected {name} in {self.where} to be {expected}. "
            f"Received: {received!r}. Change it in the settings file."
        )

    def _take(self, name: str, default: object, expected: str) -> object:
        self._asked.append(name)
        if name in self._values:
            return self._values[name]
        if default is None:
            raise ConfigError(
                f"Expected {name} in {self.where}: {expected}. Received: nothing. "
                "Add it to the settings file."
            )
        return default
