"""An earlier version of an article: to read, to compare with the newest, to take again."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from automation.errors import InvalidSubmission, NotFound
from automation.models import Draft, Role, Submission
from automation.versions import changes, take_again
from automation.web.access import FORM_BYTES, role_required
from automation.web.finding import find
from automation.web.room import newsroom
from automation.web.shown import now
from automation.web.submission import EVERYTHING, TRANSCRIPT
from automation.web.workbench import Workbench

pages = Blueprint("versions", __name__, url_prefix="/submissions/<task_id>/versions")


@pages.get("/<int:rev>")
@role_required(Role.VIEWER)
def show(task_id: str, rev: int) -> str:
    with newsroom().db.read() as session:
        submission = find(session, task_id, Submission.drafts, *TRANSCRIPT)
        draft = next((draft for draft in submission.drafts if draft.rev == rev), None)
        if draft is None:
            raise NotFound("There is no such version.")
        bench = Workbench(submission, now(), draft.format)
        shown, newest = bench.version(draft), bench.version(submission.drafts_in(draft.format)[-1])
        changed = changes(_as_read(shown), _as_read(newest)) if shown.rev != newest.rev else []
        return render_template(
            "version.html", sub=submission, bench=bench, draft=shown, newest=newest, changed=changed
        )


@pages.post("/<int:rev>")
@role_required(Role.AUTHOR, max_bytes=FORM_BYTES)
def take(task_id: str, rev: int) -> ResponseReturnValue:
    """The version becomes the newest one of its format."""
    base_rev = request.form.get("base_rev", type=int)
    if base_rev is None:
        raise InvalidSubmission("The page is out of date. Reload it and try again.")
    with newsroom().db.write() as session:
        submission = find(session, task_id, *EVERYTHING)
        taken = take_again(session, submission, current_user, now(), rev=rev, base_rev=base_rev)
        return redirect(url_for("submission.show", task_id=task_id, format=taken.format))


def _as_read(draft: Draft) -> str:
    """What a reader gets of a version, as one text."""
    return "\n\n".join(filter(None, (draft.title, draft.dek, draft.body)))
