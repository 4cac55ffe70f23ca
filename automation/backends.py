"""What is known of the backends, for a page or a terminal, and what a person may do: clear, try now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from automation.db import Database
from automation.errors import NotFound
from automation.gates import KeptGate, history_of
from automation.models import BackendSpend, BackendState, RunState, StageRun, User
from automation.pipeline import ledger
from automation.pipeline.advance import Works
from automation.toolbox import Toolbox
from providers import budgets, gate
from providers.budgets import WINDOWS, Limit, Window
from providers.chain import Attempt, Chain, vendor_of
from providers.covers import NEUTRAL_PROMPT
from providers.errors import ChainExhausted, ProviderError, Unavailable
from providers.types import CoverBrief, Sentence, WritingBrief

STAGE_OF = {"speech": "transcribe", "diarization": "diarize", "drafting": "draft", "covers": "cover"}
SAMPLE_COVER = CoverBrief(title="Test", prompt=NEUTRAL_PROMPT, slug="test")
SAMPLE_TALK = WritingBrief(
    (
        Sentence("S1", 0.0, 2.0, "Reporter", "When will the bridge open?"),
        Sentence("S2", 2.0, 5.0, "Engineer", "The bridge will open in March, and it will carry trams too."),
        Sentence("S3", 5.0, 7.0, "Reporter", "Thank you for the talk."),
    ),
    language="en",
)

State = Literal[
    "ready",  # it would be asked
    "missing",  # a key, a package, a model: `why` names the variable
    "cooling",  # left alone until `until`, for the reason in `why`
    "spent",  # its budget is used up until `until`
]


@dataclass(frozen=True, slots=True)
class Meter:
    """What a backend has used up in the current day or month, and what it may."""

    window: Window
    requests: int
    micro_usd: int
    limits: tuple[Limit, ...]

    def used(self, limit: Limit) -> float:
        """0..1 of a limit."""
        return (self.micro_usd if limit.is_money else self.requests) / max(limit.amount, 1)


@dataclass(frozen=True, slots=True)
class Known:
    """One line of the page."""

    capability: str
    name: str
    key: str  # for clear() and try_now()
    vendor: str  # empty: works on this machine, is never left alone and costs nothing
    model: str
    state: State
    why: ProviderError | None  # template and params
    until: datetime | None
    memory: BackendState | None  # last_ok_at, last_error_at, error_class, template, params, failures
    meters: tuple[Meter, ...]
    lists_models: bool = False  # model_states() knows more


def list_backends(db: Database, tools: Toolbox, now: datetime) -> list[Known]:
    """Every backend of every chain, in the order it is tried. Builds them: an SDK may be imported."""
    with db.read() as session:
        return [
            _known(session, tools, chain, name, now)
            for chain in tools.by_capability.values()
            for name in chain.names
        ]


def clear(session: Session, key: str, by: User | None, now: datetime) -> None:
    """Ends a backend's cool-down, whatever its settings, and wakes the stages that wait for one.

    Raises: NotFound when nothing is remembered of it.
    """
    cleared = session.scalars(
        update(BackendState)
        .where(BackendState.backend == key)
        .values(failures=0, until=None, probe_until=None)
        .returning(BackendState.backend)
    ).all()
    if not cleared:
        raise NotFound("There is no backend called %(name)s here.", name=key)
    session.execute(
        update(StageRun)
        .where(
            StageRun.stage == STAGE_OF.get(key.partition(".")[0]),
            StageRun.state == RunState.TODO,
            StageRun.error.is_not(None),
            StageRun.run_at > now,
        )
        .values(run_at=now)
    )
    ledger.note_event(session, "backend_cleared", now, by_id=by.id if by else None, backend=key)


def try_now(works: Works, key: str) -> Attempt:
    """Asks a backend for something small, cooling or not; it counts against the budget and heals or cools.

    Takes as long as the vendor does. Raises: NotFound for a backend that is not in a chain, or that has
    nothing small to be asked for.
    """
    capability, _, name = key.partition(".")
    chain = works.tools.by_capability.get(capability)
    if chain is None or name not in chain.names or capability not in ("drafting", "covers"):
        raise NotFound("There is no backend called %(name)s here.", name=key)
    forced = KeptGate(works.db, works.tools.rules, works.now, force=True)
    try:
        return chain.run(_ask_sample, only=(name,), gate=forced).attempts[-1]
    except ChainExhausted as failure:
        return failure.attempts[-1]


def model_states(tools: Toolbox, key: str) -> list[Any]:
    """What the vendor says at this moment of each configured model; asks it, for nothing.

    Raises: NotFound for a backend that is not in a chain, or whose vendor has no such list; Unavailable.
    """
    capability, _, name = key.partition(".")
    chain = tools.by_capability.get(capability)
    if chain is None or name not in chain.names or not lists_models(chain.backend(name)):
        raise NotFound("There is no backend called %(name)s here.", name=key)
    found: list[Any] = chain.backend(name).model_states()
    return found


def lists_models(backend: object) -> bool:
    """Whether a backend can say which of its models are live."""
    return hasattr(backend, "model_states")


def keep_trial(session: Session, key: str, attempt: Attempt) -> None:
    """Keeps what a person's trial came to, in the log of attempts, under no submission."""
    session.add(ledger.attempt_row(attempt, None, STAGE_OF[key.partition(".")[0]], "trial"))


def _ask_sample(backend: Any) -> object:
    return backend.generate(SAMPLE_COVER) if hasattr(backend, "generate") else backend.write(SAMPLE_TALK)


def _known(session: Session, tools: Toolbox, chain: Chain[Any], name: str, now: datetime) -> Known:
    key, rules = chain.key(name), tools.rules
    try:
        backend = chain.backend(name)
    except Unavailable as error:
        return Known(chain.capability, name, key, "", "", "missing", error, None, None, ())
    vendor = vendor_of(backend)
    if not vendor:
        return Known(chain.capability, name, key, "", backend.model, "ready", None, None, None, ())
    memory = session.get(BackendState, (key, rules.fingerprint(key)))
    meters = tuple(_meter(session, key, window, rules, now) for window in WINDOWS)
    state, why, until = _standing(key, vendor, memory, meters, rules, now)
    return Known(
        chain.capability, name, key, vendor, backend.model, state, why, until, memory, meters,
        lists_models(backend),
    )  # fmt: skip


def _standing(
    key: str,
    vendor: str,
    memory: BackendState | None,
    meters: tuple[Meter, ...],
    rules: gate.Rules,
    now: datetime,
) -> tuple[State, ProviderError | None, datetime | None]:
    if memory is not None and gate.verdict(history_of(memory), now) == "cooling":
        return "cooling", gate.cooling(vendor, history_of(memory), now), memory.until
    estimate = budgets.highest_price(key, rules.prices)
    for meter in meters:
        for limit in meter.limits:
            if (meter.micro_usd + estimate if limit.is_money else meter.requests + 1) > limit.amount:
                until = budgets.window_end(meter.window, now)
                return "spent", gate.out_of_budget(vendor, limit, now), until
    return "ready", None, None


def _meter(session: Session, key: str, window: Window, rules: gate.Rules, now: datetime) -> Meter:
    spend = session.scalar(
        select(BackendSpend).where(
            BackendSpend.backend == key, BackendSpend.window == budgets.window_start(window, now)
        )
    )
    limits = tuple(n for n in budgets.limits_of(key, rules.budgets) if n.window == window)
    return Meter(window, spend.requests if spend else 0, spend.micro_usd if spend else 0, limits)
