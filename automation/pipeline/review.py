"""The stage a person performs: listen, correct, approve or send back.

Every function changes rows of the session it is given and commits nothing; the door does.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from automation.appraisal import appraise, appraise_again, notes_of
from automation.errors import Conflict, InvalidSubmission, NotFound, WrongState
from automation.models import Draft, Edit, RunState, SegmentRow, StageRun, Status, Submission, User
from automation.pipeline import ledger, stage_named, verifying
from automation.pipeline.acts import EDITABLE, drop_unfinished, need, note
from automation.pipeline.advance import move
from automation.pipeline.correcting import touching
from automation.pipeline.cover import chosen_cover
from automation.pipeline.draft import drafted
from automation.pipeline.silencing import refuse_repeating
from automation.reuse import cleaned, reuses, secrets_of
from automation.slugs import slug_of
from automation.transcript import view

SOCIAL_LIMITS = {"telegram": 1024, "x": 280}  # characters; the link is within them
CHANNELS = {"telegram": "Telegram", "x": "X"}


def approve(
    session: Session, submission: Submission, by: User, now: datetime, *, publish_at: datetime | None = None
) -> None:
    """Signs the article. It goes out at `publish_at`, or in the next slot of the schedule.

    Raises: WrongState when it is not in review, or repeats what is off the record, or a quote is nowhere in
    the recording or has to be heard first, or the cover has no description.
    """
    need(submission, Status.REVIEW)
    draft = drafted(submission)
    _refuse_off_record(submission, draft)
    record = verifying.sign(session, submission, draft, by, now)
    cover = chosen_cover(submission)
    if cover is not None and not cover.alt.strip():
        raise WrongState("The cover has no description (alt text). Say in a sentence what it shows.")
    if cover is not None and cover.alt_at is None:
        raise WrongState(
            "The description of the cover is only a proposal: «%(alt)s». Look at the picture and accept it, "
            "or write a better one.",
            alt=cover.alt[:120],
        )
    _drop_wishes(session, submission)
    submission.approved_at, submission.approved_by_id = now, by.id
    submission.publish_at = max(publish_at, now) if publish_at else None
    move(session, submission, Status.APPROVED, now)
    note(
        session,
        "approved",
        submission,
        by,
        now,
        rev=draft.rev,
        sha256=record.sha256,
    )


def _refuse_off_record(submission: Submission, draft: Draft) -> None:
    cover = chosen_cover(submission)
    for reuse in reuses(secrets_of(submission), draft, cover.alt if cover else ""):
        raise WrongState(
            "The article repeats words that are off the record: “%(words)s”. Take them out, or put them on "
            "the record again.",
            words=reuse.words[:120],
        )


def publish_now(session: Session, submission: Submission, by: User, now: datetime) -> None:
    """Publishes without waiting for a slot; approves first where that has not been done."""
    if submission.status == Status.REVIEW:
        approve(session, submission, by, now, publish_at=now)
        return
    need(submission, Status.APPROVED)
    submission.publish_at = now
    ledger.enqueue(session, submission, stage_named("publish"), now)
    note(session, "publish_now", submission, by, now)


def unschedule(session: Session, submission: Submission, by: User, now: datetime) -> None:
    """Takes an approved article back into review."""
    need(submission, Status.APPROVED)
    _drop_run(session, submission, "publish")
    submission.publish_at = submission.approved_at = submission.approved_by_id = None
    move(session, submission, Status.REVIEW, now)
    note(session, "unscheduled", submission, by, now)


def unpublish(session: Session, submission: Submission, by: User, now: datetime) -> None:
    """Takes a published article off the public pages, back into review; its address stays reserved."""
    need(submission, Status.PUBLISHED)
    submission.publish_at = submission.approved_at = submission.approved_by_id = None
    move(session, submission, Status.REVIEW, now)
    note(session, "unpublished", submission, by, now)


def send_back(session: Session, submission: Submission, by: User, now: datetime, *, reason: str) -> None:
    """Asks for another draft. The reason goes to the writer and stays with the submission."""
    need(submission, Status.REVIEW)
    if not reason.strip():
        raise InvalidSubmission("Say what should be different: the reason is given to the writer.")
    refuse_repeating(secrets_of(submission), reason)
    _drop_wishes(session, submission)
    submission.note, submission.round = reason.strip()[:2000], submission.round + 1
    move(session, submission, Status.ATTRIBUTED, now)
    note(session, "sent_back", submission, by, now, reason=submission.note)


def archive(session: Session, submission: Submission, by: User, now: datetime) -> None:
    """Puts a submission away; a running stage finds its lease gone and records nothing."""
    for run in list(submission.runs):
        if run.state != RunState.DONE:
            session.delete(run)
    move(session, submission, Status.ARCHIVED, now)
    note(session, "archived", submission, by, now)


def retry(session: Session, submission: Submission, by: User, now: datetime) -> None:
    """Has the stage that waits or was halted tried again at once."""
    waiting = [run for run in submission.runs if run.state in (RunState.TODO, RunState.HALTED)]
    if not waiting:
        raise WrongState("Nothing waits here: there is no stage to try again.")
    for run in waiting:
        ledger.enqueue(session, submission, stage_named(run.stage), now)
    note(session, "retried", submission, by, now, stages=[run.stage for run in waiting])


def save_draft(
    session: Session,
    submission: Submission,
    by: User,
    now: datetime,
    *,
    base_rev: int,
    title: str,
    dek: str,
    body: str,
    tags: list[str],
    description: str,
    format: str = "",
    slug: str | None = None,
    social: Mapping[str, str] | None = None,
) -> Draft:
    """Keeps what a person wrote as the next version of a format (empty: of the one that is published).

    What is None stays as it was.
    Raises: Conflict when a newer version than `base_rev` stands; nothing of either is lost.
    """
    need(submission, Status.REVIEW)
    wanted = format or submission.format
    latest = next((one for one in reversed(submission.drafts) if one.format == wanted), None)
    if latest is None:
        raise NotFound("There is no text in this format yet.")
    if latest.rev != base_rev:
        raise Conflict(
            "Version %(rev)d was saved by somebody else meanwhile. Compare it with yours and save again.",
            rev=latest.rev,
        )
    title = " ".join(title.split())
    if not title:
        raise InvalidSubmission("The article needs a title.")
    draft = Draft(
        submission_id=submission.id,
        rev=submission.drafts[-1].rev + 1,
        kind="human",
        title=title[:300],
        dek=dek.strip(),
        body=body.replace("\r\n", "\n"),
        tags=[tag.strip() for tag in tags if tag.strip()][:20],
        description=description.strip()[:300],
        format=latest.format,
        titles=latest.titles,
        slug=latest.slug if slug is None else slug_of(slug, submission.language),
        social=latest.social if social is None else _social(social),
        image_prompt=latest.image_prompt,
        image_alt=latest.image_alt,
        by_id=by.id,
        at=now,
    )
    appraise(draft, view(submission), notes_of(submission))
    submission.drafts.append(draft)
    if draft.format == submission.format:
        submission.title = cleaned(draft.title, secrets_of(submission))
    note(session, "edited", submission, by, now, rev=draft.rev)
    return draft


def correct(
    session: Session, submission: Submission, by: User, now: datetime, *, idx: int, text: str
) -> None:
    """Puts other words in a sentence of the transcript; the machine's stay underneath."""
    segment = _segment(submission, idx)
    text = " ".join(text.split())
    if not text:
        raise InvalidSubmission("The sentence is empty. Write what is said there.")
    _withdraw(submission, "replace", idx)
    standing = view(submission, confidential=True).line(segment.idx)
    if standing is None or text != standing.text:  # what early corrections and the glossary made of it
        _edit(submission, by, now, "replace", idx, {"text": text[:5000]})
    appraise_again(submission)
    note(session, "corrected", submission, by, now, idx=idx)


