"""The gate whose memory is the database: all processes and machines share cool-downs and budgets.

Every call of a vendor's backend is let in and settled in one short transaction each; none is open while the
vendor works. Each change is a conditional UPDATE, so two workers at once neither overspend nor both probe.
A worker that dies leaves its reservation counted (rather too little asked than too much paid) and its probe
to run out.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from automation.db import Database
from automation.models import BackendSpend, BackendState
from providers import budgets, gate
from providers.budgets import WINDOWS, Limit
from providers.errors import BackendFailed, ErrorClass
from providers.gate import History, Rules, Verdict

log = logging.getLogger(__name__)

PLAIN: dict[str, Any] = {"synchronize_session": False}  # no object of the session is changed in passing


@dataclass
class Visit(gate.Visit):
    """One call: what was known and reserved when it was let in."""

    key: str
    settings: str
    vendor: str
    rules: Rules
    seen: int  # failures at the time
    verdict: Verdict
    at: datetime  # the windows it is counted in are those of this moment
    reserved: int  # millionths of a dollar
    more: Callable[[Visit, int, int], None]  # reserves more, in requests and money, or raises Unavailable
    cost: int = 0  # what it came to
    pause_s: float | None = None
    metered: int | None = None  # what its requests have cost so far; None: it does not count them itself
    under_way: int = 0  # the estimate of the request that was admitted last

    def admit(self, micro_usd: int) -> None:
        """The first request takes the place of what was reserved when the call was let in."""
        first = self.metered is None
        self.more(self, micro_usd - (self.reserved if first else 0), 0 if first else 1)
        self.metered, self.under_way = self.metered or 0, micro_usd

    def paid(self, micro_usd: int) -> None:
        self.metered, self.under_way = (self.metered or 0) + micro_usd, 0

    def cost_micro_usd(self, model: str, error_class: ErrorClass | None = None) -> int:
        if self.metered is not None:
            lost = self.under_way if error_class in gate.PERHAPS_PAID else 0
            self.cost = self.metered + lost
        elif error_class is None:
            self.cost = budgets.price(self.key, model, self.rules.prices)
        else:
            self.cost = self.reserved if error_class in gate.PERHAPS_PAID else 0
        return self.cost


class KeptGate:
    """A gate for one run of a chain: `left_s` of the stage's time counts from here."""

    def __init__(
        self,
        db: Database,
        rules: Rules,
        now: Callable[[], datetime],
        sleep: Callable[[float], None] = time.sleep,
        *,
        force: bool = False,  # a person wants to know now: a cool-down is treated as over
    ) -> None:
        self._db, self._rules, self._now, self.sleep, self._force = db, rules, now, sleep, force
        self._begun = time.monotonic()

    @contextmanager
    def visit(self, key: str, vendor: str, *, again: bool) -> Iterator[gate.Visit]:
        visit = self._let_in(key, vendor)
        try:
            yield visit
        except BackendFailed as error:
            if visit.verdict == "open" and not again:  # a probe that fails has said enough
                left_s = self._rules.retry_within_s - (time.monotonic() - self._begun)
                visit.pause_s = gate.retry_pause_s(
                    error.error_class, error.retry_after_s, left_s, self._rules
                )
            self._settle(visit, error)
            raise
        except BaseException:
            self._settle(visit, None, given_up=True)
            raise
        self._settle(visit, None)

    def _let_in(self, key: str, vendor: str) -> Visit:
        """Raises: Unavailable while the backend cools or its budget is used up; nothing is changed then."""
        now, settings = self._now(), self._rules.fingerprint(key)
        with self._db.write() as session:
            state = state_of(session, key, settings, vendor, self._db.is_sqlite)
            seen = gate.verdict(history_of(state), now)
            if seen == "cooling" and self._force:
                seen = "probe"
            if seen == "cooling" or (seen == "probe" and not self._take_probe(session, state, now)):
                raise gate.cooling(vendor, history_of(state), now)
            reserved = budgets.highest_price(key, self._rules.prices)
            self._reserve(session, key, vendor, reserved, now)
            return Visit(key, settings, vendor, self._rules, state.failures, seen, now, reserved, self._more)

    def _take_probe(self, session: Session, state: BackendState, now: datetime) -> bool:
        """One of many takes it: the others find `probe_until` changed."""
        free = (
            BackendState.probe_until.is_(None)
            if state.probe_until is None
            else BackendState.probe_until == state.probe_until
        )
        taken = session.execute(
            update(BackendState)
            .where(*_version(state.backend, state.settings, state.failures), free)
            .values(probe_until=now + timedelta(seconds=self._rules.probe_s))
            .returning(BackendState.backend),
            execution_options=PLAIN,
        )
        return taken.first() is not None

    def _more(self, visit: Visit, micro_usd: int, requests: int) -> None:
        with self._db.write() as session:
            self._reserve(session, visit.key, visit.vendor, micro_usd, visit.at, requests)
        visit.reserved += micro_usd

    def _reserve(
        self, session: Session, key: str, vendor: str, micro_usd: int, now: datetime, requests: int = 1
    ) -> None:
        """Counts requests and their estimate in both windows. Raises: Unavailable over a limit."""
        limits = budgets.limits_of(key, self._rules.budgets)
        for window in WINDOWS:
            row = {"backend": key, "window": budgets.window_start(window, now)}
            _insert_missing(session, BackendSpend, row, self._db.is_sqlite)
            here = [limit for limit in limits if limit.window == window]
            counted = session.execute(
                update(BackendSpend)
                .where(*_window(key, row["window"]), *(_fits(limit, micro_usd, requests) for limit in here))
                .values(
                    requests=BackendSpend.requests + requests, micro_usd=BackendSpend.micro_usd + micro_usd
                )
                .returning(BackendSpend.requests, BackendSpend.micro_usd),
                execution_options=PLAIN,
            ).first()
            if counted is None:
                spend = session.get_one(BackendSpend, (key, row["window"]))
                raise gate.out_of_budget(vendor, _first_full(here, spend, micro_usd, requests), now)
            for limit in here:
                if limit.is_money:
                    _warn_when_near(limit, vendor, counted.micro_usd, micro_usd)
                else:
                    _warn_when_near(limit, vendor, counted.requests, requests)

    def _settle(self, visit: Visit, error: BackendFailed | None, *, given_up: bool = False) -> None:
        """`given_up`: the call ended in something that says nothing about the backend."""
        now = self._now()
        changes = _after(visit, error, given_up, self._rules, now)
        with self._db.write() as session:
            if not given_up or visit.metered is not None:
                self._give_back(session, visit, error)
            if changes:
                mine = _version(visit.key, visit.settings, visit.seen)
                session.execute(update(BackendState).where(*mine).values(**changes), execution_options=PLAIN)
        if error is not None and changes.get("until"):
            log.warning(
                "a backend is left alone",
                extra={
                    "action": "backend_cools",
                    "backend": visit.key,
                    "error_class": error.error_class,
                    "until": changes["until"].isoformat(),
                },
            )

    def _give_back(self, session: Session, visit: Visit, error: BackendFailed | None) -> None:
        """What was reserved and not spent."""
        if visit.metered is not None:  # a request that was given up halfway stays counted
            spent = visit.metered + (visit.under_way if error is None or _perhaps_paid(error) else 0)
        else:
            spent = visit.cost if error is None else visit.cost_micro_usd("", error.error_class)
        back = visit.reserved - spent
        for window in WINDOWS if back else ():
            session.execute(
                update(BackendSpend)
                .where(*_window(visit.key, budgets.window_start(window, visit.at)))
                .values(micro_usd=BackendSpend.micro_usd - back),
                execution_options=PLAIN,
            )


