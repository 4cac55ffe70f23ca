"""Corrections: sentences, speakers, the article, the cover. Each goes through `pipeline.review`."""

from __future__ import annotations

import io

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from automation.errors import Conflict, InvalidSubmission, NotFound
from automation.glossary import learning
from automation.models import Draft, Role, Submission
from automation.pipeline import correcting, cover_review, review, silencing
from automation.transcript import Transcript, view
from automation.web.access import role_required
from automation.web.finding import find
from automation.web.language import say
from automation.web.room import newsroom
from automation.web.shown import moment, now
from automation.web.submission import EVERYTHING, TRANSCRIPT, pane
from automation.web.transcript_pane import LOW_CONFIDENCE
from automation.web.workbench import Workbench

pages = Blueprint("editing", __name__, url_prefix="/submissions/<task_id>")
FIELDS = ("title", "dek", "body", "description")


@pages.post("/draft")
@role_required(Role.AUTHOR)
def draft(task_id: str) -> ResponseReturnValue:
    """Keeps the article as the next version; the answer carries the preview and the quotes.

    409 carries the version that stands meanwhile, so that the page can show both.
    """
    form = request.form
    base_rev = form.get("base_rev", type=int)
    if base_rev is None:
        raise InvalidSubmission("The page is out of date. Reload it and try again.")
    try:
        with newsroom().db.write() as session:
            submission = find(session, task_id, *EVERYTHING)
            saved = review.save_draft(
                session,
                submission,
                current_user,
                now(),
                base_rev=base_rev,
                title=form.get("title", ""),
                dek=form.get("dek", ""),
                body=form.get("body", ""),
                tags=form.get("tags", "").split(","),
                description=form.get("description", ""),
                format=form.get("format", ""),
                slug=form.get("slug"),
                social={name: form[name] for name in ("telegram", "x") if name in form} or None,
            )
            session.flush()
            return jsonify(saved_told(submission, saved))
    except Conflict as error:
        return conflict_answer(error, task_id, form.get("format", ""))


def saved_told(submission: Submission, saved: Draft) -> dict[str, object]:
    """What the page shows of a version that has just been kept."""
    bench = Workbench(submission, now(), saved.format)
    return {
        "rev": saved.rev,
        "saved_at": moment(saved.at, "HH:mm:ss"),
        "stamp": bench.article_stamp,
        "preview": preview_html(bench, saved),
        "quotes": render_template("_quotes.html", bench=bench),
        "count": render_template("_heard_count.html", bench=bench),
        "facts": render_template("_facts.html", bench=bench),
    }


def conflict_answer(error: Conflict, task_id: str, format: str) -> ResponseReturnValue:
    told = {"error": error.code, "message": say(error), "theirs": _latest(task_id, format)}
    return jsonify(told), error.status


def preview_html(bench: Workbench, draft: Draft) -> str:
    return render_template("_preview.html", draft=draft, body=bench.body_html, typed=bench.typed)


def _latest(task_id: str, format: str) -> dict[str, object]:
    with newsroom().db.read() as session:
        submission = find(session, task_id, Submission.drafts)
        latest = submission.drafts_in(format or submission.format)[-1]
        who = latest.by.name if latest.by else ""
        return {
            "rev": latest.rev,
            "by": who,
            "tags": ", ".join(latest.tags),
            "at": moment(latest.at, "HH:mm"),
            **{name: getattr(latest, name) for name in FIELDS},
        }


@pages.get("/lines/<int:idx>")
@role_required(Role.VIEWER)
def line(task_id: str, idx: int) -> str:
    """A sentence; while the recording is still being heard, the one said from `?start=` on."""
    return line_html(task_id, idx, editing=False)


@pages.get("/lines/<int:idx>/edit")
@role_required(Role.AUTHOR)
def edit_line(task_id: str, idx: int) -> str:
    return line_html(task_id, idx, editing=True)


@pages.post("/lines/<int:idx>")
@role_required(Role.AUTHOR)
def correct_line(task_id: str, idx: int) -> ResponseReturnValue:
    with newsroom().db.write() as session:
        submission, text = find(session, task_id, *TRANSCRIPT), request.form.get("text", "")
        span = asked_span(submission)
        if span:
            correcting.correct_early(session, submission, current_user, now(), **span, text=text)
        else:
            review.correct(session, submission, current_user, now(), idx=idx, text=text)
        session.flush()
        if not silencing.corrected_off_record(submission):
            learning.learn(session, submission, now())
    return line_html(task_id, idx, editing=False), 200, {"HX-Trigger": "polosa:checks"}


