"""Any recording → what it is (`probe`) and 16 kHz mono float32, block by block (`stream`).

FFmpeg comes inside the PyAV wheel; nothing is installed on the system. Uploaded files are hostile until
proven otherwise: FFmpeg gets an open file and never a name, so nothing in the name is read as an address,
and only containers that can't point at other files are allowed (no playlists, no concat scripts).
Source: https://ffmpeg.org/ffmpeg-formats.html#Format-Options (format_whitelist, protocol_whitelist).
"""

from __future__ import annotations

import errno
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition

from providers import stopping
from providers.errors import InputRejected
from providers.resampling import Block, Resampler
from providers.types import SAMPLE_RATE_HZ, MediaInfo

BLOCK_SAMPLES = SAMPLE_RATE_HZ  # one second
CONTAINERS = (
    "aac,ac3,aiff,amr,amrnb,amrwb,ape,asf,asf_o,au,avi,caf,eac3,flac,flv,matroska,webm,mov,mp4,m4a,3gp,mp3,"
    "mpeg,mpegts,ogg,tta,w64,wav,wv"
)
MAGIC = (b"RIFF", b"OggS", b"fLaC", b"\x1aE\xdf\xa3", b"ID3", b"caff", b"FORM", b"FLV", b"#!AMR")
FIRST_PACKETS = 500  # how far the probe looks for the first sound it can decode
TAIL_S = 5.0  # the probe reads the packets of the last seconds
MISSING_SHARE = 0.05  # a file that lacks more of its announced length was cut
MAX_GAP_S = 6 * 3600  # silence a broken clock may add to a recording
MIN_DURATION_S = 0.1


def probe(path: Path) -> MediaInfo:
    """Opens the file, decodes its first sound, looks at its end. Reads little of a healthy file.

    Raises: InputRejected, with a reason of its own for each way a file can be unusable.
    """
    with _open(path) as container:
        audio = _audio_stream(container, path)
        _check_first_sound(container, audio, path)
        announced_s = _announced_s(container, audio)
        end_s = _end_s(container, audio, announced_s)
        _check_whole(path, announced_s, end_s)
        duration_s = announced_s or end_s
        if duration_s < MIN_DURATION_S:
            raise _no_sound(path)
        return MediaInfo(
            duration_s=duration_s,
            container=container.format.name,
            codec=audio.codec_context.name,
            sample_rate_hz=audio.codec_context.sample_rate,
            channels=audio.codec_context.channels,
            has_video=any(not _is_picture(video.disposition) for video in container.streams.video),
        )


