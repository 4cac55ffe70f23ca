"""Long recordings for measurements: the bundled interview again and again, as a real compressed file."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np

from automation.toolbox import DEMO_INTERVIEW
from providers import audio
from providers.types import SAMPLE_RATE_HZ

CODECS = {".mp3": ("libmp3lame", 16_000, 576), ".ogg": ("libopus", 48_000, 960)}  # rate, samples of a packet
BIT_RATE = 64_000


def glue(target: Path, minutes: float) -> float:
    """Writes about so many minutes; the seconds it became. The interview is encoded once, written often."""
    codec, rate_hz, step = CODECS[target.suffix]
    sound = np.concatenate(list(audio.stream(DEMO_INTERVIEW)))
    times = max(1, round(minutes * 60 * SAMPLE_RATE_HZ / sound.size))
    with av.open(str(target), "w") as file:
        track = file.add_stream(codec, rate=rate_hz, layout="mono")
        track.bit_rate = BIT_RATE
        packets = [bytes(packet) for packet in _encoded(track, sound)]
        for number in range(times * len(packets)):
            packet = av.Packet(packets[number % len(packets)])
            packet.stream, packet.time_base, packet.duration = track, track.codec_context.time_base, step
            packet.pts = packet.dts = number * step
            file.mux(packet)
    return times * len(packets) * step / rate_hz


def _encoded(track, sound):
    whole = (np.clip(sound, -1, 1) * 32767).astype(np.int16)
    for start in range(0, whole.size, SAMPLE_RATE_HZ):
        frame = av.AudioFrame.from_ndarray(
            whole[None, start : start + SAMPLE_RATE_HZ], format="s16", layout="mono"
        )
        frame.sample_rate, frame.pts = SAMPLE_RATE_HZ, start
        yield from track.encode(frame)
    yield from track.encode(None)
