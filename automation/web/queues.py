"""What stands in which queue of the desk: a few narrow queries, however many submissions there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, selectinload

from automation.article import check_quotes
from automation.db import Database
from automation.models import Cover, Desk, Draft, Edit, RunState, StageRun, Status, Submission, User
from automation.pipeline import STAGES
from automation.pipeline.draft import drafted
from automation.transcript import view
from automation.web.progress import parts
from automation.web.room import newsroom
from automation.web.shown import now, trouble

PAGE_SIZE = 50
WORKING = (Status.RECEIVED, Status.TRANSCRIBED, Status.ATTRIBUTED, Status.DRAFTED)
ASIDE = (Status.ASKED, Status.ANSWERED)  # sent for their turns alone: no article, nothing for the desk
QUEUES = {
    "all": lazy_gettext("All"),
    "problems": lazy_gettext("Problems"),
    "progress": lazy_gettext("In progress"),
    "review": lazy_gettext("In review"),
    "approved": lazy_gettext("Approved"),
    "published": lazy_gettext("Published"),
    "archived": lazy_gettext("Archived"),
}


@dataclass
class Row:
    """One line of the desk."""

    id: int
    task_id: str
    title: str
    filename: str
    status: str
    duration_s: float
    is_demo: bool
    publish_at: datetime | None
    published_at: datetime | None
    slug: str | None
    created_at: datetime
    updated_at: datetime
    by: str | None
    desk: str | None
    cover_id: int | None = None
    badge: tuple[int, int] | None = None  # quotes that stand in the recording, quotes that do not
    run: StageRun | None = None
    trouble: dict[str, Any] | None = None
    told: list[str] = field(default_factory=list)


@dataclass
class Page:
    rows: list[Row]
    number: int
    total: int
    pages: int = field(init=False)

    def __post_init__(self) -> None:
        self.pages = max(1, -(-self.total // PAGE_SIZE))


def troubled() -> ColumnElement[bool]:
    """Runs that failed and wait: for their next try, or for a person."""
    again = and_(StageRun.state == RunState.TODO, StageRun.attempt > 0)
    return or_(StageRun.state == RunState.HALTED, again)


def has_trouble() -> ColumnElement[bool]:
    return exists().where(StageRun.submission_id == Submission.id, troubled())


def counts(session: Session, desk: int | None = None) -> dict[str, int]:
    """How many submissions stand in each queue, of one desk or of all."""
    of_desk = [Submission.desk_id == desk] if desk else []
    by_status = session.execute(
        select(Submission.status, func.count()).where(*of_desk).group_by(Submission.status)
    ).all()
    number: dict[str, int] = {str(status): count for status, count in by_status}
    problems = select(Submission.status, func.count()).where(has_trouble(), *of_desk)
    stuck: dict[str, int] = {
        str(status): count for status, count in session.execute(problems.group_by(Submission.status))
    }
    working = sum(number.get(status, 0) - stuck.get(status, 0) for status in WORKING)
    return {
        "all": sum(n for status, n in number.items() if status not in (Status.ARCHIVED, *ASIDE)),
        "problems": sum(stuck.values()),
        "progress": working,
        **{name: number.get(name, 0) for name in ("review", "approved", "published", "archived")},
    }


def inside(queue: str) -> ColumnElement[bool]:
    """Which submissions a queue shows; an unknown queue shows all."""
    if queue == "problems":
        return has_trouble()
    if queue == "progress":
        return and_(Submission.status.in_(WORKING), ~has_trouble())
    if queue in (Status.REVIEW, Status.APPROVED, Status.PUBLISHED, Status.ARCHIVED):
        return Submission.status == queue
    return Submission.status.not_in((Status.ARCHIVED, *ASIDE))


def page(session: Session, queue: str, text: str, number: int, desk: int | None = None) -> Page:
    wanted = [inside(queue)]
    if desk:
        wanted.append(Submission.desk_id == desk)
    if text:
        wanted.append(or_(_contains(Submission.title, text), _contains(Submission.filename, text)))
    total = session.scalar(select(func.count(Submission.id)).where(*wanted)) or 0
    number = min(number, max(1, -(-total // PAGE_SIZE)))
    ids = session.scalars(
        select(Submission.id)
        .where(*wanted)
        .order_by(*_order(queue))
        .limit(PAGE_SIZE)
        .offset((number - 1) * PAGE_SIZE)
    ).all()
    return Page(rows_of(session, ids), number, total)


def _contains(column: Any, text: str) -> ColumnElement[bool]:
    """Case-insensitive also for Cyrillic, which SQLite's own lower() leaves as it is."""
    variants = {text, text.lower(), text.upper(), text.capitalize()}
    return or_(*(column.icontains(variant, autoescape=True) for variant in sorted(variants)))


