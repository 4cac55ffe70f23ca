from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest

from providers import audio
from providers.errors import InputRejected
from tests.providers.audio_files import CODECS, tone, write_sound, write_tone, write_video


def whole(path: Path, start_s: float = 0.0) -> np.ndarray:
    return np.concatenate([*audio.stream(path, start_s), np.zeros(0, np.float32)])


@pytest.mark.parametrize("kind", CODECS)
def test_a_healthy_file_is_described_and_decoded(tmp_path: Path, kind: str) -> None:
    path = write_tone(tmp_path / f"tone.{kind}", 7.0)
    info = audio.probe(path)
    assert info.duration_s == pytest.approx(7.0, abs=0.1)
    assert (info.channels, info.has_video) == (1, False)
    samples = whole(path)
    assert samples.dtype == np.float32
    assert samples.size == pytest.approx(7.0 * 16_000, abs=1600)
    spectrum = np.abs(np.fft.rfft(samples))
    assert spectrum.argmax() * 16_000 / samples.size == pytest.approx(440, abs=1)
    assert np.sqrt(np.mean(samples**2)) == pytest.approx(0.3 / np.sqrt(2), abs=0.03)


def test_blocks_are_one_second_long(tmp_path: Path) -> None:
    blocks = list(audio.stream(write_tone(tmp_path / "a.mp3", 3.5)))
    assert [block.size for block in blocks[:3]] == [16_000] * 3
    assert 0 < blocks[-1].size < 16_000


def test_starting_later_hears_the_same_samples(tmp_path: Path) -> None:
    path = write_tone(tmp_path / "a.mp3", 6.0)
    np.testing.assert_array_equal(whole(path, 2.34), whole(path)[round(2.34 * 16_000) :])


def test_starting_after_the_end_gives_nothing(tmp_path: Path) -> None:
    assert whole(write_tone(tmp_path / "a.wav", 1.0), 5.0).size == 0


