"""FFmpeg's frames of any kind → 16 kHz mono float32."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from providers.types import SAMPLE_RATE_HZ

Block = NDArray[np.float32]  # float32 (n,), mono, −1..1, 16 kHz

TURNED_ROUND = 4.0  # times the power (6 dB): two people on two channels make both alike


class Resampler:
    """FFmpeg's resampler, made anew when the frames change their rate or layout in mid-file.

    Frames are gathered to a second: a frame of 20 ms costs more to hand over than to convert. Goes through
    16-bit: with float output FFmpeg does not normalise the down-mix and it may clip.
    """

    def __init__(self) -> None:
        self._shape: tuple[str, str, int] | None = None
        self._channels = 1
        self._is_turned = False
        self._renew()

    def _renew(self) -> None:
        layout = "stereo" if self._channels == 2 else "mono"
        self._inner = AudioResampler(format="s16", layout=layout, rate=SAMPLE_RATE_HZ)
        self._gathered = AudioFifo()
        self.delay = 0.0  # samples swallowed and not given back yet

    def push(self, frame: AudioFrame) -> Iterator[Block]:
        """The samples that are ready."""
        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        if self._shape != shape:
            yield from self.flush()
            self._shape, self._channels = shape, frame.layout.nb_channels
            self._renew()
        self.delay += frame.samples * SAMPLE_RATE_HZ / frame.sample_rate
        frame.pts = None  # the clock is followed by the caller
        self._gathered.write(frame)
        if self._gathered.samples >= frame.sample_rate:
            yield from self.drain()

    def drain(self) -> Iterator[Block]:
        """What was gathered."""
        frame = self._gathered.read() if self._gathered.samples else None
        if frame is not None:
            yield from self._convert(frame)

    def flush(self) -> Iterator[Block]:
        """What is left inside; afterwards another kind of frame may come."""
        if self._shape is not None:
            yield from self.drain()
            yield from self._convert(None)
        self._shape = None

    def _convert(self, frame: AudioFrame | None) -> Iterator[Block]:
        for out in self._inner.resample(frame):
            self.delay -= out.samples
            channels = out.layout.nb_channels
            # The plane may be longer than the samples.
            whole = np.frombuffer(memoryview(out.planes[0]), np.int16)[: out.samples * channels]
            scaled = whole.astype(np.float32) / np.float32(32768)
            yield scaled if channels == 1 else self._down(scaled.reshape(-1, 2))

    def _down(self, stereo: NDArray[np.float32]) -> Block:
        """(n, 2) → (n,): the mean; half the difference where one channel is the other turned round.

        A microphone with crossed wires records so, and the mean would be silence.
        """
        half = stereo * np.float32(0.5)
        mean, difference = half[:, 0] + half[:, 1], half[:, 0] - half[:, 1]
        mean_power, difference_power = float(mean @ mean), float(difference @ difference)
        if difference_power > TURNED_ROUND * mean_power:
            self._is_turned = True
        elif mean_power > TURNED_ROUND * difference_power:
            self._is_turned = False
        return difference if self._is_turned else mean
