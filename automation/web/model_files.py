"""The Models page: what model files there are, what they are for, how a download goes; an administrator acts.

A request only writes down what is asked for: the worker downloads and checks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, flash, jsonify, redirect, render_template, url_for
from flask_babel import format_decimal, gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from automation import model_files
from automation.model_files import Known, Overview
from automation.models import Role
from automation.pipeline import ledger
from automation.web.access import role_required
from automation.web.errors import wants_json
from automation.web.language import say, say_template
from automation.web.names import MODEL_STATES, MODEL_WORDS
from automation.web.room import newsroom
from automation.web.shown import moment, now
from providers.errors import Unavailable
from providers.hub import SPARE_BYTES

pages = Blueprint("models", __name__, url_prefix="/models")
MB, GB = 1_000_000, 1_000_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """One model as the page shows it."""

    known: Known
    state: str  # in words
    about: str  # what kind of model it is
    size: str  # of the whole model; empty: unknown
    progress: str  # "120 MB of 850 MB · 5.2 MB/s · 2 min left"
    percent: float | None  # None: nothing moves
    why: str  # what a failed try said
    again: str  # when it is tried again
    settings: str  # NAME=value NAME=value
    link: str  # its page
    short: str  # why the disk is too small for it, before anybody asks


@pages.get("")
@role_required(Role.EDITOR)
def show() -> str:
    return render_template("models.html", **_shown())


@pages.get("/states")
@role_required(Role.EDITOR)
def states() -> str:
    """The models alone, as the page fetches them anew."""
    return render_template("_models.html", **_shown())


@pages.post("/<name>/download")
@role_required(Role.ADMIN)
def download(name: str) -> Response:
    model_files.ask_download(newsroom().settings, name, now())
    return _done("model_download", name, gettext("The worker downloads %(model)s.", model=name))


@pages.post("/<name>/verify")
@role_required(Role.ADMIN)
def verify(name: str) -> Response:
    model_files.ask_verify(newsroom().settings, name, now())
    return _done("model_verify", name, gettext("The worker checks %(model)s.", model=name))


@pages.post("/<name>/stop")
@role_required(Role.ADMIN)
def stop(name: str) -> Response:
    model_files.stop(newsroom().settings, name)
    return _done("model_stop", name, gettext("Stopped. What has arrived of %(model)s is kept.", model=name))


@pages.post("/<name>/remove")
@role_required(Role.ADMIN)
def remove(name: str) -> Response:
    freed = model_files.remove(newsroom().settings, name)
    text = gettext("%(model)s is removed: %(size)s are free again.", model=name, size=amount(freed))
    return _done("model_remove", name, text)


def _done(kind: str, name: str, text: str) -> Response:
    with newsroom().db.write() as session:
        ledger.note_event(session, kind, now(), by_id=current_user.id, model=name)
    if wants_json():
        return jsonify(message=text)
    flash(text)
    return redirect(url_for("models.show"))


def _shown() -> dict[str, object]:
    try:
        known = model_files.overview(newsroom().settings)
    except Unavailable as error:
        return {"overview": None, "lines": [], "trouble": say(error)}
    return {
        "overview": known,
        "lines": [_line(each, known) for each in sorted(known.models, key=lambda each: not each.is_selected)],
        "free": amount(known.free_bytes),
        "trouble": "",
    }


def _line(known: Known, overview: Overview) -> Line:
    order, model = known.order, known.model
    total = known.total or model.about_mb * MB
    percent = round(100 * known.doing.fraction, 1) if known.doing else None
    if percent is None and known.state in ("waiting", "half", "failed") and total and known.half:
        percent = min(100.0, round(100 * known.half / total, 1))
    return Line(
        known,
        str(MODEL_STATES[known.state]),
        ", ".join(str(MODEL_WORDS.get(part, part)) for part in model.purpose.split(": ")[-1].split(", ")),
        (amount(total) if known.total else gettext("about %(size)s", size=amount(total))) if total else "",
        _progress(known, total),
        percent,
        say_template(order.template, dict(order.params)) if order and order.template else "",
        _again(known),
        " ".join(f"{each.name}={each.value}" for each in model.settings if each.value),
        _link(known),
        _short(known, overview, total),
    )


def _progress(known: Known, total: int) -> str:
    doing = known.doing
    if doing is None:
        if known.half and known.state != "here":
            return str(gettext("%(done)s of %(total)s", done=amount(known.half), total=amount(total)))
        return ""
    parts = [gettext("%(done)s of %(total)s", done=amount(doing.done), total=amount(doing.total))]
    if doing.bytes_per_s >= 1:
        parts.append(gettext("%(size)s/s", size=amount(doing.bytes_per_s)))
    if doing.left_s is not None and doing.done < doing.total:
        parts.append(gettext("%(time)s left", time=_span(doing.left_s)))
    return " · ".join(map(str, parts))


def _again(known: Known) -> str:
    order = known.order
    if order is None or known.state != "waiting" or order.not_before <= now().timestamp():
        return ""
    at = datetime.fromtimestamp(order.not_before, UTC)
    return str(gettext("tried again at %(time)s", time=moment(at, "HH:mm")))


def _link(known: Known) -> str:
    hub = next((source for source in known.sources if source.kind == "hub"), None)
    return f"{hub.address}/{hub.repo or known.model.repo}" if hub and known.model.repo else ""


def _short(known: Known, overview: Overview, total: int) -> str:
    """A clear sentence instead of a download that can't end."""
    need = max(0, total - known.half) + SPARE_BYTES
    if known.state not in ("absent", "half", "failed") or overview.free_bytes >= need or not total:
        return ""
    free, wanted = amount(overview.free_bytes), amount(need)
    return str(gettext("It needs %(need)s on the disk; %(free)s are free.", need=wanted, free=free))


def amount(size: float) -> str:
    """Bytes as a reader says them: 850 MB, 1.2 GB."""
    if size >= GB:
        return str(gettext("%(number)s GB", number=format_decimal(round(size / GB, 1))))
    if size >= 10 * MB:
        return str(gettext("%(number)s MB", number=format_decimal(round(size / MB))))
    if size >= MB / 10:
        return str(gettext("%(number)s MB", number=format_decimal(round(size / MB, 1))))
    return str(gettext("%(number)s KB", number=format_decimal(round(size / 1000))))


def _span(seconds: float) -> str:
    if seconds < 90:
        return str(gettext("%(n)s s", n=max(1, round(seconds))))
    if seconds < 5400:
        return str(gettext("%(n)s min", n=round(seconds / 60)))
    return str(gettext("%(n)s h", n=format_decimal(round(seconds / 3600, 1))))
