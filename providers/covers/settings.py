"""Reading the variables of a cover backend: a wrong value is named together with what would be right."""

from __future__ import annotations

import math
from collections.abc import Mapping

from providers.errors import Unavailable

Setting = tuple[str, str, str]  # name, default, help


def text(env: Mapping[str, str], name: str, default: str = "") -> str:
    """The variable without surrounding blanks; empty counts as not set."""
    return (env.get(name) or "").strip() or default


def number(env: Mapping[str, str], name: str, default: float, low: float, high: float) -> float:
    """The variable as a number. Raises: Unavailable, naming the variable and its range."""
    value = text(env, name, str(default))
    try:
        parsed = float(value.replace(",", "."))
    except ValueError:
        parsed = math.nan
    if not low <= parsed <= high:
        raise Unavailable(
            "%(variable)s is %(value)r; set it to a number from %(low)g to %(high)g.",
            error_class="unknown", variable=name, value=value, low=low, high=high,
        )  # fmt: skip
    return parsed


def whole(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    """The variable as a whole number. Raises: Unavailable, naming the variable and its range."""
    parsed = number(env, name, default, low, high)
    if parsed != int(parsed):
        raise Unavailable(
            "%(variable)s is %(value)r; set it to a whole number from %(low)g to %(high)g.",
            error_class="unknown", variable=name, value=text(env, name), low=low, high=high,
        )  # fmt: skip
    return int(parsed)
