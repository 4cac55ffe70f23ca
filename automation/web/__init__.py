"""The HTML door: a file per page family; `_x.html` templates are htmx fragments."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from automation.web import (
    access,
    alarms,
    articles,
    auth,
    backends,
    covers,
    decisions,
    desk,
    desks,
    editing,
    errors,
    feeds,
    formats,
    glossary,
    headers,
    hearing,
    language,
    mending,
    model_files,
    offrecord,
    people,
    profile,
    schedule,
    shown,
    submission,
    versions,
    writing,
)

ROOT = str(Path(__file__).parent.parent)  # templates and translations lie beside this package
STATIC = str(Path(__file__).parent.parent.parent / "static")
PAGES = (
    auth, profile, people, desk, desks, submission, editing, mending, offrecord, hearing, glossary, covers,
    decisions, schedule, backends, model_files, language, articles, feeds, writing, formats, versions,
)  # fmt: skip


def init_app(app: Flask) -> None:
    """Puts everything a person sees onto the app."""
    language.init_babel(app)
    auth.init_login(app)
    access.init_access(app)
    headers.init_headers(app, app.extensions["polosa"].settings.trusted_proxies)
    errors.init_errors(app)
    shown.init_shown(app)
    app.jinja_env.globals.update(alarms=alarms.alarms)
    for page in PAGES:
        app.register_blueprint(page.pages)
