"""The contact sheet: ask for another candidate, choose one."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from automation.errors import InvalidSubmission
from automation.models import Role, Submission
from automation.pipeline import review
from automation.web.access import FORM_BYTES, role_required
from automation.web.room import newsroom
from automation.web.shown import now
from automation.web.submission import pane
from automation.web.workbench import find

pages = Blueprint("covers", __name__, url_prefix="/submissions/<task_id>/covers")
WHAT = (Submission.covers, Submission.runs)


@pages.post("")
@role_required(Role.EDITOR, max_bytes=FORM_BYTES)
def draw(task_id: str) -> ResponseReturnValue:
    """`act`: again (the article's own brief), vary (another picture of the chosen one's prompt), prompt."""
    form = request.form
    act, backend = form.get("act", "again"), form.get("backend", "")
    if backend and backend not in newsroom().tools.covers.names:
        raise InvalidSubmission("There is no backend called %(name)s here.", name=backend[:60])
    with newsroom().db.write() as session:
        submission = find(session, task_id, *WHAT)
        chosen = review.chosen_cover(submission)
        prompts = {"vary": chosen.prompt if chosen else "", "prompt": form.get("prompt", "")}
        review.regenerate_cover(
            session, submission, current_user, now(), prompt=prompts.get(act, ""), backend=backend
        )
    return _sheet(task_id)


@pages.post("/<int:number>/choose")
@role_required(Role.EDITOR, max_bytes=FORM_BYTES)
def choose(task_id: str, number: int) -> ResponseReturnValue:
    with newsroom().db.write() as session:
        submission = find(session, task_id, *WHAT)
        review.choose_cover(session, submission, current_user, now(), number=number)
    return _sheet(task_id)


def _sheet(task_id: str) -> ResponseReturnValue:
    if request.headers.get("HX-Request"):
        return pane("_checks.html", task_id)
    return redirect(url_for("submission.show", task_id=task_id))