def test_a_video_with_sound(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4", 4.0, sound=True)
    assert audio.probe(path).has_video
    assert whole(path).size == pytest.approx(4.0 * 16_000, abs=1600)


def test_stereo_is_mixed_without_clipping(tmp_path: Path) -> None:
    import wave

    left = np.full(16_000, 30_000, np.int16)
    with wave.open(str(tmp_path / "s.wav"), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(16_000)
        out.writeframes(np.column_stack([left, left]).tobytes())
    samples = whole(tmp_path / "s.wav")
    assert samples[8000] == pytest.approx(30_000 / 32_768, abs=0.01)


def test_a_clock_that_jumps_becomes_silence(tmp_path: Path) -> None:
    """A recorder that paused: packets for 2 s, nothing for 3 s, packets again."""
    import av

    path = tmp_path / "paused.mkv"
    with av.open(path, "w") as container:
        stream = container.add_stream("pcm_s16le", rate=16_000, layout="mono")
        for second in (0, 1, 5, 6):
            frame = av.AudioFrame.from_ndarray(tone(1.0, 16_000)[None], format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 16_000, second * 16_000
            for packet in stream.encode(frame):
                packet.pts = packet.dts = second * 16_000
                container.mux(packet)
    samples = whole(path)
    assert samples.size == pytest.approx(7 * 16_000, abs=800)
    assert not samples[int(2.2 * 16_000) : int(4.8 * 16_000)].any()
    assert samples[6 * 16_000 :].any()


def rejected(path: Path) -> InputRejected:
    with pytest.raises(InputRejected) as caught:
        audio.probe(path)
    assert caught.value.params == {"file": path.name}
    return caught.value


def test_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "empty.mp3"
    path.touch()
    assert "is empty" in str(rejected(path))


def test_a_text_called_mp3(tmp_path: Path) -> None:
    path = tmp_path / "letter.mp3"
    path.write_text("Здравствуйте!\n" * 300, encoding="utf-8")
    assert "not a sound or video file" in str(rejected(path))


def test_noise_called_mp3(tmp_path: Path) -> None:
    path = tmp_path / "noise.mp3"
    path.write_bytes(np.random.default_rng(1).bytes(200_000))
    rejected(path)


def test_a_video_without_sound(tmp_path: Path) -> None:
    assert "video without sound" in str(rejected(write_video(tmp_path / "mute.mp4", 2.0, sound=False)))


@pytest.mark.parametrize("kind", ["mp3", "m4a", "wav", "flac", "webm"])
def test_half_a_file_is_incomplete(tmp_path: Path, kind: str) -> None:
    data = write_tone(tmp_path / f"whole.{kind}", 60.0).read_bytes()
    cut = tmp_path / f"cut.{kind}"
    cut.write_bytes(data[: len(data) // 2])
    assert "is incomplete" in str(rejected(cut))


def test_half_an_mp4_whose_index_comes_first(tmp_path: Path) -> None:
    options = {"movflags": "+faststart"}
    data = write_sound(tmp_path / "w.mp4", tone(60, 48_000), 48_000, "aac", options).read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(data[: len(data) // 2])
    assert "is incomplete" in str(rejected(cut))


def test_half_an_ogg_is_a_shorter_recording(tmp_path: Path) -> None:
    """Ogg has no length in its header, nothing tells it from a recorder that was switched off."""
    data = write_tone(tmp_path / "whole.ogg", 60.0).read_bytes()
    cut = tmp_path / "cut.ogg"
    cut.write_bytes(data[: len(data) // 2])
    assert audio.probe(cut).duration_s == pytest.approx(30, abs=3)


def test_an_mp3_without_a_length_in_its_header(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.mp3", tone(30, 44_100), 44_100, "libmp3lame", {"write_xing": "0"})
    assert audio.probe(path).duration_s == pytest.approx(30, abs=0.5)


def test_a_header_without_sound(tmp_path: Path) -> None:
    data = write_tone(tmp_path / "a.wav", 1.0).read_bytes()
    path = tmp_path / "header.wav"
    path.write_bytes(data[: data.index(b"data")] + b"data\0\0\0\0")
    assert "contains no sound" in str(rejected(path))


def test_an_unknown_codec(tmp_path: Path) -> None:
    data = bytearray(write_tone(tmp_path / "a.wav", 1.0).read_bytes())
    data[20:22] = b"\x99\x99"  # the format tag of the fmt chunk
    path = tmp_path / "strange.wav"
    path.write_bytes(data)
    assert "can't be decoded" in str(rejected(path))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("list.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{target}\n#EXT-X-ENDLIST\n"),
        ("list.mp3", "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{target}\n#EXT-X-ENDLIST\n"),
        ("list.txt", "ffconcat version 1.0\nfile '{target}'\n"),
        ("list.sdp", "v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n"),
    ],
)
def test_files_that_point_elsewhere_are_refused(tmp_path: Path, name: str, text: str) -> None:
    target = write_tone(tmp_path / "secret.mp3", 2.0)
    path = tmp_path / name
    path.write_text(text.format(target=target), encoding="utf-8")
    assert "not a sound or video file" in str(rejected(path))


def test_a_name_that_looks_like_an_address(tmp_path: Path) -> None:
    path = tmp_path / "http:" / "tone.wav"
    path.parent.mkdir()
    write_tone(tmp_path / "tone.wav", 1.0).rename(path)
    assert audio.probe(path).duration_s == pytest.approx(1.0)


def test_damage_in_the_middle_keeps_the_clock(tmp_path: Path) -> None:
    path = write_tone(tmp_path / "a.mp3", 20.0)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 4000] = bytes(4000)
    path.write_bytes(data)
    assert whole(path).size == pytest.approx(20 * 16_000, abs=2 * 16_000)


def test_the_probe_reads_little_of_a_long_file(tmp_path: Path) -> None:
    path = write_tone(tmp_path / "a.m4a", 600.0)
    before = _bytes_read()
    audio.probe(path)
    assert _bytes_read() - before < path.stat().st_size / 10


def _bytes_read() -> int:
    """What this process has read from files so far. Source: proc_pid_io(5)."""
    return int(Path("/proc/self/io").read_text().split()[1])


READER = """
import resource, sys
from pathlib import Path
from providers.audio import stream
seconds = sum(block.size for block in stream(Path(sys.argv[1]))) / 16000
print(round(seconds), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def test_memory_does_not_grow_with_the_length(tmp_path: Path) -> None:
    """Two hours of mp3 against five minutes, each read in a process of its own."""
    five = write_sound(tmp_path / "5m.mp3", tone(300, 16_000), 16_000, "libmp3lame", {"write_xing": "0"})
    two_hours = tmp_path / "2h.mp3"
    two_hours.write_bytes(five.read_bytes() * 24)
    seconds, rss_mb = zip(*(_read_elsewhere(path) for path in (five, two_hours)), strict=True)
    assert seconds == pytest.approx((300, 7200), rel=0.01)
    assert rss_mb[1] - rss_mb[0] < 30


def _read_elsewhere(path: Path) -> tuple[int, int]:
    root = Path(__file__).parents[2]
    answer = subprocess.run(
        [sys.executable, "-c", READER, str(path)],
        capture_output=True,
        check=True,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    seconds, rss_mb = answer.stdout.split()
    return int(seconds), int(rss_mb)


def stereo(path: Path, left: np.ndarray, right: np.ndarray) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=16_000, layout="stereo")
        whole = (np.stack([left, right], axis=1) * 32767).astype(np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(whole), format="s16", layout="stereo")
        frame.sample_rate, frame.pts = 16_000, 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def test_a_channel_turned_round_does_not_cancel_the_other(tmp_path: Path) -> None:
    """As a microphone with crossed wires records; the mean of the channels would be silence."""
    sound = tone(5, 16_000)
    heard = whole(stereo(tmp_path / "a.wav", sound, -sound))
    assert heard == pytest.approx(sound, abs=0.001)


def test_people_on_two_channels_are_both_heard(tmp_path: Path) -> None:
    low, high = tone(4, 16_000, 300.0), tone(4, 16_000, 1000.0)
    heard = whole(stereo(tmp_path / "a.wav", low, high))
    assert heard == pytest.approx((low + high) / 2, abs=0.001)


def test_channels_that_agree_again_are_added_again(tmp_path: Path) -> None:
    sound = tone(6, 16_000)
    sign = np.where(np.arange(sound.size) < 3 * 16_000, -1, 1).astype(np.float32)
    heard = whole(stereo(tmp_path / "a.wav", sound, sign * sound))
    assert np.abs(heard[: 3 * 16_000]) == pytest.approx(np.abs(sound[: 3 * 16_000]), abs=0.001)
    assert heard[4 * 16_000 :] == pytest.approx(sound[4 * 16_000 :], abs=0.001)
