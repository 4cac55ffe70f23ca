"""Which quotes a person has listened to, which flags an editor overruled, and the record of an approval.

Every function changes rows of the session it is given and commits nothing; the door does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from automation.appraisal import appraise, notes_of
from automation.article import QuoteCheck, check_quotes
from automation.errors import Conflict, InvalidSubmission, WrongState
from automation.models import Draft, Heard, Overruled, Status, Submission, User, Verification
from automation.pipeline.acts import need, note
from automation.transcript import Transcript, view
from automation.verification import cover_told, quote_told, served, sha256_of

SHARE_PLAYED = 0.9  # of a quote's seconds: a player stops a little before or after the mark
WHY_MAX = 500


@dataclass(frozen=True, slots=True)
class Standing:
    """A quote, and what people did about it."""

    check: QuoteCheck
    key: str
    heard: Heard | None
    overruled: Overruled | None

    @property
    def waits(self) -> bool:
        """Approval waits until somebody has listened to it, or an editor has said why not."""
        return self.check.must_hear and self.heard is None and self.overruled is None


def quote_key(check: QuoteCheck, transcript: Transcript) -> str:
    """The name of a quote by its words and its sentences: other words, or other sentences, another key."""
    lines = [line for idx in check.sources if (line := transcript.line(idx)) is not None]
    parts = [check.text, *(f"{line.idx} {line.start_s:.2f} {line.speaker} {line.text}" for line in lines)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def standings(submission: Submission, checks: Sequence[QuoteCheck], transcript: Transcript) -> list[Standing]:
    """The quotes of an article in order, each with its tick and its overruling where there is one."""
    heard = {row.key: row for row in submission.heard}
    overruled = {row.key: row for row in submission.overruled}
    found = []
    for check in checks:
        key = quote_key(check, transcript)
        ruling = overruled.get(key)
        if ruling is not None and ruling.flags != flags_of(check):
            ruling = None
        found.append(Standing(check, key, heard.get(key), ruling))
    return found


def flags_of(check: QuoteCheck) -> list[str]:
    return [str(flag) for flag in check.flags]


def hear(
    session: Session,
    submission: Submission,
    by: User,
    now: datetime,
    *,
    key: str,
    played_s: float | None = None,
    heard: bool = True,
) -> None:
    """Ticks a quote: by hand, or because the player ran through it (`played_s`). `heard` False unticks it.

    Raises: Conflict when the article has no such quote any more, InvalidSubmission when too little of it
    was played.
    """
    check = _quote(session, submission, key)
    row = session.scalars(select(Heard).where(Heard.submission_id == submission.id, Heard.key == key)).first()
    if not heard:
        if row is not None:
            session.delete(row)
            session.flush()
            session.expire(submission, ["heard"])
        return
    if check.start_s is None or check.end_s is None:
        raise InvalidSubmission("This quote is nowhere in the recording: there is nothing to hear.")
    if played_s is not None and played_s < SHARE_PLAYED * (check.end_s - check.start_s):
        raise InvalidSubmission("The quote was not played to its end.")
    if row is None:
        submission.heard.append(Heard(key=key, played_s=played_s, by_id=by.id, at=now))
    elif row.played_s is None and played_s is not None:
        row.played_s, row.by_id, row.at = played_s, by.id, now
    submission.updated_at = now
    session.flush()


def overrule(
    session: Session, submission: Submission, by: User, now: datetime, *, key: str, why: str
) -> None:
    """Lets a flagged quote stand without a listen, for a reason that is kept; no reason takes it back.

    Raises: Conflict when the article has no such quote any more, WrongState where nothing can be overruled.
    """
    check, why = _quote(session, submission, key), " ".join(why.split())
    if check.grade == "not_found":
        raise WrongState("A quote that is nowhere in the recording can't be overruled.")
    if len(why) > WHY_MAX:
        raise InvalidSubmission("The reason is longer than %(most)d characters.", most=WHY_MAX)
    for row in list(submission.overruled):
        if row.key == key:
            submission.overruled.remove(row)
    session.flush()
    if why:
        ruling = Overruled(key=key, flags=flags_of(check), why=why, by_id=by.id, at=now)
        submission.overruled.append(ruling)
    kind = "overruled" if why else "overruling_undone"
    note(session, kind, submission, by, now, quote=check.text[:120], reason=why)
    session.flush()


def verified(submission: Submission, draft: Draft, transcript: Transcript) -> list[Standing]:
    """The quotes of an article that may be signed.

    Raises: WrongState, naming the first that stands in the way.
    """
    found = standings(submission, check_quotes(draft.body, transcript), transcript)
    for standing in found:
        if standing.check.grade == "not_found":
            raise WrongState(
                "This quote is nowhere in the recording: «%(quote)s». Correct it, point it to its "
                "sentence, or take the quotation marks away.",
                quote=standing.check.text[:120],
            )
    for standing in found:
        if standing.waits:
            raise WrongState(
                "This quote has to be heard before you sign: «%(quote)s». Play it to its end, "
                "or overrule its flag with a reason.",
                quote=standing.check.text[:120],
            )
    return found


def sign(session: Session, submission: Submission, draft: Draft, by: User, now: datetime) -> Verification:
    """Keeps what this approval stands on. Raises: WrongState, see `verified`."""
    transcript = view(submission)
    appraise(draft, transcript, notes_of(submission))
    record = Verification(
        rev=draft.rev,
        sha256=sha256_of(draft),
        quotes=[quote_told(standing) for standing in verified(submission, draft, transcript)],
        facts=draft.facts,
        measures=draft.measures,
        stages={stage: served(told) for stage, told in submission.provenance.items()},
        cover=cover_told(submission),
        by_id=by.id,
        at=now,
    )
    submission.verifications.append(record)
    return record


def _quote(session: Session, submission: Submission, key: str) -> QuoteCheck:
    """The quote of that key in the newest versions. Two ticks of one quote go one after another."""
    need(submission, Status.REVIEW)
    session.execute(select(Submission.id).where(Submission.id == submission.id).with_for_update())
    transcript = view(submission)
    for draft in {draft.format: draft for draft in submission.drafts}.values():
        for check in check_quotes(draft.body, transcript):
            if quote_key(check, transcript) == key:
                return check
    raise Conflict("This quote has changed meanwhile. Reload the page and listen to it as it is now.")