def reassign(
    session: Session, submission: Submission, by: User, now: datetime, *, idx: int, speaker: str
) -> None:
    """Gives a sentence to another speaker."""
    segment = _segment(submission, idx)
    if not speaker.strip():
        raise InvalidSubmission("Say who speaks.")
    _withdraw(submission, "reassign", idx)
    if speaker != segment.speaker:
        _edit(submission, by, now, "reassign", idx, {"speaker": speaker.strip()[:40]})
    appraise_again(submission)
    note(session, "reassigned", submission, by, now, idx=idx)


def rename_speaker(
    session: Session, submission: Submission, by: User, now: datetime, *, speaker: str, name: str
) -> None:
    """Names a speaker, in every sentence, export and quote."""
    if speaker not in view(submission).names:
        raise NotFound("Nobody called %(speaker)s speaks in this recording.", speaker=speaker)
    for edit in submission.edits:
        if edit.op == "rename" and edit.payload["speaker"] == speaker:
            edit.undone = True
    if name.strip():
        _edit(submission, by, now, "rename", None, {"speaker": speaker, "name": " ".join(name.split())[:80]})
    appraise_again(submission)
    note(session, "renamed", submission, by, now, speaker=speaker)


def undo_edit(session: Session, submission: Submission, by: User, now: datetime, *, idx: int) -> None:
    """Takes back what people did to a sentence: the machine's words and speaker stand again."""
    for op in ("replace", "reassign"):
        _withdraw(submission, op, idx)
    for row in submission.segments:
        if row.idx == idx:
            for edit in touching(submission, row.start_s, row.end_s):
                edit.undone = True
    appraise_again(submission)
    note(session, "edit_undone", submission, by, now, idx=idx)


