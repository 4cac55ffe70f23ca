"""Speech by any server with `POST /v1/audio/transcriptions`: OpenAI, Groq, vLLM, speaches, another Polosa.

The recording is cut here, so no server sees more than 25 s at once, and a broken connection loses one piece.
Source: https://platform.openai.com/docs/api-reference/audio/createTranscription
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterator, Mapping
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any, Self

import av
import httpx2
import numpy as np
import openai
from numpy.typing import NDArray

from providers.cutting import Cutting
from providers.errors import BackendFailed, ProviderError
from providers.openai_errors import bad_answer, openai_errors
from providers.speech import wording
from providers.speech.hearing import pieces
from providers.speech.seams import Heard
from providers.speech.server import SETTINGS, Server, server_from_env
from providers.types import SAMPLE_RATE_HZ, Piece

__all__ = ["SETTINGS", "OpenAICompatible"]

log = logging.getLogger(__name__)

ALSO_READ = ("OPENAI_API_KEY", "OPENAI_BASE_URL")  # of the covers' table: see server_from_env

MEGABYTE = 1_000_000
SHORTEST_SAMPLES = round(0.3 * SAMPLE_RATE_HZ)  # OpenAI refuses less than 0.1 s
# What the piece is sent as, the first that fits: name, mime, codec, bits a second (0: lossless).
FORMATS = (("flac", "audio/flac", "flac", 0), ("ogg", "audio/ogg", "libopus", 32_000))
TIMED: dict[str, Any] = {"response_format": "verbose_json", "timestamp_granularities": ["word"]}
PLAIN: dict[str, Any] = {"response_format": "json"}
REFUSED = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY)


class OpenAICompatible:
    name = "openai_compatible"

    def __init__(self, server: Server, http_client: httpx2.Client | None = None) -> None:
        self.server = server
        self._asks = [TIMED, PLAIN]
        self._guesses = False
        # The chain owns retries: two policies on top of each other wait too long.
        self._client = openai.OpenAI(
            api_key=server.api_key,
            base_url=server.base_url,
            timeout=server.timeout_s,
            max_retries=0,
            http_client=http_client,
        )

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        return cls(server_from_env(env))

    @property
    def model(self) -> str:
        """The model's name; it says so when the server gave no word times and they were spread by length."""
        return f"{self.server.model} (word times estimated)" if self._guesses else self.server.model

    @property
    def vendor(self) -> str:
        return self.server.host

    def close(self) -> None:
        """Closes the connections; a recogniser that lives as long as its process needs no closing."""
        self._client.close()

    def prepare(self, progress: Callable[[float, str], None] = lambda fraction, note: None) -> None:
        """Nothing to fetch."""
        progress(1.0, self.server.model)

    def recognise(self, media: Path, *, skip_until_s: float = 0.0, first_index: int = 0) -> Iterator[Piece]:
        """Raises: BackendFailed, InputRejected."""
        return pieces(media, skip_until_s, first_index, self._hear)

    def _hear(self, cuttings: Iterator[Cutting]) -> Generator[Heard]:
        for cutting in cuttings:
            yield cutting, () if cutting.is_silent else wording.words_of(self._ask(cutting), cutting)

    def _ask(self, piece: Cutting) -> wording.Answer:
        """A way to ask that the server refuses is left behind for as long as this object lives."""
        file = encode(piece, self.server.max_mb)
        for place, ask in enumerate(self._asks):
            try:
                answer = self._send(file, ask)
            except BackendFailed as error:
                if ask is self._asks[-1] or _status(error) not in REFUSED:
                    raise
                continue
            self._asks = self._asks[place:]
            self._notice(answer)
            return answer
        raise AssertionError("there is always a way to ask")

    def _notice(self, answer: wording.Answer) -> None:
        if not answer.has_times and not self._guesses:
            self._guesses = True
            log.warning(
                "the server gives no word times: they are estimated",
                extra={"action": "speech_times_estimated", "backend": self.name, "model": self.server.model},
            )

    def _send(self, file: tuple[str, bytes, str], ask: dict[str, Any]) -> wording.Answer:
        """Raises: BackendFailed."""
        service = self.server.host
        try:
            with openai_errors(
                service=service,
                key_variable="SPEECH_API_KEY",
                model_variable="SPEECH_API_MODEL",
                timeout_variable="SPEECH_TIMEOUT_S",
                base_url_variable="SPEECH_BASE_URL",
            ):
                body: Any = self._client.audio.transcriptions.create(
                    file=file, model=self.server.model, **ask
                )
        except ValueError as error:  # a body that says it is JSON and is not
            raise bad_answer(service, "the body is not JSON", "SPEECH_BASE_URL") from error
        except BackendFailed as error:
            if _status(error) == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
                raise _too_large(service, len(file[1]) / MEGABYTE) from error
            raise
        answer = wording.read(body)
        if answer is None:
            raise bad_answer(service, "there is no text in it", "SPEECH_API_MODEL")
        return answer


def encode(piece: Cutting, max_mb: float) -> tuple[str, bytes, str]:
    """(file name, bytes, mime): lossless when it fits, else compressed. Raises: BackendFailed."""
    data = b""
    for suffix, mime, codec, bit_rate in FORMATS:
        data = _encoded(piece.samples, suffix, codec, bit_rate)
        if len(data) <= max_mb * MEGABYTE:
            return f"piece-{piece.index}.{suffix}", data, mime
    raise _too_large("SPEECH_MAX_MB", len(data) / MEGABYTE)


def _encoded(samples: NDArray[np.float32], suffix: str, codec: str, bit_rate: int) -> bytes:
    missing = SHORTEST_SAMPLES - samples.size
    padded = np.pad(samples, (0, missing)) if missing > 0 else samples
    whole = (np.clip(padded, -1, 1) * 32767).astype(np.int16)
    sink = BytesIO()
    with av.open(sink, "w", format=suffix) as container:
        stream: Any = container.add_stream(codec, rate=SAMPLE_RATE_HZ, layout="mono")
        if bit_rate:
            stream.bit_rate = bit_rate
        frame = av.AudioFrame.from_ndarray(whole[None], format="s16", layout="mono")
        frame.sample_rate, frame.pts = SAMPLE_RATE_HZ, 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return sink.getvalue()


def _status(error: ProviderError) -> int:
    cause = error.__cause__
    return cause.status_code if isinstance(cause, openai.APIStatusError) else 0


def _too_large(who: str, megabytes: float) -> BackendFailed:
    return BackendFailed(
        "%(who)s does not allow a piece of %(size)s MB. Set SPEECH_MAX_MB to what the server takes: below it "
        "pieces are sent compressed.",
        error_class="input", who=who, size=f"{megabytes:.2f}",
    )  # fmt: skip
