"""Diarization: who speaks when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol, Self

from providers.types import Turn

BACKENDS = {
    "pyannote": "providers.diarization.pyannote:Pyannote",
    "onnx_speakers": "providers.diarization.onnx_speakers:OnnxSpeakers",
    "baseline": "providers.diarization.baseline:Baseline",
}


class Diarization(Protocol):
    """A backend that guesses without a model has `is_weaker = True`, and the page says so."""

    name: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Reads its variables. Raises: Unavailable."""

    @property
    def model(self) -> str: ...

    def turns(
        self,
        media: Path,
        *,
        min_speakers: int | None = None,
        max_speakers: int | None = None,
        progress: Callable[[float, str], None] = lambda fraction, note: None,
    ) -> list[Turn]:
        """The turns in order of their start, without overlaps.

        `progress` is also where the caller stops it: whatever it raises ends the work.
        Raises: Unavailable, BackendFailed, InputRejected.
        """
