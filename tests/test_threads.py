"""Work on threads: order, bounded queues, early ends."""

import gc
import inspect
import threading
import time
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import OpenBLASController, threadpool_info

from xray.threads import AHEAD, count_cores, in_order, keep_products_single, once


@given(st.lists(st.integers()))
def test_in_order_any_items_gives_what_map_gives(items: list[int]) -> None:
    assert list(in_order(lambda item: item * 2, items)) == [item * 2 for item in items]


def test_in_order_slow_first_item_keeps_the_order() -> None:
    def work(item: int) -> int:
        time.sleep(0.05 if item == 0 else 0)
        return item

    assert list(in_order(work, range(20))) == list(range(20))


def test_in_order_endless_items_draws_only_a_few_ahead() -> None:
    drawn = 0

    def endless() -> Iterator[int]:
        nonlocal drawn
        while True:
            drawn += 1
            yield drawn

    results = in_order(lambda item: item, endless())
    for taken in range(1, 101):
        assert next(results) == taken
        assert drawn <= taken + count_cores() + 2 + AHEAD
    results.close()


def test_in_order_closed_early_drops_what_has_not_begun() -> None:
    begun = []
    release = threading.Event()

    def work(item: int) -> int:
        begun.append(item)
        if item:
            release.wait(10)
        return item

    results = in_order(work, range(1000))
    assert next(results) == 0
    results.close()
    release.set()
    assert len(begun) <= count_cores() + 3


def test_in_order_error_in_work_reaches_the_caller() -> None:
    def work(item: int) -> int:
        raise LookupError(item)

    with pytest.raises(LookupError):
        list(in_order(work, [1]))


def test_in_order_several_callers_each_get_their_own_results() -> None:
    found: dict[int, list[int]] = {}

    def call(caller: int) -> None:
        found[caller] = list(in_order(lambda item: item + caller, range(50)))

    callers = [threading.Thread(target=call, args=(n,)) for n in range(8)]
    for each in callers:
        each.start()
    for each in callers:
        each.join()
    assert found == {n: [item + n for item in range(50)] for n in range(8)}


def test_keep_products_single_leaves_blas_one_thread() -> None:
    keep_products_single()
    blas = [each for each in threadpool_info() if each["user_api"] == "blas"]
    assert blas
    assert {each["num_threads"] for each in blas} == {1}


def test_keep_products_single_keeps_no_thread_that_asks() -> None:
    # A page's thread holds its tab: with it, the first tab's results would never go.
    OpenBLASController.clear_controlling_thread(force=True)
    asking = threading.Thread(target=inspect.unwrap(keep_products_single))
    seen = weakref.ref(asking)
    asking.start()
    asking.join()
    del asking
    gc.collect()
    assert seen() is None


def test_once_runs_once_however_many_ask_at_the_same_time() -> None:
    runs: list[int] = []
    may_end = threading.Event()

    @once
    def work() -> object:
        runs.append(1)
        may_end.wait(10)
        return object()

    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(work) for _ in range(4)]
        while not runs:
            time.sleep(0.001)
        may_end.set()
        found = {id(each.result()) for each in asked}
    assert len(runs) == len(found) == 1
