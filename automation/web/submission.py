"""The page of one submission: transcript, article, cover and checks; its recording and its pictures."""

from __future__ import annotations

import io

from flask import Blueprint, Response, render_template, request, send_file
from sqlalchemy import select

from automation.errors import NotFound
from automation.models import Cover, Role, Submission
from automation.web.access import role_required
from automation.web.room import newsroom
from automation.web.shown import now
from automation.web.workbench import LOW_CONFIDENCE, Workbench, events_of, find

pages = Blueprint("submission", __name__)
IMAGES = {"image/jpeg", "image/png", "image/webp"}
TRANSCRIPT = (Submission.segments, Submission.edits)
EVERYTHING = (
    Submission.segments,
    Submission.edits,
    Submission.drafts,
    Submission.covers,
    Submission.attempts,
    Submission.runs,
)


@pages.get("/submissions/<task_id>")
@role_required(Role.VIEWER)
def show(task_id: str) -> str:
    return pane("submission.html", task_id)


@pages.get("/submissions/<task_id>/live")
@role_required(Role.VIEWER)
def live(task_id: str) -> str:
    """The strip of stages; it carries the stamps by which the page sees that a pane is out of date."""
    return pane("_live.html", task_id)


@pages.get("/submissions/<task_id>/transcript")
@role_required(Role.VIEWER)
def transcript(task_id: str) -> str:
    return pane("_transcript.html", task_id)


@pages.get("/submissions/<task_id>/article")
@role_required(Role.VIEWER)
def article(task_id: str) -> str:
    return pane("_article.html", task_id)


@pages.get("/submissions/<task_id>/checks")
@role_required(Role.VIEWER)
def checks(task_id: str) -> str:
    return pane("_checks.html", task_id)


def pane(template: str, task_id: str) -> str:
    with newsroom().db.read() as session:
        submission = find(session, task_id, *EVERYTHING)
        events = events_of(session, submission) if template in ("submission.html", "_checks.html") else ()
        return render_template(
            template, bench=Workbench(submission, now()), sub=submission, events=events, low=LOW_CONFIDENCE
        )


@pages.get("/submissions/<task_id>/versions/<int:rev>")
@role_required(Role.VIEWER)
def version(task_id: str, rev: int) -> str:
    """An earlier version of the article, to read and to copy from."""
    with newsroom().db.read() as session:
        submission = find(session, task_id, Submission.drafts, *TRANSCRIPT)
        draft = next((draft for draft in submission.drafts if draft.rev == rev), None)
        if draft is None:
            raise NotFound("There is no such version.")
        return render_template(
            "version.html", sub=submission, draft=draft, bench=Workbench(submission, now())
        )


@pages.get("/media/<task_id>")
@role_required(Role.VIEWER)
def media(task_id: str) -> Response:
    """The recording, whole or in the ranges a player asks for. Never as something a browser would run."""
    with newsroom().db.read() as session:
        submission = find(session, task_id)
    plays = submission.media_mime.startswith(("audio/", "video/"))
    response = send_file(
        newsroom().storage.path(submission.media_key),
        mimetype=submission.media_mime if plays else "application/octet-stream",
        conditional=True,
        etag=submission.media_sha256,
        as_attachment="download" in request.args or not plays,
        download_name=submission.filename,
        max_age=3600,
    )
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


@pages.get("/covers/<int:number>")
@role_required(Role.VIEWER)
def cover(number: int) -> Response:
    response = picture_answer(number)
    response.headers["Cache-Control"] = "private, max-age=86400"
    return response


def picture_answer(number: int) -> Response:
    """The bytes of a cover. Raises: NotFound."""
    wanted = select(Cover.image, Cover.mime, Cover.sha256).where(Cover.id == number)
    with newsroom().db.read() as session:
        row = session.execute(wanted).first()
    if row is None or row.mime not in IMAGES:
        raise NotFound("There is no such cover.")
    return send_file(io.BytesIO(row.image), mimetype=row.mime, etag=row.sha256, conditional=True)
