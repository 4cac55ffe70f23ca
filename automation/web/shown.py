"""How things are put into words and figures on a page: statuses, times, sizes, who did what."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, url_for
from flask_babel import format_datetime, format_timedelta, gettext, lazy_gettext
from flask_login import current_user

from automation.article import clock
from automation.models import Event, Role, RunState, Status
from automation.web.language import LANGUAGES, locale, say_template
from automation.web.room import newsroom

STATUSES = {
    Status.RECEIVED: lazy_gettext("Received"),
    Status.TRANSCRIBED: lazy_gettext("Transcribed"),
    Status.ATTRIBUTED: lazy_gettext("Being written"),
    Status.DRAFTED: lazy_gettext("Drafted"),
    Status.REVIEW: lazy_gettext("In review"),
    Status.APPROVED: lazy_gettext("Approved"),
    Status.PUBLISHED: lazy_gettext("Published"),
    Status.ARCHIVED: lazy_gettext("Archived"),
}
STAGE_NAMES = {
    "transcribe": lazy_gettext("Transcript"),
    "diarize": lazy_gettext("Speakers"),
    "draft": lazy_gettext("Article"),
    "cover": lazy_gettext("Cover"),
    "review": lazy_gettext("Review"),
    "publish": lazy_gettext("Publication"),
}
ROLES = {
    Role.VIEWER: lazy_gettext("Viewer"),
    Role.AUTHOR: lazy_gettext("Author"),
    Role.EDITOR: lazy_gettext("Editor"),
    Role.ADMIN: lazy_gettext("Administrator"),
}
GRADES = {
    "exact": lazy_gettext("word for word"),
    "edited": lazy_gettext("wording differs"),
    "not_found": lazy_gettext("not in the recording"),
}
OUTCOMES = {
    "served": lazy_gettext("served"),
    "failed": lazy_gettext("failed"),
    "skipped": lazy_gettext("skipped"),
}
EVENTS = {
    "submitted": lazy_gettext("The recording was submitted"),
    "stage_done": lazy_gettext("Done: %(stage)s"),
    "stage_failed": lazy_gettext("Failed: %(stage)s"),
    "approved": lazy_gettext("Approved version %(rev)s"),
    "publish_now": lazy_gettext("Asked to publish at once"),
    "unscheduled": lazy_gettext("Taken back into review"),
    "unpublished": lazy_gettext("Taken off the public pages"),
    "sent_back": lazy_gettext("Sent back: %(reason)s"),
    "archived": lazy_gettext("Archived"),
    "retried": lazy_gettext("Asked to try again"),
    "edited": lazy_gettext("Saved version %(rev)s"),
    "corrected": lazy_gettext("Corrected sentence %(idx)s"),
    "reassigned": lazy_gettext("Gave sentence %(idx)s to another speaker"),
    "renamed": lazy_gettext("Named a speaker"),
    "edit_undone": lazy_gettext("Undid the correction of sentence %(idx)s"),
    "alt_set": lazy_gettext("Described the cover"),
    "cover_uploaded": lazy_gettext("Uploaded a cover"),
}

LABEL = re.compile(r"\bSPEAKER_(\d{1,3})\b")


def init_shown(app: Flask) -> None:
    app.jinja_env.filters.update(
        clock=clock,
        moment=moment,
        iso=iso,
        ago=ago,
        status_name=status_name,
        stage_name=stage_name,
        role_name=role_name,
        voiced=voiced,
        told=told,
    )
    app.jinja_env.globals.update(
        asset=asset,
        GRADES=GRADES,
        OUTCOMES=OUTCOMES,
        LANGUAGES=LANGUAGES,
        locale=locale,
        Role=Role,
        may=may,
        zone_name=zone_name,
        site_name=lambda: newsroom().settings.site_name,
    )


def now() -> datetime:
    """The time of this request, UTC."""
    return datetime.now(UTC)


def may(role: str) -> bool:
    """Whether the reader has this role or a higher one."""
    return bool(current_user.is_authenticated and current_user.may(Role(role)))


def moment(at: datetime | None, form: str = "d MMM yyyy, HH:mm") -> str:
    """A time in the site's zone: 3 Nov 2026, 14:05."""
    return format_datetime(at, form) if at else ""


def iso(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds") if at else ""


def ago(at: datetime) -> str:
    """5 minutes ago."""
    return str(format_timedelta(at - now(), add_direction=True, granularity="minute", threshold=1.2))


def zone_name() -> str:
    return str(newsroom().settings.timezone)


def status_name(status: str) -> str:
    return str(STATUSES.get(Status(status), status))


def stage_name(stage: str) -> str:
    return str(STAGE_NAMES.get(stage, stage))


def role_name(role: str) -> str:
    return str(ROLES.get(Role(role), role))


def told(event: Event) -> str:
    """An event of the audit log as a sentence."""
    template = EVENTS.get(event.kind)
    if template is None:
        return event.kind.replace("_", " ")
    detail: dict[str, Any] = {**event.detail}
    if "stage" in detail:
        detail["stage"] = stage_name(str(detail["stage"]))
    try:
        return str(template) % detail
    except (KeyError, ValueError, TypeError):  # kept by an older version
        return str(template)


def voiced(text: str) -> Any:
    """SPEAKER_00, as the machine calls a voice nobody has named, as a reader would: Speaker 1."""
    return type(text)(LABEL.sub(lambda match: gettext("Speaker %(n)s", n=int(match[1]) + 1), text))


def trouble(state: str, error: dict[str, Any] | None, run_at: datetime) -> dict[str, Any] | None:
    """What a stage's error says to the reader, or None when nothing is wrong."""
    if not error:
        return None
    halted = state == RunState.HALTED
    return {
        "text": say_template(str(error.get("template", "")), error.get("params")),
        "halted": halted,
        "next": gettext("stopped: a person is needed")
        if halted
        else gettext("tried again at %(time)s", time=moment(run_at, "HH:mm")),
    }


def asset(path: str) -> str:
    """A static file's address with a fingerprint of its content, so that it may be cached for ever."""
    folder = current_app.static_folder or ""
    file = Path(folder) / path
    return url_for("static", filename=path, v=_fingerprint(file, file.stat().st_mtime_ns))


@lru_cache(maxsize=64)
def _fingerprint(file: Path, _changed: int) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:10]
