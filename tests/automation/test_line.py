"""A recording goes in at the top and an article comes out at the bottom."""

from itertools import pairwise

import pytest
from sqlalchemy import select

from automation.article import check_quotes
from automation.errors import WrongState
from automation.models import AttemptRow, Event, RunState, StageRun, Status, Submission
from automation.pipeline import STAGES
from automation.pipeline.advance import WAIT_S, advance, load
from automation.pipeline.review import approve, publish_now, retry, send_back
from automation.transcript import view
from providers.errors import BackendFailed, InputRejected, Unavailable
from tests.acts import write_version
from tests.fakes import NOW, FakeCovers, FakeDiarization, FakeDrafting, FakeSpeech, chain


def work(room):
    while advance(room.works):
        pass


def test_each_stage_gives_what_the_next_one_takes():
    for before, after in pairwise(STAGES[:4]):
        assert before.gives == after.takes
    assert STAGES[-1].takes == Status.APPROVED


def test_a_recording_becomes_a_draft_with_a_cover(room, in_review):
    submission = load(room.db, in_review())
    assert [line.text for line in view(submission).lines][:2] == [
        "Когда откроют мост?",
        "Мост откроют в марте.",
    ]
    assert submission.title == "Мост откроют в марте"
    assert submission.covers[0].width_px == 1200
    assert submission.provenance["draft"]["backend"] == "fake"
    assert [q.grade for q in check_quotes(submission.drafts[0].body, view(submission))] == ["exact"]


def test_an_approved_article_is_published(room, in_review, editor):
    submission_id = in_review()
    with room.db.write() as session:
        publish_now(session, session.get_one(Submission, submission_id), editor, NOW)
    work(room)
    with room.db.read() as session:
        submission = session.get_one(Submission, submission_id)
        assert submission.status == Status.PUBLISHED
        assert submission.slug.startswith("most-otkroiut-v-marte")
        assert submission.published_at is not None


def test_every_stage_is_recorded_once(room, in_review):
    in_review()
    with room.db.read() as session:
        done = session.scalars(select(Event).where(Event.kind == "stage_done")).all()
    assert [event.detail["stage"] for event in done] == ["transcribe", "diarize", "draft", "cover"]


def test_answers_are_let_go_when_the_stage_is_recorded(room, in_review):
    in_review()
    with room.db.read() as session:
        attempts = session.scalars(select(AttemptRow)).all()
    assert {a.stage for a in attempts} == {"transcribe", "diarize", "draft", "cover"}
    assert all(a.answer is None and a.outcome == "served" for a in attempts)


class Missing:
    name = "missing"

    def __getattr__(self, _):
        raise Unavailable("The weights are not here: set GIGAAM_MODEL_DIR.", error_class="missing_model")


def test_without_weights_the_submission_waits_with_the_reason(room, room_with, submit):
    room = room_with(speech=chain(Missing()))
    submission_id = submit()
    work(room)
    run = load_run(room, submission_id, "transcribe")
    assert run.state == RunState.TODO
    assert run.error["waiting"] is True
    assert "GIGAAM_MODEL_DIR" in run.error["template"]
    assert (run.run_at - run.started_at).total_seconds() == pytest.approx(WAIT_S[0], abs=5)
    assert load(room.db, submission_id).status == Status.RECEIVED


def load_run(room, submission_id, stage):
    with room.db.read() as session:
        return session.get_one(StageRun, (submission_id, stage))


class Broken:
    name = "broken"
    model = "m"

    def generate(self, brief):
        raise BackendFailed("It broke (%(status)d).", error_class="overloaded", status=503)

    turns = write = lambda self, *a, **k: Broken.generate(self, None)


def test_the_next_backend_serves_and_both_attempts_are_rows(room, room_with, submit):
    room = room_with(covers=chain(Broken(), FakeCovers()))
    submission = load(room.db, submit())
    work(room)
    with room.db.read() as session:
        rows = session.scalars(select(AttemptRow).where(AttemptRow.stage == "cover")).all()
    assert [(r.backend, r.outcome, r.error_class) for r in rows] == [
        ("broken", "failed", "overloaded"),
        ("fake", "served", None),
    ]
    assert load(room.db, submission.id).covers[0].backend == "fake"


