"""What an editor signs: quotes that were heard, flags that were overruled, and the record of both."""

from __future__ import annotations

import hashlib

import pytest

from automation.article import check_quotes
from automation.errors import Conflict, InvalidSubmission, WrongState
from automation.models import Status, Submission
from automation.pipeline import review, verifying
from automation.transcript import view
from automation.verification import public_told, record_told, signed_text, standing_record
from tests.acts import write_version
from tests.fakes import NOW

EXACT = "> Мост откроют в марте. [0:00](#s2)\n"
EDITED = "> Мост откроют в апреле. [0:00](#s2)\n"  # “марте” was said
INVENTED = "Он сказал: «Такого никто никогда здесь не говорил».\n"


def quotes(room, submission_id):
    with room.db.read() as session:
        submission = session.get_one(Submission, submission_id)
        transcript = view(submission)
        found = verifying.standings(
            submission, check_quotes(submission.drafts[-1].body, transcript), transcript
        )
        return [(one.key, one.check.grade, one.heard is not None, one.waits) for one in found]


def do(room, submission_id, act, *args, **how):
    with room.db.write() as session:
        return act(session, session.get_one(Submission, submission_id), *args, **how)


def test_what_the_ears_must_settle_blocks_until_it_was_heard(room, in_review, editor):
    made = in_review()
    write_version(room, made, editor, EXACT + "\n" + EDITED)
    (_, _, _, first), (key, grade, heard, waits) = quotes(room, made)
    assert (first, grade, heard, waits) == (False, "edited", False, True)
    with pytest.raises(WrongState, match="has to be heard before you sign: «Мост откроют в апреле"):
        do(room, made, review.approve, editor, NOW)
    do(room, made, verifying.hear, editor, NOW, key=key, played_s=3.5)
    assert quotes(room, made)[1][2:] == (True, False)
    do(room, made, review.approve, editor, NOW)
    with room.db.read() as session:
        submission = session.get_one(Submission, made)
        assert submission.status == Status.APPROVED
        record = record_told(submission, standing_record(submission))
        assert [quote["heard_by"] for quote in record["quotes"]] == [None, "Olena"]
        assert record["quotes"][1]["flags"][0]["kind"] == "word_changed"
        assert record["quotes"][1]["played_s"] == 3.5


def test_a_tick_belongs_to_the_words_and_to_what_was_said(room, in_review, editor):
    made = in_review()
    write_version(room, made, editor, EDITED)
    key = quotes(room, made)[0][0]
    do(room, made, verifying.hear, editor, NOW, key=key)
    write_version(room, made, editor, "Абзац до цитаты.\n\n" + EDITED)
    assert quotes(room, made)[0][:3] == (key, "edited", True)
    do(room, made, review.correct, editor, NOW, idx=2, text="Мост откроют в мае.")
    assert quotes(room, made)[0][2] is False
    do(room, made, review.undo_edit, editor, NOW, idx=2)
    assert quotes(room, made)[0][2] is True
    do(room, made, review.rename_speaker, editor, NOW, speaker="SPEAKER_01", name="Анна")
    assert quotes(room, made)[0][2] is True
    write_version(room, made, editor, EDITED.replace("Мост", "Мост, говорят,"))
    assert quotes(room, made)[0][2] is False
    with pytest.raises(Conflict):
        do(room, made, verifying.hear, editor, NOW, key=key)


def test_a_tick_can_be_taken_back_and_asks_for_the_whole_quote(room, in_review, editor):
    made = in_review()
    write_version(room, made, editor, EDITED + "\n" + INVENTED)
    (key, *_), (invented, *_) = quotes(room, made)
    with pytest.raises(InvalidSubmission, match="not played to its end"):
        do(room, made, verifying.hear, editor, NOW, key=key, played_s=0.1)
    with pytest.raises(InvalidSubmission, match="nothing to hear"):
        do(room, made, verifying.hear, editor, NOW, key=invented)
    do(room, made, verifying.hear, editor, NOW, key=key)
    do(room, made, verifying.hear, editor, NOW, key=key, played_s=2.0)
    with room.db.read() as session:
        assert [row.played_s for row in session.get_one(Submission, made).heard] == [2.0]
    do(room, made, verifying.hear, editor, NOW, key=key, heard=False)
    assert quotes(room, made)[0][2] is False


