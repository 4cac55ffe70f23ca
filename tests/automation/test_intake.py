"""What may come in, and what is left behind when it may not."""

import errno
import io

import pytest
from sqlalchemy import func, select

from automation.errors import InvalidSubmission, StorageFull, TooLarge
from automation.models import Submission
from automation.pipeline import intake
from automation.storage import Incoming
from providers.errors import InputRejected
from tests.fakes import NOW, recording


def send(room, data, name="talk.wav", **wish):
    return intake.submit(room, io.BytesIO(data), name, by=None, now=NOW, **wish)


@pytest.fixture
def wav(tmp_path):
    return recording(tmp_path / "a.wav").read_bytes()


def nothing_is_kept(room):
    files = [p for p in room.storage.root.rglob("*") if p.is_file() and not p.name.startswith("polosa.db")]
    with room.db.read() as session:
        return not files and session.scalar(select(func.count()).select_from(Submission)) == 0


def test_a_recording_is_kept_and_put_at_the_head_of_the_line(room, wav):
    submitted = send(room, wav, title="Мост")
    with room.db.read() as session:
        submission = session.get_one(Submission, submitted.submission_id)
    assert room.storage.path(submission.media_key).read_bytes() == wav
    assert (submission.title, submission.duration_s) == ("Мост", pytest.approx(12, abs=0.1))
    assert list(room.storage.incoming_dir.iterdir()) == []


def test_the_same_bytes_are_recognised(room, wav):
    first, second = send(room, wav), send(room, wav, "other name.wav")
    assert second.duplicate
    assert second.task_id == first.task_id


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (b"", "empty.mp3", "empty.mp3 is empty"),
        (b"just a text, not a song\n" * 500, "talk.mp3", "talk.mp3 is not a sound or video file"),
    ],
)
def test_what_is_no_recording_is_refused_by_name(room, data, name, says):
    with pytest.raises(InputRejected) as refused:
        send(room, data, name)
    assert says in str(refused.value)
    assert nothing_is_kept(room)


def test_a_file_over_the_limit_is_refused_while_it_arrives(room, wav):
    class Endless:
        read_bytes = 0

        def read(self, size):
            self.read_bytes += size
            return b"x" * size

    endless = Endless()
    with pytest.raises(TooLarge, match="larger than 1 MB"):
        intake.receive(room.storage, endless, 1024**2)
    assert endless.read_bytes <= 3 * 1024**2
    assert nothing_is_kept(room)


def test_a_full_disk_has_a_message_of_its_own_and_leaves_nothing(room, wav, monkeypatch):
    class Full:
        closed = False

        def write(self, block):
            raise OSError(errno.ENOSPC, "No space left on device")

        def close(self):
            pass

    made = Incoming.__init__

    def without_space(self, path):
        made(self, path)
        self._file.close()
        self._file = Full()

    monkeypatch.setattr(Incoming, "__init__", without_space)
    with pytest.raises(StorageFull, match="disk is full"):
        send(room, wav)
    assert nothing_is_kept(room)


@pytest.mark.parametrize(
    "wish",
    [
        {"language": "xx"},
        {"min_speakers": 0},
        {"max_speakers": 99},
        {"min_speakers": 3, "max_speakers": 2},
    ],
)
def test_an_impossible_wish_is_refused(room, wav, wish):
    with pytest.raises(InvalidSubmission):
        send(room, wav, **wish)
    assert nothing_is_kept(room)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\talk.mp3", "talk.mp3"),
        ("a\x00b.mp3", "ab.mp3"),
        ("", "recording"),
    ],
)
def test_a_file_name_is_only_a_name(sent, kept):
    assert intake.clean_filename(sent) == kept
