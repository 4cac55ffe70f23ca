"""The Providers page: what is known of each backend, what an editor may do, the log of attempts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from automation import backends
from automation.backends import STAGE_OF, Known, Meter
from automation.models import AttemptRow, Role, Submission
from automation.web.access import role_required
from automation.web.errors import wants_json
from automation.web.language import dated, say, say_template
from automation.web.names import CLASSES
from automation.web.room import newsroom
from automation.web.shown import now
from providers import budgets, gate
from providers.budgets import Limit
from providers.gate import FOREVER

pages = Blueprint("backends", __name__, url_prefix="/providers")
ATTEMPTS_SHOWN = 100
LOOK_BACK = 5000  # attempts among which the last success of a backend of this machine is looked for
TRIED = ("drafting", "covers")  # capabilities with something small to ask for


@dataclass(frozen=True, slots=True)
class Last:
    """The newest success or failure of a backend."""

    at: datetime
    why: str = ""
    error_class: str | None = None


@dataclass(frozen=True, slots=True)
class Gauge:
    """A limit of a budget and how much of it is used."""

    window: str
    used: str
    limit: str
    percent: int


@dataclass(frozen=True, slots=True)
class Line:
    """One backend as the page shows it."""

    known: Known
    why: str
    until: str
    kind: str  # what the chip says: the state, or the class where that says more
    last_ok: Last | None
    last_error: Last | None
    gauges: list[Gauge]
    spent: list[tuple[str, int, str]]  # window, requests, dollars
    can_try: bool
    price: str  # of one request; empty where nobody is paid
    can_clear: bool


@pages.get("")
@role_required(Role.VIEWER)
def show() -> str:
    asked = {
        name: request.args.get(name, "").strip() for name in ("capability", "backend", "outcome", "class")
    }
    capabilities = listed()
    with newsroom().db.read() as session:
        log = attempts(session, asked)
    return render_template(
        "backends.html",
        capabilities=capabilities,
        log=log,
        asked=asked,
        stages=STAGE_OF,
        names=sorted({line.known.name for lines in capabilities.values() for line in lines}),
        classes=CLASSES,
        most=ATTEMPTS_SHOWN,
    )


@pages.get("/states")
@role_required(Role.VIEWER)
def states() -> str:
    """The backends alone, as the page fetches them anew."""
    return render_template("_backends.html", capabilities=listed(), stages=STAGE_OF)


@pages.post("/<key>/clear")
@role_required(Role.EDITOR)
def clear(key: str) -> Response:
    with newsroom().db.write() as session:
        backends.clear(session, key, current_user, now())
    return _told(gettext("%(backend)s is asked again from now on.", backend=key.partition(".")[2]))


@pages.post("/<key>/try")
@role_required(Role.EDITOR)
def try_now(key: str) -> Response:
    """Asks a backend for something small; answers when the vendor has."""
    room = newsroom()
    attempt = backends.try_now(room.works, key)
    with room.db.write() as session:
        backends.keep_trial(session, key, attempt)
    words = {"backend": attempt.backend, "seconds": f"{attempt.ms / 1000:.1f}"}
    if attempt.outcome == "served":
        return _told(gettext("%(backend)s served in %(seconds)s s.", **words))
    why = say_template(attempt.template, dict(attempt.params))
    return _told(gettext("%(backend)s did not serve: %(reason)s", backend=attempt.backend, reason=why))


@pages.get("/<key>/models")
@role_required(Role.EDITOR)
def models(key: str) -> str:
    """Which of a backend's configured models its vendor serves now."""
    return render_template("_backend_models.html", states=backends.model_states(newsroom().tools, key))


def _told(text: str) -> Response:
    if wants_json():
        return jsonify(message=text)
    flash(text)
    return redirect(url_for("backends.show"))


def listed() -> dict[str, list[Line]]:
    """Capability → its backends in the order they are tried."""
    room, at = newsroom(), now()
    prices = room.tools.rules.prices
    with room.db.read() as session:
        lasts = _lasts(session)
    known = iter(backends.list_backends(room.db, room.tools, at))
    return {
        capability: [_line(capability, next(known), lasts, prices) for _ in chain.names]
        for capability, chain in room.tools.by_capability.items()
    }


