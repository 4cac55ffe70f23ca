"""What is written of a recording and signed: versions, covers, quotes that were heard, approvals."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from automation.models.base import Base
from automation.models.house import User


class Draft(Base):
    """A version of the article in a format. Every machine draft and every human save is one.

    The highest rev of a format counts; revs are counted through all formats of a submission.
    """

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("submission_id", "rev"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"))
    rev: Mapped[int]
    kind: Mapped[str] = mapped_column(String(7))  # machine, human
    title: Mapped[str] = mapped_column(String(300))
    dek: Mapped[str] = mapped_column(Text, default="")
    body: Mapped[str] = mapped_column(Text)  # Markdown; a quote ends in a pointer [12:31](#s17-18)
    tags: Mapped[list[Any]] = mapped_column(default=list)
    description: Mapped[str] = mapped_column(String(300), default="")
    format: Mapped[str] = mapped_column(String(12), default="feature")  # providers.drafting.formats
    titles: Mapped[list[Any]] = mapped_column(default=list)  # others to choose from
    slug: Mapped[str] = mapped_column(String(120), default="")  # of its address; empty: made of the title
    social: Mapped[dict[str, Any]] = mapped_column(default=dict)  # telegram, x: texts for those channels
    image_prompt: Mapped[str] = mapped_column(Text, default="")
    image_alt: Mapped[str] = mapped_column(String(300), default="")
    request: Mapped[str] = mapped_column(String(64), default="")  # of its writer_call rows; empty: a person's
    facts: Mapped[list[Any]] = mapped_column(default=list)  # automation.grounding.ledger: FactRow, in order
    measures: Mapped[dict[str, Any]] = mapped_column(default=dict)  # automation.grounding.measures
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime]

    by: Mapped[User | None] = relationship()


class Heard(Base):
    """A person listened to a quote. `key` is of its words and sources: change either, and it is unheard."""

    __tablename__ = "heard"
    __table_args__ = (UniqueConstraint("submission_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(32))  # automation.pipeline.verifying.quote_key
    played_s: Mapped[float | None]  # the player ran through it; None: ticked by hand
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime]

    by: Mapped[User | None] = relationship()


class Overruled(Base):
    """Why an editor lets a flagged quote stand unheard; it holds for the flags that stood then."""

    __tablename__ = "overruled"
    __table_args__ = (UniqueConstraint("submission_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(32))
    flags: Mapped[list[Any]]  # their sentences
    why: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime]

    by: Mapped[User | None] = relationship()


class Verification(Base):
    """What an approval stood on, as it was then; the newest of a submission counts."""

    __tablename__ = "verification"
    __table_args__ = (Index("ix_verification_submission_id", "submission_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"))
    rev: Mapped[int]  # of the draft
    sha256: Mapped[str] = mapped_column(String(64))  # of automation.verification.signed_text, UTF-8
    quotes: Mapped[list[Any]]
    facts: Mapped[list[Any]]
    measures: Mapped[dict[str, Any]]
    stages: Mapped[dict[str, Any]]  # stage → who served it
    cover: Mapped[dict[str, Any]]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime]

    by: Mapped[User | None] = relationship()


class Cover(Base):
    """A cover candidate, at most a few hundred kilobytes. Exactly one of a submission's covers is chosen."""

    __tablename__ = "cover"
    __table_args__ = (
        Index("ix_cover_submission_id", "submission_id"),
        Index("ix_cover_sha256", "sha256"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"))
    # Not in a file: the machine that draws and the one that publishes may share nothing but the database.
    image: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    square: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)  # the same cut, of the same type
    original: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)  # whole, to cut anew; JPEG
    crop: Mapped[dict[str, Any]] = mapped_column(
        default=dict
    )  # {x, y, zoom} a person chose; empty: by machine
    sha256: Mapped[str] = mapped_column(String(64))  # of the image
    # providers.covers.renditions.look_of the original; empty where that was not kept
    look: Mapped[str] = mapped_column(String(16), default="")
    size_bytes: Mapped[int]
    mime: Mapped[str] = mapped_column(String(20))
    width_px: Mapped[int]
    height_px: Mapped[int]
    alt: Mapped[str] = mapped_column(String(300), default="")  # proposed, until somebody signs for it:
    alt_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    alt_at: Mapped[datetime | None]
    backend: Mapped[str] = mapped_column(String(40))
    model: Mapped[str] = mapped_column(String(120), default="")
    prompt: Mapped[str] = mapped_column(Text, default="")
    is_placeholder: Mapped[bool] = mapped_column(default=False)
    chosen: Mapped[bool] = mapped_column(default=True)
    seed: Mapped[int | None] = mapped_column(BigInteger)
    parameters: Mapped[dict[str, Any]] = mapped_column(default=dict)  # as drawn: steps, guidance, width_px …
    ms: Mapped[int | None]  # of the attempt that served; None: not drawn here, or not known any more
    cost_micro_usd: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime]

    alt_by: Mapped[User | None] = relationship()
