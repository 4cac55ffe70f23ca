"""Budgets and prices: their syntax, and how much of one is left.

    BACKEND_BUDGETS   huggingface=$0.10/month, openai=$2/day, openai=100/day
    BACKEND_PRICES    huggingface=0.0012, openai=0.02, openai/gpt-image-2.5-sunburst=0.08

Days and months are UTC's, as the vendors' are. Money is counted in millionths of a dollar, whole numbers:
a sum of many small prices is exact, and the database can compare it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

MICRO = 1_000_000
WARN_AT = 0.8  # of a budget
BUDGET = re.compile(r"([\w.]+) *= *(\$?)(\d+(?:\.\d+)?)/(day|month)")
PRICE = re.compile(r"([\w.]+(?:/\S+)?) *= *\$?(\d+(?:\.\d+)?)")

Window = Literal["day", "month"]
WINDOWS: tuple[Window, ...] = ("day", "month")


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many requests, or so much money, in a window."""

    backend: str  # "openai", or "covers.openai" where two capabilities have one of that name
    amount: int  # requests, or millionths of a dollar
    is_money: bool
    window: Window

    def __str__(self) -> str:
        return f"{dollars(self.amount) if self.is_money else self.amount}/{self.window}"


def parse_budgets(text: str) -> tuple[Limit, ...]:
    """Raises: ValueError whose text ends the sentence "BACKEND_BUDGETS must be …"."""
    limits = []
    for entry in _entries(text):
        found = BUDGET.fullmatch(entry)
        if found is None:
            raise ValueError(
                "backend=limit, comma separated, a limit being $0.10/month, $2/day, 1000/month or 50/day"
            )
        backend, dollar, amount, window = found.groups()
        counted = round(float(amount) * MICRO) if dollar else int(float(amount))
        limits.append(Limit(backend, counted, bool(dollar), "day" if window == "day" else "month"))
    return tuple(limits)


def parse_prices(text: str) -> dict[str, int]:
    """"backend" or "backend/model" → millionths of a dollar a request.

    Raises: ValueError whose text ends the sentence "BACKEND_PRICES must be …".
    """  # fmt: skip
    prices = {}
    for entry in _entries(text):
        found = PRICE.fullmatch(entry)
        if found is None:
            raise ValueError("backend=dollars a request or backend/model=dollars a request, comma separated")
        prices[found[1]] = round(float(found[2]) * MICRO)
    return prices


def limits_of(key: str, budgets: Iterable[Limit]) -> tuple[Limit, ...]:
    """The limits of the backend `key`: "covers.openai" is meant by that name and by "openai"."""
    return tuple(limit for limit in budgets if limit.backend in (key, _name(key)))


def price(key: str, model: str, prices: Mapping[str, int]) -> int:
    """What a request to this model costs, in millionths of a dollar; 0 where the table says nothing."""
    names = (f"{key}/{model}", f"{_name(key)}/{model}", key, _name(key))
    return next((prices[name] for name in names if name in prices), 0)


def highest_price(key: str, prices: Mapping[str, int]) -> int:
    """The estimate before a request: a backend may fall back to a dearer model of its own."""
    return max((p for n, p in prices.items() if n.partition("/")[0] in (key, _name(key))), default=0)


def window_start(window: Window, now: datetime) -> str:
    """The name under which a window is kept: "2026-11-21" or "2026-11"."""
    return f"{now:%Y-%m-%d}" if window == "day" else f"{now:%Y-%m}"


def window_end(window: Window, now: datetime) -> datetime:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if window == "day":
        return midnight + timedelta(days=1)
    return (midnight.replace(day=1) + timedelta(days=32)).replace(day=1)


def dollars(micro: int) -> str:
    """100000 → "$0.10", 1300 → "$0.0013"."""
    text = f"{micro / MICRO:.6f}".rstrip("0")
    whole, _, cents = text.partition(".")
    return f"${whole}.{cents.ljust(2, '0')}"


def _entries(text: str) -> list[str]:
    return [entry for entry in (part.strip() for part in text.split(",")) if entry]


def _name(key: str) -> str:
    return key.rpartition(".")[2]
