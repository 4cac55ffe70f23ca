"""Whether a backend may be asked now, asked again, and for how long it is left alone.

Policy only: functions of (class of the failure, what is remembered, now). Who remembers is the caller's
affair: the chain goes through a `Gate` for every call. A backend without a `vendor` works on this machine:
it meets nobody's limit and nobody is paid, so no gate stands before it and it never cools.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Protocol

from providers.budgets import Limit, window_end
from providers.errors import BackendFailed, ErrorClass, ProviderError, Unavailable

# What can heal within a stage, and how long to wait first when the vendor does not say. Everything else
# (a refused key, an empty account, a retired model, refused content, garbage) is the same a moment later.
PAUSE_S: Mapping[ErrorClass, float] = {
    "network": 1.0,
    "timeout": 1.0,
    "overloaded": 2.0,
    "rate_limit": 5.0,
    "loading": 10.0,
}
LADDER_S = (60.0, 300.0, 1500.0, 3600.0)  # 1, 5, 25, 60 min, as failures follow each other
DAY = timedelta(days=1)
FOREVER = datetime(9999, 12, 31, tzinfo=UTC)  # until a person, or other settings, end it
# May be the fault of this one request: the first in a row is forgiven.
FORGIVEN_ONCE: frozenset[ErrorClass] = frozenset({"format", "unknown"})
# The content is at fault, or nothing was asked: says nothing about the backend's health.
BLAMELESS: frozenset[ErrorClass] = frozenset(
    {"moderation", "input", "missing_key", "missing_package", "missing_model"}
)
# The vendor may have done the work although we have nothing of it: counted as spent.
PERHAPS_PAID: frozenset[ErrorClass] = frozenset({"timeout", "format"})
LOOK_AGAIN_S = 3600.0  # a stage that waits looks at least this often: a person may have helped meanwhile


@dataclass(frozen=True, slots=True)
class History:
    """What is remembered of a backend."""

    failures: int = 0  # in a row
    error_class: ErrorClass | None = None  # of the last failure
    until: datetime | None = None  # left alone until then; None: not left alone
    probe_until: datetime | None = None  # somebody is finding out, until then


@dataclass(frozen=True)
class Rules:
    """The policy's figures. Tests use smaller ones."""

    budgets: tuple[Limit, ...] = ()
    prices: Mapping[str, int] = field(default_factory=dict)  # see providers.budgets
    retry_within_s: float = 60.0  # no second try that would begin later than this after the stage's beginning
    pause_s: Mapping[ErrorClass, float] = field(default_factory=lambda: PAUSE_S)
    ladder_s: tuple[float, ...] = LADDER_S
    probe_s: float = 600.0  # a probe without an answer after this is dead: longer than any call may take
    fingerprint: Callable[[str], str] = lambda key: ""  # of a backend's settings: other settings start afresh


Verdict = Literal[
    "open",  # ask
    "probe",  # its time is over: one caller finds out, the others go on to the next backend
    "cooling",  # leave it alone
]


def verdict(history: History, now: datetime) -> Verdict:
    if history.until is None:
        return "open"
    if history.until > now or (history.probe_until is not None and history.probe_until > now):
        return "cooling"
    return "probe"


def retry_pause_s(
    error_class: ErrorClass, retry_after_s: float | None, left_s: float, rules: Rules
) -> float | None:
    """How long to wait before the one second try; None: go on to the next backend."""
    if error_class not in rules.pause_s:
        return None
    pause_s = rules.pause_s[error_class] if retry_after_s is None else retry_after_s
    return pause_s if pause_s <= left_s else None


def cool_until(
    error_class: ErrorClass, failures: int, retry_after_s: float | None, now: datetime, rules: Rules
) -> datetime | None:
    """Until when a backend is left alone after its `failures`-th failure in a row; None: it is not."""
    if error_class == "auth":
        return FOREVER
    if error_class == "billing":
        return window_end("month", now)
    if error_class == "gone":
        return now + DAY
    step = failures - 1 - (error_class in FORGIVEN_ONCE)
    if step < 0:
        return None
    own_s = rules.ladder_s[min(step, len(rules.ladder_s) - 1)]
    asked_s = min(retry_after_s or 0.0, DAY.total_seconds())  # no vendor's slip of the pen locks it for years
    return now + timedelta(seconds=max(own_s, asked_s))


