"""What a reader may count on: one name says one thing."""

import ast
from collections import defaultdict
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "xray"


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def test_public_class_names_are_unique() -> None:
    places = defaultdict(list)
    for module in modules():
        for node in ast.parse(module.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(str(module.relative_to(PACKAGE)))
    assert {name: where for name, where in places.items() if len(where) > 1} == {}
