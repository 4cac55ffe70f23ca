"""The desk: what is where, what went wrong, and the place to drop recordings."""

from __future__ import annotations

from flask import Blueprint, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_login import current_user
from sqlalchemy import select

from automation import desks
from automation.errors import InvalidSubmission
from automation.models import Role, Submission
from automation.pipeline import intake
from automation.web import queues
from automation.web.access import role_required
from automation.web.language import locale
from automation.web.room import newsroom
from automation.web.shown import now

pages = Blueprint("desk", __name__)


@pages.get("/")
@role_required(Role.VIEWER)
def desk() -> str:
    settings = newsroom().settings
    return render_template(
        "desk.html",
        languages=intake.LANGUAGES,
        max_bytes=settings.max_upload_bytes,
        max_speakers=intake.MAX_SPEAKERS,
        **listed(),
        **usual(),
    )


@pages.get("/desk/list")
@role_required(Role.VIEWER)
def rows() -> str:
    """The queues and the list, as the desk fetches them anew."""
    return render_template("_desk.html", **listed())


@pages.post("/upload")
@role_required(Role.AUTHOR, max_bytes=None)
def upload() -> ResponseReturnValue:
    """One recording as the body of the request; its name and wishes stand in the query.

    Nothing is buffered: the bytes go to the storage as they come.
    """
    room, asked = newsroom(), request.args
    intake.check_size(request.content_length or 0, room.settings.max_upload_bytes)
    done = intake.submit(
        room,
        request.stream,
        asked.get("filename", ""),
        by=current_user,
        now=now(),
        title=asked.get("title", ""),
        language=asked.get("language", "ru"),
        formats=asked.get("formats", "").split(",") if asked.get("formats") else (),
        min_speakers=_count("min_speakers"),
        max_speakers=_count("max_speakers"),
        participants=asked.getlist("participants"),
        hint=asked.get("prompt", ""),
        desk=asked.get("desk", ""),
    )
    answer = {
        "task_id": done.task_id,
        "duplicate": done.duplicate,
        "url": url_for("submission.show", task_id=done.task_id),
        "message": gettext("This recording was submitted before.") if done.duplicate else gettext("Taken."),
    }
    return jsonify(answer), 200 if done.duplicate else 201


def usual() -> dict[str, object]:
    """What the upload form proposes: what the reader chose last, else Russian or, on its pages, Ukrainian."""
    mine = select(Submission.language, Submission.desk_id).where(Submission.created_by_id == current_user.id)
    with newsroom().db.read() as session:
        last = session.execute(mine.order_by(Submission.id.desc()).limit(1)).first()
    language = last.language if last else "uk" if locale() == "uk" else "ru"
    return {"language": language, "desk_id": last.desk_id if last else None}


def _count(name: str) -> int | None:
    text = request.args.get(name, "").strip()
    if text and not text.isdecimal():
        raise InvalidSubmission("%(name)s must be a whole number.", name=name)
    return int(text) if text else None


def listed() -> dict[str, object]:
    """What the desk's list shows for `?queue=`, `?q=` and `?page=`."""
    asked = request.args
    queue = asked.get("queue", "all")
    text = asked.get("q", "").strip()[:100]
    wanted = asked.get("desk", type=int)
    with newsroom().db.read() as session:
        counts = queues.counts(session, wanted)
        page = queues.page(session, queue, text, max(1, asked.get("page", 1, type=int)), wanted)
        everything = desks.desks(session)
        busy = queues.is_busy(session, now())
    found = ngettext("%(num)s submission", "%(num)s submissions", page.total)
    return {
        "queues": queues.QUEUES,
        "queue": queue,
        "q": text,
        "counts": counts,
        "page": page,
        "busy": busy,
        "found": found,
        "desks": everything,
        "desk": wanted,
    }
