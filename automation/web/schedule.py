"""When slots open: the schedules, their next times, and an administrator's changes."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from automation import scheduler
from automation.errors import InvalidSubmission, NotFound, PolosaError
from automation.models import Role, Schedule, Status, Submission
from automation.pipeline import ledger
from automation.web.access import role_required
from automation.web.language import say
from automation.web.room import newsroom
from automation.web.shown import now

pages = Blueprint("schedule", __name__, url_prefix="/schedule")


@pages.get("")
@role_required(Role.VIEWER)
def show() -> str:
    return page()


@pages.post("/<int:number>")
@role_required(Role.ADMIN)
def change(number: int) -> str | Response | tuple[str, int]:
    form = request.form
    try:
        with newsroom().db.write() as session:
            row = session.get(Schedule, number)
            if row is None:
                raise NotFound("There is no such schedule.")
            row.cron = scheduler.check_cron(form.get("cron", "").strip())
            row.timezone = check_zone(form.get("timezone", "").strip())
            row.enabled = form.get("enabled") == "1"
            detail = {
                "schedule": row.name,
                "cron": row.cron,
                "timezone": row.timezone,
                "enabled": row.enabled,
            }
            ledger.note_event(session, "schedule_changed", now(), by_id=current_user.id, **detail)
    except PolosaError as error:
        return page(error=say(error)), error.status
    return redirect(url_for("schedule.show"))


def check_zone(name: str) -> str:
    """Raises: InvalidSubmission."""
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidSubmission(
            "“%(name)s” is not a time zone. Give a name such as Europe/Kyiv.", name=name[:60]
        ) from error


def page(**more: object) -> str:
    with newsroom().db.read() as session:
        rows = session.scalars(select(Schedule).order_by(Schedule.name)).all()
        waiting = session.scalars(
            select(Submission).where(Submission.status == Status.APPROVED).order_by(Submission.publish_at)
        ).all()
    times = {row.id: scheduler.next_tick(row.cron, row.timezone, now()) for row in rows if row.enabled}
    return render_template("schedule.html", rows=rows, times=times, waiting=waiting, **more)
