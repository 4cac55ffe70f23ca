"""Try backends in order, record every attempt, say which one served.

The same page serves speech, diarization, writing and covers. Which backend may be asked, and whether once
more, is the gate's affair (`providers.gate`).
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Generic, Literal, Protocol, TypeVar, cast

from providers.errors import BackendFailed, ChainExhausted, ErrorClass, ProviderError, Unavailable
from providers.gate import OPEN, Gate, Visit, asked_neutrally
from providers.metering import meter_on

log = logging.getLogger(__name__)
R = TypeVar("R")
B = TypeVar("B", bound="Backend")

AttemptOutcome = Literal[
    "served",  # the result came from this backend
    "failed",  # it was asked and broke
    "skipped",  # it was not asked: no key, no package, no model, cooling down, no budget left
]


class Backend(Protocol):
    """What the chain needs to know of any backend.

    A backend also has `from_env(env)`, a classmethod that reads its variables and raises
    `Unavailable` naming the one that is missing. One that asks a service elsewhere has a `vendor`, the
    name people know it by: it is retried, left alone and paid for as `providers.gate` says.
    """

    name: str

    @property
    def model(self) -> str:
        """The model that serves, for the provenance strip; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One backend's turn, as it is kept and shown."""

    backend: str
    model: str
    started_at: float  # seconds since the epoch
    ms: int
    outcome: AttemptOutcome
    error_class: ErrorClass | None = None
    template: str = ""  # gettext template of the failure
    params: Mapping[str, object] = field(default_factory=dict)
    retry_after_s: float | None = None
    cost_micro_usd: int = 0  # millionths of a dollar

    @property
    def message(self) -> str:
        return self.template % self.params if self.params else self.template


@dataclass(frozen=True, slots=True)
class Outcome(Generic[R]):
    """A result with its provenance."""

    value: R
    backend: str
    model: str
    attempts: tuple[Attempt, ...]


class Chain(Generic[B]):
    """Backends of one capability, in the order they are tried.

    `entries` are (name, build) pairs; `build()` makes the backend or raises `Unavailable`. Building is
    put off to the first use, so a process that never draws never imports a drawing library.
    """

    def __init__(
        self,
        entries: Sequence[tuple[str, Callable[[], B]]],
        clock: Callable[[], float] = time.time,
        *,
        capability: str = "",
    ):
        self._entries = list(entries)
        self._built: dict[str, B] = {}
        self._clock = clock
        self.capability = capability

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self._entries)

    def backend(self, name: str) -> B:
        """The backend called `name`, built on first use. Raises: Unavailable, KeyError."""
        if name not in self._built:
            self._built[name] = dict(self._entries)[name]()
        return self._built[name]

    def key(self, name: str) -> str:
        """Under which a gate remembers a backend: "covers.openai"."""
        return f"{self.capability}.{name}" if self.capability else name

    def run(
        self,
        ask: Callable[[B], R],
        *,
        neutral: Callable[[B], R] | None = None,
        record: Callable[[Attempt, R | None], None] = lambda attempt, value: None,
        only: Sequence[str] | None = None,
        gate: Gate = OPEN,
    ) -> Outcome[R]:
        """Ask the backends in order until one serves.

        `record` is called once per attempt as soon as it has ended, with the value when it served:
        what was paid for is on disk before anything else happens to it. `only` narrows the chain.
        `neutral` takes the place of `ask` after a vendor has refused the content.

        Raises: ChainExhausted when nobody served; InputRejected and Cancelled as they come.
        """
        attempts: list[Attempt] = []
        note: ProviderError | None = None
        for name in only if only is not None else self.names:
            again = False
            while True:
                attempt, value, pause_s = self._turn(name, ask, record, gate, again, note)
                attempts.append(attempt)
                if attempt.outcome == "served":
                    return Outcome(cast(R, value), name, attempt.model, tuple(attempts))
                if pause_s is None:
                    break
                gate.sleep(pause_s)
                again = True
            if attempt.error_class == "moderation" and neutral is not None:
                ask, note = neutral, note or asked_neutrally(vendor_of(self.backend(name)) or name)
        raise ChainExhausted(attempts)

    def _turn(
        self,
        name: str,
        ask: Callable[[B], R],
        record: Callable[[Attempt, R | None], None],
        gate: Gate,
        again: bool,
        note: ProviderError | None,
    ) -> tuple[Attempt, R | None, float | None]:
        """One call; (how it went, what it gave, the pause before a second one if there may be one)."""
        started, model, visit = self._clock(), "", Visit()
        try:
            backend = self.backend(name)
            model, vendor = backend.model, vendor_of(backend)
            with (gate if vendor else OPEN).visit(self.key(name), vendor, again=again) as visit:
                with meter_on(visit):
                    value = ask(backend)
                told = note if vendor else None
                cost = visit.cost_micro_usd(backend.model)
                attempt = self._attempt(name, backend.model, started, "served", told, cost)
                record(attempt, value)
                return attempt, value, None
        except (Unavailable, BackendFailed) as error:
            outcome: AttemptOutcome = "skipped" if isinstance(error, Unavailable) else "failed"
            cost = visit.cost_micro_usd(model, error.error_class)
            attempt = self._attempt(name, model, started, outcome, error, cost)
            log.warning(
                "a backend did not serve",
                extra={
                    "action": "backend_failed",
                    "backend": name,
                    "error_class": error.error_class,
                    "reason": str(error),
                },
            )
            record(attempt, None)
            return attempt, None, visit.pause_s

    def _attempt(
        self,
        name: str,
        model: str,
        started: float,
        outcome: AttemptOutcome,
        told: ProviderError | None,
        cost_micro_usd: int,
    ) -> Attempt:
        return Attempt(
            name,
            model,
            started,
            round((self._clock() - started) * 1000),
            outcome,
            told.error_class if told and outcome != "served" else None,
            told.template if told else "",
            told.params if told else {},
            told.retry_after_s if told else None,
            cost_micro_usd,
        )


