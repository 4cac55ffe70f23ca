"""The page of one submission: transcript, article, cover and checks; its recording and its pictures."""

from __future__ import annotations

import io

from flask import Blueprint, Response, render_template, request, send_file
from sqlalchemy import select

from automation.errors import Forbidden, NotFound
from automation.models import Cover, Role, Submission
from automation.offrecord import has_any
from automation.web.access import role_required
from automation.web.finding import events_of, find
from automation.web.room import newsroom
from automation.web.shown import may, now
from automation.web.transcript_pane import LOW_CONFIDENCE
from automation.web.workbench import Workbench
from providers.covers.renditions import as_type

pages = Blueprint("submission", __name__)
IMAGES = {"image/jpeg", "image/png", "image/webp"}
SHAPES = {"cover": Cover.image, "square": Cover.square, "whole": Cover.original}
TRANSCRIPT = (Submission.segments, Submission.edits)
EVERYTHING = (
    Submission.segments,
    Submission.edits,
    Submission.drafts,
    Submission.covers,
    Submission.attempts,
    Submission.runs,
    Submission.heard,
    Submission.overruled,
    Submission.verifications,
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


def pane(template: str, task_id: str, **more: object) -> str:
    with newsroom().db.read() as session:
        submission = find(session, task_id, *EVERYTHING)
        events = events_of(session, submission) if template in ("submission.html", "_checks.html") else ()
        bench = Workbench(submission, now(), request.values.get("format", ""))
        return render_template(
            template, bench=bench, sub=submission, events=events, low=LOW_CONFIDENCE, **more
        )


@pages.get("/media/<task_id>")
@role_required(Role.VIEWER)
def media(task_id: str) -> Response:
    """The recording, whole or in the ranges a player asks for. Never as something a browser would run.

    It has what is off the record in it, so a viewer does not hear such a recording.
    """
    with newsroom().db.read() as session:
        submission = find(session, task_id, Submission.edits)
        if not may("author") and has_any(submission.edits):
            raise Forbidden("Part of this recording is off the record: authors and editors can listen to it.")
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
    # A viewer's browser asks each time: what it keeps may be off the record meanwhile.
    response.headers["Cache-Control"] = "private, max-age=3600" if may("author") else "private, no-cache"
    return response


@pages.get("/covers/<int:number>")
@role_required(Role.VIEWER)
def cover(number: int) -> Response:
    """`shape`: cover (1200 × 630), square, or whole; `as`: jpeg, webp or png."""
    shape, kind = request.args.get("shape", "cover"), request.args.get("as", "")
    response = picture_answer(number, shape, kind, download="download" in request.args)
    response.headers["Cache-Control"] = "private, max-age=86400"
    return response


def picture_answer(number: int, shape: str = "cover", kind: str = "", *, download: bool = False) -> Response:
    """The bytes of a cover in that shape, in the type asked for. Raises: NotFound."""
    wanted = select(SHAPES.get(shape, Cover.image), Cover.mime, Cover.sha256).where(Cover.id == number)
    with newsroom().db.read() as session:
        row = session.execute(wanted).first()
    if row is None or row.mime not in IMAGES or not row[0] or shape not in SHAPES:
        raise NotFound("There is no such cover.")
    mime = "image/jpeg" if shape == "whole" else row.mime
    data, mime = (row[0], mime) if not kind else converted(row[0], mime, f"image/{kind}")
    name = f"cover-{number}-{shape}.{mime.partition('/')[2].replace('jpeg', 'jpg')}"
    return send_file(
        io.BytesIO(data),
        mimetype=mime,
        etag=f"{row.sha256}-{shape}-{kind}",
        conditional=True,
        as_attachment=download,
        download_name=name,
    )


def converted(data: bytes, mime: str, wanted: str) -> tuple[bytes, str]:
    """The picture as another type. Raises: InputRejected for one that covers are not made of."""
    return (data, mime) if wanted == mime else (as_type(data, wanted), wanted)
