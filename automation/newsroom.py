"""Everything one process holds: settings, database, storage, toolbox."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from automation import desks, toolbox
from automation.config import Settings
from automation.db import Database
from automation.models import Fact
from automation.pipeline.advance import Works
from automation.storage import FolderStorage
from automation.toolbox import Toolbox

FORM_OVERHEAD_BYTES = 1024**2  # what a form may hold besides the file


@dataclass(frozen=True)
class Newsroom:
    settings: Settings
    db: Database
    storage: FolderStorage
    tools: Toolbox

    @property
    def works(self) -> Works:
        return Works(self.db, self.storage, self.tools, self.settings.lease_s)

    def flask_config(self) -> dict[str, Any]:
        secure = self.settings.secure_cookies
        return {
            "SECRET_KEY": self.settings.secret_key or remembered_secret(self.db),
            "MAX_CONTENT_LENGTH": self.settings.max_upload_bytes + FORM_OVERHEAD_BYTES,
            "MAX_FORM_MEMORY_SIZE": 4 * 1024**2,
            "SESSION_COOKIE_NAME": "__Host-polosa" if secure else "polosa",
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "SESSION_COOKIE_SECURE": secure,
            "SESSION_COOKIE_PATH": "/",
            "PERMANENT_SESSION_LIFETIME": 14 * 24 * 3600,
            "TRUSTED_HOSTS": None,
        }


def current() -> Newsroom:
    """The newsroom of the app that answers the current request."""
    return cast(Newsroom, current_app.extensions["polosa"])


def open_newsroom(env: Mapping[str, str], tools: Toolbox | None = None) -> Newsroom:
    """Reads the settings, opens the database and brings its schema up to date. Raises: BadSetting."""
    settings = Settings.from_env(env)
    storage = FolderStorage(settings.data_dir)
    db = Database(settings.database_url)
    db.migrate()
    desks.make_first(db, settings.locale, datetime.now(UTC))
    return Newsroom(settings, db, storage, tools or toolbox.build(settings))


def remembered_secret(db: Database) -> str:
    """The key that signs sessions, made on the first start and shared by all processes of the database."""
    with db.read() as session:
        known = session.scalar(select(Fact.value).where(Fact.name == "secret_key"))
    if known:
        return known
    try:
        with db.write() as session:
            session.add(Fact(name="secret_key", value=secrets.token_hex(32)))
    except IntegrityError:
        pass  # another process was first
    return remembered_secret(db)
