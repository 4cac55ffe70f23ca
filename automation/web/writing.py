"""How an article was written: every request to a language model, for people and as a file."""

from __future__ import annotations

import json

from flask import Blueprint, Response, render_template

from automation.models import Role, Submission
from automation.pipeline.notebook import calls_to_show, told_call
from automation.web.access import role_required
from automation.web.finding import find
from automation.web.room import newsroom

pages = Blueprint("writing", __name__, url_prefix="/submissions/<task_id>/writing")


@pages.get("")
@role_required(Role.VIEWER)
def show(task_id: str) -> str:
    with newsroom().db.read() as session:
        submission = find(session, task_id, Submission.drafts)
        calls = calls_to_show(session, submission)
        return render_template("writing.html", sub=submission, calls=calls, revs=revs_of(submission))


@pages.get("/export")
@role_required(Role.VIEWER)
def export(task_id: str) -> Response:
    """The same as a JSON file."""
    with newsroom().db.read() as session:
        submission = find(session, task_id, Submission.drafts)
        revs = revs_of(submission)
        told = [told_call(call, revs) for call in calls_to_show(session, submission)]
    body = json.dumps({"task_id": task_id, "calls": told}, ensure_ascii=False, indent=1)
    name = f'attachment; filename="writing-{task_id}.json"'
    return Response(body, mimetype="application/json", headers={"Content-Disposition": name})


def revs_of(submission: Submission) -> dict[str, int]:
    return {draft.request: draft.rev for draft in submission.drafts if draft.request}
