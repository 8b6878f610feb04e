"""An audit as one self-contained HTML page: no script, nothing fetched.

Everything that comes from a file is escaped, and the page's own policy forbids
loading anything.
"""

import base64
from collections import Counter
from collections.abc import Mapping
from html import escape
from operator import itemgetter

from .. import __version__
from ..classify.verdict import Verdict
from ..text import percent, sureness
from .drift import COMPARED, LEAST_FILES, THRESHOLD, Drift
from .found_report import render_found
from .marks import bar, mark, matrix, share, shares, table
from .summary import GROUPS, Summary, label_order
from .table import Row
from .views_report import render_views

MOST_GROUPS = 30  # lines of a table; the rest are added up

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;background:#12161c;color:#dde3ea;
max-width:75rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem;margin:0}h2{font-size:1.15rem;margin:2.2rem 0 .6rem}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .6rem;text-align:right;border-bottom:1px solid #2a323c}
th:first-child,td:first-child{text-align:left;white-space:nowrap}
td small{display:block;white-space:nowrap}
th{font-weight:600;color:#9fb0c3;vertical-align:bottom}
small,.quiet{color:#8c9bad}.wide{overflow-x:auto}
.matrix{font-size:12px}.matrix td,.matrix th{padding:.15rem .35rem;border:0}
.matrix thead th{writing-mode:vertical-rl;transform:rotate(180deg);text-align:left}
.films{display:grid;grid-template-columns:repeat(auto-fill,minmax(20rem,1fr));gap:1rem}
figure{margin:0;background:#1a2028;border-radius:8px;padding:.7rem}
figure img{max-width:100%;border-radius:4px}
figcaption{font-size:13px;overflow-wrap:anywhere}
"""


def render_report(
    summary: Summary,
    examples: Mapping[str, bytes],
    rows: Mapping[str, Row],
    title: str,
    model: str,
) -> str:
    """Write the page.

    Args:
        summary: The audit's figures.
        examples: JPEGs by key, in the order to show them.
        rows: The examples' rows by key.
        title: What was audited.
        model: Name and version of the weights.
    """
    groups = (
        _group(heading, summary.groups[name], in_order=name == "month")
        for name, heading in GROUPS.items()
    )
    body = "".join(
        (
            _head(summary, title, model),
            f"<h2>Verdicts</h2>{shares(summary.verdicts)}",
            _drift(summary.drift),
            *groups,
            _confusion(summary.confusion),
            render_views(summary.views),
            render_found(summary.found),
            _films(examples, rows),
            _problems(summary.problems),
        )
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "img-src data:; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width">'
        f"<title>Header against picture</title><style>{_STYLE}</style></head>"
        f"<body>{body}</body></html>\n"
    )


def _head(summary: Summary, title: str, model: str) -> str:
    return (
        "<h1>Header against picture</h1>"
        f'<p class="quiet">{escape(title)} · {summary.files:,} files: '
        f"{summary.judged:,} DICOM radiographs judged, {summary.pictures:,} pictures "
        f"without a header, {summary.unread:,} not classified · model "
        f"{escape(model)} · xray {__version__} · research use, not a medical device</p>"
    )


def _group(title: str, counts: Mapping[str, Counter[str]], in_order: bool) -> str:
    ranked = sorted(counts.items(), key=lambda item: (-item[1].total(), item[0]))
    shown, rest = ranked[:MOST_GROUPS], ranked[MOST_GROUPS:]
    if in_order:
        shown.sort(key=itemgetter(0))
    if rest:
        others = sum((counter for _, counter in rest), Counter[str]())
        shown.append((f"{len(rest):,} others", others))
    heads = ["Files", "", *(f"{mark(v)} {escape(v.word())}" for v in Verdict)]
    lines = (
        f"<tr><td>{escape(name) or '<small>not given</small>'}</td>"
        f"<td>{counter.total():,}</td><td>{bar(counter, 120, 12)}</td>"
        + "".join(
            f"<td>{share(counter[verdict.value], counter.total())}</td>"
            for verdict in Verdict
        )
        + "</tr>"
        for name, counter in shown
    )
    return f"<h2>{escape(title)}</h2>{table(heads, lines)}"


def _drift(drift: list[Drift]) -> str:
    """Say which months, stations and makers differ from the whole."""
    if not drift:
        return ""
    lines = (
        f"<tr><td>{escape(GROUPS[each.group])} <b>{escape(each.name) or '–'}</b></td>"
        f"<td>{each.files:,}</td><td>{each.index:.2f}</td>"
        f"<td>{escape(COMPARED[each.what])}: {escape(_bin(each))} "
        f"{escape(percent(each.share, 1))}, usually {escape(percent(each.usual, 1))}"
        "</td></tr>"
        for each in drift[:MOST_GROUPS]
    )
    return (
        "<h2>Unlike the rest</h2>"
        f'<p class="quiet">Months, stations and makers with at least {LEAST_FILES} '
        "judged files whose verdicts, body parts or confidence differ from the whole: "
        f"population stability index above {THRESHOLD}.</p>"
        + table(("Files", "Index", "Most of all"), lines)
    )


def _bin(drift: Drift) -> str:
    return Verdict(drift.bin).word() if drift.what == "verdict" else drift.bin


def _confusion(counts: Mapping[tuple[str, str], Counter[str]]) -> str:
    if not counts:
        return ""
    return (
        "<h2>Header (rows) × picture (columns)</h2>"
        '<p class="quiet">Files whose header was understood and whose picture was '
        f"clear.</p>{matrix(counts, label_order())}"
    )


def _films(examples: Mapping[str, bytes], rows: Mapping[str, Row]) -> str:
    figures = "".join(
        _figure(picture, rows[key]) for key, picture in examples.items() if key in rows
    )
    if not figures:
        return ""
    return (
        "<h2>Most confident disagreements</h2>"
        '<p class="quiet">Radiograph, and where it speaks for the part it shows.</p>'
        f'<div class="films">{figures}</div>'
    )


def _figure(picture: bytes, row: Row) -> str:
    image = base64.b64encode(picture).decode()
    shows = f"{row.part}, {sureness(row.probability or 0)}"
    header = row.header_term or row.header_parts.replace("|", ", ")
    return (
        f'<figure><img alt="{escape(row.part)}" '
        f'src="data:image/jpeg;base64,{image}"><figcaption>'
        f"Header: <b>{escape(header)}</b> <small>{escape(row.header_source)}</small>"
        f"<br>Picture: <b>{escape(shows)}</b><br>"
        f"<small>{escape(row.path)}</small></figcaption></figure>"
    )


def _problems(problems: Counter[str]) -> str:
    if not problems:
        return ""
    lines = "".join(
        f"<tr><td>{escape(problem.replace('_', ' '))}</td><td>{count:,}</td></tr>"
        for problem, count in problems.most_common(MOST_GROUPS)
    )
    return f"<h2>Not classified</h2><table>{lines}</table>"
