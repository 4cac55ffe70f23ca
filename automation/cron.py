"""The clock's door: a scheduler outside (Vercel, a systemd timer, anything that can call an address)."""

from __future__ import annotations

import hmac
from dataclasses import asdict
from datetime import UTC, datetime

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from automation import scheduler
from automation.api import error_answer
from automation.errors import Forbidden, Unauthenticated
from automation.newsroom import current

bp = Blueprint("cron", __name__, url_prefix="/api/cron")
bp.register_error_handler(Exception, error_answer)


@bp.route("/trigger", methods=["GET", "POST"])
def trigger() -> ResponseReturnValue:
    """One tick of the clock within TICK_BUDGET_S; answers what was done and why the rest was not."""
    room = current()
    check_secret(room.settings.cron_secret, request.headers.get("Authorization", ""))
    report = scheduler.tick(room, datetime.now(UTC), budget_s=room.settings.tick_budget_s)
    return jsonify(asdict(report))


def check_secret(secret: str, header: str) -> None:
    """Raises: Forbidden when no secret is set, Unauthenticated when another was sent."""
    if not secret:
        raise Forbidden("The cron endpoint is closed: set CRON_SECRET (16 characters or more) to open it.")
    if not hmac.compare_digest(header.encode(), f"Bearer {secret}".encode()):
        raise Unauthenticated("Send the header “Authorization: Bearer <CRON_SECRET>”.")
