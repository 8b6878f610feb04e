"""What a reader may count on: one name says one thing, no module is long."""

import ast
from collections import defaultdict
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "xray"
TABLES = {"header/synonym_table.py", "messages.py", "ui/texts.py"}  # of words


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def test_public_class_names_are_unique() -> None:
    places = defaultdict(list)
    for module in modules():
        for node in ast.parse(module.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(str(module.relative_to(PACKAGE)))
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_no_module_but_tables_of_words_is_over_300_lines() -> None:
    long = {
        str(module.relative_to(PACKAGE))
        for module in modules()
        if len(module.read_text(encoding="utf-8").splitlines()) > 300
    }
    assert long == TABLES