@pages.post("/lines/<int:idx>/undo")
@role_required(Role.AUTHOR)
def undo_line(task_id: str, idx: int) -> ResponseReturnValue:
    with newsroom().db.write() as session:
        submission = find(session, task_id, *TRANSCRIPT)
        span = asked_span(submission)
        if span:
            correcting.undo_early(session, submission, current_user, now(), **span)
        else:
            review.undo_edit(session, submission, current_user, now(), idx=idx)
    return pane("_transcript.html", task_id), 200, {"HX-Trigger": "polosa:checks"}


def asked_span(submission: Submission) -> dict[str, float]:
    """The stretch a line of a preview was shown for; {} where the line has a number that stays.

    Raises: InvalidSubmission.
    """
    if "start" not in request.args:
        return {}
    start_s, end_s = (request.args.get(name, -1.0, type=float) for name in ("start", "end"))
    if not 0 <= start_s <= end_s <= submission.duration_s + 60:  # containers lie a little about their length
        raise InvalidSubmission("The page is out of date. Reload it and try again.")
    return {"start_s": start_s, "end_s": end_s}


def line_html(task_id: str, idx: int, *, editing: bool) -> str:
    with newsroom().db.read() as session:
        submission = find(session, task_id, *EVERYTHING)
        bench = Workbench(submission, now())
        span = asked_span(submission)
        found = bench.transcript.at(span["start_s"]) if span else bench.transcript.line(idx)
        if found is None:
            raise NotFound("The transcript has no sentence number %(idx)d.", idx=idx)
        template = "_line_form.html" if editing else "_line.html"
        return render_template(template, bench=bench, sub=submission, line=found, low=LOW_CONFIDENCE)


@pages.get("/lines/<int:idx>/speaker")
@role_required(Role.AUTHOR)
def speaker_form(task_id: str, idx: int) -> str:
    """Asks who speaks: another name for this voice, or another voice for this sentence."""
    with newsroom().db.read() as session:
        submission = find(session, task_id, *TRANSCRIPT)
        shown = view(submission)
        found = shown.line(idx)
        if found is None:
            raise NotFound("The transcript has no sentence number %(idx)d.", idx=idx)
        return render_template(
            "_speaker_form.html",
            sub=submission,
            line=found,
            names=shown.names,
            participants=_nameable(submission, shown),
        )


def _nameable(submission: Submission, shown: Transcript) -> list[str]:
    """The participants no voice has been named after yet."""
    return [name for name in submission.participants if name not in shown.names.values()]


@pages.post("/lines/<int:idx>/speaker")
@role_required(Role.AUTHOR)
def speaker(task_id: str, idx: int) -> ResponseReturnValue:
    form = request.form
    with newsroom().db.write() as session:
        submission = find(session, task_id, *TRANSCRIPT)
        if form.get("act") == "rename" or "participant" in form:
            label, name = form.get("label", ""), form.get("participant") or form.get("name", "")
            review.rename_speaker(session, submission, current_user, now(), speaker=label, name=name)
        else:
            review.reassign(
                session, submission, current_user, now(), idx=idx, speaker=form.get("speaker", "")
            )
    return pane("_transcript.html", task_id), 200, {"HX-Trigger": "polosa:checks, polosa:article"}


@pages.post("/alt")
@role_required(Role.AUTHOR)
def alt(task_id: str) -> ResponseReturnValue:
    with newsroom().db.write() as session:
        submission = find(session, task_id, Submission.covers)
        cover_review.set_alt(session, submission, current_user, now(), alt=request.form.get("alt", ""))
    if request.headers.get("HX-Request"):
        return pane("_checks.html", task_id)
    return redirect(url_for("submission.show", task_id=task_id))


@pages.post("/cover")
@role_required(Role.EDITOR, max_bytes=cover_review.COVER_LIMIT_BYTES)
def cover(task_id: str) -> ResponseReturnValue:
    """A person's own picture as the body of the request; read before the database is asked to wait."""
    picture = io.BytesIO(request.get_data())
    room = newsroom()
    with room.db.write() as session:
        submission = find(session, task_id, Submission.covers)
        cover_review.upload_cover(room, session, submission, current_user, now(), picture)
    return jsonify(ok=True)
