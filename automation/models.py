"""What the newsroom keeps. Times are UTC, aware; durations are seconds.

A submission's `status` says how far the work got and nothing else: `automation.pipeline.advance` alone
sets it. A failure stands beside it, on the stage run (`error`, `attempt`, `run_at`, `halted`).
"""

from __future__ import annotations

import enum
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator


class UTCDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime; SQLite stores it without a zone, so the zone is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("A time without a zone was given where UTC is kept.")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UTCDateTime, dict[str, Any]: JSON, list[Any]: JSON}


class Status(enum.StrEnum):
    """How far a submission got. Each stage takes one and gives the next (automation.pipeline.STAGES)."""

    ASKED = "asked"  # only who speaks is wanted of the recording, and nothing has been done yet
    ANSWERED = "answered"  # the turns are there, and no more was wanted
    RECEIVED = "received"  # the recording is on disk, nothing has been done with it
    TRANSCRIBED = "transcribed"  # every piece has been recognised; words have times
    ATTRIBUTED = "attributed"  # sentences have speakers (or it is known why not)
    DRAFTED = "drafted"  # an article stands, pointing into the transcript
    REVIEW = "review"  # it has a cover too: a person looks
    APPROVED = "approved"  # a person signed; it goes out at publish_at
    PUBLISHED = "published"  # it has a public page and stands in the feeds
    ARCHIVED = "archived"  # put away by a person; in no queue and no feed


class Role(enum.StrEnum):
    """What a person may do; each may do what the former may."""

    VIEWER = "viewer"  # reads the desk
    AUTHOR = "author"  # submits recordings, edits
    EDITOR = "editor"  # approves, sends back, schedules, publishes
    ADMIN = "admin"  # invites people, changes schedules

    def may(self, needed: Role) -> bool:
        order = list(Role)
        return order.index(self) >= order.index(needed)


class RunState(enum.StrEnum):
    """Where a stage of a submission stands in the ledger."""

    TODO = "todo"  # free to be claimed from run_at on
    DOING = "doing"  # claimed by `owner` until `lease_until`
    DONE = "done"  # recorded; never done again unless a person sends the submission back
    PAUSED = "paused"  # stopped by a person, until one has it go on
    HALTED = "halted"  # tried too often, or the input is at fault: a person looks


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


class StageRun(Base):
    """The ledger: which stage of which submission is done, by whom, under which lease.

    The only truth about what is left to do. A claim writes a fresh `owner` (the fence) and a lease; a
    worker whose owner is no longer there can't record (automation.pipeline.advance).
    """

    __tablename__ = "stage_run"
    __table_args__ = (Index("ix_stage_run_state_run_at", "state", "run_at"),)

    submission_id: Mapped[int] = mapped_column(
        ForeignKey("submission.id", ondelete="CASCADE"), primary_key=True
    )
    stage: Mapped[str] = mapped_column(String(20), primary_key=True)
    state: Mapped[str] = mapped_column(String(6), default=RunState.TODO)
    weight: Mapped[str] = mapped_column(String(5))  # heavy (speech, speakers) or light: which workers take it
    run_at: Mapped[datetime]  # not before
    attempt: Mapped[int] = mapped_column(default=0)  # failed tries in a row
    owner: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None]
    progress: Mapped[float] = mapped_column(default=0.0)  # 0..1
    progress_note: Mapped[str] = mapped_column(String(200), default="")  # a template …
    progress_params: Mapped[dict[str, Any]] = mapped_column(default=dict)  # … and its parameters
    eta_at: Mapped[datetime | None]  # when it will be done, as far as is known
    error: Mapped[dict[str, Any] | None] = mapped_column(
        JSON(none_as_null=True)
    )  # {template, params, class, waiting}
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    submission: Mapped[Submission] = relationship(back_populates="runs")


class PastRun(Base):
    """How long a stage took once; `automation.pipeline.pace` learns from it what the next one will take."""

    __tablename__ = "past_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    stage: Mapped[str] = mapped_column(String(20))
    machine: Mapped[str] = mapped_column(String(200))
    backend: Mapped[str] = mapped_column(String(40))
    model: Mapped[str] = mapped_column(String(120), default="")
    units: Mapped[float]  # seconds of audio, or 1 where the time does not grow with the recording
    seconds: Mapped[float]  # of work, without downloads
    at: Mapped[datetime]


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


