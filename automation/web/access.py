"""Who may open what: each page says it itself, and a page that says nothing opens for nobody.

The rule is checked before anything of the request's body is read, then the CSRF token.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, current_app, request
from flask_login import current_user
from flask_wtf.csrf import CSRFProtect, validate_csrf
from wtforms.validators import ValidationError

from automation.errors import Forbidden, Unauthenticated
from automation.models import Role

FORM_BYTES = 64 * 1024  # a login form
TEXT_BYTES = 4 * 1024 * 1024  # an article
OTHER_DOORS = {"api", "cron", "health"}  # they carry keys of their own

View = TypeVar("View", bound=Callable[..., Any])
csrf = CSRFProtect()


@dataclass(frozen=True, slots=True)
class Rule:
    role: Role | None  # None: everybody, also without an account
    max_bytes: int | None  # of a request's body; None: the setting MAX_UPLOAD_MB decides


def public(view: View) -> View:
    """Open to everybody."""
    return _ruled(view, Rule(None, FORM_BYTES))


def role_required(role: Role, *, max_bytes: int | None = TEXT_BYTES) -> Callable[[View], View]:
    """Open to people with this role or a higher one."""

    def mark(view: View) -> View:
        return _ruled(view, Rule(role, max_bytes))

    return mark


def _ruled(view: View, rule: Rule) -> View:
    view.rule = rule  # type: ignore[attr-defined]  # a function may carry attributes; no type tells which
    return view


def rule_of(app: Flask, endpoint: str) -> Rule | None:
    """The rule of a page; None when it has none, and then it's closed."""
    return (
        Rule(None, FORM_BYTES)
        if endpoint == "static"
        else getattr(app.view_functions[endpoint], "rule", None)
    )


def init_access(app: Flask) -> None:
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False  # `_guard` calls it, after the role
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # as long as the session: an editor's page stays open all day
    csrf.init_app(app)
    app.before_request(_guard)


def _guard() -> None:
    if request.endpoint is None or request.blueprint in OTHER_DOORS:
        return
    rule = rule_of(current_app, request.endpoint)
    _check_role(rule)
    if rule is not None and rule.max_bytes is not None:
        request.max_content_length = rule.max_bytes
    if request.method not in {"GET", "HEAD", "OPTIONS"}:
        _check_csrf()


def _check_role(rule: Rule | None) -> None:
    if rule is None:
        raise Forbidden("This page has no access rule; it opens for nobody.")
    if rule.role is None:
        return
    if not current_user.is_authenticated:
        raise Unauthenticated("Log in to see this page.")
    if not current_user.may(rule.role):
        raise Forbidden(
            "This needs the role “%(role)s”. An administrator can give it to you.", role=rule.role
        )


def _check_csrf() -> None:
    """The token from the header if there is one: then the body is not read yet (an upload is streamed)."""
    token = request.headers.get("X-CSRFToken")
    if token is None:
        csrf.protect()
        return
    try:
        validate_csrf(token)
    except ValidationError as error:
        raise Forbidden("The page is out of date. Reload it and try again.") from error
