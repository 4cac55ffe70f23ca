"""Listening to quotes: the tick that a person heard one, a flag overruled, the record of the approval."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from automation.errors import InvalidSubmission, NotFound
from automation.models import Role, Submission
from automation.pipeline import verifying
from automation.verification import record_told, standing_record
from automation.web.access import role_required
from automation.web.finding import find
from automation.web.room import newsroom
from automation.web.shown import now
from automation.web.submission import EVERYTHING, pane
from automation.web.workbench import Workbench

pages = Blueprint("hearing", __name__, url_prefix="/submissions/<task_id>")


@pages.post("/heard")
@role_required(Role.AUTHOR)
def heard(task_id: str) -> ResponseReturnValue:
    """Ticks or unticks a quote; the answer says what each chip of it shows now."""
    form, played = request.form, request.form.get("played_s", "")
    with newsroom().db.write() as session:
        submission = find(session, task_id, *EVERYTHING)
        verifying.hear(
            session,
            submission,
            current_user,
            now(),
            key=form.get("key", ""),
            played_s=seconds(played) if played else None,
            heard=form.get("heard", "1") == "1",
        )
        bench = Workbench(submission, now(), form.get("format", ""))
        standing = next((one for one in bench.standings if one.key == form["key"]), None)
        return jsonify(
            heard=any(row.key == form["key"] for row in submission.heard),
            waits=standing is not None and standing.waits,
            note=bench.heard_note(standing) if standing else "",
            count=render_template("_heard_count.html", bench=bench),
            article=bench.article_stamp,
            checks=bench.checks_stamp,
        )


def seconds(text: str) -> float:
    """Raises: InvalidSubmission."""
    try:
        found = float(text)
    except ValueError as error:
        raise InvalidSubmission("played_s must be a number of seconds.") from error
    if not 0 <= found < 86_400:
        raise InvalidSubmission("played_s must be a number of seconds.")
    return found


@pages.post("/overrule")
@role_required(Role.EDITOR)
def overrule(task_id: str) -> str:
    form = request.form
    with newsroom().db.write() as session:
        submission = find(session, task_id, *EVERYTHING)
        verifying.overrule(
            session, submission, current_user, now(), key=form.get("key", ""), why=form.get("why", "")
        )
    return pane("_checks.html", task_id)


@pages.get("/provenance.json")
@role_required(Role.VIEWER)
def provenance(task_id: str) -> Response:
    """What the approval stands on, as a file beside the article."""
    with newsroom().db.read() as session:
        submission = find(session, task_id, Submission.drafts, Submission.verifications)
        record = standing_record(submission)
        if record is None:
            raise NotFound("There is no record: it is written when an editor approves the article.")
        response = jsonify(record_told(submission, record))
        slug = submission.slug or submission.task_id
    response.headers["Content-Disposition"] = f'attachment; filename="{slug}.provenance.json"'
    return response
