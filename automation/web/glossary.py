"""The glossary on the submission page: what it changed, undone or applied again; what is learned."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from automation import desks
from automation.errors import InvalidSubmission
from automation.glossary import learning
from automation.models import Role, Submission
from automation.pipeline import glossary
from automation.web.access import role_required
from automation.web.finding import find
from automation.web.room import newsroom
from automation.web.shown import now
from automation.web.submission import TRANSCRIPT, pane

pages = Blueprint("glossary", __name__, url_prefix="/submissions/<task_id>")


@pages.post("/glossary")
@role_required(Role.AUTHOR)
def apply(task_id: str) -> ResponseReturnValue:
    with newsroom().db.write() as session:
        glossary.apply(session, found(session, task_id), current_user, now())
    return answer(task_id)


@pages.post("/glossary/<int:number>/undo")
@role_required(Role.AUTHOR)
def undo(task_id: str, number: int) -> ResponseReturnValue:
    with newsroom().db.write() as session:
        glossary.undo(session, found(session, task_id), current_user, now(), number=number)
    return answer(task_id)


@pages.post("/glossary/terms/<int:number>/undo")
@role_required(Role.AUTHOR)
def undo_term(task_id: str, number: int) -> ResponseReturnValue:
    with newsroom().db.write() as session:
        glossary.undo_term(session, found(session, task_id), current_user, now(), term=number)
    return answer(task_id)


@pages.post("/suggestions/<int:number>")
@role_required(Role.AUTHOR)
def decide(task_id: str, number: int) -> ResponseReturnValue:
    """Remembers a correction for the desk, or puts it aside for good."""
    with newsroom().db.write() as session:
        desk_id, is_wanted = found(session, task_id).desk_id, request.form.get("act") == "accept"
        learning.decide(session, desk_id, number, is_wanted=is_wanted)
    return answer(task_id)


@pages.post("/desk")
@role_required(Role.AUTHOR)
def assign(task_id: str) -> ResponseReturnValue:
    number = request.form.get("desk", type=int)
    if number is None:
        raise InvalidSubmission("Choose a desk.")
    with newsroom().db.write() as session:
        submission = found(session, task_id)
        glossary.assign(session, submission, current_user, now(), desks.desk(session, number))
    return redirect(url_for("submission.show", task_id=task_id))


def found(session: Session, task_id: str) -> Submission:
    return find(session, task_id, *TRANSCRIPT)


def answer(task_id: str) -> ResponseReturnValue:
    return pane("_transcript.html", task_id), 200, {"HX-Trigger": "polosa:checks"}
