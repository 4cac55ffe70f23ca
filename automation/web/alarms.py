"""What stands above every page until somebody does something: a vendor's model is gone, a key is refused."""

from __future__ import annotations

from flask import request
from sqlalchemy import select

from automation.gates import history_of
from automation.models import BackendState
from automation.web.language import say
from automation.web.room import newsroom
from automation.web.shown import may, now
from providers import gate

LASTING = ("gone", "auth")  # nobody gets over these by waiting an hour


def alarms() -> list[str]:
    """A sentence for each backend that won't come back by itself; for those who may change that."""
    if not may("editor") or (request.endpoint or "").startswith("backends."):
        return []
    room, at = newsroom(), now()
    with room.db.read() as session:
        rows = session.scalars(
            select(BackendState).where(BackendState.error_class.in_(LASTING), BackendState.until > at)
        ).all()
    rules = room.tools.rules
    return [
        say(gate.cooling(row.vendor, history_of(row), at))
        for row in rows
        if row.settings == rules.fingerprint(row.backend)
    ]
