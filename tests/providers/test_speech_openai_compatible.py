"""Recognition by a server, against one that speaks the vendor's contract.

Source: https://platform.openai.com/docs/api-reference/audio/createTranscription
"""

from __future__ import annotations

import json
import logging
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import flask
import httpx2
import numpy as np
import pytest

from providers.cutting import Cutting
from providers.errors import BackendFailed, Unavailable
from providers.openai_servers import needs_key
from providers.speech.openai_compatible import OpenAICompatible, encode
from providers.speech.server import Server, server_from_env
from providers.types import Piece
from tests.providers.audio_files import write_sound

RATE_HZ = 16_000


class FakeServer:
    """Answers each piece with the next of `replies`, the last one for ever; keeps what it was asked."""

    def __init__(self, *replies: dict[str, Any] | flask.Response) -> None:
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self._replies = list(replies)
        self._app = flask.Flask(__name__)
        self._app.add_url_rule("/v1/audio/transcriptions", view_func=self._answer, methods=["POST"])

    def backend(self, **settings: Any) -> OpenAICompatible:
        transport = httpx2.WSGITransport(app=self._app)
        server = Server("sk-own", "http://fake.test/v1", **settings)
        return OpenAICompatible(server, http_client=httpx2.Client(transport=transport))

    def _answer(self) -> flask.Response:
        file = flask.request.files["file"]
        self.keys.append(flask.request.headers["authorization"])
        self.asked.append(
            {
                **flask.request.form.to_dict(),
                "name": file.filename,
                "mime": file.mimetype,
                "data": file.read(),
            }
        )
        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        return reply if isinstance(reply, flask.Response) else flask.jsonify(reply)


def refusal(status: int, message: str = "no", code: str | None = None) -> flask.Response:
    body = {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}}
    return flask.Response(json.dumps(body), status, mimetype="application/json")


def verbose(text: str, *words: tuple[str, float, float]) -> dict[str, Any]:
    timed = [{"word": word, "start": start, "end": end} for word, start, end in words]
    return {"task": "transcribe", "language": "russian", "duration": 5.0, "text": text, "words": timed}


HELLO = verbose("Здравствуйте, это мост.", ("здравствуйте", 0.5, 1.2), ("это", 1.4, 1.5), ("мост", 1.5, 2.0))


@pytest.fixture
def speech(tmp_path: Path) -> Path:
    """Five seconds: sound from 1 to 2 s and from 3 to 5 s."""
    return sound(tmp_path / "speech.wav", 5.0, [(1.0, 2.0), (3.0, 5.0)])


def sound(path: Path, duration_s: float, loud: list[tuple[float, float]]) -> Path:
    samples = np.zeros(round(duration_s * RATE_HZ), np.float32)
    noise = np.random.default_rng(0).standard_normal(samples.size).astype(np.float32)
    for start_s, end_s in loud:
        here = slice(round(start_s * RATE_HZ), round(end_s * RATE_HZ))
        samples[here] = 0.1 * noise[here]
    return write_sound(path, samples, RATE_HZ, "pcm_s16le")


def failure(fake: FakeServer, media: Path, **settings: Any) -> BackendFailed:
    with pytest.raises(BackendFailed) as caught:
        list(fake.backend(**settings).recognise(media))
    return caught.value


def test_words_carry_the_times_of_the_server_and_the_text_s_punctuation(speech: Path) -> None:
    (piece,) = FakeServer(HELLO).backend().recognise(speech)
    assert [(w.text, w.start_s, w.end_s) for w in piece.words] == [
        ("Здравствуйте,", 0.5, 1.2), ("это", 1.4, 1.5), ("мост.", 1.5, 2.0),
    ]  # fmt: skip
    assert {w.confidence for w in piece.words} == {None}


def test_the_request_asks_for_word_times(speech: Path) -> None:
    fake = FakeServer(HELLO)
    backend = fake.backend(model="whisper-large")
    list(backend.recognise(speech))
    (asked,) = fake.asked
    assert asked["model"] == "whisper-large"
    assert asked["response_format"] == "verbose_json"
    assert asked["timestamp_granularities[]"] == "word"
    assert (asked["name"], asked["mime"]) == ("piece-0.flac", "audio/flac")
    assert decoded(asked["data"]) == pytest.approx(5.0)
    assert fake.keys == ["Bearer sk-own"]
    assert backend.model == "whisper-large"


