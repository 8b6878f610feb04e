"""Work done ahead: there when it is asked for, and never twice."""

from threading import Event

from xray.review.ahead import Ahead


def test_value_is_made_once_whoever_asks() -> None:
    made: list[int] = []

    def double(key: int) -> int:
        made.append(key)
        return key * 2

    ahead = Ahead(double)
    ahead.want([1, 2])
    assert [ahead.get(key) for key in (1, 2, 1)] == [2, 4, 2]
    assert sorted(made) == [1, 2]


def test_who_waits_for_a_value_ends_the_pause() -> None:
    ahead: Ahead[int, int] = Ahead(lambda key: key, pause=3600)
    assert ahead.get(1) == 1
    ahead.want([2])
    assert ahead.get(2) == 2


def test_oldest_values_go_and_are_made_again() -> None:
    made: list[int] = []
    ahead = Ahead(made.append, kept=2)
    for key in (1, 2, 3, 1):
        ahead.get(key)
    assert made == [1, 2, 3, 1]


def test_forgotten_value_is_made_again() -> None:
    made: list[int] = []
    ahead = Ahead(made.append)
    ahead.get(1)
    ahead.forget([1])
    ahead.get(1)
    assert made == [1, 1]


def test_values_are_made_in_the_order_they_will_be_wanted() -> None:
    made: list[int] = []
    begin = Event()

    def make(key: int) -> None:
        begin.wait(60)
        made.append(key)

    ahead = Ahead(make, threads=1)
    ahead.want([3, 1, 2])
    begin.set()
    ahead.get(2)
    assert made == [3, 1, 2]
