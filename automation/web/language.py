"""In which language and time zone a reader sees the pages."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import urlsplit

from flask import Blueprint, Flask, current_app, redirect, request
from flask_babel import Babel, format_date, format_datetime, gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from automation.errors import NotFound, PolosaError
from automation.web.access import public
from automation.web.names import named
from automation.web.room import newsroom
from providers.errors import ProviderError

LANGUAGES = {"en": "English", "ru": "Русский", "uk": "Українська"}

UNTIL = re.compile(r"(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d) UTC)?")

#: Not in the session, whose cookie every answer renews: one on its way would bring the old language back.
COOKIE = "polosa-language"
YEAR_S = 365 * 24 * 3600

pages = Blueprint("language", __name__)


def init_babel(app: Flask) -> None:
    Babel(app, locale_selector=locale, timezone_selector=lambda: str(newsroom().settings.timezone))


def locale() -> str:
    """What was chosen on this page, else in the profile, else what the browser asks for, else the site's."""
    wanted = (request.cookies.get(COOKIE), getattr(current_user, "locale", None))
    chosen = next((code for code in wanted if code in LANGUAGES), None)
    site: str = newsroom().settings.locale
    return chosen or request.accept_languages.best_match(list(LANGUAGES)) or site


def say(error: PolosaError | ProviderError) -> str:
    """The error's message in the reader's language."""
    return say_template(error.template, error.params)


def say_template(template: str, params: object = None) -> str:
    """A kept message (an attempt, a stage's error) in the reader's language."""
    text = gettext(template) if template else ""
    if not isinstance(params, dict) or not params:
        return text
    try:
        return text % dated(named(params))
    except (KeyError, TypeError, ValueError):  # parameters kept by an older version
        return text


def dated(params: dict[str, object]) -> dict[str, object]:
    """`until` (providers.gate.shown) as the reader writes dates: 1 December, or 21 November, 16:05 here."""
    found = UNTIL.fullmatch(str(params.get("until", "")))
    if found is None:
        return params
    at = datetime.fromisoformat(f"{found[1]} {found[2] or '00:00'}").replace(tzinfo=UTC)
    return {
        **params,
        "until": format_datetime(at, "d MMMM, HH:mm") if found[2] else format_date(at.date(), "d MMMM"),
    }


def back(default: str = "/") -> str:
    """The page the reader came from, if it is one of ours."""
    return safe_path(request.referrer and _path(request.referrer), default)


def _path(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "") if parts.netloc == request.host else ""


def safe_path(target: str | None, default: str = "/") -> str:
    """`target` if it is a path on this site, else `default`: no link may lead a person elsewhere."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return default
    if any(ord(char) < 32 or char == "\\" for char in target):
        return default
    parts = urlsplit(target)
    return default if parts.scheme or parts.netloc else target


@pages.get("/lang/<code>")
@public
def choose(code: str) -> Response:
    if code not in LANGUAGES:
        raise NotFound("There is no such page.")
    answer = redirect(back())
    answer.set_cookie(COOKIE, code, max_age=YEAR_S, httponly=True, samesite="Lax",
                      secure=current_app.config["SESSION_COOKIE_SECURE"])  # fmt: skip
    return answer
