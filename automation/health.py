"""/health: is the process up, does the database answer, is anything stuck."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from automation.models import RunState, StageRun
from automation.newsroom import current
from automation.version import VERSION

bp = Blueprint("health", __name__)


@bp.get("/health")
def health() -> ResponseReturnValue:
    """200 while the database answers, 503 otherwise. Says nothing a stranger should not know."""
    try:
        with current().db.read() as session:
            session.execute(text("SELECT 1"))
            counted = session.execute(select(StageRun.state, func.count()).group_by(StageRun.state)).all()
    except SQLAlchemyError as error:
        return jsonify(status="unavailable", database=type(error).__name__, version=VERSION), 503
    counts = {str(RunState(state)): count for state, count in counted}
    return jsonify(
        status="ok", database="ok", version=VERSION, stages=counts, at=datetime.now(UTC).isoformat()
    )
