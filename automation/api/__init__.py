"""The JSON door: submit a recording, ask how far it is, read what came of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import cast

from flask import Blueprint, Response, g, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from automation import accounts
from automation.api.speakers import as_json, as_rttm
from automation.errors import Forbidden, InvalidSubmission, NotFound, PolosaError, TooLarge, Unauthenticated
from automation.grounding.silence import PLACEHOLDER
from automation.models import Role, RunState, StageRun, Status, Submission, User
from automation.newsroom import current
from automation.pipeline import SIDE_STAGES, STAGES, advance, intake, pace, pausing
from automation.pipeline.cover import chosen_cover
from automation.pipeline.notebook import calls_to_show, told_call
from automation.reuse import cleaned, cleaned_draft, secrets_of
from automation.slugs import slug_of
from automation.transcript import preview, view
from automation.uploads import stream_of
from automation.verification import record_told, served, standing_record
from providers.errors import InputRejected

WORKING = tuple(stage.takes for stage in STAGES if stage.name != "publish")
STAGE_ORDER = {stage.name: number for number, stage in enumerate((*STAGES, *SIDE_STAGES))}

bp = Blueprint("api", __name__, url_prefix="/api/v1")


@bp.before_request
def authenticate() -> None:
    """Who asks is known before anything of the body is read."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    with current().db.read() as session:
        user = accounts.user_by_api_key(session, key.strip()) if scheme.lower() == "bearer" and key else None
    if user is None:
        raise Unauthenticated(
            "Send the header “Authorization: Bearer <API key>”; your profile page makes a key."
        )
    g.api_user = user


@bp.post("/transcribe")
def transcribe() -> ResponseReturnValue:
    """Takes a recording (multipart field `file`); 202 with the task to ask about."""
    user = _need(Role.AUTHOR)
    room = current()
    file = request.files.get("file")
    if file is None or not file.filename:
        raise InvalidSubmission("No recording was sent: put it into the multipart field “file”.")
    submitted = intake.submit(
        room,
        stream_of(file),
        file.filename,
        by=user,
        now=datetime.now(UTC),
        title=request.form.get("title", ""),
        language=request.form.get("language", "ru"),
        formats=request.form.getlist("format"),
        min_speakers=_count("min_speakers"),
        max_speakers=_count("max_speakers"),
        desk=request.form.get("desk", ""),
        participants=request.form.getlist("participants"),
        hint=request.form.get("prompt", ""),
    )
    return jsonify(
        task_id=submitted.task_id,
        duplicate=submitted.duplicate,
        status_url=url_for("api.task", task_id=submitted.task_id, _external=True),
    ), 202


@bp.post("/diarize")
def diarize() -> ResponseReturnValue:
    """Takes a recording (multipart field `audioFile`) for its turns alone; 202 with the task to ask about."""
    user = _need(Role.AUTHOR)
    file = request.files.get("audioFile") or request.files.get("file")
    if file is None or not file.filename:
        raise InvalidSubmission("No recording was sent: put it into the multipart field “audioFile”.")
    submitted = intake.submit(
        current(),
        stream_of(file),
        file.filename,
        by=user,
        now=datetime.now(UTC),
        min_speakers=_count("minSpeakers", "min_speakers"),
        max_speakers=_count("maxSpeakers", "max_speakers"),
        participants=request.form.getlist("participants"),
        hint=request.form.get("prompt", ""),
        only_speakers=True,
    )
    return jsonify(
        task_id=submitted.task_id,
        duplicate=submitted.duplicate,
        status_url=url_for("api.task", task_id=submitted.task_id, _external=True),
        speakers_url=url_for("api.speakers", task_id=submitted.task_id, _external=True),
    ), 202


# The same door without the version; the name keeps it under this blueprint's guard and errors.
bp.record_once(
    lambda state: state.app.add_url_rule("/api/diarize", "api.diarize_short", diarize, methods=["POST"])
)


