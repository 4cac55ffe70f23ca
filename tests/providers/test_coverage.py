"""The coverage record on made recordings: what sounds, what became words, what did not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from demo.corpus import HELD_OUT
from providers import audio
from providers.coverage import Coverage, Gap
from providers.coverage import coverage_of as coverage_at
from providers.levels import levels_db
from providers.speech.gigaam_onnx import GigaamOnnx
from providers.speech.spans import louder
from providers.types import SAMPLE_RATE_HZ, Word
from tests.providers.audio_files import write_sound
from tests.providers.voices import FEMALE, MALE, RATE_HZ, say

Sound = NDArray[np.float32]
MODEL = Path(__file__).parents[2] / "demo" / "model"
SPEECH_LEVEL, ROOM_LEVEL = 0.1, 0.0005


def noise(
    duration_s: float, level: float = SPEECH_LEVEL, rate_hz: int = SAMPLE_RATE_HZ, seed: int = 0
) -> Sound:
    samples = np.random.default_rng(seed).standard_normal(round(duration_s * rate_hz))
    return (level * samples).astype(np.float32)


def speech(duration_s: float, level: float = SPEECH_LEVEL) -> Sound:
    """Noise that pauses for half a second every two seconds, in a room that is never quite silent."""
    samples = noise(duration_s, level)
    pausing = (np.arange(samples.size) / SAMPLE_RATE_HZ) % 2.0 > 1.5
    samples[pausing] *= np.float32(ROOM_LEVEL / level)
    return samples


def room(duration_s: float) -> Sound:
    return noise(duration_s, ROOM_LEVEL)


def blocks(*parts: Sound) -> Iterator[Sound]:
    whole = np.concatenate(parts)
    for start in range(0, whole.size, SAMPLE_RATE_HZ):
        yield whole[start : start + SAMPLE_RATE_HZ]


def coverage_of(sound: Iterable[Sound], words: Iterable[Word]) -> Coverage:
    return coverage_at(levels_db(sound), [(word.start_s, word.end_s) for word in words])


def every_half_second(start_s: float, end_s: float) -> list[Word]:
    return [Word("да", float(at), float(at) + 0.4, 0.9) for at in np.arange(start_s, end_s, 0.5)]


def test_words_everywhere() -> None:
    found = coverage_of(blocks(noise(10)), every_half_second(0, 10))
    assert found.gaps == ()
    assert found.share == 1.0


def test_sound_without_words_is_a_gap() -> None:
    sound = blocks(speech(5), room(4), noise(6, seed=2), room(4))
    found = coverage_of(sound, every_half_second(0, 5))
    (gap,) = found.gaps
    assert gap.start_s == pytest.approx(9.0, abs=0.6)
    assert gap.end_s == pytest.approx(15.0, abs=0.6)


def test_a_quiet_room_is_not_sound() -> None:
    found = coverage_of(
        blocks(speech(5), room(30), speech(5)), every_half_second(0, 5) + every_half_second(35, 40)
    )
    assert found.gaps == ()
    assert found.sounding_s == pytest.approx(8, abs=1.5)
    assert found.share > 0.97


def test_a_whisper_is_sound() -> None:
    sound = blocks(speech(5), room(3), noise(4, 0.002), room(3))
    (gap,) = coverage_of(sound, every_half_second(0, 5)).gaps
    assert gap.start_s == pytest.approx(8.0, abs=0.6)


def test_short_sounds_count_but_are_not_listed() -> None:
    sound = blocks(speech(5), room(4), noise(1), room(4))
    found = coverage_of(sound, every_half_second(0, 5))
    assert found.gaps == ()
    assert found.sounding_s - found.recognised_s == pytest.approx(1.0, abs=0.3)


def test_sentences_with_pauses_are_one_gap() -> None:
    """Each is shorter than a gap has to be; together they are a lost answer."""
    (gap,) = coverage_of(blocks(speech(25)), every_half_second(0, 5)).gaps
    assert gap.start_s == pytest.approx(5.4, abs=0.7)
    assert gap.end_s == pytest.approx(25, abs=0.7)


def test_drowned_words_hide_no_other_sound() -> None:
    """Nothing stands out of the noise, so all of it counts."""
    (gap,) = coverage_of(blocks(noise(20)), every_half_second(0, 10)).gaps
    assert (gap.start_s, gap.end_s) == (pytest.approx(10, abs=0.5), 20.0)


def test_a_recording_without_words_is_one_gap() -> None:
    found = coverage_of(blocks(noise(8)), [])
    assert found.gaps == (Gap(0.0, 8.0),)
    assert (found.recognised_s, found.share) == (0.0, 0.0)


@pytest.mark.parametrize("seconds", [0.0, 0.001, 0.3, 60.0])
def test_silence_is_covered(seconds: float) -> None:
    silence = np.zeros(round(seconds * SAMPLE_RATE_HZ), np.float32)
    assert coverage_of(iter([silence]), []) == Coverage(0.0, 0.0, ())
    assert coverage_of(iter([]), []).share == 1.0


def test_words_beyond_the_end_are_harmless() -> None:
    assert coverage_of(blocks(noise(5)), every_half_second(0, 9)).share == 1.0


def test_louder_never_clips_and_never_lowers() -> None:
    assert np.sqrt(np.mean(louder(noise(1, 0.005)) ** 2)) == pytest.approx(0.1, rel=0.01)
    click = np.zeros(16_000, np.float32)
    click[100] = 0.9
    assert np.abs(louder(click)).max() <= 0.991
    for untouched in (noise(1, 0.3), np.zeros(100, np.float32), np.zeros(0, np.float32)):
        assert louder(untouched) is untouched


# With the demonstration model


@pytest.fixture(scope="module")
def backend() -> GigaamOnnx:
    built = GigaamOnnx("gigaam-v3-e2e-ctc", folder=MODEL, device="cpu", threads=2)
    built.prepare()
    return built


def talk(sentences: int = 12, pause_s: float = 0.3, first: int = 0) -> Sound:
    """Held-out sentences by two voices, 22 050 Hz."""
    pause = np.zeros(round(pause_s * RATE_HZ), np.float32)
    spoken = [say(text, (MALE, FEMALE)[n % 2]) for n, text in enumerate(HELD_OUT[first : first + sentences])]
    return np.concatenate([part for sound in spoken for part in (sound, pause)])


def covered(backend: GigaamOnnx, path: Path) -> tuple[Coverage, list[Word]]:
    words = [word for piece in backend.recognise(path) for word in piece.words]
    return coverage_of(audio.stream(path), words), words


def again_in(backend: GigaamOnnx, path: Path, spans: list[tuple[float, float]]) -> list[Word]:
    return [word for words in backend.recognise_spans(path, spans) for word in words]


def with_noise(snr_db: float) -> Callable[[Sound], Sound]:
    def add(speech: Sound) -> Sound:
        level = np.sqrt(np.mean(speech[np.abs(speech) > 1e-3] ** 2)) / 10 ** (snr_db / 20)
        return speech + noise(speech.size / RATE_HZ, float(level), RATE_HZ)[: speech.size]

    return add


def telephone(speech: Sound) -> Sound:
    spectrum = np.fft.rfft(speech)
    pitch = np.fft.rfftfreq(speech.size, 1 / RATE_HZ)
    spectrum[(pitch < 300) | (pitch > 3400)] = 0
    return np.fft.irfft(spectrum, speech.size).astype(np.float32)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "least"),
    [
        (lambda speech: speech, 0.99),
        (telephone, 0.95),
        (lambda speech: np.clip(speech * 8, -0.9, 0.9), 0.95),
        (lambda speech: speech * np.float32(0.02), 0.95),
        (with_noise(20), 0.95),
        (with_noise(10), 0.8),
        (with_noise(0), 0.0),
    ],
    ids=["clean", "telephone", "clipped", "far", "20 dB", "10 dB", "0 dB"],
)
def test_speech_is_covered(
    backend: GigaamOnnx, tmp_path: Path, change: Callable[[Sound], Sound], least: float
) -> None:
    path = write_sound(tmp_path / "talk.wav", change(talk()), RATE_HZ, "pcm_s16le")
    found, _ = covered(backend, path)
    assert found.share >= least
    assert found.sounding_s > 15
    lost_s = sum(gap.end_s - gap.start_s for gap in found.gaps)
    assert lost_s >= 0.5 * (found.sounding_s - found.recognised_s) - 2.0


@pytest.mark.slow
@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 16_000, 44_100, 48_000])
def test_any_sample_rate_is_covered(backend: GigaamOnnx, tmp_path: Path, rate_hz: int) -> None:
    speech = talk(6)
    moments = np.arange(0, speech.size / RATE_HZ, 1 / rate_hz)
    resampled = np.interp(moments, np.arange(speech.size) / RATE_HZ, speech).astype(np.float32)
    found, words = covered(backend, write_sound(tmp_path / "t.wav", resampled, rate_hz, "pcm_s16le"))
    assert found.share >= 0.95
    assert len(words) > 15


@pytest.mark.slow
def test_a_speaker_on_each_channel(backend: GigaamOnnx, tmp_path: Path) -> None:
    left, right = talk(6), talk(6, first=6)
    samples = np.zeros((2, left.size + right.size), np.float32)
    samples[0, : left.size], samples[1, left.size :] = left, right
    found, words = covered(backend, write_stereo(tmp_path / "two.wav", samples))
    assert found.share >= 0.95
    assert any(word.start_s > left.size / RATE_HZ + 1 for word in words)


def write_stereo(path: Path, samples: Sound) -> Path:
    with av.open(path, "w") as container:
        stream = container.add_stream("pcm_s16le", rate=RATE_HZ, layout="stereo")
        interleaved = (np.clip(samples.T, -1, 1) * 32767).astype(np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(interleaved), format="s16", layout="stereo")
        frame.sample_rate = RATE_HZ
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.mark.slow
def test_three_minutes_without_a_pause(backend: GigaamOnnx, tmp_path: Path) -> None:
    speech = talk(60, 0.0)
    spoken = speech[np.convolve(np.abs(speech), np.ones(2000), "same") > 2.0]
    assert spoken.size > 180 * RATE_HZ
    found, words = covered(backend, write_sound(tmp_path / "m.flac", spoken, RATE_HZ, "flac"))
    assert found.share >= 0.98
    assert len(words) > 250


def music(duration_s: float) -> Sound:
    """A tune of plain tones, half a second each."""
    tune = np.random.default_rng(3).choice([262, 294, 330, 392, 440], round(duration_s * 2))
    beat = np.arange(RATE_HZ // 2) / RATE_HZ
    notes = [0.15 * np.sin(2 * np.pi * pitch * beat) * np.exp(-2 * beat) for pitch in tune]
    return np.concatenate(notes).astype(np.float32)


def applause(duration_s: float) -> Sound:
    claps = np.random.default_rng(4).uniform(0.2, 1.0, round(duration_s * 40))
    loudness = np.repeat(claps, RATE_HZ // 40).astype(np.float32)
    return loudness * noise(duration_s, 0.1, RATE_HZ)[: loudness.size]


@pytest.mark.slow
@pytest.mark.parametrize("make", [music, applause])
def test_what_is_not_speech_is_listed_or_has_words(
    backend: GigaamOnnx, tmp_path: Path, make: Callable[[float], Sound]
) -> None:
    """Nothing is dropped in silence: the stretch is in the record, unless the model put words there."""
    before = talk(4)
    whole = np.concatenate([before, make(12.0), talk(4, first=4)])
    found, words = covered(backend, write_sound(tmp_path / "s.wav", whole, RATE_HZ, "pcm_s16le"))
    from_s = before.size / RATE_HZ
    listed_s = sum(min(g.end_s, from_s + 12) - max(g.start_s, from_s) for g in found.gaps)
    inside = [word for word in words if from_s + 1 < word.start_s < from_s + 11]
    assert listed_s > 8 or len(inside) > 2


@pytest.mark.slow
def test_a_lost_stretch_is_heard_again(backend: GigaamOnnx, tmp_path: Path) -> None:
    """Words taken out of the transcript are found missing, and found again where they were."""
    path = write_sound(tmp_path / "talk.wav", talk(14), RATE_HZ, "pcm_s16le")
    _, words = covered(backend, path)
    lost = [word for word in words if 8.0 < word.start_s < 30.0]
    record = coverage_of(audio.stream(path), [word for word in words if word not in lost])
    assert len(record.gaps) >= 1
    again = again_in(backend, path, [(gap.start_s, gap.end_s) for gap in record.gaps])
    assert all(a.end_s <= b.start_s for a, b in pairwise(again))
    near = [w for w in lost if any(w.text == a.text and abs(w.start_s - a.start_s) <= 0.2 for a in again)]
    assert len(near) >= 0.9 * len(lost)


@pytest.mark.slow
def test_a_whispered_sentence_is_heard_again(backend: GigaamOnnx, tmp_path: Path) -> None:
    before, quiet = talk(4), talk(4, first=4) * np.float32(0.004)
    path = write_sound(
        tmp_path / "w.flac", np.concatenate([before, quiet, talk(4, first=8)]), RATE_HZ, "flac"
    )
    from_s, until_s = before.size / RATE_HZ, (before.size + quiet.size) / RATE_HZ
    assert len(again_in(backend, path, [(from_s, until_s)])) >= 8