def decoded(data: bytes) -> float:
    with av.open(BytesIO(data)) as container:
        frames = list(container.decode(audio=0))
    return sum(frame.samples / frame.sample_rate for frame in frames)


def test_times_are_those_of_the_recording(tmp_path: Path) -> None:
    media = sound(tmp_path / "long.wav", 60.0, [(0.0, 18.0), (18.5, 38.0), (38.5, 60.0)])
    pieces = list(FakeServer(HELLO).backend().recognise(media))
    assert len(pieces) > 2
    assert all(p.words[0].start_s == pytest.approx(p.start_s + 0.5) for p in pieces)
    assert all(a.end_s == b.start_s for a, b in pairwise(pieces))
    fake = FakeServer(HELLO)
    again = fake.backend().recognise(media, skip_until_s=pieces[0].end_s, first_index=1)
    assert next(again) == pieces[1]
    again.close()


@pytest.mark.parametrize("status", [400, 422])
def test_a_server_without_word_times_is_asked_for_the_text(
    speech: Path, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    fake = FakeServer(
        refusal(status, "response_format 'verbose_json' is not compatible"), {"text": "Да. Нет."}
    )
    backend = fake.backend()
    with caplog.at_level(logging.WARNING):
        (piece,) = backend.recognise(speech)
    assert [asked["response_format"] for asked in fake.asked] == ["verbose_json", "json"]
    assert [w.text for w in piece.words] == ["Да.", "Нет."]
    assert backend.model == "gpt-transcribe (word times estimated)"
    assert "estimated" in caplog.text
    list(backend.recognise(speech))
    assert fake.asked[-1]["response_format"] == "json"
    assert len(fake.asked) == 3


def test_estimated_times_follow_the_sound(speech: Path) -> None:
    """Three seconds sound: the first quarter of the letters was said before the pause."""
    (piece,) = FakeServer({"text": "три двенадцать"}).backend().recognise(speech)
    first, second = piece.words
    assert first.start_s == pytest.approx(1.0, abs=0.2)
    assert first.end_s == pytest.approx(1.8, abs=0.2)
    assert second.end_s == pytest.approx(5.0, abs=0.1)
    assert first.confidence is second.confidence is None


def test_sentences_with_times_bound_their_words(speech: Path) -> None:
    segments = [{"text": " Да, да.", "start": 1.0, "end": 2.0}, {"text": " Нет.", "start": 3.0, "end": 4.0}]
    backend = FakeServer({"text": "Да, да. Нет.", "segments": segments}).backend()
    (piece,) = backend.recognise(speech)
    assert [w.text for w in piece.words] == ["Да,", "да.", "Нет."]
    assert piece.words[1].end_s == pytest.approx(2.0, abs=0.1)
    assert piece.words[2].start_s == pytest.approx(3.0, abs=0.2)
    assert "estimated" in backend.model


def test_a_word_the_server_forgot_to_time_lies_between_its_neighbours(speech: Path) -> None:
    answer = verbose("Это большой мост", ("это", 1.0, 1.2), ("мост", 3.5, 4.0))
    (piece,) = FakeServer(answer).backend().recognise(speech)
    assert [w.text for w in piece.words] == ["Это", "большой", "мост"]
    assert 1.2 <= piece.words[1].start_s <= piece.words[1].end_s <= 3.5


@pytest.mark.parametrize(
    "words",
    [
        [("раз", -5.0, 90.0), ("два", 1.0, 0.5), ("три", 0.0, 99.0)],
        [("раз", 4.9, 4.95), ("два", 5.5, 6.0), ("три", 7.0, 8.0)],
        [("раз", float("nan"), 1.0), ("два", 1.0, 2.0), ("три", 2.0, 3.0)],
        [("раз", None, "1"), ("два", True, 2.0), ("три", 2.0, 3.0)],
    ],
)
def test_nonsense_times_stay_inside_the_piece_in_order(speech: Path, words: list[Any]) -> None:
    (piece,) = FakeServer(verbose("раз два три", *words)).backend().recognise(speech)
    assert [w.text for w in piece.words] == ["раз", "два", "три"]
    assert all(0.0 <= w.start_s <= w.end_s <= 5.0 for w in piece.words)
    assert all(a.end_s <= b.start_s for a, b in pairwise(piece.words))


def test_silence_is_not_sent(tmp_path: Path) -> None:
    fake = FakeServer(HELLO)
    pieces = list(fake.backend().recognise(sound(tmp_path / "s.wav", 40.0, [])))
    assert fake.asked == []
    assert [p.words for p in pieces] == [()] * len(pieces)


def test_no_text_no_words(speech: Path) -> None:
    backend = FakeServer({"text": "  "}).backend()
    assert list(backend.recognise(speech)) == [Piece(0, 0.0, 5.0, ())]
    assert backend.model == "gpt-transcribe"


def cutting(seconds: float) -> Cutting:
    noise = np.random.default_rng(0).standard_normal(round(seconds * RATE_HZ)).astype(np.float32)
    return Cutting(7, 0.0, seconds, 0.1 * noise)


def test_a_piece_over_the_limit_is_compressed() -> None:
    assert encode(cutting(20), 25)[0] == "piece-7.flac"
    name, data, mime = encode(cutting(20), 0.2)
    assert (name, mime) == ("piece-7.ogg", "audio/ogg")
    assert len(data) < 200_000
    assert decoded(data) == pytest.approx(20, abs=0.1)


def test_a_limit_no_piece_keeps_is_named() -> None:
    with pytest.raises(BackendFailed, match="SPEECH_MAX_MB"):
        encode(cutting(20), 0.001)


def test_a_server_that_finds_it_too_large(speech: Path) -> None:
    error = failure(FakeServer(refusal(413)), speech)
    assert "fake.test does not allow a piece of" in str(error)
    assert "SPEECH_MAX_MB" in str(error)


@pytest.mark.parametrize(
    ("status", "error_class", "named"),
    [
        (401, "auth", "SPEECH_API_KEY"),
        (402, "billing", "credit"),
        (404, "gone", "SPEECH_API_MODEL"),
        (429, "rate_limit", "wait"),
        (503, "overloaded", "later"),
        (400, "unknown", "SPEECH_API_MODEL"),
    ],
)
def test_refusals(speech: Path, status: int, error_class: str, named: str) -> None:
    fake = FakeServer(refusal(status))
    error = failure(fake, speech)
    assert error.error_class == error_class
    assert named in str(error)
    assert len(fake.asked) == (2 if status == 400 else 1)


@pytest.mark.parametrize(
    "reply",
    [
        flask.Response("<html>proxy</html>", mimetype="text/html"),
        flask.Response("{", mimetype="application/json"),
        flask.Response('{"no": "text"}', mimetype="application/json"),
        flask.Response('{"text": 5}', mimetype="application/json"),
    ],
)
def test_an_unusable_answer(speech: Path, reply: flask.Response) -> None:
    assert failure(FakeServer(reply), speech).error_class == "format"


def test_nobody_listens(speech: Path) -> None:
    backend = OpenAICompatible(Server("k", "http://127.0.0.1:9/v1", timeout_s=5))
    with pytest.raises(BackendFailed, match="SPEECH_BASE_URL"):
        list(backend.recognise(speech))
    backend.close()


def test_settings() -> None:
    env = {"SPEECH_BASE_URL": "http://whisper:8000/v1", "SPEECH_MAX_MB": "0.5", "SPEECH_API_MODEL": "w"}
    assert server_from_env(env) == Server("not-needed", "http://whisper:8000/v1", "w", 0.5, 120.0)
    assert server_from_env({"OPENAI_API_KEY": "sk-1"}) == Server("sk-1")


def test_openai_s_key_stays_with_openai() -> None:
    env = {"OPENAI_API_KEY": "sk-1", "SPEECH_BASE_URL": "https://api.groq.com/openai/v1"}
    with pytest.raises(Unavailable, match=r"No key for api\.groq\.com: set SPEECH_API_KEY"):
        server_from_env(env)
    assert server_from_env({**env, "SPEECH_API_KEY": "gsk"}).api_key == "gsk"
    assert server_from_env({**env, "SPEECH_BASE_URL": "http://10.0.0.5/v1"}).api_key == "not-needed"


@pytest.mark.parametrize("name", ["SPEECH_MAX_MB", "SPEECH_TIMEOUT_S"])
@pytest.mark.parametrize("value", ["0", "-1", "many", "nan", "inf"])
def test_a_wrong_number_is_named(name: str, value: str) -> None:
    with pytest.raises(Unavailable, match=name):
        server_from_env({"OPENAI_API_KEY": "k", name: value})


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/v1", "http://[::1]/v1", "http://box.local/v1", "http://w/v1"]
)
def test_a_server_of_ones_own_needs_no_key(url: str) -> None:
    assert not needs_key(url)
