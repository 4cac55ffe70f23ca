"""The work and what it took: the ledger of stages, every request to a backend, what is known of vendors."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from automation.models.base import Base
from automation.models.states import RunState

if TYPE_CHECKING:
    from automation.models.submission import Submission


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