@bp.get("/tasks/<task_id>/speakers")
def speakers(task_id: str) -> ResponseReturnValue:
    """Who speaks when, as JSON or as RTTM (`?format=rttm`); `complete` is false while nobody knows."""
    _need(Role.VIEWER)
    form = request.args.get("format", "json")
    if form not in ("json", "rttm"):
        raise InvalidSubmission("The format must be one of %(allowed)s.", allowed="json, rttm")
    with current().db.read() as session:
        submission = _submission(session, task_id)
        if form == "json":
            return jsonify(as_json(submission))
        return Response(as_rttm(submission), mimetype="text/plain")


@bp.get("/tasks/<task_id>")
def task(task_id: str) -> ResponseReturnValue:
    """How far a submission is: status, the stage at work, and what stands in its way."""
    _need(Role.VIEWER)
    now = datetime.now(UTC)
    with current().db.read() as session:
        submission = _submission(session, task_id)
        whole_s = submission.duration_s
        ready_s = pace.ready_in_s(submission, pace.expected(session), now)
        runs = [
            {
                "stage": run.stage,
                "state": run.state,
                "progress": round(run.progress, 3),
                "note": _filled(run.progress_note, run.progress_params),
                "heard_s": round(run.progress * whole_s, 2) if run.stage == "transcribe" else None,
                "left_s": _left_s(run, now),
                "error": _error(run.error),
            }
            for run in sorted(submission.runs, key=lambda run: STAGE_ORDER[run.stage])
        ]
    return jsonify(
        task_id=task_id,
        status=submission.status,
        title=submission.title,
        filename=submission.filename,
        duration_s=round(submission.duration_s, 2),
        demonstration_model=submission.is_demo,
        stages=runs,
        ready_in_s=round(ready_s) if ready_s is not None and submission.status in WORKING else None,
        provenance={stage: served(told) for stage, told in submission.provenance.items()},
        created_at=submission.created_at.isoformat(),
    )


@bp.post("/tasks/<task_id>/cancel")
def cancel(task_id: str) -> ResponseReturnValue:
    """Stops what is being done with a submission; what has been done is kept."""
    return _paused(task_id, pausing.stop)


@bp.post("/tasks/<task_id>/resume")
def resume(task_id: str) -> ResponseReturnValue:
    """Has what was stopped go on from where it was."""
    return _paused(task_id, pausing.resume)


def _paused(task_id: str, act: Callable[..., None]) -> ResponseReturnValue:
    user = _need(Role.AUTHOR)
    with current().db.write() as session:
        act(session, _submission(session, task_id), user, datetime.now(UTC))
    return task(task_id)


@bp.get("/tasks/<task_id>/transcript")
def transcript(task_id: str) -> ResponseReturnValue:
    """The edited transcript; while the recording is still being heard, what there is of it."""
    _need(Role.VIEWER)
    with current().db.read() as session:
        submission_id = _submission(session, task_id).id
    submission = advance.load(current().db, submission_id)
    lines = (view(submission) if submission.segments else preview(submission)).lines
    return jsonify(
        task_id=task_id,
        complete=bool(submission.segments),
        segments=[
            {
                "id": line.idx,
                "start": line.start_s,
                "end": line.end_s,
                "speaker": line.name,
                "text": line.text,
                "off_record": line.is_off_record,
                "words": [
                    {"word": w[0], "start": w[1], "end": w[2], "confidence": w[3]}
                    for w in line.words
                    if w[0] != PLACEHOLDER
                ],
            }
            for line in lines
        ],
    )


