"""What a call pays while it goes on.

A writer asks a model several times within one call of the chain, and each answer has a price of its own. The
chain opens the meter on the gate's visit; the backend says what the next request may cost (a budget may
forbid it) and what it came to. Outside a chain nobody counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from providers.gate import Visit

_visit: ContextVar[Visit | None] = ContextVar("visit", default=None)


@contextmanager
def meter_on(visit: Visit) -> Iterator[None]:
    token = _visit.set(visit)
    try:
        yield
    finally:
        _visit.reset(token)


def admit(micro_usd: int) -> None:
    """Before a request that may cost so much. Raises: Unavailable when a budget is used up."""
    visit = _visit.get()
    if visit is not None:
        visit.admit(micro_usd)


def paid(micro_usd: int) -> None:
    """After an answer: what it came to, in millionths of a dollar."""
    visit = _visit.get()
    if visit is not None:
        visit.paid(micro_usd)
