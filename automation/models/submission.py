"""A recording on its way to an article, with all that hangs on it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from automation.models.article import Cover, Draft, Heard, Overruled, Verification
from automation.models.base import Base
from automation.models.house import Desk, User
from automation.models.states import Status
from automation.models.transcript import Edit, PieceRow, SegmentRow
from automation.models.work import AttemptRow, StageRun


class Submission(Base):
    """A recording on its way to an article."""

    __tablename__ = "submission"
    __table_args__ = (Index("ix_submission_status_created_at", "status", "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[str] = mapped_column(String(32), unique=True)  # random; what the API answers with
    status: Mapped[str] = mapped_column(String(12), default=Status.RECEIVED)
    title: Mapped[str] = mapped_column(String(300))  # the working title, then the draft's
    filename: Mapped[str] = mapped_column(String(255))  # as it was uploaded
    media_key: Mapped[str] = mapped_column(String(200))  # where storage keeps it
    media_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    media_mime: Mapped[str] = mapped_column(String(100))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    duration_s: Mapped[float]
    language: Mapped[str] = mapped_column(String(2), default="ru")  # of the article
    desk_id: Mapped[int | None] = mapped_column(ForeignKey("desk.id", ondelete="SET NULL"))
    is_demo: Mapped[bool] = mapped_column(default=False)  # recognised by the demonstration model, and says so
    min_speakers: Mapped[int | None]
    max_speakers: Mapped[int | None]
    participants: Mapped[list[Any]] = mapped_column(
        default=list
    )  # names; nobody knows yet which voice is whose
    hint: Mapped[str] = mapped_column(Text, default="")  # what the sender wishes of the article
    # The machine's turns, [[start_s, end_s, label], …]; None: nobody told the voices apart (yet).
    turns: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True), deferred=True)
    note: Mapped[str] = mapped_column(Text, default="")  # the latest send-back reason; given to the writer
    round: Mapped[int] = mapped_column(default=0)  # how many times it was sent back
    slug: Mapped[str | None] = mapped_column(String(120), unique=True)  # of the public page
    publish_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    approved_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    provenance: Mapped[dict[str, Any]] = mapped_column(default=dict)  # stage → {backend, model, …}
    # The cover an editor asks for: {number, prompt, backend, style, drawing}, with {failed} when nobody drew
    # it; the number of the last one stays.
    cover_wish: Mapped[dict[str, Any]] = mapped_column(default=dict)
    format: Mapped[str] = mapped_column(String(12), default="feature")  # the one that is published
    formats: Mapped[list[Any]] = mapped_column(default=list)  # wished for with the recording
    # What an editor asks of the writer (automation.pipeline.wishes): {number, act, format, …}, then
    # {proposal} or {failed}; the number of the last one stays.
    draft_wish: Mapped[dict[str, Any]] = mapped_column(default=dict)

    desk: Mapped[Desk | None] = relationship(lazy="joined")
    created_by: Mapped[User | None] = relationship(foreign_keys=[created_by_id])
    approved_by: Mapped[User | None] = relationship(foreign_keys=[approved_by_id])
    runs: Mapped[list[StageRun]] = relationship(back_populates="submission", cascade="all, delete-orphan")
    pieces: Mapped[list[PieceRow]] = relationship(cascade="all, delete-orphan", order_by="PieceRow.idx")
    segments: Mapped[list[SegmentRow]] = relationship(cascade="all, delete-orphan", order_by="SegmentRow.idx")
    edits: Mapped[list[Edit]] = relationship(cascade="all, delete-orphan", order_by="Edit.id")
    drafts: Mapped[list[Draft]] = relationship(cascade="all, delete-orphan", order_by="Draft.rev")
    covers: Mapped[list[Cover]] = relationship(cascade="all, delete-orphan", order_by="Cover.id")
    attempts: Mapped[list[AttemptRow]] = relationship(cascade="all, delete-orphan", order_by="AttemptRow.id")
    heard: Mapped[list[Heard]] = relationship(cascade="all, delete-orphan", order_by="Heard.id")
    overruled: Mapped[list[Overruled]] = relationship(cascade="all, delete-orphan", order_by="Overruled.id")
    verifications: Mapped[list[Verification]] = relationship(
        cascade="all, delete-orphan", order_by="Verification.id"
    )

    def drafts_in(self, format: str) -> list[Draft]:
        """The versions of one format, the oldest first."""
        return [draft for draft in self.drafts if draft.format == format]

    @property
    def draft(self) -> Draft | None:
        """The version that counts: the newest of the format that is published."""
        return next((draft for draft in reversed(self.drafts) if draft.format == self.format), None)
