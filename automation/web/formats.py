"""Formats of one recording, a paragraph written anew, and the article as a file."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from automation.errors import InvalidSubmission, NotFound
from automation.markdown_file import FILE_LIMIT_BYTES, dump, load
from automation.models import Role, Submission
from automation.pipeline import wishes
from automation.reuse import cleaned_draft, secrets_of
from automation.uploads import bytes_of
from automation.web.access import FORM_BYTES, role_required
from automation.web.finding import find
from automation.web.room import newsroom
from automation.web.shown import now
from automation.web.submission import EVERYTHING
from automation.web.workbench import Workbench

pages = Blueprint("formats", __name__, url_prefix="/submissions/<task_id>")


@pages.post("/formats")
@role_required(Role.EDITOR, max_bytes=FORM_BYTES)
def add(task_id: str) -> ResponseReturnValue:
    """“Make a brief as well”."""
    wanted = request.form.get("format", "")
    with newsroom().db.write() as session:
        wishes.add_format(session, find(session, task_id, *EVERYTHING), current_user, now(), format=wanted)
    return _back(task_id)


@pages.post("/formats/choose")
@role_required(Role.EDITOR, max_bytes=FORM_BYTES)
def choose(task_id: str) -> ResponseReturnValue:
    """The format that is published."""
    wanted = request.form.get("format", "")
    with newsroom().db.write() as session:
        wishes.choose_format(session, find(session, task_id, *EVERYTHING), current_user, now(), format=wanted)
    return _back(task_id, wanted)


@pages.get("/compare")
@role_required(Role.VIEWER)
def compare(task_id: str) -> str:
    """Two formats side by side."""
    with newsroom().db.read() as session:
        submission = find(session, task_id, *EVERYTHING)
        bench = Workbench(submission, now())
        formats = bench.formats
        names = [request.args.get("left", ""), request.args.get("right", "")]
        spare = [name for name in formats if name not in names]
        shown = [name if name in formats else spare.pop(0) for name in names if name in formats or spare]
        drafts = [bench.version(submission.drafts_in(name)[-1]) for name in shown]
        return render_template("compare.html", sub=submission, bench=bench, drafts=drafts)


@pages.post("/redraft")
@role_required(Role.AUTHOR, max_bytes=FORM_BYTES)
def redraft(task_id: str) -> ResponseReturnValue:
    form = request.form
    place = form.get("place", type=int)
    if place is None:
        raise InvalidSubmission("Choose a paragraph.")
    wanted = form.get("format", "")
    with newsroom().db.write() as session:
        wishes.ask_redraft(
            session,
            find(session, task_id, *EVERYTHING),
            current_user,
            now(),
            format=wanted,
            place=place,
            how=form.get("how", ""),
            sentences=form.get("sentences", ""),
            wish=form.get("wish", ""),
        )
    return _back(task_id, wanted)


@pages.post("/redraft/accept")
@role_required(Role.AUTHOR, max_bytes=FORM_BYTES)
def accept(task_id: str) -> ResponseReturnValue:
    with newsroom().db.write() as session:
        saved = wishes.accept_redraft(session, find(session, task_id, *EVERYTHING), current_user, now())
        shown = saved.format
    return _back(task_id, shown)


@pages.post("/redraft/discard")
@role_required(Role.AUTHOR, max_bytes=FORM_BYTES)
def discard(task_id: str) -> ResponseReturnValue:
    with newsroom().db.write() as session:
        submission = find(session, task_id, *EVERYTHING)
        shown = submission.draft_wish.get("format", "")
        wishes.drop_wish(session, submission, current_user, now())
    return _back(task_id, shown)


@pages.get("/article.md")
@role_required(Role.VIEWER)
def export(task_id: str) -> Response:
    """A format's newest version as a Markdown file with its pointers."""
    with newsroom().db.read() as session:
        submission = find(session, task_id, Submission.drafts)
        wanted = request.args.get("format") or submission.format
        drafts = submission.drafts_in(wanted)
        if not drafts:
            raise NotFound("There is no text in this format yet.")
        body = dump(cleaned_draft(drafts[-1], secrets_of(submission)), task_id)
    name = f'attachment; filename="{wanted}-{task_id}.md"'
    return Response(body, mimetype="text/markdown", headers={"Content-Disposition": name})


@pages.post("/import")
@role_required(Role.AUTHOR, max_bytes=FILE_LIMIT_BYTES)
def import_file(task_id: str) -> ResponseReturnValue:
    """A Markdown file as the next version."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise InvalidSubmission("Choose a Markdown file.")
    try:
        file = load(bytes_of(sent).decode("utf-8"))
    except UnicodeDecodeError as error:
        raise InvalidSubmission("The file is not text in UTF-8.") from error
    with newsroom().db.write() as session:
        saved = wishes.import_file(
            session,
            find(session, task_id, *EVERYTHING),
            current_user,
            now(),
            file=file,
            over_newer="over_newer" in request.form,
        )
        shown = saved.format
    return _back(task_id, shown)


def _back(task_id: str, shown: str = "") -> ResponseReturnValue:
    return redirect(url_for("submission.show", task_id=task_id, format=shown or None))
