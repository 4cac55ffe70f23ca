"""What an editor decides: approve, send back, publish, take back, put away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from automation.errors import InvalidSubmission
from automation.models import Role, Submission
from automation.pipeline import pausing, review
from automation.web.access import role_required
from automation.web.errors import wants_json
from automation.web.finding import find
from automation.web.room import newsroom
from automation.web.shown import now
from automation.web.submission import EVERYTHING, pane

pages = Blueprint("decisions", __name__, url_prefix="/submissions/<task_id>")


@pages.post("/approve")
@role_required(Role.EDITOR)
def approve(task_id: str) -> Response:
    publish_at = site_time(request.form.get("publish_at", ""))
    return decide(task_id, review.approve, publish_at=publish_at)


@pages.post("/send-back")
@role_required(Role.EDITOR)
def send_back(task_id: str) -> Response:
    return decide(task_id, review.send_back, reason=request.form.get("reason", ""))


@pages.post("/publish")
@role_required(Role.EDITOR)
def publish(task_id: str) -> Response:
    return decide(task_id, review.publish_now)


@pages.post("/unschedule")
@role_required(Role.EDITOR)
def unschedule(task_id: str) -> Response:
    return decide(task_id, review.unschedule)


@pages.post("/unpublish")
@role_required(Role.EDITOR)
def unpublish(task_id: str) -> Response:
    return decide(task_id, review.unpublish)


@pages.post("/archive")
@role_required(Role.EDITOR)
def archive(task_id: str) -> Response:
    return decide(task_id, review.archive)


@pages.post("/retry")
@role_required(Role.AUTHOR)
def retry(task_id: str) -> Response:
    return decide(task_id, review.retry)


@pages.post("/stop")
@role_required(Role.AUTHOR)
def stop(task_id: str) -> ResponseReturnValue:
    return pause(task_id, pausing.stop)


@pages.post("/resume")
@role_required(Role.AUTHOR)
def resume(task_id: str) -> ResponseReturnValue:
    return pause(task_id, pausing.resume)


def pause(task_id: str, act: Callable[..., Any]) -> ResponseReturnValue:
    """Answers a page with its strip of stages: what a person is typing beside it stays."""
    answer = decide(task_id, act)
    return pane("_live.html", task_id) if request.headers.get("HX-Request") else answer


def decide(task_id: str, act: Callable[..., Any], **how: Any) -> Response:
    with newsroom().db.write() as session:
        act(session, loaded(session, task_id), current_user, now(), **how)
    page = url_for("submission.show", task_id=task_id)
    return jsonify(url=page) if wants_json() else redirect(page)


def loaded(session: Session, task_id: str) -> Submission:
    return find(session, task_id, *EVERYTHING)


def site_time(text: str) -> datetime | None:
    """A time typed into the form, in the site's zone; empty = none. Raises: InvalidSubmission."""
    if not text.strip():
        return None
    try:
        typed = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise InvalidSubmission(
            "“%(text)s” is not a time. Write it as 2026-12-31 18:00.", text=text[:40]
        ) from error
    return typed.replace(tzinfo=newsroom().settings.timezone).astimezone(UTC)
