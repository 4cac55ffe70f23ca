"""Words off the record: marked in the transcript pane, line by line or as a selection, and put back."""

from __future__ import annotations

import re

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from automation.errors import InvalidSubmission, NotFound
from automation.models import Role, Submission
from automation.pipeline import silencing
from automation.transcript import Line, view
from automation.web.access import FORM_BYTES, role_required
from automation.web.finding import find
from automation.web.room import newsroom
from automation.web.shown import now
from automation.web.submission import EVERYTHING, TRANSCRIPT, pane
from automation.web.workbench import Workbench

pages = Blueprint("offrecord", __name__, url_prefix="/submissions/<task_id>")
PLACE = re.compile(r"(\d{1,7})(?:\.(\d{1,5}))?")  # sentence, word of it from 0
LINES_AHEAD = 40  # which a stretch may be drawn over in the form
CHANGED = {"HX-Trigger": "polosa:checks, polosa:article"}


@pages.get("/lines/<int:idx>/off-record")
@role_required(Role.AUTHOR)
def form(task_id: str, idx: int) -> str:
    """From which word to which; the sentence of `?start=` while the recording is still being heard."""
    start_s = request.args.get("start", type=float)
    with newsroom().db.read() as session:
        submission = find(session, task_id, *EVERYTHING, Submission.pieces)
        bench = Workbench(submission, now())
        lines = bench.transcript.lines
        found = bench.transcript.at(start_s) if start_s is not None else bench.transcript.line(idx)
        if found is None:
            raise NotFound("The transcript has no sentence number %(idx)d.", idx=idx)
        first = lines.index(found) + 1
        ahead = lines[first : first + LINES_AHEAD]
        return render_template("_off_form.html", bench=bench, sub=submission, line=found, ahead=ahead)


@pages.post("/off-record")
@role_required(Role.AUTHOR, max_bytes=FORM_BYTES)
def mark(task_id: str) -> ResponseReturnValue:
    """`start` and `end` in seconds, or `from` and `to` as sentence.word: 17 or 17.3."""
    with newsroom().db.write() as session:
        submission = find(session, task_id, *EVERYTHING, Submission.pieces)
        start_s, end_s = asked(submission)
        silencing.take_off(session, submission, current_user, now(), start_s=start_s, end_s=end_s)
    return pane("_transcript.html", task_id, just_silenced=True), 200, CHANGED


@pages.post("/off-record/<int:number>/undo")
@role_required(Role.AUTHOR, max_bytes=FORM_BYTES)
def put_back(task_id: str, number: int) -> ResponseReturnValue:
    with newsroom().db.write() as session:
        submission = find(session, task_id, *TRANSCRIPT)
        silencing.put_back(session, submission, current_user, now(), number=number)
    return pane("_transcript.html", task_id), 200, CHANGED


def asked(submission: Submission) -> tuple[float, float]:
    """The stretch a form or a selection names. Raises: InvalidSubmission."""
    start_s, end_s = (request.form.get(name, type=float) for name in ("start", "end"))
    if start_s is not None and end_s is not None:
        if not 0 <= start_s <= end_s <= submission.duration_s + 60:
            raise InvalidSubmission("The last word stands before the first. Choose them anew.")
        return start_s, end_s
    first, first_word = _place(submission, "from")
    last, last_word = _place(submission, "to")
    return silencing.stretch(first, last, first_word, last_word)


def _place(submission: Submission, name: str) -> tuple[Line, int | None]:
    match = PLACE.fullmatch(request.form.get(name, ""))
    line = view(submission, confidential=True).line(int(match[1])) if match else None
    if match is None or line is None:
        raise InvalidSubmission("Choose the words that are off the record.")
    return line, None if match[2] is None else int(match[2])