def stream(path: Path, start_s: float = 0.0) -> Generator[Block]:
    """Yields the recording in blocks of one second (the last one is shorter), as 16 kHz mono.

    Positions follow the file's own clock, as a player shows it: a gap in the packets becomes silence. With
    `start_s` everything is decoded from the beginning and dropped until there: seeking in compressed audio
    lands on slightly different samples, and a resumed recognition must hear what the first one heard.

    Raises: InputRejected, Cancelled.
    """
    skip = round(start_s * SAMPLE_RATE_HZ)
    held: list[Block] = []
    n_held = 0
    with closing(_samples(path)) as samples:
        for part in samples:
            stopping.check()
            if skip >= part.size:
                skip -= part.size
                continue
            held.append(part[skip:])
            n_held += part.size - skip
            skip = 0
            if n_held >= BLOCK_SAMPLES:
                whole = np.concatenate(held)
                full = n_held - n_held % BLOCK_SAMPLES
                yield from np.split(whole[:full], full // BLOCK_SAMPLES)
                held, n_held = [whole[full:]], n_held - full
    if n_held:
        yield np.concatenate(held)


@contextmanager
def _open(path: Path) -> Iterator[InputContainer]:
    with path.open("rb") as file:
        if not path.stat().st_size:
            raise InputRejected("The file %(file)s is empty. Upload it again.", file=path.name)
        with _demuxer(file, path) as container:
            yield container


def _demuxer(file: IO[bytes], path: Path) -> InputContainer:
    head = file.read(12)
    file.seek(0)
    options = {"protocol_whitelist": "none", "format_whitelist": CONTAINERS}
    try:
        return av.open(file, mode="r", options=options, metadata_errors="ignore")
    except (av.error.FFmpegError, OSError, ValueError) as error:
        if head[4:8] == b"ftyp" or head.startswith(MAGIC):
            raise _cut(path) from error
        raise InputRejected(
            "%(file)s is not a sound or video file that can be read here. Upload MP3, M4A, WAV, OGG, FLAC, "
            "MP4, MOV, MKV or WebM.",
            file=path.name,
        ) from error


def _audio_stream(container: InputContainer, path: Path) -> AudioStream:
    if not container.streams.audio:
        if container.streams.video:
            raise InputRejected(
                "%(file)s is a video without sound. Upload a recording where people can be heard.",
                file=path.name,
            )
        raise _no_sound(path)
    audio = container.streams.best("audio") or container.streams.audio[0]
    # PyAV gives a stream without a context when FFmpeg knows no decoder for it.
    if not isinstance(audio, AudioStream) or audio.codec_context is None:
        raise _unreadable_codec(path)
    return audio


def _check_first_sound(container: InputContainer, audio: AudioStream, path: Path) -> None:
    packets = 0
    for packet in _packets(container, audio):
        packets += 1
        if any(frame.samples for frame in _decoded(packet)):
            return
        if packets >= FIRST_PACKETS:
            break
    raise _unreadable_codec(path) if packets > 1 else _no_sound(path)


def _announced_s(container: InputContainer, audio: AudioStream) -> float:
    """The length the header promises, 0.0 when it does not."""
    if audio.duration is not None and audio.time_base is not None:
        return float(audio.duration * audio.time_base)
    return (container.duration or 0) / av.time_base


def _end_s(container: InputContainer, audio: AudioStream, announced_s: float) -> float:
    """Where the last packet ends, seconds from the recording's start; a jump near the end, then packets."""
    origin_s = (container.start_time or 0) / av.time_base
    target_s = max(0.0, origin_s + announced_s - TAIL_S)
    try:
        container.seek(int(target_s * av.time_base))
    except (av.error.FFmpegError, OSError):
        container.seek(0)
    end_s = 0.0
    for packet in _packets(container, audio):
        if packet.pts is not None and packet.time_base is not None:
            end_s = max(end_s, float((packet.pts + (packet.duration or 0)) * packet.time_base) - origin_s)
    return end_s


def _check_whole(path: Path, announced_s: float, end_s: float) -> None:
    missing_s = announced_s - end_s
    if missing_s > max(TAIL_S, announced_s * MISSING_SHARE) or _is_cut_wav(path):
        raise _cut(path)


def _is_cut_wav(path: Path) -> bool:
    """FFmpeg quietly takes what is left of a WAV; its header still tells the whole size.

    Sizes near 2³² are what recorders write when they don't know. Source: RFC 2361, ITU-R BS.2088 §5.
    """
    with path.open("rb") as file:
        head = file.read(8)
    promised = int.from_bytes(head[4:8], "little")
    if not head.startswith(b"RIFF") or promised >= 0xFFFF_0000:
        return False
    return promised - path.stat().st_size > max(promised * MISSING_SHARE, 64_000)


def _samples(path: Path) -> Generator[Block]:
    """The sound as 16 kHz mono in parts of any size, with silence where the file's clock jumps."""
    with _open(path) as container:
        audio = _audio_stream(container, path)
        origin_s = (container.start_time or 0) / av.time_base
        resampler = Resampler()
        done = decoded = 0  # samples given out, samples that came from the file
        for packet in _packets(container, audio):
            for frame in _decoded(packet):
                gap = _gap(frame, origin_s, done + resampler.delay)
                if gap:
                    for part in resampler.drain():
                        done += part.size
                        decoded += part.size
                        yield part
                    yield from _silence(gap)
                    done += gap
                for part in resampler.push(frame):
                    done += part.size
                    decoded += part.size
                    yield part
        for part in resampler.flush():
            decoded += part.size
            yield part
        if not decoded:
            raise _unreadable_codec(path)


def _gap(frame: AudioFrame, origin_s: float, position: float) -> int:
    """Samples of silence between `position` and the frame's own time; 0 for jitter and nonsense."""
    if frame.time is None:
        return 0
    gap_s = frame.time - origin_s - position / SAMPLE_RATE_HZ
    return round(gap_s * SAMPLE_RATE_HZ) if 0.2 < gap_s < MAX_GAP_S else 0


def _silence(n: int) -> Iterator[Block]:
    for start in range(0, n, BLOCK_SAMPLES):
        yield np.zeros(min(BLOCK_SAMPLES, n - start), dtype=np.float32)


def _packets(container: InputContainer, audio: AudioStream) -> Iterator[Packet[AudioStream]]:
    """The stream's packets; a file that breaks off ends there."""
    packets = container.demux(audio)
    while True:
        try:
            packet = next(packets)
        except (StopIteration, EOFError, av.error.FFmpegError, OSError):
            return
        yield packet


def _decoded(packet: Packet[AudioStream]) -> list[AudioFrame]:
    """The packet's frames; none when it is damaged: the stream's clock turns the hole into silence."""
    try:
        return list(packet.decode())
    except (av.error.FFmpegError, EOFError, ValueError):
        return []
    except OSError as error:
        if error.errno in (errno.ENOMEM, errno.EIO):
            raise
        return []


def _is_picture(disposition: Disposition) -> bool:
    """Whether a "video" is the cover picture of an album."""
    return bool(disposition & Disposition.attached_pic)


def _cut(path: Path) -> InputRejected:
    return InputRejected(
        "%(file)s is incomplete: a part of it is missing. Upload it again, or repair it in an audio editor.",
        file=path.name,
    )


def _no_sound(path: Path) -> InputRejected:
    return InputRejected(
        "%(file)s contains no sound. Check the recording and upload it again.", file=path.name
    )


def _unreadable_codec(path: Path) -> InputRejected:
    return InputRejected(
        "The sound of %(file)s can't be decoded: it is damaged, encrypted or in an unknown format. "
        "Convert it to MP3, M4A or WAV and upload it again.",
        file=path.name,
    )
