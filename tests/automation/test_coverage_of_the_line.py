"""What sounds and was not heard is listened to again, and what stays unheard is said."""

from automation.pipeline.advance import advance, load
from automation.transcript import view
from providers.types import Word
from tests.fakes import FakeSpeech


class Attentive(FakeSpeech):
    """Hears a late sentence only when it is asked again."""

    def recognise_span(self, media, start_s, end_s):
        self.asked = (start_s, end_s)
        return (Word("Спасибо", 6.0, 6.5, 0.8), Word("вам.", 6.5, 7.0, 0.8))


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


def test_a_second_hearing_fills_the_gap(room, room_with, submit):
    submission_id, speech = submit(), Attentive()
    work(room_with(speech=speech))
    submission = load(room.db, submission_id)
    assert view(submission).lines[-1].text == "Спасибо вам."
    assert speech.asked[1] == 12.0
    assert submission.provenance["transcribe"]["coverage"]["share"] > 0.5
    assert [piece.idx for piece in submission.pieces] == [0, 1, 2, 3]
