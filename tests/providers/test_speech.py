"""What every speech backend keeps, over the table; the demonstration model stands for the weights."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from providers.chain import load
from providers.errors import InputRejected, Unavailable
from providers.speech import BACKENDS
from providers.speech.gigaam_onnx import GigaamOnnx
from providers.types import Piece
from tests.providers.audio_files import write_sound

DEMO = Path(__file__).parents[2] / "demo"
BUILDERS: dict[str, Callable[[], Any]] = {
    "gigaam_onnx": lambda: GigaamOnnx("gigaam-v3-e2e-ctc", folder=DEMO / "model", device="cpu", threads=2),
}


@pytest.fixture(scope="module", params=[name for name in BACKENDS if name in BUILDERS])
def backend(request: pytest.FixtureRequest) -> Any:
    """A backend that runs on this machine; those that ask a server have tests of their own."""
    built = BUILDERS[request.param]()
    built.prepare(lambda fraction, note: None)
    return built


@pytest.fixture(scope="module")
def pieces(backend: Any) -> list[Piece]:
    return list(backend.recognise(DEMO / "interview.mp3"))


@pytest.mark.parametrize("name", BACKENDS)
def test_the_table(name: str) -> None:
    assert load(BACKENDS, name).name == name
    for setting, default, text in import_module(BACKENDS[name].partition(":")[0]).SETTINGS:
        assert setting.isupper()
        assert isinstance(default, str)
        assert text.endswith(".")


@pytest.mark.parametrize("name", BACKENDS)
def test_without_settings_it_is_built_or_says_what_is_missing(name: str) -> None:
    try:
        built = load(BACKENDS, name).from_env({})
    except Unavailable as error:
        assert error.error_class in {"missing_key", "missing_package"}  # noqa: PT017  (being built is as right)
    else:
        assert built.model


def test_the_pieces_tile_the_recording(pieces: list[Piece]) -> None:
    assert pieces[0].start_s == 0.0
    assert pieces[-1].end_s == pytest.approx(93.34, abs=0.1)
    assert all(a.end_s == b.start_s for a, b in pairwise(pieces))
    assert [piece.index for piece in pieces] == list(range(len(pieces)))
    assert all(piece.end_s - piece.start_s <= 25 for piece in pieces)


def test_words_lie_in_their_piece_in_order(pieces: list[Piece]) -> None:
    for piece in pieces:
        assert all(piece.start_s <= w.start_s <= w.end_s <= piece.end_s for w in piece.words)
        assert all(a.end_s <= b.start_s for a, b in pairwise(piece.words))
        assert all(w.text.strip() == w.text != "" for w in piece.words)
        assert all(w.confidence is None or 0 <= w.confidence <= 1 for w in piece.words)


def test_it_continues_after_any_saved_piece(backend: Any, pieces: list[Piece]) -> None:
    for done in pieces[:-1]:
        again = backend.recognise(DEMO / "interview.mp3", skip_until_s=done.end_s, first_index=done.index + 1)
        assert next(again) == pieces[done.index + 1]
        again.close()


def test_nothing_after_the_end(backend: Any, pieces: list[Piece]) -> None:
    done = pieces[-1].end_s
    assert list(backend.recognise(DEMO / "interview.mp3", skip_until_s=done, first_index=9)) == []


def test_silence_is_a_piece_without_words(backend: Any, tmp_path: Path) -> None:
    path = write_sound(tmp_path / "s.wav", np.zeros(40 * 16_000, np.float32), 16_000, "pcm_s16le")
    found = list(backend.recognise(path))
    assert found[-1].end_s == 40.0
    assert [piece.words for piece in found] == [()] * len(found)


@pytest.mark.parametrize("duration_s", [0.05, 0.2, 0.31])
def test_a_very_short_recording(backend: Any, tmp_path: Path, duration_s: float) -> None:
    noise = np.random.default_rng(0).standard_normal(round(duration_s * 16_000)).astype(np.float32)
    (piece,) = backend.recognise(write_sound(tmp_path / "s.wav", noise * 0.1, 16_000, "pcm_s16le"))
    assert piece.end_s == pytest.approx(duration_s, abs=0.001)


def test_a_letter_is_refused(backend: Any, tmp_path: Path) -> None:
    letter = tmp_path / "letter.mp3"
    letter.write_text("Здравствуйте!\n" * 100, encoding="utf-8")
    with pytest.raises(InputRejected, match="not a sound or video file"):
        next(backend.recognise(letter))
