"""A plan that any number of machines can share: what to audit, in which chunks.

The manifest lists every file once, shuffled, so that slow folders spread over chunks.
A chunk is done when its part is there, and nothing else is state: whoever finds a part
missing may make it, twice if need be.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

from ..errors import DatasetError
from ..network.findings.points import POINTS, Asked, Point
from ..reading.files import make_folder, write_file
from .archive import Listed
from .compare import Options
from .home import MANIFEST_NAME, PLAN_NAME, Home, refuse
from .parts import PARTS_NAME, copy, database
from .table import CSV_NAME

CHUNK_FILES = 5_000

_AT_ONCE = 20_000  # paths handed to the database
_SHUFFLED = "md5(path), path"


@dataclass(frozen=True, slots=True)
class Plan:
    """What an audit in chunks is of."""

    place: str  # folder or URL
    salt: str  # hexadecimal
    model: str  # name and version of the weights
    keep_uids: bool
    hide_paths: bool
    files: int
    chunk_files: int
    manifest: str  # sha256 of the manifest
    findings: Point | Literal[""] = ""  # as for `run_audit`; empty: not looked for
    fast: bool = False  # whether the small network may answer alone

    @property
    def chunks(self) -> int:
        """How many chunks there are."""
        return -(-self.files // self.chunk_files)

    @property
    def options(self) -> Options:
        """How rows are named."""
        flags = self.keep_uids, self.hide_paths, self.fast
        return Options(self.place, self.model, *flags, self.salt)

    def part(self, number: int) -> str:
        """Name a chunk's part: only the same plan gives the same name."""
        # A plan of a version without findings names the parts as that version did.
        values = {name: each for name, each in asdict(self).items() if each != ""}
        said = json.dumps(values, sort_keys=True).encode()
        return f"part-{hashlib.sha256(said).hexdigest()[:12]}-{number:06d}"


def make_plan(
    files: Iterable[Listed],
    home: Home,
    options: Options,
    chunk_files: int = CHUNK_FILES,
    findings: Asked = False,
) -> Plan:
    """List an archive's files into the manifest of a new report.

    Args:
        files: All of them, in any order; as many as there are.
        home: The report's.
        options: Where the files lie, and how rows will be named.
        chunk_files: Files of a chunk, zips counted as one.
        findings: As for `run_audit`.

    Raises:
        DatasetError: The folder holds another audit.
        OSError: The manifest can't be written.
    """
    refuse(home, PLAN_NAME, CSV_NAME, PARTS_NAME)
    out = home.folder
    make_folder(out)
    count = _write_manifest(files, out, chunk_files)
    plan = Plan(
        place=options.folder,
        salt=options.salt,
        model=options.model,
        keep_uids=options.keep_uids,
        hide_paths=options.hide_paths,
        files=count,
        chunk_files=chunk_files,
        manifest=_digest(out),
        findings=findings or "",
        fast=options.fast,
    )
    make_folder(out / PARTS_NAME)
    write_file(out / PLAN_NAME, json.dumps(asdict(plan), indent=2).encode())
    home.publish(out / MANIFEST_NAME, out / PLAN_NAME)
    return plan


def read_plan(out: Path) -> Plan:
    """Read the plan in a report's folder.

    Raises:
        DatasetError: There is none, it is damaged, or the manifest is another.
    """
    path = out / PLAN_NAME
    try:
        plan = Plan(**json.loads(path.read_text(encoding="utf-8")))
        bytes.fromhex(plan.salt)
        range(0, plan.files, plan.chunk_files)
        if plan.findings not in ("", *POINTS):
            raise ValueError(f"findings: {plan.findings}")  # noqa: TRY301
        manifest = _digest(out)
    except (OSError, ValueError, TypeError) as error:
        raise DatasetError(
            f"Expected a plan in {path}, could not read it: {error}. "
            "Make one with `xray audit FOLDER --plan --out REPORT`."
        ) from error
    if manifest != plan.manifest:
        raise DatasetError(
            f"Expected the manifest that {path} was made with. Received: another "
            f"{MANIFEST_NAME}. Restore it, or plan anew into another folder."
        )
    return plan


def files_of(out: Path, number: int) -> list[bytes]:
    """List the paths of a chunk, always in the same order."""
    with database() as (connection, plain):
        found = connection.execute(
            f"SELECT path FROM read_parquet('{plain(out)}/{MANIFEST_NAME}') "
            f"WHERE chunk = ? ORDER BY {_SHUFFLED}",
            [number],
        )
        return [bytes(path) for (path,) in found.fetchall()]


def missing(home: Home, plan: Plan, numbers: Iterable[int] | None = None) -> list[int]:
    """List the chunks whose part isn't there, of those named or of all."""
    there = home.parts()
    wanted = range(plan.chunks) if numbers is None else numbers
    return [number for number in wanted if plan.part(number) not in there]


def files_left(plan: Plan, numbers: Iterable[int]) -> int:
    """Count the files of some chunks; the last chunk may be smaller."""
    last = plan.chunks - 1
    rest = plan.files - last * plan.chunk_files
    return sum(rest if number == last else plan.chunk_files for number in numbers)


def _digest(out: Path) -> str:
    with (out / MANIFEST_NAME).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_manifest(files: Iterable[Listed], out: Path, chunk_files: int) -> int:
    with database() as (connection, plain):
        connection.execute(
            "CREATE TABLE files (path BLOB, size BIGINT, modified BIGINT)"
        )
        drawn = iter(files)
        while some := list(islice(drawn, _AT_ONCE)):
            columns = zip(*((f.path, f.size, f.modified) for f in some), strict=True)
            connection.execute(
                "INSERT INTO files SELECT unnest(?), unnest(?), unnest(?)",
                [list(column) for column in columns],
            )
        found = connection.execute("SELECT count(*) FROM files").fetchone()
        copy(
            connection,
            f"SELECT (row_number() OVER (ORDER BY {_SHUFFLED}) - 1) // {chunk_files} "
            f"AS chunk, * FROM files ORDER BY chunk, {_SHUFFLED}",
            f"{plain(out)}/{MANIFEST_NAME}",
        )
    return int(found[0]) if found else 0
