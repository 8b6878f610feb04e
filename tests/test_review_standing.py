"""Where films stand after what people said of them."""

from xray.review.opinion import Choice, Opinion
from xray.review.queue import Queue, is_due
from xray.review.standing import DISPUTES, ReviewStatus, Standings


def after(*opinions: Opinion) -> Standings:
    standings = Standings()
    for opinion in opinions:
        standings.add(opinion)
    return standings


def says(who: str, *parts: int, queue: str = "look") -> Opinion:
    return Opinion("film", Choice.PART, who, parts, queue=queue)


SECOND = Opinion("film", Choice.SECOND, "ann")


def test_film_is_decided_by_one_person() -> None:
    standings = after(says("ann", 9))
    assert standings.status("film") is ReviewStatus.DECIDED
    assert standings.final("film") == says_of(standings, "ann")


def says_of(standings: Standings, who: str) -> Opinion:
    return standings.decisions("film")[who]


def test_undo_takes_back_one_line() -> None:
    first = says("ann", 9)
    undo = Opinion("film", Choice.UNDO, "ann", undoes=first.id)
    assert after(first, undo).status("film") is ReviewStatus.OPEN
    again = after(first, undo, says("ann", 21))
    assert again.final("film") == says_of(again, "ann")
    assert says_of(again, "ann").parts == (21,)


def test_second_opinion_that_was_asked_for_is_waited_for() -> None:
    assert after(SECOND).status("film") is ReviewStatus.OPEN
    assert after(SECOND, says("ann", 9)).status("film") is ReviewStatus.WAITING
    agreed = after(SECOND, says("ann", 9), says("ben", 9))
    assert agreed.status("film") is ReviewStatus.DECIDED


def test_same_person_gives_no_second_opinion() -> None:
    standings = after(SECOND, says("ann", 9), says("ann", 21))
    assert standings.status("film") is ReviewStatus.WAITING
    assert not is_due(Queue.SECOND, standings, "ann")("film")
    assert is_due(Queue.SECOND, standings, "ben")("film")


def test_two_people_who_differ_leave_a_dispute_for_the_last_word() -> None:
    standings = after(SECOND, says("ann", 9), says("ben", 21))
    assert standings.status("film") is ReviewStatus.DISPUTED
    assert standings.final("film") is None
    assert is_due(Queue.DISPUTED, standings, "ann")("film")
    assert not is_due(Queue.LOOK, standings, "ann")("film")
    standings.add(says("eve", 9, queue=DISPUTES))
    assert standings.status("film") is ReviewStatus.DECIDED
    assert standings.final("film") == says_of(standings, "eve")


def test_order_of_several_parts_is_no_difference() -> None:
    assert after(says("ann", 9, 21), says("ben", 21, 9)).status("film") is (
        ReviewStatus.DECIDED
    )


def test_header_and_part_that_mean_the_same_agree() -> None:
    header = Opinion("film", Choice.HEADER, "ben", (9,))
    assert after(says("ann", 9), header).status("film") is ReviewStatus.DECIDED


def test_no_radiograph_differs_from_a_header_that_names_nothing() -> None:
    header = Opinion("film", Choice.HEADER, "ben")
    blank = Opinion("film", Choice.NOT_RADIOGRAPH, "ann")
    assert after(blank, header).status("film") is ReviewStatus.DISPUTED


def test_skipped_film_is_not_due_to_who_skipped_it() -> None:
    standings = after(Opinion("film", Choice.SKIP, "ann"))
    assert not is_due(Queue.LOOK, standings, "ann")("film")
    assert is_due(Queue.LOOK, standings, "ben")("film")
