"""`xray audit`: the headers of a whole archive against its pictures."""

import argparse
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..reading.dicomweb import is_url
from ..text import printable
from .asking import add_findings, wanted_findings

if TYPE_CHECKING:
    from ..audit.compare import Classify
    from ..audit.summary import Summary
    from ..network.findings.points import Asked


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command's words."""
    parser = commands.add_parser(
        "audit",
        help="compare the headers of an archive with its pictures",
        description="Walk an archive (sub-folders, zips, any file names), compare "
        "each DICOM header with its picture, and write results.csv, Parquet parts "
        "and report.html into a folder. Run it again with the same --out to go on "
        "after a stop. Exit status: 0 done, also where some files can't be read (they "
        "are counted); 1 stopped; 2 wrong usage.",
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "folder",
        nargs="?",
        metavar="FOLDER",
        help="archive; a DICOMweb server, as https://pacs/dicom-web; with --plan also "
        "a URL that fsspec knows, as s3://bucket/films",
    )
    what.add_argument(
        "--merge",
        type=Path,
        nargs="+",
        metavar="REPORT",
        help="put the rows of finished reports together instead",
    )
    what.add_argument(
        "--run",
        metavar="REPORT",
        dest="planned",
        help="do the chunks of a plan that are missing, and write its report once all "
        "are there",
    )
    parser.add_argument(
        "--out",
        metavar="REPORT",
        help="folder for the report; with --plan also a URL that fsspec knows",
    )
    parser.add_argument(
        "--plan",
        action="store_true",
        help="only list the files into --out, in chunks for --run on any machine",
    )
    parser.add_argument(
        "--chunk-files",
        type=int,
        metavar="N",
        help="files of a planned chunk, 5,000 if left out",
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--chunk",
        metavar="N/M",
        help="with --run: only the N-th machine's share of M (Slurm, Kubernetes)",
    )
    how.add_argument(
        "--ray", metavar="ADDRESS", help="with --run: on a Ray cluster, as auto"
    )
    parser.add_argument(
        "--keep-uids",
        action="store_true",
        help="write SOP Instance UIDs as they are, not as salted hashes",
    )
    parser.add_argument(
        "--hide-paths",
        action="store_true",
        help="leave file paths out, which may name patients; a salted key remains",
    )
    add_findings(parser)
    parser.add_argument(
        "--fast",
        action="store_true",
        help="let the small network answer alone what it is sure of and has seen the "
        "like of, several times as fast; both are asked where the header would be "
        "contradicted. At most 2 of 1,000 verdicts differ",
    )
    parser.set_defaults(run=run, refuse=parser.error)


def run(arguments: argparse.Namespace) -> int:
    """Run the command."""
    _refuse_what_cannot_be(arguments)
    if arguments.plan:
        return _plan(arguments)
    if arguments.planned:
        return _run_planned(arguments)

    from ..audit.merging import merge
    from ..audit.run import run_audit
    from .console import Stop

    if arguments.merge:
        _print(merge(arguments.merge, Path(arguments.out)), arguments.out)
        return 0
    with Stop() as stop:
        summary = run_audit(
            arguments.folder if is_url(arguments.folder) else Path(arguments.folder),
            Path(arguments.out),
            keep_uids=arguments.keep_uids,
            hide_paths=arguments.hide_paths,
            fast=arguments.fast,
            until=stop.until,
            findings=wanted_findings(arguments),
        )
    _print(summary, arguments.out)
    if stop.asked:
        raise KeyboardInterrupt
    return 0


def _plan(arguments: argparse.Namespace) -> int:
    """List an archive's files into a plan."""
    from tqdm import tqdm

    from ..audit.archive import open_archive
    from ..audit.compare import Options
    from ..audit.home import open_home
    from ..audit.plan import CHUNK_FILES, make_plan
    from ..audit.run import load_network

    place = arguments.folder
    if "://" not in place:
        place = str(Path(place).resolve())
    out = None if "://" in arguments.out else Path(arguments.out)
    archive = open_archive(place, without=out)
    findings = wanted_findings(arguments)
    _, model = load_network(findings, arguments.fast)  # as the chunks' machines will
    hide = arguments.hide_paths or is_url(place)
    options = Options(place, model, arguments.keep_uids, hide, arguments.fast)
    with open_home(arguments.out) as home:
        plan = make_plan(
            tqdm(archive.walk(), unit=" files", disable=not sys.stderr.isatty()),
            home,
            options,
            arguments.chunk_files or CHUNK_FILES,
            findings,
        )
    sys.stdout.write(
        f"{plan.files:>12,}  files\n{plan.chunks:>12,}  chunks in "
        f"{printable(arguments.out)}\n"
    )
    return 0


