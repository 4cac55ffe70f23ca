from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from contextvars import ContextVar
from itertools import islice

import pytest

from providers.speech.parallel import AHEAD, in_order


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_results_come_in_the_order_of_their_items(workers: int) -> None:
    assert list(in_order(iter(range(20)), lambda n: n * n, workers)) == [(n, n * n) for n in range(20)]


def test_workers_work_at_the_same_time() -> None:
    both = threading.Barrier(2, timeout=10)
    found = list(in_order(iter("ab"), lambda letter: both.wait() >= 0, 2))
    assert found == [("a", True), ("b", True)]


def test_no_more_is_made_ahead_than_agreed() -> None:
    made: list[int] = []
    gate = threading.Event()

    def items() -> Iterator[int]:
        for n in range(100):
            made.append(n)
            yield n

    def work(n: int) -> int:
        gate.wait(10)
        return n

    threading.Timer(0.2, gate.set).start()
    with closing(in_order(items(), work, 2)) as running:
        next(running)
        assert len(made) <= 2 + AHEAD


def test_a_failure_comes_out_at_its_item() -> None:
    running = in_order(iter([1, 2, 0, 4]), lambda n: 1 / n, 2)
    assert [item for item, _ in islice(running, 2)] == [1, 2]
    with pytest.raises(ZeroDivisionError):
        next(running)


def test_whoever_stops_early_leaves_nothing_running() -> None:
    begun: list[int] = []
    running = in_order(iter(range(1000)), begun.append, 2)
    next(running)
    running.close()
    count = len(begun)
    assert count < 10
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("piece")]


def test_the_work_sees_the_callers_context() -> None:
    who: ContextVar[str] = ContextVar("who", default="nobody")
    who.set("the caller")
    assert [name for _, name in in_order(iter("a"), lambda _: who.get(), 1)] == ["the caller"]