def _segment(submission: Submission, idx: int) -> SegmentRow:
    need(submission, *EDITABLE)
    for segment in submission.segments:
        if segment.idx == idx:
            return segment
    raise NotFound("The transcript has no sentence number %(idx)d.", idx=idx)


def _withdraw(submission: Submission, op: str, idx: int) -> None:
    for edit in submission.edits:
        if edit.op == op and edit.segment_idx == idx:
            edit.undone = True


def _edit(
    submission: Submission, by: User, now: datetime, op: str, idx: int | None, payload: dict[str, str]
) -> None:
    submission.edits.append(Edit(op=op, segment_idx=idx, payload=payload, by_id=by.id, at=now, undone=False))


def _drop_cover_wish(session: Session, submission: Submission) -> None:
    """A candidate that is still being drawn would come too late: its worker finds the lease gone."""
    number = submission.cover_wish.get("number", 0)
    submission.cover_wish = {"number": number} if number else {}
    drop_unfinished(session, submission, "cover")


def _drop_wishes(session: Session, submission: Submission) -> None:
    _drop_cover_wish(session, submission)
    forget_draft_wish(session, submission)


def forget_draft_wish(session: Session, submission: Submission) -> None:
    """What the writer was asked for is over; one that still writes finds its lease gone."""
    number = submission.draft_wish.get("number", 0)
    submission.draft_wish = {"number": number} if number else {}
    drop_unfinished(session, submission, "draft")


def _social(texts: Mapping[str, str]) -> dict[str, str]:
    """Texts for channels within their limits. Raises: InvalidSubmission."""
    for channel, most in SOCIAL_LIMITS.items():
        if len(texts.get(channel, "")) > most:
            raise InvalidSubmission(
                "The text for %(channel)s is longer than %(most)d characters.",
                channel=CHANNELS[channel], most=most,
            )  # fmt: skip
    return {channel: texts.get(channel, "").strip() for channel in SOCIAL_LIMITS}


def _drop_run(session: Session, submission: Submission, stage: str) -> None:
    session.execute(delete(StageRun).where(StageRun.submission_id == submission.id, StageRun.stage == stage))