def _run_planned(arguments: argparse.Namespace) -> int:
    """Do chunks of a plan, here or on a cluster, and report when all are done."""
    from tqdm import tqdm

    from ..audit.chunks import write_planned_report
    from ..audit.home import open_home
    from ..audit.local_executor import run_here
    from ..audit.plan import files_left, missing, read_plan

    place = arguments.planned
    with open_home(place) as home:
        plan = read_plan(home.folder)
        left = missing(home, plan, _share(arguments, plan.chunks))
        load = partial(load_classify, plan.model, plan.findings or False, plan.fast)
        failed: dict[int, str] = {}
        total = files_left(plan, left)
        with tqdm(total=total, unit="file", disable=not sys.stderr.isatty()) as bar:
            if arguments.ray and left:
                from ..audit.ray_executor import run_on_ray

                failed = run_on_ray(place, left, load, arguments.ray, bar.update)
            else:
                failed = run_here(place, left, load, bar.update)
        for number, reason in sorted(failed.items()):
            sys.stderr.write(f"chunk {number + 1:,}: {printable(reason)}\n")
        if still := len(missing(home, plan)):
            sys.stdout.write(
                f"{plan.chunks - still:>12,}  of {plan.chunks:,} chunks are done; the "
                "report is written when all are\n"
            )
            return 1 if failed else 0
        _print(write_planned_report(home), place)
    return 0


def load_classify(planned: str, findings: "Asked", fast: bool) -> "Classify":
    """Load the classifier as an audit was planned."""
    from ..audit.run import load_network
    from ..errors import ModelError

    classify, model = load_network(findings, fast)
    if model != planned:
        raise ModelError(
            f"Expected {planned}, which the audit was planned with. Received: {model}. "
            "Install the same on every machine."
        )
    return classify


def _share(arguments: argparse.Namespace, chunks: int) -> range:
    """Say which chunks are this machine's: all, or those of --chunk N/M."""
    number, slash, of = (arguments.chunk or "1/1").partition("/")
    if not (slash and number.isdecimal() and of.isdecimal()):
        arguments.refuse(f"expected --chunk N/M as 3/40, received {arguments.chunk}")
    if not 1 <= int(number) <= int(of):
        arguments.refuse(
            f"expected --chunk from 1/{of} to {of}/{of}, received {number}"
        )
    return range(int(number) - 1, chunks, int(of))


def _print(summary: "Summary", out: str) -> None:
    from ..audit.found_report import print_found
    from ..classify.verdict import Verdict

    for verdict in Verdict:
        count = summary.verdicts[verdict.value]
        sys.stdout.write(f"{count:>12,}  {verdict.icon} {verdict.word()}\n")
    views = summary.views
    sides = f"of {views.sided:,} films of a part with a side don't say which"
    sys.stdout.write(
        f"{views.without_side:>12,}  {sides}\n"
        f"{print_found(summary.found)}"
        f"{summary.pictures:>12,}  pictures without a header\n"
        f"{summary.unread:>12,}  not classified\n"
        f"{summary.files:>12,}  files in {printable(out.rstrip('/'))}/report.html\n"
    )


def _refuse_what_cannot_be(arguments: argparse.Namespace) -> None:
    """End with a usage error where the words contradict each other or lead nowhere."""
    from ..audit.merging import is_report
    from ..reading.files import is_same

    def refuse(text: str) -> None:
        arguments.refuse(printable(text))

    wanted_findings(arguments)
    if (arguments.chunk or arguments.ray) and not arguments.planned:
        refuse("expected --chunk and --ray with --run REPORT")
    if (arguments.chunk_files is not None) != (
        arguments.plan and bool(arguments.chunk_files)
    ):
        refuse("expected --chunk-files with --plan, at least 1")
    if arguments.planned is None and arguments.out is None:
        refuse("the following arguments are required: --out")
    if arguments.merge or arguments.planned:
        of_rows = ("keep_uids", "hide_paths", "findings", "fast")
        if any(getattr(arguments, each) for each in of_rows):
            refuse(
                "expected --keep-uids, --hide-paths, --findings and --fast as rows are "
                "made, not merged; a plan says them itself"
            )
        if arguments.plan:
            refuse("expected --plan with FOLDER")
        for report in arguments.merge or ():
            if not is_report(report):
                refuse(f"expected results.csv of an audit, received {report}")
        return
    if not arguments.plan and "://" in arguments.out:
        refuse(f"expected --plan with a store for --out, received {arguments.out}")
    if is_url(arguments.folder) or ("://" in arguments.folder and arguments.plan):
        return
    folder = Path(arguments.folder)
    if not folder.exists():
        refuse(f"expected a folder or file to audit, received {folder}")
    elif is_same(folder, Path(arguments.out)):
        refuse(f"expected --out to differ from FOLDER, received {arguments.out}")
