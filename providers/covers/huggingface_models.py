"""Which of the configured models Hugging Face's providers draw with at present.

A model may be live at a provider today and gone tomorrow; the Hub's own table says so for nothing, before a
request is paid for. Source: https://huggingface.co/docs/inference-providers/hub-api
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from huggingface_hub.errors import RepositoryNotFoundError
from huggingface_hub.inference._providers import PROVIDERS
from huggingface_hub.inference._providers._common import _fetch_inference_provider_mapping

from providers.covers.huggingface_errors import RAISED

TASK = "text-to-image"
AUTO = "auto"
FRESH_S = 900.0  # the Hub's table is asked again after a quarter of an hour
Candidate = tuple[str, str]  # provider ("auto": the account's first), model

Standing = Literal[
    "live",  # a provider draws with it
    "ailing",  # in trial at the provider, or its last health check failed: asked after all others
    "gone",  # nobody draws with it: not asked
    "unknown",  # the table could not be read: asked as if it were live
]


@dataclass(frozen=True, slots=True)
class ModelState:
    """What the Hub says of one configured pair. `provider`: who would draw; empty where nobody would."""

    asked: str
    provider: str
    model: str
    standing: Standing


class ModelTable:
    """The Hub's table of providers, remembered for a quarter of an hour. Safe to share between threads."""

    def __init__(self, fresh_s: float = FRESH_S, clock: Callable[[], float] = time.monotonic) -> None:
        self._fresh_s, self._clock = fresh_s, clock
        self._known: dict[Candidate, tuple[float, ModelState]] = {}
        self._lock = threading.Lock()

    def state(self, candidate: Candidate) -> ModelState:
        """What is known of the pair; asks the Hub where that is too old. Never raises."""
        with self._lock:
            known = self._known.get(candidate)
        if known is not None and self._clock() - known[0] < self._fresh_s:
            return known[1]
        found = _looked_up(candidate)
        with self._lock:
            self._known[candidate] = (self._clock(), found)
        return found

    def in_order(self, candidates: Sequence[Candidate]) -> list[ModelState]:
        """The pairs as they should be asked: ailing ones last, the order kept otherwise."""
        states = [self.state(candidate) for candidate in candidates]
        return sorted(states, key=lambda state: state.standing == "ailing")

    def forget(self) -> None:
        """The next look is at the Hub itself."""
        with self._lock:
            self._known.clear()


def _looked_up(candidate: Candidate) -> ModelState:
    asked, model = candidate
    _fetch_inference_provider_mapping.cache_clear()  # the library would keep it as long as the process lives
    try:
        rows = [row for row in _fetch_inference_provider_mapping(model) if row.task == TASK]
    except RepositoryNotFoundError:
        return ModelState(asked, "", model, "gone")
    except RAISED:
        return ModelState(asked, "" if asked == AUTO else asked, model, "unknown")
    known = [row for row in rows if TASK in PROVIDERS.get(row.provider, {})]
    fitting = [row for row in known if asked in (AUTO, row.provider)]
    for row in sorted(fitting, key=lambda row: row.status != "live"):
        return ModelState(asked, row.provider, model, "live" if row.status == "live" else "ailing")
    return ModelState(asked, "", model, "gone")
