"""Try backends in order, record every attempt, say which one served.

The same page serves speech, diarization, writing and covers.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Generic, Literal, Protocol, TypeVar

from providers.errors import BackendFailed, ChainExhausted, ErrorClass, ProviderError, Unavailable

log = logging.getLogger(__name__)
R = TypeVar("R")
B = TypeVar("B", bound="Backend")

AttemptOutcome = Literal[
    "served",  # the result came from this backend
    "failed",  # it was asked and broke
    "skipped",  # it could not be asked: no key, no package, no model
]


class Backend(Protocol):
    """What the chain needs to know of any backend.

    A backend also has `from_env(env)`, a classmethod that reads its variables and raises
    `Unavailable` naming the one that is missing.
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
        self, entries: Sequence[tuple[str, Callable[[], B]]], clock: Callable[[], float] = time.time
    ):
        self._entries = list(entries)
        self._built: dict[str, B] = {}
        self._clock = clock

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self._entries)

    def backend(self, name: str) -> B:
        """The backend called `name`, built on first use. Raises: Unavailable, KeyError."""
        if name not in self._built:
            self._built[name] = dict(self._entries)[name]()
        return self._built[name]

    def run(
        self,
        ask: Callable[[B], R],
        *,
        record: Callable[[Attempt, R | None], None] = lambda attempt, value: None,
        only: Sequence[str] | None = None,
    ) -> Outcome[R]:
        """Ask the backends in order until one serves.

        `record` is called once per attempt as soon as it has ended, with the value when it served:
        what was paid for is on disk before anything else happens to it. `only` narrows the chain.

        Raises: ChainExhausted when nobody served; InputRejected and Cancelled as they come.
        """
        attempts: list[Attempt] = []
        for name in only if only is not None else self.names:
            started, model = self._clock(), ""
            try:
                backend = self.backend(name)
                model = backend.model
                value = ask(backend)
            except (Unavailable, BackendFailed) as error:
                outcome: AttemptOutcome = "skipped" if isinstance(error, Unavailable) else "failed"
                attempt = self._attempt(name, model, started, outcome, error)
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
                attempts.append(attempt)
                continue
            attempt = self._attempt(name, backend.model, started, "served", None)
            record(attempt, value)
            attempts.append(attempt)
            return Outcome(value, name, backend.model, tuple(attempts))
        raise ChainExhausted(attempts)

    def _attempt(
        self, name: str, model: str, started: float, outcome: AttemptOutcome, error: ProviderError | None
    ) -> Attempt:
        ms = round((self._clock() - started) * 1000)
        if error is None:
            return Attempt(name, model, started, ms, outcome)
        return Attempt(
            name,
            model,
            started,
            ms,
            outcome,
            error.error_class,
            error.template,
            error.params,
            error.retry_after_s,
        )


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


def chain_from_env(table: Mapping[str, str], names: Sequence[str], env: Mapping[str, str]) -> Chain[Any]:
    """A chain of the named backends, each built by its own `from_env(env)` on first use."""

    def builder(name: str) -> Callable[[], Any]:
        return lambda: load(table, name).from_env(env)

    return Chain([(name, builder(name)) for name in names])