class WriterCall(Base):
    """One request to a language model: what was sent, what came back, what it took. Never a key.

    `request` names the draft or proposal it was made for; `key` the question itself, and is empty where no
    answer came that could be used again.
    """

    __tablename__ = "writer_call"
    __table_args__ = (Index("ix_writer_call_submission_id_request", "submission_id", "request"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"))
    request: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(64), default="")
    step: Mapped[str] = mapped_column(String(40))  # article, points 3, outline, section 2 …
    backend: Mapped[str] = mapped_column(String(40))
    model: Mapped[str] = mapped_column(String(120), default="")
    messages: Mapped[list[Any]]  # [{role, content}, …]
    answer: Mapped[str] = mapped_column(Text, default="")
    failure: Mapped[str] = mapped_column(Text, default="")
    prompt_tokens: Mapped[int] = mapped_column(default=0)
    completion_tokens: Mapped[int] = mapped_column(default=0)
    ms: Mapped[int]
    cost_micro_usd: Mapped[int] = mapped_column(default=0)
    prompt_version: Mapped[int]
    at: Mapped[datetime]


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


class AttemptRow(Base):
    """One backend's turn in a stage. A served answer that cost money is kept with it until it is recorded.

    `request_key` names the request (stage, round, what was asked): a stage that is run again after a
    crash finds the answer here and does not pay for it twice.
    """

    __tablename__ = "attempt"
    __table_args__ = (
        Index("ix_attempt_submission_id", "submission_id"),
        Index("ix_attempt_request_key", "request_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # None: a person tried the backend, for no submission
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"))
    stage: Mapped[str] = mapped_column(String(20))
    backend: Mapped[str] = mapped_column(String(40))
    model: Mapped[str] = mapped_column(String(120), default="")
    outcome: Mapped[str] = mapped_column(String(8))  # served, failed, skipped
    error_class: Mapped[str | None] = mapped_column(String(20))
    template: Mapped[str] = mapped_column(Text, default="")
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    ms: Mapped[int]
    cost_micro_usd: Mapped[int] = mapped_column(default=0)  # millionths of a dollar, by BACKEND_PRICES
    at: Mapped[datetime]
    request_key: Mapped[str] = mapped_column(String(64), default="")
    answer: Mapped[bytes | None] = mapped_column(LargeBinary)  # JSON or the bytes of an image


class BackendState(Base):
    """What all processes and machines know of a vendor's backend (automation.gates).

    `failures` is the version as well: who saw another number than stands here comes too late to say anything.
    """

    __tablename__ = "backend_state"

    backend: Mapped[str] = mapped_column(String(60), primary_key=True)  # "covers.huggingface"
    # Of its settings (providers.chain.fingerprint): a new key starts afresh, and two machines with
    # different keys don't talk each other out of theirs.
    settings: Mapped[str] = mapped_column(String(16), primary_key=True, default="")
    vendor: Mapped[str] = mapped_column(String(120), default="")
    failures: Mapped[int] = mapped_column(default=0)  # in a row
    until: Mapped[datetime | None]  # left alone until then; None: not left alone
    probe_until: Mapped[datetime | None]  # somebody is finding out whether it is well again, until then
    last_ok_at: Mapped[datetime | None]
    last_error_at: Mapped[datetime | None]
    error_class: Mapped[str | None] = mapped_column(String(20))  # of the last error, kept after a success
    template: Mapped[str] = mapped_column(Text, default="")
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)


class BackendSpend(Base):
    """What a backend was asked and paid in a day or a month of UTC, calls under way included."""

    __tablename__ = "backend_spend"

    backend: Mapped[str] = mapped_column(String(60), primary_key=True)
    window: Mapped[str] = mapped_column(String(10), primary_key=True)  # "2026-11-21", "2026-11"
    requests: Mapped[int] = mapped_column(default=0)
    micro_usd: Mapped[int] = mapped_column(BigInteger, default=0)


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
