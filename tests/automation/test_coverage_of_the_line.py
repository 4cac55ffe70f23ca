"""What sounds and was not heard is listened to again, and what stays unheard is said."""

from dataclasses import replace

from automation.pipeline.advance import advance, load
from automation.transcript import view
from providers.audio import stream
from providers.levels import loudness_of
from providers.types import Word
from tests.fakes import FakeSpeech


class Attentive(FakeSpeech):
    """Hears a late sentence only when it is asked again."""

    def recognise_spans(self, media, spans):
        self.asked = spans
        for _ in spans:
            yield (Word("Спасибо", 6.0, 6.5, 0.8), Word("вам.", 6.5, 7.0, 0.8))


class Measuring(FakeSpeech):
    """Brings the loudness with its first piece, as a recogniser that hears the recording does."""

    def recognise(self, media, *, skip_until_s=0.0, first_index=0):
        for n, piece in enumerate(super().recognise(media, first_index=first_index)):
            yield replace(piece, loudness=None if n else loudness_of(stream(media)))


def work(room):
    while advance(room.works):
        pass


def test_the_page_can_say_how_much_was_recognised(room, room_with, submit):
    submission_id = submit()
    work(room)
    coverage = load(room.db, submission_id).provenance["transcribe"]["coverage"]
    assert 11 < coverage["sounding_s"] <= 12.1  # the tone sounds all the time; words end after four seconds
    assert coverage["share"] < 0.6
    assert [gap["end_s"] for gap in coverage["gaps"]] == [12.0]
    assert coverage["heard_again"] == []


def test_a_second_hearing_fills_the_gap_and_says_what_it_found(room, room_with, submit):
    submission_id, speech = submit(), Attentive()
    work(room_with(speech=speech))
    submission = load(room.db, submission_id)
    assert view(submission).lines[-1].text == "Спасибо вам."
    assert [until_s for _, until_s in speech.asked] == [12.0]
    coverage = submission.provenance["transcribe"]["coverage"]
    assert coverage["recognised_s"] > 5.5  # 4.3 s the first time
    (again,) = coverage["heard_again"]
    assert (again["end_s"], again["words"]) == (12.0, 2)
    assert [gap["end_s"] for gap in coverage["gaps"]] == [12.0]
    assert [piece.idx for piece in submission.pieces] == [0, 1, 2, 3]


def test_a_second_hearing_doubles_no_word(room, room_with, submit):
    """A stray word may stand inside a gap; heard again, it is not written twice."""
    submission_id = submit()

    class Again(FakeSpeech):
        def recognise_spans(self, media, spans):
            for _ in spans:
                yield (Word("рельсы.", 3.7, 3.95, 0.9), Word("Да.", 8.0, 8.3, 0.9))

    work(room_with(speech=Again()))
    found = load(room.db, submission_id).provenance["transcribe"]["second_hearing"]
    assert [word[0] for word in found] == ["Да."]


def test_the_record_is_the_same_whoever_measures_the_loudness(room, room_with, submit):
    records = []
    for speech in (FakeSpeech(), Measuring()):
        submission_id = submit(seed=len(records) + 1)
        work(room_with(speech=speech))
        records.append(load(room.db, submission_id).provenance["transcribe"])
    assert records[0]["coverage"]["sounding_s"] == records[1]["coverage"]["sounding_s"]
    assert len(records[1]["waveform"]) == 400
    assert max(records[1]["waveform"]) > 0.2
