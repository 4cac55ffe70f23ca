"""The buttons beside a flagged quote: the ellipsis it lacks, the words as they were said."""

from __future__ import annotations

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from automation.errors import Conflict, InvalidSubmission
from automation.models import Role
from automation.pipeline.mending import mend_quote
from automation.web.access import FORM_BYTES, role_required
from automation.web.editing import conflict_answer, saved_told
from automation.web.finding import find
from automation.web.room import newsroom
from automation.web.shown import now
from automation.web.submission import EVERYTHING

pages = Blueprint("mending", __name__, url_prefix="/submissions/<task_id>")


@pages.post("/quotes/mend")
@role_required(Role.AUTHOR, max_bytes=FORM_BYTES)
def mend(task_id: str) -> ResponseReturnValue:
    """The answer is that of a saved edit, with the new text; so is a conflict's."""
    form = request.form
    base_rev, number = form.get("base_rev", type=int), form.get("number", type=int)
    if base_rev is None or number is None:
        raise InvalidSubmission("The page is out of date. Reload it and try again.")
    try:
        with newsroom().db.write() as session:
            submission = find(session, task_id, *EVERYTHING)
            saved = mend_quote(
                session,
                submission,
                current_user,
                now(),
                base_rev=base_rev,
                number=number,
                key=form.get("key", ""),
                act=form.get("act", ""),
                format=form.get("format", ""),
            )
            session.flush()
            return jsonify(body=saved.body, **saved_told(submission, saved))
    except Conflict as error:
        return conflict_answer(error, task_id, form.get("format", ""))