def _line(capability: str, known: Known, lasts: dict[tuple[str, str, str], Last], prices: Any) -> Line:
    memory, stage = known.memory, STAGE_OF[capability]
    last_ok = lasts.get((stage, known.name, "served"))
    last_error = lasts.get((stage, known.name, "failed"))
    if memory is not None and memory.last_ok_at:
        last_ok = Last(memory.last_ok_at)
    if memory is not None and memory.last_error_at:
        why = say_template(memory.template, memory.params)
        last_error = Last(memory.last_error_at, why, memory.error_class)
    price = budgets.highest_price(known.key, prices) if known.vendor else 0
    return Line(
        known,
        say(known.why) if known.why else "",
        _until(known),
        _kind(known),
        last_ok,
        last_error,
        [_gauge(meter, limit) for meter in known.meters for limit in meter.limits],
        [(meter.window, meter.requests, budgets.dollars(meter.micro_usd)) for meter in known.meters],
        capability in TRIED and known.state != "missing",
        budgets.dollars(price) if price else "",
        known.state == "cooling",
    )


def _kind(known: Known) -> str:
    kind = known.why.error_class if known.why else ""
    tells = known.state == "missing" or (known.state == "cooling" and kind in ("billing", "auth", "gone"))
    return kind if tells else known.state


def _until(known: Known) -> str:
    if known.until is None or known.until <= now() or known.until >= FOREVER:
        return ""
    return str(dated({"until": gate.shown(known.until)})["until"])


def _gauge(meter: Meter, limit: Limit) -> Gauge:
    used = budgets.dollars(meter.micro_usd) if limit.is_money else str(meter.requests)
    most = budgets.dollars(limit.amount) if limit.is_money else str(limit.amount)
    return Gauge(meter.window, used, most, min(100, round(meter.used(limit) * 100)))


def _lasts(session: Session) -> dict[tuple[str, str, str], Last]:
    """(stage, backend, outcome) → the newest such attempt."""
    newest = session.scalar(select(func.max(AttemptRow.id))) or 0
    ids = (
        select(func.max(AttemptRow.id))
        .where(AttemptRow.id > newest - LOOK_BACK, AttemptRow.outcome != "skipped")
        .group_by(AttemptRow.stage, AttemptRow.backend, AttemptRow.outcome)
    )
    columns = (
        AttemptRow.stage,
        AttemptRow.backend,
        AttemptRow.outcome,
        AttemptRow.at,
        AttemptRow.template,
        AttemptRow.params,
        AttemptRow.error_class,
    )
    rows = session.execute(select(*columns).where(AttemptRow.id.in_(ids)))
    return {
        (row.stage, row.backend, row.outcome): Last(
            row.at, say_template(row.template, row.params), row.error_class
        )
        for row in rows
    }


def attempts(session: Session, asked: dict[str, str]) -> Sequence[Any]:
    """The newest attempts that fit the filters; their kept answers stay in the database."""
    columns = (
        AttemptRow.id,
        AttemptRow.at,
        AttemptRow.stage,
        AttemptRow.backend,
        AttemptRow.model,
        AttemptRow.outcome,
        AttemptRow.error_class,
        AttemptRow.template,
        AttemptRow.params,
        AttemptRow.ms,
        AttemptRow.cost_micro_usd,
        Submission.task_id,
        Submission.title,
    )
    wanted = select(*columns).outerjoin(Submission, Submission.id == AttemptRow.submission_id)
    if asked["capability"]:
        wanted = wanted.where(AttemptRow.stage == STAGE_OF.get(asked["capability"], ""))
    for name, column in _columns():
        if asked[name]:
            wanted = wanted.where(column == asked[name])
    return session.execute(wanted.order_by(AttemptRow.id.desc()).limit(ATTEMPTS_SHOWN)).all()


def _columns() -> Iterable[tuple[str, Any]]:
    return (
        ("backend", AttemptRow.backend),
        ("outcome", AttemptRow.outcome),
        ("class", AttemptRow.error_class),
    )
