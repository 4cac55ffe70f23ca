"""What a voice sounds like, in numbers: cepstra and pitch of every 10 ms. Nothing else is kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dct

from providers.types import SAMPLE_RATE_HZ

HOP = SAMPLE_RATE_HZ // 100
WINDOW = 640  # 40 ms: two periods of the deepest voice
FFT = 1024  # ≥ window + longest period, so the autocorrelation does not wrap around
MELS = 32
CEPSTRA = 20
LOWEST_HZ, HIGHEST_HZ = 60, 400  # of the pitch
VOICED = 0.5  # autocorrelation of a frame that has a pitch

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Frames:
    """Features of n frames of 10 ms."""

    cepstra: NDArray[np.float16]  # (n, 20)
    level_db: Array  # (n,) re full scale
    pitch: Array  # (n,) ln Hz, nan where there is none


def frames_of(blocks: Iterable[Array]) -> Frames:
    """Reads the stream once and holds its features only: 17 MB for an hour."""
    parts: list[tuple[NDArray[np.float16], Array, Array]] = []
    tail = np.zeros(0, np.float32)
    for block in blocks:
        held = np.concatenate([tail, block])
        n = max(0, (held.size - WINDOW) // HOP + 1)
        if n:
            parts.append(_features(np.lib.stride_tricks.sliding_window_view(held, WINDOW)[::HOP][:n]))
        tail = held[n * HOP :]
    if not parts:
        return Frames(np.zeros((0, CEPSTRA), np.float16), np.zeros(0, np.float32), np.zeros(0, np.float32))
    cepstra, level_db, pitch = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Frames(cepstra, level_db, pitch)


def _features(windows: Array) -> tuple[NDArray[np.float16], Array, Array]:
    """`windows` (n, 640) → cepstra (n, 20), level (n,), pitch (n,)."""
    windows = windows - windows.mean(axis=1, keepdims=True)
    power = np.abs(np.fft.rfft(windows * _HANN, FFT)) ** 2
    mels = np.log(power @ _MEL_WEIGHTS + 1e-7)
    cepstra = dct(mels, type=2, axis=1, norm="ortho")[:, :CEPSTRA]
    level_db = 10 * np.log10(np.mean(windows**2, axis=1) + 1e-12)
    return cepstra.astype(np.float16), level_db.astype(np.float32), _pitch(power)


def _pitch(power: NDArray[np.float64]) -> Array:
    """The strongest period, with the window's own autocorrelation divided out (Boersma 1993)."""
    correlation = np.fft.irfft(power, FFT, axis=1)
    shortest, longest = SAMPLE_RATE_HZ // HIGHEST_HZ, SAMPLE_RATE_HZ // LOWEST_HZ
    lags = correlation[:, shortest : longest + 1] / (correlation[:, :1] + 1e-9)
    lags = lags / _HANN_CORRELATION[shortest : longest + 1]
    # Doubled periods score as high as the true one; a slope of a few per cent prefers the short.
    best = (lags * np.linspace(1.0, 0.9, lags.shape[1])).argmax(axis=1)
    pitch = np.log(SAMPLE_RATE_HZ / (best + shortest))
    strength = np.take_along_axis(lags, best[:, None], axis=1)[:, 0]
    return np.where(strength > VOICED, pitch, np.nan).astype(np.float32)


def _mel_weights() -> NDArray[np.float64]:
    """Triangular filters (513, 32), 60–7600 Hz, HTK's scale."""
    mels = np.linspace(_mel(60.0), _mel(7600.0), MELS + 2)
    edges = 700 * (10 ** (mels / 2595) - 1)
    bins = np.arange(FFT // 2 + 1) * SAMPLE_RATE_HZ / FFT
    rising = (bins[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins[:, None]) / (edges[2:] - edges[1:-1])
    weights: NDArray[np.float64] = np.maximum(0.0, np.minimum(rising, falling))
    return weights


def _mel(hertz: float) -> float:
    return 2595 * float(np.log10(1 + hertz / 700))


def _hann_correlation() -> NDArray[np.float64]:
    correlation: NDArray[np.float64] = np.fft.irfft(np.abs(np.fft.rfft(_HANN, FFT)) ** 2, FFT)
    return np.asarray(correlation / correlation[0], dtype=np.float64)


_HANN = np.hanning(WINDOW)
_HANN_CORRELATION = _hann_correlation()
_MEL_WEIGHTS = _mel_weights()
