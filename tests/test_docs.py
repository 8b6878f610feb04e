"""README and docs/: generated parts up to date, links that lead somewhere."""

import re
from pathlib import Path

import pytest

from tests.tables import PAGES, README, ROOT, TABLES, fill

_MARK = re.compile(r"<!-- (?!end )([\w-]+) -->")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_generated_parts_are_up_to_date(page: Path) -> None:
    # After a change: python -m tests.tables
    text = page.read_text(encoding="utf-8")
    assert fill(text) == text


def test_every_generated_part_stands_in_one_place() -> None:
    marks = [m for page in PAGES for m in _MARK.findall(page.read_text("utf-8"))]
    assert sorted(marks) == sorted(TABLES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_what_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)", text):
        if not target.startswith("https://"):
            assert (page.parent / target).exists(), target


def test_readme_is_short_and_names_every_document() -> None:
    text = README.read_text(encoding="utf-8")
    assert text.count("\n") <= 150
    for page in PAGES[1:]:
        assert f"({page.relative_to(ROOT)})" in text