def test_an_editor_overrules_a_flag_with_a_reason_that_is_kept(room, in_review, editor):
    made = in_review()
    write_version(room, made, editor, EDITED)
    key = quotes(room, made)[0][0]
    do(room, made, verifying.overrule, editor, NOW, key=key, why="  Оговорка, он прислал  поправку. ")
    assert quotes(room, made)[0][3] is False
    do(room, made, verifying.overrule, editor, NOW, key=key, why="")
    assert quotes(room, made)[0][3] is True
    do(room, made, verifying.overrule, editor, NOW, key=key, why="Оговорка, он прислал поправку.")
    do(room, made, review.approve, editor, NOW)
    with room.db.read() as session:
        quote = session.get_one(Submission, made).verifications[-1].quotes[0]
        assert (quote["overruled_why"], quote["overruled_by"]) == ("Оговорка, он прислал поправку.", "Olena")
    with pytest.raises(WrongState):
        do(room, made, verifying.overrule, editor, NOW, key=key, why="позже")


def test_nothing_lets_an_invented_quote_pass(room, in_review, editor):
    made = in_review()
    write_version(room, made, editor, EDITED + "\n" + INVENTED)
    (_, *_), (key, grade, _, _) = quotes(room, made)
    assert grade == "not_found"
    with pytest.raises(WrongState, match="can't be overruled"):
        do(room, made, verifying.overrule, editor, NOW, key=key, why="так надо")
    with pytest.raises(WrongState, match="nowhere in the recording"):
        do(room, made, review.approve, editor, NOW)
    with room.db.read() as session:
        assert session.get_one(Submission, made).verifications == []


def test_the_record_holds_what_was_signed_and_goes_with_the_approval(room, in_review, editor):
    made = in_review()
    write_version(room, made, editor, EXACT + "\nРемонт стоил 70 миллионов рублей. [0:01](#s3)\n")
    do(room, made, review.approve, editor, NOW)
    with room.db.read() as session:
        submission = session.get_one(Submission, made)
        told = record_told(submission, standing_record(submission))
        draft = submission.drafts[-1]
        assert told["article"]["text"] == signed_text(draft)
        assert told["article"]["sha256"] == hashlib.sha256(signed_text(draft).encode()).hexdigest()
        assert told["approved"] == {"by": "Olena", "at": NOW.isoformat()}
        assert told["recording"]["sha256"] == submission.media_sha256
        assert told["stages"]["transcribe"]["model"] == "fake-asr"
        assert "waveform" not in told["stages"]["transcribe"]
        assert told["cover"]["backend"] == "fake"
        assert [fact["text"] for fact in told["facts"] if fact["status"] == "missing"] == [
            "70 миллионов рублей"
        ]
        assert 0 < told["measures"]["unsupported_specifics"] <= 1
        public = public_told(submission, standing_record(submission), "https://news.example/a")
        assert public["quotes"][0]["grade"] == "exact"
        assert public["facts_not_in_recording"] == 1
        assert "Olena" not in str(public)
    do(room, made, review.unschedule, editor, NOW)
    with room.db.read() as session:
        assert standing_record(session.get_one(Submission, made)) is None


def test_facts_and_measures_are_kept_with_every_version_and_follow_the_transcript(room, in_review, editor):
    made = in_review()
    with room.db.read() as session:
        machine = session.get_one(Submission, made).drafts[0]
        assert machine.measures["quotes"] == 1
    write_version(room, made, editor, "Ремонт стоил 70 миллионов рублей. [0:01](#s3)\n")

    def missing():
        with room.db.read() as session:
            facts = session.get_one(Submission, made).drafts[-1].facts
            return [fact["text"] for fact in facts if fact["status"] == "missing"]

    assert missing() == ["70 миллионов рублей"]
    do(room, made, review.correct, editor, NOW, idx=3, text="Ремонт стоил семьдесят миллионов рублей.")
    assert missing() == []


def test_a_version_from_before_the_ledger_is_appraised_when_it_is_signed(room, in_review, editor):
    made = in_review()
    with room.db.write() as session:
        draft = session.get_one(Submission, made).drafts[-1]
        draft.facts, draft.measures = [], {}
    do(room, made, review.approve, editor, NOW)
    with room.db.read() as session:
        assert session.get_one(Submission, made).verifications[-1].measures["quotes"] == 1
