"""Decisions on disk: nothing is lost, whoever dies and whoever writes beside."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from xray.review.opinion import Choice, Opinion, read_line, to_line
from xray.review.standing import ReviewStatus
from xray.review.store import CLAIMS_NAME, FILE_NAME, LEASE, OpinionStore

ROOT = Path(__file__).parents[1]
WRITER = """
    import sys
    from pathlib import Path
    from xray.review.opinion import Choice, Opinion
    from xray.review.store import OpinionStore

    store = OpinionStore(Path(sys.argv[1]))
    for number in range(100000):
        store.append(Opinion(f"{number:016x}", Choice.PART, sys.argv[2], (9,)))
        sys.stdout.write(f"{number}\\n")
        sys.stdout.flush()
"""


def write_until(folder: Path, who: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(WRITER), str(folder), who],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        text=True,
    )


def said(store: OpinionStore) -> list[Opinion]:
    return [each for film in store.standings for each in store.standings.said(film)]


def test_line_gives_the_opinion_back() -> None:
    opinion = Opinion("0" * 16, Choice.SEVERAL, "Ána", (9, 21), "m", "s", "look", "t")
    assert read_line(to_line(opinion)) == opinion
    assert to_line(opinion).count(b"\n") == 1


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"film": "a", "choice": "dance", "who": "b"}',
        b'{"film": "a", "choice": "part", "who": "b", "parts": [22]}',
        b'{"film": "a", "choice": "part", "who": "b", "parts": ["9"]}',
        b'{"film": 1, "choice": "part", "who": "b", "parts": [9]}',
    ],
)
def test_line_of_another_kind_is_passed_over(line: bytes) -> None:
    assert read_line(line) is None


def test_decision_is_on_the_disk_for_who_opens_the_folder_next(tmp_path: Path) -> None:
    opinion = Opinion("a", Choice.PICTURE, "ann", (9,))
    OpinionStore(tmp_path).append(opinion)
    assert OpinionStore(tmp_path).standings.final("a") == opinion


def test_append_is_synced_before_it_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    store = OpinionStore(tmp_path)
    store.append(Opinion("a", Choice.PICTURE, "ann", (9,)))
    assert len(synced) == 2  # the line, and the new file's name
    store.append(Opinion("b", Choice.PICTURE, "ann", (9,)))
    assert len(synced) == 3


def test_killed_writer_loses_no_decision_that_it_had_confirmed(tmp_path: Path) -> None:
    writer = write_until(tmp_path, "ann")
    assert writer.stdout is not None
    confirmed = [int(writer.stdout.readline()) for _ in range(20)]
    os.kill(writer.pid, signal.SIGKILL)
    confirmed += [int(line) for line in writer.stdout.read().split()]
    writer.wait()
    writer.stdout.close()
    store = OpinionStore(tmp_path)
    assert {f"{number:016x}" for number in confirmed} <= set(store.standings)
    store.append(Opinion("after", Choice.PICTURE, "ann", (9,)))
    assert OpinionStore(tmp_path).standings.status("after") is ReviewStatus.DECIDED


def test_line_cut_short_by_a_crash_costs_itself_alone(tmp_path: Path) -> None:
    store = OpinionStore(tmp_path)
    store.append(Opinion("a", Choice.PICTURE, "ann", (9,)))
    with (tmp_path / FILE_NAME).open("ab") as file:
        file.write(to_line(Opinion("torn", Choice.PICTURE, "ann", (9,)))[:30])
    after = OpinionStore(tmp_path)
    assert list(after.standings) == ["a"]
    after.append(Opinion("b", Choice.PICTURE, "ann", (9,)))
    assert list(OpinionStore(tmp_path).standings) == ["a", "b"]
    store.refresh()  # whoever had the file open reads it the same way
    assert list(store.standings) == ["a", "b"]


def test_two_servers_on_one_folder_lose_nothing_and_mix_no_lines(
    tmp_path: Path,
) -> None:
    writers = [write_until(tmp_path, who) for who in ("ann", "ben")]
    counts = {}
    for writer, who in zip(writers, ("ann", "ben"), strict=True):
        assert writer.stdout is not None
        for _ in range(25):
            writer.stdout.readline()
        counts[who] = 25
    for writer, who in zip(writers, ("ann", "ben"), strict=True):
        assert writer.stdout is not None
        writer.kill()
        counts[who] += len(writer.stdout.read().split())
        writer.wait()
        writer.stdout.close()
    lines = (tmp_path / FILE_NAME).read_bytes().splitlines()
    whole = [json.loads(line)["who"] for line in lines[:-2]]  # the last may be torn
    assert set(whole) == {"ann", "ben"}
    everything = said(OpinionStore(tmp_path))
    for who, count in counts.items():
        assert sum(each.who == who for each in everything) >= count


def test_film_is_given_to_one_tab_at_a_time(tmp_path: Path) -> None:
    stores = [OpinionStore(tmp_path) for _ in range(4)]  # as four servers have them
    films = [f"film {number}" for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        given = pool.map(
            lambda number: stores[number].claim(films, f"tab {number}"), range(4)
        )
    assert sorted(map(str, given)) == films
    assert stores[0].claim(films, "one more") is None


def test_tab_keeps_its_film_and_frees_it_with_the_next(tmp_path: Path) -> None:
    store = OpinionStore(tmp_path)
    assert store.claim(["a", "b"], "one") == "a"
    assert store.claim(["a", "b"], "one") == "a"
    assert store.claim(["a", "b"], "two") == "b"
    assert store.claimed("two") == {"a"}
    assert store.claim(["c"], "one") == "c"
    assert store.claim(["a", "b"], "two") == "a"


def test_film_of_a_tab_that_is_gone_is_free_after_its_lease(tmp_path: Path) -> None:
    store = OpinionStore(tmp_path)
    assert store.claim(["a"], "gone") == "a"
    assert store.claim(["a"], "here") is None
    path = tmp_path / CLAIMS_NAME
    ((film, (tab, until)),) = json.loads(path.read_text()).items()
    path.write_text(json.dumps({film: (tab, until - LEASE - 1)}))
    assert store.claim(["a"], "here") == "a"


def test_damaged_claims_hold_nobody_up(tmp_path: Path) -> None:
    (tmp_path / "claims.json").write_text("{nonsense")
    assert OpinionStore(tmp_path).claim(["a"], "one") == "a"
    (tmp_path / "claims.json").write_text('{"a": 5}')
    assert OpinionStore(tmp_path).claim(["a"], "one") == "a"