def _order(queue: str) -> tuple[ColumnElement[Any], ...]:
    if queue == "approved":
        return (
            case((Submission.publish_at.is_(None), 1), else_=0),
            Submission.publish_at.asc(),
            Submission.id.asc(),
        )
    if queue == "published":
        return (Submission.published_at.desc(), Submission.id.desc())
    return (Submission.created_at.desc(), Submission.id.desc())


def rows_of(session: Session, ids: Sequence[int]) -> list[Row]:
    """The lines for these submissions, in this order: four queries, whatever their number."""
    columns = (
        Submission.id,
        Submission.task_id,
        Submission.title,
        Submission.filename,
        Submission.status,
        Submission.duration_s,
        Submission.is_demo,
        Submission.publish_at,
        Submission.published_at,
        Submission.slug,
        Submission.created_at,
        Submission.updated_at,
        User.name.label("by"),
        Desk.name.label("desk"),
    )
    found = session.execute(
        select(*columns)
        .outerjoin(User, User.id == Submission.created_by_id)
        .outerjoin(Desk, Desk.id == Submission.desk_id)
        .where(Submission.id.in_(ids))
    ).all()
    rows = {row.id: Row(**row._mapping) for row in found}
    for cover_id, of in session.execute(
        select(Cover.id, Cover.submission_id)
        .where(Cover.submission_id.in_(ids), Cover.chosen)
        .order_by(Cover.id)
    ):
        rows[of].cover_id = cover_id
    _add_runs(session, rows)
    _add_badges(session, [row for row in rows.values() if row.status in (Status.REVIEW, Status.APPROVED)])
    return [rows[number] for number in ids if number in rows]


def _add_runs(session: Session, rows: dict[int, Row]) -> None:
    # A cover an editor wished for is drawn while the submission is where the stage leads.
    places = {stage.name: (stage.takes, stage.gives) for stage in STAGES}
    runs = session.scalars(
        select(StageRun).where(StageRun.submission_id.in_(rows), StageRun.state != RunState.DONE)
    )
    for run in runs:
        row = rows[run.submission_id]
        if row.status in places.get(run.stage, ()):
            row.run, row.trouble = run, trouble(run.state, run.error, run.run_at)
            row.told = parts(run, row.duration_s, now())


def _add_badges(session: Session, rows: list[Row]) -> None:
    ids = [row.id for row in rows]
    chosen = and_(Submission.id == Draft.submission_id, Submission.format == Draft.format)
    newest = select(Draft.submission_id, func.max(Draft.id)).join(Submission, chosen)
    newest = newest.where(Draft.submission_id.in_(ids))
    drafts = {row[0]: row[1] for row in session.execute(newest.group_by(Draft.submission_id))}
    edits = {
        of: (last, undone)
        for of, last, undone in session.execute(
            select(Edit.submission_id, func.max(Edit.id), func.sum(case((Edit.undone, 1), else_=0)))
            .where(Edit.submission_id.in_(ids))
            .group_by(Edit.submission_id)
        )
    }
    for row in rows:
        if row.id in drafts:
            row.badge = _badge(newsroom().db, row.id, drafts[row.id], edits.get(row.id))


@lru_cache(maxsize=2000)
def _badge(db: Database, submission_id: int, _draft: int, _edits: object) -> tuple[int, int]:
    """Quotes found and not found; held against the recording anew only when draft or edits changed."""
    with db.read() as session:
        children = (Submission.segments, Submission.edits, Submission.drafts)
        submission = session.scalars(
            select(Submission).where(Submission.id == submission_id).options(*map(selectinload, children))
        ).one()
        checks = check_quotes(drafted(submission).body, view(submission))
    bad = sum(check.grade == "not_found" for check in checks)
    return len(checks) - bad, bad


def is_busy(session: Session, now: datetime) -> bool:
    """Whether anything is being worked on or due, so that the desk looks again soon."""
    due = or_(StageRun.state == RunState.DOING, and_(StageRun.state == RunState.TODO, StageRun.run_at <= now))
    return session.scalar(select(StageRun.submission_id).where(due).limit(1)) is not None
