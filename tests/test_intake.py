"""Work on what was dropped, a moment at a time."""

from contextlib import nullcontext
from itertools import count
from types import SimpleNamespace

import pytest

from xray.ui import intake
from xray.ui.session import Session


def test_moment_of_work_ends_with_a_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    # Drawing lets a click in; one that waited then would lose its page to the rerun.
    done: list[str] = []

    class Bar(nullcontext):
        def progress(self, *_words: object) -> "Bar":
            done.append("drawn")
            return self

    def step(_tab: Session) -> bool:
        done.append("step")
        return True

    seconds = count()
    clock = SimpleNamespace(monotonic=lambda: float(next(seconds)))
    monkeypatch.setattr(intake, "time", clock)
    monkeypatch.setattr(intake, "classifier", lambda: None)
    monkeypatch.setattr(intake, "classify_all", lambda *_words, **_named: iter(()))
    monkeypatch.setattr(intake, "_progress", lambda _tab: "")
    monkeypatch.setattr(intake, "_step", step)
    intake.work(Session(), Bar(), drawing=0.0)  # type: ignore[arg-type]
    assert done.count("step") >= 2
    assert done[-1] == "drawn"