def history_of(state: BackendState) -> History:
    return History(
        state.failures, cast("ErrorClass | None", state.error_class), state.until, state.probe_until
    )


def state_of(session: Session, key: str, settings: str, vendor: str, is_sqlite: bool) -> BackendState:
    """The backend's row, made on its first visit."""
    state = session.get(BackendState, (key, settings))
    if state is None:
        row = {"backend": key, "settings": settings, "vendor": vendor[:120], "params": {}}
        _insert_missing(session, BackendState, row, is_sqlite)
        state = session.get_one(BackendState, (key, settings))
    return state


def plain(params: Mapping[str, object]) -> dict[str, object]:
    """A message's parameters as JSON can keep them."""
    return {k: v if isinstance(v, str | int | float | bool | None) else str(v) for k, v in params.items()}


def _after(
    visit: Visit, error: BackendFailed | None, given_up: bool, rules: Rules, now: datetime
) -> dict[str, Any]:
    """What a call changes in the backend's row."""
    if given_up:
        return {"probe_until": None} if visit.verdict == "probe" else {}
    well = {"failures": 0, "until": None, "probe_until": None, "last_ok_at": now}
    if error is None:
        return well
    told = {
        "last_error_at": now,
        "error_class": error.error_class,
        "template": error.template,
        "params": plain(error.params),
    }
    if error.error_class in gate.BLAMELESS:  # it has answered, so it is well
        return {**well, **told}
    if visit.pause_s is not None:
        return told
    failures = visit.seen + 1
    until = gate.cool_until(error.error_class, failures, error.retry_after_s, now, rules)
    return {**told, "failures": failures, "until": until, "probe_until": None}


def _insert_missing(
    session: Session, table: type[BackendState | BackendSpend], row: dict[str, Any], is_sqlite: bool
) -> None:
    """Two workers may come first at once: the second finds the row there."""
    insert = sqlite.insert if is_sqlite else postgresql.insert
    session.execute(insert(table).values(**row).on_conflict_do_nothing())


def _version(key: str, settings: str, seen: int) -> tuple[ColumnElement[bool], ...]:
    return (BackendState.backend == key, BackendState.settings == settings, BackendState.failures == seen)


def _window(key: str, window: str) -> tuple[ColumnElement[bool], ...]:
    return (BackendSpend.backend == key, BackendSpend.window == window)


def _perhaps_paid(error: BackendFailed) -> bool:
    return error.error_class in gate.PERHAPS_PAID


def _fits(limit: Limit, micro_usd: int, requests: int) -> ColumnElement[bool]:
    if limit.is_money:
        return BackendSpend.micro_usd + micro_usd <= limit.amount
    return BackendSpend.requests + requests <= limit.amount


def _first_full(limits: Iterable[Limit], spend: BackendSpend, micro_usd: int, requests: int) -> Limit:
    full = [
        n
        for n in limits
        if (spend.micro_usd + micro_usd if n.is_money else spend.requests + requests) > n.amount
    ]
    return full[0]


def _warn_when_near(limit: Limit, vendor: str, after: int, added: int) -> None:
    """Once a window, by whoever crosses the line."""
    if after - added < budgets.WARN_AT * limit.amount <= after:
        log.warning(
            "a budget is nearly used up",
            extra={"action": "budget_near", "backend": limit.backend, "vendor": vendor, "limit": str(limit)},
        )