def vendor_of(backend: Backend) -> str:
    """The name of the service a backend asks; empty for one that works on this machine."""
    return str(getattr(backend, "vendor", ""))


def load(table: Mapping[str, str], name: str) -> Any:
    """The class that `table` names for `name`, imported now: {"pyannote": "providers.x.y:Class"}.

    Raises: Unavailable when the table has no such name, or a package the backend needs is not installed.
    """
    if name not in table:
        raise Unavailable(
            "There is no backend called %(name)s; choose from %(known)s.",
            error_class="missing_package",
            name=name,
            known=", ".join(table),
        )
    module, _, attribute = table[name].partition(":")
    try:
        return getattr(import_module(module), attribute)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("providers"):
            raise  # a wrong table, not a missing package
        raise Unavailable(
            "%(name)s needs the package %(package)s, which is not installed on this machine.",
            error_class="missing_package",
            name=name,
            package=error.name,
        ) from error


def fingerprint(table: Mapping[str, str], name: str, env: Mapping[str, str]) -> str:
    """Of the settings of a backend, keys included: 16 hex digits that tell nothing and change with them.

    `ALSO_READ` of its file names variables that stand in another backend's table; where several
    share a file, `reads` of the class names its own.
    """
    path, _, attribute = table[name].partition(":")
    module = import_module(path)
    names = [*(row[0] for row in getattr(module, "SETTINGS", ())), *getattr(module, "ALSO_READ", ())]
    names = [*getattr(getattr(module, attribute, None), "reads", names)]
    values = [f"{variable}={env.get(variable, '').strip()}" for variable in names]
    return hashlib.sha256("\n".join(values).encode()).hexdigest()[:16]


def chain_from_env(
    table: Mapping[str, str], names: Sequence[str], env: Mapping[str, str], *, capability: str = ""
) -> Chain[Any]:
    """A chain of the named backends, each built by its own `from_env(env)` on first use."""

    def builder(name: str) -> Callable[[], Any]:
        return lambda: load(table, name).from_env(env)

    return Chain([(name, builder(name)) for name in names], capability=capability)