def test_without_speakers_the_line_goes_on_and_says_so(room, room_with, submit):
    room = room_with(diarization=chain(Broken()))
    submission_id = submit()
    work(room)
    submission = load(room.db, submission_id)
    assert submission.status == Status.REVIEW
    assert submission.provenance["diarize"]["missing"] == "It broke (503)."


def test_a_stage_is_tried_five_times_and_then_a_person_looks(room, room_with, submit):
    room = room_with(drafting=chain(Broken()))
    submission_id = submit()
    for _ in range(8):
        work(room)
        with room.db.write() as session:
            for run in session.scalars(select(StageRun)):
                run.run_at = NOW
    run = load_run(room, submission_id, "draft")
    assert (run.state, run.attempt) == (RunState.HALTED, 5)
    assert load(room.db, submission_id).status == Status.ATTRIBUTED


def test_retry_starts_a_halted_stage_afresh(room, room_with, submit, editor):
    broken = room_with(speech=chain(Rejecting()))
    submission_id = submit()
    work(broken)
    assert load_run(room, submission_id, "transcribe").state == RunState.HALTED
    with room.db.write() as session:
        retry(session, session.get_one(Submission, submission_id), editor, NOW)
    work(room)
    assert load(room.db, submission_id).status == Status.REVIEW


class Rejecting(FakeSpeech):
    def recognise(self, media, **_):
        raise InputRejected("Nothing can be heard.")
        yield


def test_a_bug_in_a_stage_does_not_stop_the_line(room, room_with, submit):
    class Buggy(FakeDiarization):
        def turns(self, media, **_):
            return 1 / 0

    room = room_with(diarization=chain(Buggy()))
    submission_id = submit()
    work(room)
    run = load_run(room, submission_id, "diarize")
    assert run.error["params"]["kind"] == "ZeroDivisionError"
    assert run.state == RunState.TODO


def test_sending_back_asks_for_another_draft_with_the_reason(room, room_with, in_review, editor):
    notes = []

    class Listening(FakeDrafting):
        def write(self, brief, notebook):
            notes.append(brief.notes)
            return super().write(brief)

    submission_id = in_review()
    room = room_with(drafting=chain(Listening()))
    with room.db.write() as session:
        send_back(session, session.get_one(Submission, submission_id), editor, NOW, reason="Короче.")
    work(room)
    submission = load(room.db, submission_id)
    assert notes == ["Короче."]
    assert [(d.rev, d.kind) for d in submission.drafts] == [(1, "machine"), (2, "machine")]
    assert submission.status == Status.REVIEW


def test_the_demonstration_model_serves_the_sample_and_nothing_else(room, room_with, submit):
    room = room_with(speech=chain(Missing()))
    sample, other = submit(1, is_demo=True), submit(2)
    work(room)
    assert load(room.db, sample).provenance["transcribe"]["model"] == "demo"
    assert load(room.db, other).status == Status.RECEIVED


def test_a_half_done_transcript_continues_after_its_last_piece(room, room_with, submit):
    def die(index):
        if index == 2:
            raise KeyboardInterrupt

    dying = room_with(speech=FakeSpeech(on_piece=die))
    submission_id = submit()
    with pytest.raises(KeyboardInterrupt):
        advance(dying.works)
    speech = FakeSpeech()
    room = room_with(speech=speech)
    with room.db.write() as session:
        session.get_one(StageRun, (submission_id, "transcribe")).lease_until = NOW
    work(room)
    assert speech.heard == [2, 3]
    assert [piece.idx for piece in load(room.db, submission_id).pieces] == [0, 1, 2, 3]


def test_an_article_with_an_invented_quote_is_not_approved(room, in_review, editor):
    submission_id = in_review()
    write_version(room, submission_id, editor, "Он сказал: «Мост никогда не откроют для трамваев».")
    with room.db.read() as session, pytest.raises(WrongState, match="nowhere in the recording"):
        approve(session, session.get_one(Submission, submission_id), editor, NOW)