def cooling(vendor: str, history: History, now: datetime) -> Unavailable:
    """What the editor reads about a backend that was not asked."""
    until = history.until or now
    told: dict[str, Any] = {"service": vendor, "until": shown(until)}
    wait_s = max(1.0, min((until - now).total_seconds(), LOOK_AGAIN_S))
    kind: ErrorClass = history.error_class or "unknown"
    if until <= now:
        return Unavailable(
            "%(service)s is being tried by another worker after a failure.",
            error_class=kind, retry_after_s=30.0, service=vendor,
        )  # fmt: skip
    if kind == "billing":
        return Unavailable(
            "%(service)s: out of credit until %(until)s.", error_class=kind, retry_after_s=wait_s, **told
        )
    if kind == "auth":
        return Unavailable(
            "%(service)s refused the key. It is asked again when its settings change, or when an "
            "administrator says so.",
            error_class=kind, retry_after_s=wait_s, service=vendor,
        )  # fmt: skip
    if kind == "gone":
        return Unavailable(
            "%(service)s no longer had the model; it is asked again after %(until)s.",
            error_class=kind, retry_after_s=wait_s, **told,
        )  # fmt: skip
    return Unavailable(
        "%(service)s has failed (%(failures)d in a row); it is asked again after %(until)s.",
        error_class=kind, retry_after_s=wait_s, failures=history.failures, **told,
    )  # fmt: skip


def out_of_budget(vendor: str, limit: Limit, now: datetime) -> Unavailable:
    until = window_end(limit.window, now)
    return Unavailable(
        "%(service)s: the budget of %(limit)s is used up until %(until)s. Raise BACKEND_BUDGETS to ask it "
        "sooner.",
        error_class="billing", retry_after_s=min((until - now).total_seconds(), LOOK_AGAIN_S),
        service=vendor, limit=str(limit), until=shown(until),
    )  # fmt: skip


def asked_neutrally(vendor: str) -> ProviderError:
    """Never raised: the note on the attempts that follow a refusal of the content."""
    return BackendFailed(
        "Asked with a neutral brief, because %(service)s refused the article's own.",
        error_class="moderation", service=vendor,
    )  # fmt: skip


def shown(at: datetime) -> str:
    """A moment for people, and for pages to put into their language: 2026-12-01, 2026-11-21 14:05 UTC."""
    return f"{at:%Y-%m-%d}" if (at.hour, at.minute) == (0, 0) else f"{at:%Y-%m-%d %H:%M} UTC"


class Visit:
    """One call of a backend, as its gate sees it."""

    pause_s: float | None = None  # set when the call has failed and may be made once more, after this

    def cost_micro_usd(self, model: str, error_class: ErrorClass | None = None) -> int:
        """What the call has cost, millionths of a dollar. `error_class`: of its failure, if it failed."""
        return 0

    def admit(self, micro_usd: int) -> None:
        """Before each request of a call that counts its own: what it may cost. Raises: Unavailable."""

    def paid(self, micro_usd: int) -> None:
        """What the request that was admitted last came to."""


class Gate(Protocol):
    """Stands before the vendors' backends; one per run of a chain."""

    def visit(self, key: str, vendor: str, *, again: bool) -> AbstractContextManager[Visit]:
        """Around one call: admits it, and learns from how it ends. `again`: the second try.

        Raises: Unavailable while the backend cools or its budget is used up.
        """

    def sleep(self, seconds: float) -> None:
        """Waits before the second try. Raises: Cancelled when the work is no longer wanted."""


class OpenGate:
    """Admits everybody and remembers nothing."""

    def visit(self, key: str, vendor: str, *, again: bool) -> AbstractContextManager[Visit]:
        return nullcontext(Visit())

    def sleep(self, seconds: float) -> None:
        raise AssertionError("an open gate asks nobody to wait")


OPEN = OpenGate()
