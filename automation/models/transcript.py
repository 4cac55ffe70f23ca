"""What the machine heard, and what people did to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from automation.models.base import Base
from automation.models.house import User


class PieceRow(Base):
    """What the recogniser heard in one piece of the recording: immutable, saved as soon as it is there."""

    __tablename__ = "piece"

    submission_id: Mapped[int] = mapped_column(
        ForeignKey("submission.id", ondelete="CASCADE"), primary_key=True
    )
    idx: Mapped[int] = mapped_column(primary_key=True)
    start_s: Mapped[float]
    end_s: Mapped[float]
    words: Mapped[list[Any]]  # [[text, start_s, end_s, confidence], …]


class SegmentRow(Base):
    """A sentence of the machine's transcript: immutable; people's corrections are `Edit` rows."""

    __tablename__ = "segment"
    __table_args__ = (UniqueConstraint("submission_id", "idx"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"))
    idx: Mapped[int]  # 1, 2, 3 … = the n of the sentence id "Sn"
    start_s: Mapped[float]
    end_s: Mapped[float]
    speaker: Mapped[str] = mapped_column(String(40), default="")  # SPEAKER_00 …; empty = unknown
    text: Mapped[str] = mapped_column(Text)
    words: Mapped[list[Any]]


class Edit(Base):
    """One act on the transcript, kept for ever; `automation.transcript.view` lays them over the segments."""

    __tablename__ = "edit"
    __table_args__ = (Index("ix_edit_submission_id", "submission_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"))
    op: Mapped[str] = mapped_column(String(10))  # replace, reassign, rename, early, glossary, off_record
    segment_idx: Mapped[int | None]
    # off_record {start_s, end_s} of a stretch of time
    # replace {text} · reassign {speaker} · rename {speaker, name} · early {start_s, end_s, was, text};
    # replace and early with `learned`: the suggestions they count for
    # glossary {first, count, heard, text, term, canonical}: laid by the machine, `by_id` is empty
    payload: Mapped[dict[str, Any]]
    undone: Mapped[bool] = mapped_column(default=False)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime]

    by: Mapped[User | None] = relationship()
