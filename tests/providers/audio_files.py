"""Real media files for the tests, made with PyAV's own encoders."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

CODECS = {
    "mp3": ("libmp3lame", 44100),
    "m4a": ("aac", 44100),
    "ogg": ("libopus", 48000),
    "wav": ("pcm_s16le", 44100),
    "flac": ("flac", 44100),
    "webm": ("libopus", 48000),
    "mp4": ("aac", 48000),
}


def tone(duration_s: float, rate_hz: int, pitch_hz: float = 440.0) -> NDArray[np.float32]:
    moments = np.arange(round(duration_s * rate_hz)) / rate_hz
    return (0.3 * np.sin(2 * np.pi * pitch_hz * moments)).astype(np.float32)


def write_sound(
    path: Path, samples: NDArray[np.float32], rate_hz: int, codec: str, options: dict[str, str] | None = None
) -> Path:
    """Mono float samples as a file whose container follows from the name."""
    with av.open(path, "w", options=options or {}) as container:
        stream = container.add_stream(codec, rate=rate_hz, layout="mono")
        for start in range(0, samples.size, 4096):
            part = np.ascontiguousarray(samples[None, start : start + 4096])
            frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = rate_hz, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def write_tone(path: Path, duration_s: float) -> Path:
    codec, rate_hz = CODECS[path.suffix[1:]]
    return write_sound(path, tone(duration_s, rate_hz), rate_hz, codec)


def write_video(path: Path, duration_s: float, *, sound: bool) -> Path:
    """A grey picture at 5 frames a second, with or without a tone."""
    with av.open(path, "w") as container:
        video = container.add_stream("mpeg4", rate=5, width=64, height=48, pix_fmt="yuv420p")
        audio = container.add_stream("aac", rate=48000, layout="mono") if sound else None
        for number in range(round(duration_s * 5)):
            picture = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 128, np.uint8), format="rgb24")
            picture.pts = number
            container.mux(video.encode(picture))
        container.mux(video.encode(None))
        if audio is not None:
            samples = tone(duration_s, 48000)
            for start in range(0, samples.size, 1024):
                part = np.ascontiguousarray(samples[None, start : start + 1024])
                frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="mono")
                frame.sample_rate, frame.pts = 48000, start
                container.mux(audio.encode(frame))
            container.mux(audio.encode(None))
    return path
