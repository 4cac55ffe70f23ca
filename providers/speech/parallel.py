"""The pieces of a recording through several threads at once, their results in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

AHEAD = 2  # items that wait ready-made while all workers work


def in_order(items: Iterator[T], work: Callable[[T], R], workers: int) -> Generator[tuple[T, R]]:
    """Yields each item with `work(item)`, in their order, each as soon as it and those before it are done.

    The items themselves are made in the caller's thread while the workers work. What `work` raises comes
    out at its item; whoever stops early waits for the work under way and for no other.
    """
    with ThreadPoolExecutor(workers, "piece") as pool:
        waiting: deque[tuple[T, Future[R]]] = deque()
        try:
            for item in items:
                waiting.append((item, pool.submit(copy_context().run, work, item)))
                while waiting and (len(waiting) >= workers + AHEAD or waiting[0][1].done()):
                    done, result = waiting.popleft()
                    yield done, result.result()
            while waiting:
                done, result = waiting.popleft()
                yield done, result.result()
        finally:
            pool.shutdown(cancel_futures=True)
