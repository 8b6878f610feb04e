"""Listing what a DICOMweb server has, whatever it does with `limit` and `offset`.

Some servers ignore `offset`, and some give fewer than were asked for without a word
(PS3.18 8.3.4.4 lets them). What may be cut short is asked for again in halves, by Study
Date and then by Study Time, until it can't be.
"""

import logging
from collections.abc import Callable, Generator, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from ..errors import DatasetError

PAGE = 500  # answers of one question

_FIRST = datetime(1970, 1, 1)  # of studies in an archive that has to be cut up
_DAY_END = time(23, 59, 59)
_SECOND = timedelta(seconds=1)
_STUDY = "0020000D"

Answers = list[dict[str, Any]]
# Of Study Date (0008,0020) and Time (0008,0030), in whole seconds; None: any, or none.
Window = tuple[datetime, datetime] | None

_log = logging.getLogger(__name__)


class Studies:
    """The studies of a server.

    Args:
        host: Its name, for messages.
        search: Asks for studies that fit filters, from an offset on.
    """

    def __init__(
        self, host: str, search: Callable[[dict[str, str], int], Answers]
    ) -> None:
        self._host, self._search = host, search
        self._largest = 1  # page that the server has given

    def of(self, modalities: list[str]) -> Iterator[str]:
        """List the UID of every study with any of the modalities, once.

        Raises:
            DatasetError: The server cuts short whatever it is asked for.
        """
        seen: set[str] = set()
        for modality in modalities:
            yield from self._within(None, modality, seen)

    def _within(
        self, window: Window, modality: str, seen: set[str]
    ) -> Generator[str, None, set[str]]:
        """List studies of a window, which is halved where an answer may be cut short.

        That is so for a page as large as any that this server gave.

        Yields:
            Those that aren't in `seen`, where they are noted.

        Returns:
            All that there are.
        """
        filters = {"ModalitiesInStudy": modality, **_filters(window)}

        found = pages(lambda offset: self._search(filters, offset), _STUDY)
        ignores_offset, listed = False, set[str]()
        for page, is_new in found:
            ignores_offset = not is_new
            listed.update(page)
            for study in page:
                if study not in seen:
                    seen.add(study)
                    yield study
            largest = max(self._largest, len(page))
            is_full, self._largest = len(page) >= self._largest, largest
        if ignores_offset and is_full:
            inside: set[str] = set()
            for half in self._halves(window):
                inside |= yield from self._within(half, modality, seen)
            self._say_if_beside(len(listed - inside))
            listed |= inside
        return listed

    def _halves(self, window: Window) -> list[tuple[datetime, datetime]]:
        halves = _halves(window)
        if not halves:
            raise DatasetError(
                f"Expected {self._host} to list its studies page by page (offset), or "
                "by Study Date and Time (0008,0030). Received: no more than "
                f"{self._largest} studies, however short the time that was asked for. "
                "Have its limit raised above what comes in at one time, or audit its "
                "studies one by one."
            )
        return halves

    def _say_if_beside(self, count: int) -> None:
        """Warn where a window has studies that are in neither half of it."""
        if count:
            _log.warning(
                "%d studies of %s have no Study Date or Time that can be asked for; "
                "further ones without may be missing, as it cuts its answers short",
                count,
                self._host,
            )


def pages(ask: Callable[[int], Answers], tag: str) -> Iterator[tuple[list[str], bool]]:
    """Ask page by page, until one brings nothing that others haven't.

    Yields:
        The UIDs of a page, and whether any of them is new.
    """
    seen: set[str] = set()
    offset = 0
    while True:
        page = [text(each, tag) for each in ask(offset)]
        if not page:
            return
        is_new = not seen.issuperset(page)
        yield page, is_new
        if not is_new:
            return
        seen.update(page)
        offset += len(page)


def text(answer: dict[str, Any], tag: str) -> str:
    """Read a value of the DICOM JSON model (PS3.18 F.2)."""
    values = answer.get(tag, {}).get("Value") or [""]
    return str(values[0])


def _filters(window: Window) -> dict[str, str]:
    """Write a window as range matching has it (PS3.4 C.2.2.2.5)."""
    if window is None:
        return {}
    filters = {"StudyDate": "-".join(f"{moment:%Y%m%d}" for moment in window)}
    first, last = window
    if (first.time(), last.time()) != (time.min, _DAY_END):
        filters["StudyTime"] = f"{first:%H%M%S}-{last:%H%M%S}.999999"
    return filters


def _halves(window: Window) -> list[tuple[datetime, datetime]]:
    """Cut a window in two, between days or within one; none where it is a second."""
    # A study of tomorrow is one of a server east of here.
    tomorrow = date.today() + timedelta(days=1)
    first, last = window or (_FIRST, datetime.combine(tomorrow, _DAY_END))
    if first == last:
        return []
    if days := (last.date() - first.date()).days:
        day = first.date() + timedelta(days=days // 2)
        middle = datetime.combine(day, _DAY_END)
    else:
        middle = first + (last - first) // (2 * _SECOND) * _SECOND
    return [(first, middle), (middle + _SECOND, last)]
