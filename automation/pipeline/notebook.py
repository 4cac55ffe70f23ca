"""The writer's notebook in the database: every request to a model, kept as soon as it has ended.

An answer that was paid for is found again when the stage is run anew, so a crash in the seventh section does
not pay for six. Kept without asking for the lease: who lost it has paid all the same, and the next worker
finds the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from automation.db import Database
from automation.models import Submission, WriterCall
from automation.reuse import cleaned_row, secrets_of
from providers.drafting.calls import Call
from providers.notes import Note


class KeptNotebook:
    """Of one request of a submission: "feature 0", "brief 1"."""

    def __init__(
        self,
        db: Database,
        submission_id: int,
        request: str,
        now: Callable[[], datetime],
        progress: Callable[[float, str], None],
    ) -> None:
        self._db, self._submission_id, self._request = db, submission_id, request
        self._now, self._progress = now, progress

    def recall(self, key: str) -> str | None:
        wanted = select(WriterCall.answer).where(
            WriterCall.submission_id == self._submission_id,
            WriterCall.request == self._request,
            WriterCall.key == key,
        )
        with self._db.read() as session:
            return session.scalars(wanted.order_by(WriterCall.id.desc())).first()

    def keep(self, key: str, call: Call) -> None:
        row = WriterCall(
            submission_id=self._submission_id,
            request=self._request,
            key=key,
            step=call.step[:40],
            backend=call.backend,
            model=call.model[:120],
            messages=[dict(message) for message in call.messages],
            answer=call.answer,
            failure=call.failure,
            prompt_tokens=call.prompt_tokens,
            completion_tokens=call.completion_tokens,
            ms=call.ms,
            cost_micro_usd=call.cost_micro_usd,
            prompt_version=call.prompt_version,
            at=self._now(),
        )
        with self._db.write() as session:
            session.add(row)

    def progress(self, done: int, of: int) -> None:
        note = Note("Request %(number)d of %(of)d", number=done + 1, of=of) if of > 1 else Note("")
        self._progress(done / max(of, 1), note)


def calls_of(session: Session, submission_id: int) -> Sequence[WriterCall]:
    """Every request to a model for a submission, in order."""
    wanted = select(WriterCall).where(WriterCall.submission_id == submission_id)
    return session.scalars(wanted.order_by(WriterCall.id)).all()


def calls_to_show(session: Session, submission: Submission) -> Sequence[WriterCall]:
    """Every request to a model, in order; without what was put off the record since."""
    calls, secrets = calls_of(session, submission.id), secrets_of(submission)
    return [cleaned_row(call, secrets, "messages", "answer", "failure") for call in calls]


def told_call(call: WriterCall, revs: dict[str, int]) -> dict[str, Any]:
    """A request for JSON; `revs` tells which version a request led to."""
    return {
        "request": call.request,
        "version": revs.get(call.request),
        "step": call.step,
        "backend": call.backend,
        "model": call.model,
        "prompt_version": call.prompt_version,
        "messages": call.messages,
        "answer": call.answer,
        "failure": call.failure or None,
        "prompt_tokens": call.prompt_tokens,
        "completion_tokens": call.completion_tokens,
        "seconds": round(call.ms / 1000, 2),
        "cost_usd": call.cost_micro_usd / 1_000_000,
        "at": call.at.isoformat(),
    }
