"""Colored words with icons: how sure an answer is, what the header says of it.

Each is a piece of Markdown, so that a card can say all it has to say in one element:
the page sends every element again at each redraw.
"""

from ..classify.findings import Finding, word
from ..classify.trust.confidence import Band
from ..classify.trust.pose import UPRIGHT
from ..messages import MESSAGES
from .history import Entry
from .language import language, say, sureness


def badges(entry: Entry) -> str:
    """Say in colors how sure an answer is, and what else there is to know of it."""
    found = (_confidence(entry), _verdict(entry), _projection(entry), _pose(entry))
    return " ".join(each for each in found if each)


def finding_badges(entry: Entry) -> str:
    """Say what was found, and always beside it what that is not for.

    Nothing where nobody asked. Metal is told where it is flagged; a fracture always,
    as none flagged is no proof of none. No color here means good or bad.
    """
    words, findings = language(), entry.prediction.findings
    if findings is None:
        return ""
    fracture, hardware = findings.fracture, findings.hardware
    if fracture is None or hardware is None or findings.projection is None:
        return _badge("gray", say("findings_none"))
    found = [_flagged("fracture", fracture)]
    if hardware.flag:
        found.append(_flagged("hardware", hardware))
    projection = findings.projection
    number = sureness(projection.probability)
    found.append(_badge("gray", f"{word(projection.name, words)} {number}"))
    research = MESSAGES["findings_research"].text(words)
    return f"{' '.join(found)} :gray[:small[{research}]]"


def _flagged(name: str, finding: Finding) -> str:
    said = f"{word(name, language())} {sureness(finding.probability)}"
    if not finding.flag:
        return _badge("gray", said)
    return _badge("blue", f":material/flag: {said}")


def band_badge(band: Band, text: str) -> str:
    """Write a text in a band's color, its icon before it."""
    return _badge(band.color, f"{band.icon} {text}")


def _confidence(entry: Entry) -> str:
    """Write the confidence as number, word, icon and color.

    A rejected picture has no color: its best guess stands there instead.
    """
    words, band = language(), entry.band
    number = sureness(entry.prediction.confidence)
    if entry.prediction.rejected is not None:
        guess = say("guess", part=entry.part.name(words))
        return _badge("gray", f"{guess} · {number}")
    return band_badge(band, f"{number} · {band.word(words)}")


def _verdict(entry: Entry) -> str:
    """Write what header and picture say together; nothing where there is no header."""
    if entry.verdict is None:
        return ""
    verdict = entry.verdict
    return _badge(verdict.color, f"{verdict.icon} {verdict.word(language())}")


def _projection(entry: Entry) -> str:
    """Write the verdict on the projection; nothing where nobody asked for findings."""
    verdict = entry.projection_verdict
    if verdict is None:
        return ""
    word = verdict.word_of_projection(language())
    return _badge(verdict.color, f"{verdict.icon} {word}")


def _pose(entry: Entry) -> str:
    """Write how the film seems to lie, where it was read otherwise than it came."""
    pose = entry.prediction.pose
    if pose is UPRIGHT:
        return ""
    icon = "rotate_left" if pose.turns else "invert_colors"
    return _badge("gray", f":material/{icon}: {say(f'change_{pose.key}')}")


def _badge(color: str, text: str) -> str:
    return f":{color}-badge[{text}]"
