"""How things are put into words and figures on a page: statuses, times, sizes, who did what."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, url_for
from flask_babel import format_datetime, format_timedelta, gettext
from flask_login import current_user

from automation.article import clock
from automation.models import Event, Role, RunState, Status
from automation.web.language import LANGUAGES, locale, say_template
from automation.web.names import (
    BACKEND_STATES,
    CAPABILITIES,
    CLASSES,
    EVENTS,
    FACT_KINDS,
    FORMATS,
    GRADES,
    KINDS,
    OUTCOMES,
    REUSED,
    ROLES,
    STAGE_NAMES,
    STANDINGS,
    STATUSES,
    STEPS,
    STYLES,
    WINDOWS,
)
from automation.web.room import newsroom
from providers.budgets import dollars

LABEL = re.compile(r"\bSPEAKER_(\d{1,3})\b")


def drawn_with(parameters: Mapping[str, Any]) -> str:
    """ "20 steps · guidance 7.5 · 1344 × 704 · without: text, letters": how a cover was drawn."""
    parts = []
    if parameters.get("steps"):
        parts.append(gettext("%(number)s steps", number=parameters["steps"]))
    if parameters.get("guidance"):
        parts.append(gettext("guidance %(value)s", value=parameters["guidance"]))
    if parameters.get("quality"):
        parts.append(gettext("quality %(value)s", value=parameters["quality"]))
    if parameters.get("width_px"):
        parts.append(f"{parameters['width_px']} × {parameters['height_px']}")
    if parameters.get("negative_prompt"):
        parts.append(gettext("without: %(what)s", what=parameters["negative_prompt"]))
    return " · ".join(parts)


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
        kept_back=lambda text, bench: bench.kept_back(text),
        say=lambda row: say_template(row.template, row.params),
        dollars=dollars,
        seconds=seconds,
        step_name=step_name,
        drawn_with=drawn_with,
    )
    app.jinja_env.globals.update(
        asset=asset,
        BACKEND_STATES=BACKEND_STATES,
        STANDINGS=STANDINGS,
        STYLES=STYLES,
        CAPABILITIES=CAPABILITIES,
        CLASSES=CLASSES,
        FORMATS=FORMATS,
        FACT_KINDS=FACT_KINDS,
        GRADES=GRADES,
        REUSED=REUSED,
        KINDS=KINDS,
        OUTCOMES=OUTCOMES,
        WINDOWS=WINDOWS,
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


def seconds(ms: int) -> str:
    """1234 → 1.2 s; 41000 → 41 s."""
    return str(gettext("%(seconds)s s", seconds=f"{ms / 1000:.1f}" if ms < 10_000 else round(ms / 1000)))


def zone_name() -> str:
    return str(newsroom().settings.timezone)


def status_name(status: str) -> str:
    return str(STATUSES.get(Status(status), status))


def stage_name(stage: str) -> str:
    return str(STAGE_NAMES.get(stage, stage))


def role_name(role: str) -> str:
    return str(ROLES.get(Role(role), role))


def step_name(step: str) -> str:
    """ "section 2 again" as a reader would say it."""
    what, *more = step.split()
    said = " ".join([str(STEPS.get(what, what)), *(word for word in more if word != "again")])
    return gettext("%(step)s, asked again", step=said) if "again" in more else said


def told(event: Event) -> str:
    """An event of the audit log as a sentence."""
    template = EVENTS.get(event.kind)
    if template is None:
        return event.kind.replace("_", " ")
    detail: dict[str, Any] = {**event.detail}
    if "stage" in detail:
        detail["stage"] = stage_name(str(detail["stage"]))
    if "format" in detail:
        detail["format"] = FORMATS.get(str(detail["format"]), detail["format"])
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
