"""The house itself: people, desks with their words, schedules, the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from automation.models.base import Base
from automation.models.states import Role


class User(Base):
    __tablename__ = "user_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str] = mapped_column(String(255))
    role: Mapped[str] = mapped_column(String(10), default=Role.VIEWER)
    locale: Mapped[str] = mapped_column(String(5), default="")
    api_key_hash: Mapped[str | None] = mapped_column(String(64), unique=True)  # SHA-256, hex
    session_epoch: Mapped[int] = mapped_column(default=0)  # raised to end all sessions of the account
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]

    is_authenticated = True
    is_anonymous = False

    def get_id(self) -> str:
        return f"{self.id}:{self.session_epoch}"

    def may(self, needed: Role) -> bool:
        return Role(self.role).may(needed)


class Desk(Base):
    """A department of the newsroom (politics, culture …) with its own words, style and look."""

    __tablename__ = "desk"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    house_style: Mapped[str] = mapped_column(Text, default="")  # notes that go into the writer's prompt
    covers: Mapped[dict[str, Any]] = mapped_column(default=dict)  # order and parameters of its covers
    created_at: Mapped[datetime]

    terms: Mapped[list[Term]] = relationship(
        cascade="all, delete-orphan", order_by="Term.canonical", passive_deletes=True
    )


class Term(Base):
    """A name or term of a desk's glossary: how it is written, and what recognisers make of it."""

    __tablename__ = "term"
    __table_args__ = (UniqueConstraint("desk_id", "canonical"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    desk_id: Mapped[int] = mapped_column(ForeignKey("desk.id", ondelete="CASCADE"))
    canonical: Mapped[str] = mapped_column(String(120))
    variants: Mapped[list[Any]] = mapped_column(default=list)  # misspellings and ways to say it
    kind: Mapped[str] = mapped_column(String(12), default="term")  # person, place, organisation, term
    note: Mapped[str] = mapped_column(String(300), default="")


class TermSuggestion(Base):
    """A correction the desk may remember: `heard` was replaced by `wanted` in `count` sentences."""

    __tablename__ = "term_suggestion"
    __table_args__ = (UniqueConstraint("desk_id", "heard", "wanted"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    desk_id: Mapped[int] = mapped_column(ForeignKey("desk.id", ondelete="CASCADE"))
    heard: Mapped[str] = mapped_column(String(120))
    wanted: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(12), default="term")
    count: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(9), default="open")  # open, accepted, dismissed
    at: Mapped[datetime]


class Schedule(Base):
    """When a slot opens. `last` is the newest tick that was fired; whoever changes it first fires it."""

    __tablename__ = "schedule"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    cron: Mapped[str] = mapped_column(String(100))  # five fields
    timezone: Mapped[str] = mapped_column(String(60), default="UTC")
    enabled: Mapped[bool] = mapped_column(default=True)
    last: Mapped[datetime | None]


class Event(Base):
    """The audit log: what people and the machine did, in order."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_submission_id", "submission_id"),
        Index("ix_event_kind_at", "kind", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(30))  # submitted, stage_done, edited, approved, sent_back …
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submission.id", ondelete="SET NULL"))
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)

    by: Mapped[User | None] = relationship()


class Fact(Base):
    """Small things the installation remembers: the set-up link's hash, the session key."""

    __tablename__ = "fact"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
