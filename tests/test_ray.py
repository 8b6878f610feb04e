"""A plan's chunks on a real Ray cluster: nodes, drivers and actors that die."""

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.planned import FATAL, classify, make_archive, plan_of, run_missing
from xray.audit.chunks import write_planned_report
from xray.audit.home import Home
from xray.audit.parts import rows_in
from xray.audit.plan import missing, read_plan
from xray.audit.ray_executor import run_on_ray
from xray.errors import DatasetError

ROOT = Path(__file__).parents[1]
TOKEN = "t" * 64

# Two nodes of one processor each; the second can be taken away. Then chunks, in the
# same process, which is the driver.
_DRIVER = """
import sys, threading
from pathlib import Path
from ray.cluster_utils import Cluster
from tests.planned import {load}
from xray.audit.home import Home
from xray.audit.plan import missing, read_plan
from xray.audit.ray_executor import run_on_ray

out, loses_a_node = Path(sys.argv[1]), sys.argv[2] == "loses a node"
options = dict(
    num_cpus=1,
    object_store_memory=80 * 2**20,
    include_dashboard=False,
)

def start(make):
    # On a machine that is busy with other tests Ray gives up on a slow start.
    for _ in range(3):
        try:
            return make()
        except Exception as error:
            last = error
    raise last

cluster = start(lambda: Cluster(initialize_head=True, head_node_args=options))
second = start(lambda: cluster.add_node(**options))
done = []

def note(files):
    done.append(files)
    print("chunk", flush=True)
    if loses_a_node and len(done) == 2:
        threading.Thread(target=cluster.remove_node, args=(second, False)).start()

failed = run_on_ray(
    out, missing(Home(out), read_plan(out)), {load}, cluster.address, note
)
print("failed", failed, flush=True)
cluster.shutdown()
"""


@pytest.fixture(scope="module")
def archive(tmp_path_factory) -> Path:
    return make_archive(tmp_path_factory.mktemp("archive"), 90)


def start_driver(
    out: Path, load: str, fate: str = "stays whole"
) -> subprocess.Popen[str]:
    """Start a cluster and a driver in a process group of their own."""
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": TOKEN,
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_raylet_start_wait_time_s": "180",  # a busy machine starts slowly
    }
    return subprocess.Popen(
        [sys.executable, "-c", _DRIVER.format(load=load), str(out), fate],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )


def finish(driver: subprocess.Popen[str]) -> str:
    """Wait for a driver, and give what it said."""
    with driver:
        said, _ = driver.communicate(timeout=150)
    assert driver.returncode == 0, said
    return said


def kill_all(driver: subprocess.Popen[str]) -> None:
    """End a driver and its cluster as a power cut does."""
    found = subprocess.run(
        ["pgrep", "-s", str(driver.pid)], capture_output=True, text=True, check=False
    )
    for word in found.stdout.split():
        try:
            os.kill(int(word), signal.SIGKILL)
        except ProcessLookupError:
            continue
    driver.wait()
    assert driver.stdout is not None
    driver.stdout.close()


def paths(out: Path) -> Counter[str]:
    """Count the rows of each file."""
    with rows_in(out) as rows:
        found = rows.execute("SELECT path FROM rows").fetchall()
    return Counter(path for (path,) in found)


def local_report(archive: Path, out: Path, made: Path) -> bytes:
    """Make the report of the same plan on this machine alone."""
    out.mkdir()
    for name in ("plan.json", "manifest.parquet"):
        (out / name).write_bytes((made / name).read_bytes())
    (out / "results").mkdir()
    run_missing(out, range(read_plan(out).chunks), classify)
    write_planned_report(Home(out))
    return (out / "report.html").read_bytes()


def test_node_that_dies_costs_no_film(archive, tmp_path):
    out = tmp_path / "r"
    plan_of(archive, out, chunk_files=10)
    said = finish(start_driver(out, "load_slow", "loses a node"))
    assert "failed {}" in said
    assert missing(Home(out), read_plan(out)) == []
    assert set(paths(out).values()) == {1}
    assert len(paths(out)) == 90
    write_planned_report(Home(out))
    assert all(path.suffix == ".parquet" for path in (out / "results").iterdir())
    alone = local_report(archive, tmp_path / "alone", out)
    assert (out / "report.html").read_bytes() == alone


def test_driver_that_is_killed_goes_on_where_it_was(archive, tmp_path):
    out = tmp_path / "r"
    plan_of(archive, out, chunk_files=10)
    driver = start_driver(out, "load_slow")
    assert driver.stdout is not None
    for line in driver.stdout:
        if line == "chunk\n":
            break
    kill_all(driver)
    left = missing(Home(out), read_plan(out))
    assert 0 < len(left) < 9
    made = {path: path.stat().st_mtime_ns for path in (out / "results").glob("*.parq*")}
    finish(start_driver(out, "load"))
    assert missing(Home(out), read_plan(out)) == []
    assert all(path.stat().st_mtime_ns == then for path, then in made.items())
    assert set(paths(out).values()) == {1}


def test_film_that_ends_its_actor_is_named_and_costs_no_other(tmp_path):
    films = make_archive(tmp_path / "films", 12)
    (films / f"{FATAL}.dcm").write_bytes(next(films.rglob("*.dcm")).read_bytes())
    out = tmp_path / "r"
    plan_of(films, out, chunk_files=20)
    assert "failed {}" in finish(start_driver(out, "load"))
    with rows_in(out) as rows:
        found = rows.execute("SELECT path, problem FROM rows WHERE problem <> ''")
        assert found.fetchall() == [(f"{FATAL}.dcm", "decoder_died")]
    assert write_planned_report(Home(out)).files == 13


def test_cluster_without_tokens_is_refused(tmp_path, monkeypatch):
    monkeypatch.delenv("RAY_AUTH_MODE", raising=False)
    with pytest.raises(DatasetError, match="RAY_AUTH_MODE=token"):
        run_on_ray(tmp_path, [], lambda: classify, "auto")
