"""Synthetic speech and its features: espeak-ng voices, mp3 round trips, GigaAM v3 log-mels.

Waveforms are mono float32 in -1..1. Source: espeak-ng(1) for the voice, speed (words per minute) and pitch
(0-99) options; onnx-asr's NumPy preprocessor `gigaam_v3` for the features (n_fft = window = 320, hop 160, no
centring, 64 mels, natural logarithm clamped at 1e-9).
"""

from __future__ import annotations

import io
import random
import subprocess
import wave
from dataclasses import dataclass
from functools import cache

import av
import numpy as np
import numpy.typing as npt
from onnx_asr.preprocessors.numpy_preprocessor import GigaamPreprocessorNumpy

Audio = npt.NDArray[np.float32]

RATE = 16_000
MEL_FLOOR = float(np.log(1e-9))
FEMALE = "ru+f3"
MALE = "ru"
#: (voice, lowest pitch, highest pitch, share of the training speech).
VOICES = [(MALE, 30, 60, 0.40), (FEMALE, 45, 75, 0.40), ("ru+m3", 30, 60, 0.10), ("ru+f2", 40, 70, 0.10)]


@dataclass(frozen=True)
class Delivery:
    """How a sentence is spoken: voice name, words per minute, pitch 0-99."""

    voice: str
    speed: int
    pitch: int


def random_delivery(rng: random.Random) -> Delivery:
    """A delivery drawn from the training range."""
    voice, low, high, _ = rng.choices(VOICES, weights=[share for *_, share in VOICES])[0]
    return Delivery(voice, rng.randint(120, 175), rng.randint(low, high))


def espeak(text: str, how: Delivery) -> tuple[Audio, int]:
    """Speak a text; returns the waveform and espeak-ng's own sample rate (22050 Hz)."""
    command = ["espeak-ng", "-v", how.voice, "-s", str(how.speed), "-p", str(how.pitch), "--stdout"]
    sound = subprocess.run([*command, "--", text], capture_output=True, check=True).stdout
    with wave.open(io.BytesIO(sound)) as reader:
        rate = reader.getframerate()
    samples = np.frombuffer(sound[44:], dtype="<i2").astype(np.float32) / 32768
    return samples, rate


def resample(audio: Audio, rate: int, target: int = RATE) -> Audio:
    """The waveform at `target` Hz, through FFmpeg's resampler."""
    if rate == target:
        return audio
    frame = av.AudioFrame.from_ndarray(audio[None], format="fltp", layout="mono")
    frame.sample_rate = rate
    resampler = av.AudioResampler(format="fltp", layout="mono", rate=target)
    frames = [*resampler.resample(frame), *resampler.resample(None)]
    return np.concatenate([part.to_ndarray()[0] for part in frames])


def encode_mp3(audio: Audio, rate: int, kbit: int, title: str = "") -> bytes:
    """Mono mp3 bytes; `rate` must be one that mp3 knows."""
    sink = io.BytesIO()
    with av.open(sink, "w", format="mp3") as container:
        container.metadata["title"] = title
        stream = container.add_stream("libmp3lame", rate=rate, layout="mono")
        stream.bit_rate = kbit * 1000
        samples = (np.clip(audio, -1, 1) * 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples[None], format="s16p", layout="mono")
        frame.sample_rate = rate
        container.mux([*stream.encode(frame), *stream.encode(None)])
    return sink.getvalue()


def decode(data: bytes) -> Audio:
    """Any audio file's bytes as mono 16 kHz."""
    resampler = av.AudioResampler(format="fltp", layout="mono", rate=RATE)
    with av.open(io.BytesIO(data)) as container:
        frames = [part for frame in container.decode(audio=0) for part in resampler.resample(frame)]
    return np.concatenate([part.to_ndarray()[0] for part in [*frames, *resampler.resample(None)]])


def trim(audio: Audio, level: float = 2e-3, margin: int = 480) -> Audio:
    """The waveform without the silence at its ends; `margin` samples stay."""
    loud = np.flatnonzero(np.abs(audio) > level)
    return audio[max(0, loud[0] - margin) : loud[-1] + margin] if loud.size else audio


@cache
def preprocessor() -> GigaamPreprocessorNumpy:
    """onnx-asr's own GigaAM v3 front end."""
    return GigaamPreprocessorNumpy("gigaam_v3")


def features(audio: Audio) -> Audio:
    """Log-mels (64, frames) of a 16 kHz waveform, 100 frames a second."""
    mels, _ = preprocessor()(audio[None].astype(np.float32), np.array([len(audio)]))
    return mels[0].astype(np.float32)


def speak(text: str, how: Delivery, mp3_kbit: int = 0) -> Audio:
    """Speech at 16 kHz without outer silence; `mp3_kbit` > 0 sends it through an mp3 first."""
    audio, rate = espeak(text, how)
    audio = trim(resample(audio, rate))
    if mp3_kbit:
        audio = trim(decode(encode_mp3(audio, RATE, mp3_kbit)))
    return audio
