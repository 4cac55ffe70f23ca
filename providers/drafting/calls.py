"""One request to a language model as it is kept, and the notebook a writer keeps it in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Message = Mapping[str, str]  # role, content


@dataclass(frozen=True, slots=True)
class Call:
    """What was sent, what came back and what it took. Keys and headers are never part of it."""

    step: str  # "article", "points 3", "outline", "section 2", …; a second try ends in "again"
    backend: str
    model: str  # the snapshot behind the name, where the server says it
    messages: tuple[Message, ...]
    answer: str  # as it came; empty where nothing did
    prompt_tokens: int = 0
    completion_tokens: int = 0
    ms: int = 0
    cost_micro_usd: int = 0
    prompt_version: int = 0
    failure: str = ""  # in English; empty: it was answered


class Notebook(Protocol):
    """Where calls are written down as soon as they have ended, and found again after a crash."""

    def recall(self, key: str) -> str | None:
        """The answer that was kept under `key`, already paid for."""

    def keep(self, key: str, call: Call) -> None: ...

    def progress(self, done: int, of: int) -> None:
        """So many of the requests are through. Raises: Cancelled when the work is no longer wanted."""


class Unkept:
    """Keeps nothing: for trials and benchmarks."""

    def recall(self, key: str) -> str | None:
        return None

    def keep(self, key: str, call: Call) -> None:
        pass

    def progress(self, done: int, of: int) -> None:
        pass


UNKEPT = Unkept()


def key_of(backend: str, model: str, messages: Sequence[Message]) -> str:
    """Names a request: the same words to the same model are paid for once."""
    asked: list[Any] = [backend, model, [dict(message) for message in messages]]
    return hashlib.sha256(json.dumps(asked, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