@bp.get("/tasks/<task_id>/article")
def article(task_id: str) -> ResponseReturnValue:
    """The latest version of the article, as Markdown with pointers into the transcript."""
    _need(Role.VIEWER)
    with current().db.read() as session:
        submission = _submission(session, task_id)
        wanted = submission.drafts_in(request.args.get("format") or submission.format)
        if not wanted:
            raise NotFound("There is no article yet: ask for the status and try again later.")
        secrets = secrets_of(submission)
        draft, cover = cleaned_draft(wanted[-1], secrets), chosen_cover(submission)
        alt = cleaned(cover.alt, secrets) if cover else ""
        formats = list(dict.fromkeys(one.format for one in submission.drafts))
    is_public = submission.status == Status.PUBLISHED
    return jsonify(
        task_id=task_id,
        version=draft.rev,
        title=draft.title,
        dek=draft.dek,
        body=draft.body,
        tags=draft.tags,
        description=draft.description,
        format=draft.format,
        formats=formats,
        titles=draft.titles,
        slug=draft.slug or slug_of(draft.title, submission.language),
        social=draft.social,
        cover_alt=alt,
        url=url_for("articles.show", slug=submission.slug, _external=True) if is_public else None,
    )


@bp.get("/tasks/<task_id>/provenance")
def provenance(task_id: str) -> ResponseReturnValue:
    """What the approval stands on: each quote with its grade and who heard it, the facts, the models."""
    _need(Role.VIEWER)
    with current().db.read() as session:
        submission = _submission(session, task_id)
        record = standing_record(submission)
        if record is None:
            raise NotFound("There is no record: it is written when an editor approves the article.")
        return jsonify(record_told(submission, record))


@bp.get("/tasks/<task_id>/writing")
def writing(task_id: str) -> ResponseReturnValue:
    """Every request to a language model: what was sent, what came back, tokens, seconds and price."""
    _need(Role.VIEWER)
    with current().db.read() as session:
        submission = _submission(session, task_id)
        revs = {draft.request: draft.rev for draft in submission.drafts if draft.request}
        told = [told_call(call, revs) for call in calls_to_show(session, submission)]
    return jsonify(task_id=task_id, calls=told)


def error_answer(error: Exception) -> ResponseReturnValue:
    """Any error as JSON, with the text the pages show too."""
    if isinstance(error, PolosaError):
        return jsonify(error={"code": error.code, "message": str(error)}), error.status
    if isinstance(error, InputRejected):
        return jsonify(error={"code": "unreadable", "message": str(error)}), 422
    if isinstance(error, HTTPException) and error.code == TooLarge.status:
        try:
            intake.check_size(request.content_length or 0, current().settings.max_upload_bytes)
        except TooLarge as too_large:
            return error_answer(too_large)
    if isinstance(error, HTTPException):
        return jsonify(
            error={"code": str(error.name).lower().replace(" ", "_"), "message": error.description}
        ), error.code or 500
    raise error


bp.register_error_handler(Exception, error_answer)


def _need(role: Role) -> User:
    user: User = g.api_user
    if not user.may(role):
        raise Forbidden("Your account is %(role)s; this needs %(needed)s.", role=user.role, needed=role.value)
    return user


def _submission(session: Session, task_id: str) -> Submission:
    submission = session.scalar(select(Submission).where(Submission.task_id == task_id))
    if submission is None:
        raise NotFound("There is no submission %(task_id)s.", task_id=task_id)
    return submission


def _count(name: str, other_name: str = "") -> int | None:
    text = (request.form.get(name) or request.form.get(other_name, "")).strip()
    if not text:
        return None
    if not text.isdigit():
        raise InvalidSubmission("%(name)s must be a whole number.", name=name)
    return int(text)


def _left_s(run: StageRun, now: datetime) -> int | None:
    seconds = pace.left_s(run.eta_at, now) if run.state == RunState.DOING else None
    return None if seconds is None else round(seconds)


def _filled(template: str, params: dict[str, object]) -> str:
    return template % params if params else template


def _error(error: dict[str, object] | None) -> dict[str, object] | None:
    if error is None:
        return None
    return {
        "class": error["class"],
        "message": _filled(str(error["template"]), cast("dict[str, object]", error["params"])),
        "waiting": error.get("waiting", False),
    }
