"""What can go wrong in a backend, and what the chain does about it.

ProviderError
├── Unavailable     not here (no key, no package, no model): the chain tries the next backend
├── BackendFailed   it broke (time-out, 5xx, 429, garbage): the chain tries the next backend
├── InputRejected   the input is at fault: no other backend is tried, a person looks
├── Cancelled       the caller asked the work to stop: nothing is recorded
└── ChainExhausted  no backend served: carries every attempt

A message is a gettext template (`%(name)s`) with its parameters beside it, so a door can show it in
the reader's language; `str(error)` is the English text for logs and JSON.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from providers.chain import Attempt

ErrorClass = Literal[
    "auth",  # the key is refused
    "billing",  # the account is out of money or credit
    "rate_limit",  # too many requests; retry_after_s says when, if the vendor did
    "timeout",  # no answer in time
    "overloaded",  # 5xx, busy
    "loading",  # the vendor is still loading the model
    "gone",  # the model or the address is no longer there
    "moderation",  # the vendor refused the content
    "format",  # an answer came, and it was not what the contract says
    "network",  # the vendor could not be reached
    "missing_key",  # no key is configured
    "missing_package",  # an optional package is not installed
    "missing_model",  # the weights are not on this machine and could not be fetched
    "input",  # the input is at fault
    "unknown",
]


NOBODY = "No backend is configured for this step."


class ProviderError(Exception):
    """Base of everything a backend may raise on purpose; anything else is a bug and flies."""

    def __init__(
        self,
        template: str,
        *,
        error_class: ErrorClass = "unknown",
        retry_after_s: float | None = None,
        **params: Any,
    ) -> None:
        self.template = template
        self.params = params
        self.error_class: ErrorClass = error_class
        self.retry_after_s = retry_after_s
        super().__init__(template % params if params else template)


class Unavailable(ProviderError):
    """The backend can't be asked at all: a key, a package or a model is missing."""


class BackendFailed(ProviderError):
    """The backend was asked and did not deliver."""


class InputRejected(ProviderError):
    """The input is at fault; another backend would refuse it too."""

    def __init__(self, template: str, *, error_class: ErrorClass = "input", **params: Any) -> None:
        super().__init__(template, error_class=error_class, **params)


class Cancelled(ProviderError):
    """The caller no longer wants the result."""


class ChainExhausted(ProviderError):
    """No backend of a chain served. `attempts` says what each of them answered."""

    def __init__(self, attempts: Sequence[Attempt]) -> None:
        self.attempts = tuple(attempts)
        waits = [a.retry_after_s for a in self.attempts if a.retry_after_s is not None]
        super().__init__(NOBODY, error_class="missing_key", retry_after_s=min(waits) if waits else None)
        if self.attempts:
            last = self.attempts[-1]
            self.template, self.params = last.template, dict(last.params)
            self.error_class = last.error_class or "unknown"
            self.args = (last.message,)
