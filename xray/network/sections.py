"""Sections of a card: typed dataclasses, read from JSON.

What the file says is checked as it is read: a field that is missing, unknown or of
another type is an error that names where it stands.
"""

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import PureWindowsPath
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints


def check_range(name: str, received: float, low: float, high: float) -> None:
    """Refuse a number out of range with a ValueError that names it."""
    if not low <= received <= high:
        raise ValueError(f"{name}: from {low:g} to {high:g}, received {received:g}")


def check_name(name: str, received: str) -> None:
    """Refuse what is no name of a file beside the card with a ValueError."""
    if received in ("", "..") or received != PureWindowsPath(received).name:
        raise ValueError(f"{name}: a file beside the card, received {received!r}")


def read_section(kind: Any, value: Any, where: str, **given: object) -> Any:
    """Make a value of a type from JSON.

    Args:
        kind: A section, a plain type, or tuples and mappings of them.
        value: What `json` read.
        where: How errors call it.
        given: Fields of the section that the file doesn't hold.

    Raises:
        ValueError: Something is missing, unknown, of another type or out of range.
    """
    inner = get_args(kind)
    if isinstance(kind, UnionType):  # a section that may be missing
        return read_section(inner[0], value, where)
    if get_origin(kind) is tuple and isinstance(value, list):
        return tuple(read_section(inner[0], each, where) for each in value)
    if get_origin(kind) is Mapping and isinstance(value, dict):
        pairs = value.items()
        return {
            key: read_section(inner[1], each, f"{where}.{key}") for key, each in pairs
        }
    if is_dataclass(kind) and isinstance(value, dict):
        return _section(kind, value, where, given)
    if kind is float and type(value) is int:
        return float(value)
    if kind in (Any, object) or type(value) is kind:
        return value
    raise ValueError(f"{where}: {getattr(kind, '__name__', kind)}, received {value!r}")


def _section(
    kind: Any, value: dict[str, object], where: str, given: dict[str, object]
) -> Any:
    types = get_type_hints(kind)
    known = {each.name: each for each in fields(kind) if each.name not in given}
    if unknown := value.keys() - known.keys():
        raise ValueError(f"{where}: no {', '.join(sorted(unknown))}")
    for name, each in known.items():
        required = each.default is MISSING and each.default_factory is MISSING
        if required and name not in value:
            raise ValueError(f"{where}: {name}, received none")
    found = {
        name: read_section(types[name], each, f"{where}.{name}")
        for name, each in value.items()
    }
    return kind(**given, **found)
