"""What people ask the worker for: a download or a check, kept in a file until it is done.

A restart goes on by itself: the order is still there, and so are the bytes that have arrived. An order that
failed for a passing reason is tried again; one that needs a person stays, with its reason, until it is
given anew or withdrawn.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from providers.errors import Cancelled, ErrorClass, Unavailable
from providers.models.notes import Notes
from providers.models.store import Store

log = logging.getLogger(__name__)
ENDING = ".order.json"
PASSING: frozenset[ErrorClass] = frozenset({"network", "rate_limit", "overloaded", "timeout", "loading"})
PAUSES_S = (60.0, 300.0, 1500.0, 3600.0)  # before the second try, the third …; the last one stays


@dataclass(frozen=True, slots=True)
class Order:
    model: str
    act: str  # download, verify
    at: float  # when it was given, seconds since 1970; tells two orders of one model apart
    tries: int = 0  # failed, in a row
    not_before: float = 0.0
    is_halted: bool = False  # a person is needed
    is_withdrawn: bool = False  # whoever carries it out has not noticed yet
    template: str = ""  # why the last try failed
    params: Mapping[str, Any] = field(default_factory=dict)
    error_class: str = ""

    def failed(self, error: Unavailable, now: float) -> Order:
        pause_s = max(PAUSES_S[min(self.tries, len(PAUSES_S) - 1)], error.retry_after_s or 0.0)
        return replace(
            self,
            tries=self.tries + 1,
            not_before=now + pause_s,
            is_halted=error.error_class not in PASSING,
            template=error.template,
            params={name: _plain(value) for name, value in error.params.items()},
            error_class=error.error_class,
        )


@dataclass(frozen=True, slots=True)
class Orders:
    notes: Notes

    def give(self, model: str, act: str, now: float) -> Order:
        """A new order; it takes the place of an older one for the same model."""
        order = Order(model, act, now)
        self._keep(order)
        return order

    def withdraw(self, model: str) -> None:
        """Whoever carries the order out notices within moments; what has arrived stays."""
        order = self.get(model)
        if order is not None and self.notes.is_busy(model):
            self._keep(replace(order, is_withdrawn=True))
        else:
            self._forget(model)

    def sweep(self) -> None:
        """Forgets withdrawn orders whose worker died before it noticed."""
        for model in self.notes.names(ENDING):
            order = self.get(model)
            if order is None or (order.is_withdrawn and not self.notes.is_busy(model)):
                self._forget(model)

    def get(self, model: str) -> Order | None:
        known = self.notes.read(model + ENDING)
        try:
            return Order(**known) if known else None
        except TypeError:  # written by another version
            return None

    def due(self, now: float) -> Order | None:
        """The oldest that may be tried now."""
        found = [order for name in self.notes.names(ENDING) if (order := self.get(name))]
        ready = [o for o in found if not (o.is_halted or o.is_withdrawn) and o.not_before <= now]
        return min(ready, key=lambda order: order.at, default=None)

    def stands(self, order: Order) -> bool:
        """Whether it has been neither withdrawn nor given anew."""
        known = self.get(order.model)
        return known is not None and known.at == order.at and not known.is_withdrawn

    def done(self, order: Order) -> None:
        """Carried out, or withdrawn and noticed; a newer order stays."""
        known = self.get(order.model)
        if known is not None and known.at == order.at:
            self._forget(order.model)

    def failed(self, order: Order, error: Unavailable, now: float) -> None:
        if self.stands(order):
            self._keep(order.failed(error, now))
        else:
            self.done(order)

    def _forget(self, model: str) -> None:
        self.notes.forget(model + ENDING)

    def _keep(self, order: Order) -> None:
        self.notes.write(order.model + ENDING, asdict(order))


def carry_out(
    store: Store, order: Order, stopping: Callable[[], bool], clock: Callable[[], float] = time.time
) -> None:
    """Downloads or checks. The order is then gone, or holds why not; stopped half-way it stays."""
    orders = Orders(store.notes)

    def go_on(fraction: float, note: str) -> None:
        if stopping() or not orders.stands(order):
            raise Cancelled("The work on a model was stopped.")

    fields = {"action": f"model_{order.act}", "model": order.model}
    try:
        if order.act == "verify":
            store.verify(order.model, go_on)
        else:
            store.obtain(order.model, go_on)
    except Cancelled:
        log.info("the work on a model was stopped", extra=fields)
        if not stopping():
            orders.done(order)
    except Unavailable as error:
        log.warning("the work on a model failed", extra={**fields, "reason": str(error)[:500]})
        orders.failed(order, error, clock())
    else:
        log.info("the work on a model is done", extra=fields)
        orders.done(order)


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool) else str(value)
