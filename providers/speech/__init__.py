"""Speech recognition: a recording in, timed words out, piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol, Self, runtime_checkable

from providers.types import Piece, Word

Span = tuple[float, float]  # from, to; seconds of the recording

BACKENDS = {
    "auto": "providers.speech.auto:Auto",
    "gigaam_onnx": "providers.speech.gigaam_onnx:GigaamOnnx",
    "gigaam_openvino": "providers.speech.gigaam_openvino:GigaamOpenvino",
    "gigaam_torch": "providers.speech.gigaam_torch:GigaamTorch",
    "openai_compatible": "providers.speech.openai_compatible:OpenAICompatible",
}
# Among which auto chooses; they read the same models.
ENGINES = ("gigaam_openvino", "gigaam_onnx", "gigaam_torch")


def engines_of(name: str) -> tuple[str, ...]:
    """The backends that may work under this name."""
    return ENGINES if name == "auto" else (name,)


class Speech(Protocol):
    name: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Reads its variables. Raises: Unavailable."""

    @property
    def model(self) -> str: ...

    def prepare(self, progress: Callable[[float, str], None]) -> None:
        """Fetches and loads the weights. `progress(fraction 0..1, what is being done)`.

        Raises: Unavailable when they can't be had: the message says why and what to do.
        """

    def recognise(self, media: Path, *, skip_until_s: float = 0.0, first_index: int = 0) -> Iterator[Piece]:
        """Yields the pieces of the recording in order, each as soon as it is recognised.

        `skip_until_s` and `first_index` continue a half-done recording after its last saved piece.
        Raises: BackendFailed, InputRejected.
        """


@runtime_checkable
class SecondHearing(Protocol):
    """A backend that can listen once more to a stretch in which it heard nothing."""

    def recognise_spans(self, media: Path, spans: Sequence[Span]) -> Iterator[tuple[Word, ...]]:
        """The words said in each span, in the spans' order; the recording is decoded once for all.

        Raises: Unavailable, BackendFailed, InputRejected.
        """
