"""Claims, leases and fences: recorded once, whoever dies."""

import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest

from automation.errors import WrongState
from automation.models import RunState, StageRun, Status, Submission
from automation.pipeline import ledger, pausing
from automation.pipeline.advance import advance, load, record, work_off
from automation.pipeline.review import publish_now
from automation.pipeline.stage import Result
from tests.fakes import NOW, FakeSpeech

LATER = NOW + timedelta(seconds=60)


def test_a_run_is_claimed_by_one_of_many(room, submit):
    submit()
    claims, start = [], threading.Barrier(8)

    def take():
        start.wait()
        claims.append(ledger.claim(room.db, LATER, 30))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(claim is not None for claim in claims) == 1


def test_the_oldest_run_is_taken_first_and_weights_are_kept_apart(room, submit):
    first, second = submit(1), submit(2)
    assert ledger.claim(room.db, LATER, 30, weights=("light",)) is None
    assert ledger.claim(room.db, LATER, 30, weights=("heavy",)).submission_id == first
    assert ledger.claim(room.db, LATER, 30).submission_id == second


def test_a_run_is_free_again_when_its_lease_has_ended(room, submit):
    submit()
    first = ledger.claim(room.db, LATER, 30)
    assert ledger.claim(room.db, LATER + timedelta(seconds=29), 30) is None
    second = ledger.claim(room.db, LATER + timedelta(seconds=31), 30)
    assert second.owner != first.owner


def test_who_lost_the_lease_records_nothing(room, submit):
    submission_id = submit()
    zombie = ledger.claim(room.db, LATER, 30)
    taken_over = ledger.claim(room.db, LATER + timedelta(seconds=31), 30)
    assert not record(room.works, zombie, Result(provenance={"backend": "zombie"}))
    assert not ledger.beat(room.db, zombie, LATER, 30, 0.5, "")
    assert record(room.works, taken_over, Result(provenance={"backend": "heir"}))
    submission = load(room.db, submission_id)
    assert submission.status == Status.TRANSCRIBED
    assert submission.provenance["transcribe"]["backend"] == "heir"


def test_a_stopping_process_gives_its_claim_back_at_once(room, submit):
    submission_id = submit()
    stop = threading.Event()
    stop.set()
    work_off(room.works, ledger.claim(room.db, datetime.now(UTC), 30), stop)
    with room.db.read() as session:
        run = session.get_one(StageRun, (submission_id, "transcribe"))
    assert (run.state, run.owner, run.attempt) == (RunState.TODO, None, 0)


def test_a_beat_shows_the_progress(room, submit):
    submission_id = submit()
    held = ledger.claim(room.db, LATER, 30)
    assert ledger.beat(room.db, held, LATER, 30, 0.25, "downloading 25 %")
    with room.db.read() as session:
        run = session.get_one(StageRun, (submission_id, "transcribe"))
    assert (run.progress, run.progress_note) == (0.25, "downloading 25 %")


def test_a_stopped_stage_is_claimed_by_nobody_until_it_goes_on(room, submit):
    submission_id = submit()
    held = ledger.claim(room.db, LATER, 30)
    with room.db.write() as session:
        assert ledger.pause(session, submission_id) == 1
    assert not ledger.holds(room.db, held)
    assert not ledger.beat(room.db, held, LATER, 30, 0.5, "")
    assert not record(room.works, held, Result())
    assert ledger.claim(room.db, LATER + timedelta(days=1), 30) is None
    with room.db.write() as session:
        assert ledger.pause(session, submission_id) == 0
        assert ledger.resume(session, submission_id, LATER) == 1
    assert ledger.claim(room.db, LATER, 30).submission_id == submission_id


def test_a_publication_is_not_stopped(room, in_review, editor):
    submission_id = in_review()
    with room.db.write() as session:
        publish_now(session, session.get_one(Submission, submission_id), editor, NOW)
    with room.db.write() as session, pytest.raises(WrongState):
        pausing.stop(session, session.get_one(Submission, submission_id), editor, NOW)


class Slow(FakeSpeech):
    """Hears two pieces, and then one that would take half a minute and can't be broken off."""

    def __init__(self):
        super().__init__()
        self.at_third, self.release = threading.Event(), threading.Event()

    def recognise(self, media, **how):
        def wait(index):
            if index == 2:
                self.at_third.set()
                self.release.wait(30)

        self.on_piece = wait
        return super().recognise(media, **how)


def test_a_person_stops_and_goes_on(room, room_with, submit, editor):
    """The thread is free while the call goes on; what it brings later is not kept; nothing is heard twice."""
    speech = Slow()
    slow = room_with(speech=speech)
    submission_id = submit()
    worker = threading.Thread(target=advance, args=(slow.works,))
    worker.start()
    assert speech.at_third.wait(30)
    with room.db.write() as session:
        pausing.stop(session, session.get_one(Submission, submission_id), editor, NOW)
    worker.join(20)
    assert not worker.is_alive(), "the stage ended before its piece did"
    speech.release.set()
    kept = load(room.db, submission_id)
    assert [piece.idx for piece in kept.pieces] == [0, 1]
    with room.db.read() as session:
        run = session.get_one(StageRun, (submission_id, "transcribe"))
    assert (run.state, run.attempt, run.error) == (RunState.PAUSED, 0, None)
    with room.db.write() as session:
        pausing.resume(session, session.get_one(Submission, submission_id), editor, NOW)
    quick = FakeSpeech()
    while advance(room_with(speech=quick).works):
        pass
    assert quick.heard == [2, 3]
    assert load(room.db, submission_id).status == Status.REVIEW


def test_a_stop_between_two_stages_reaches_the_next_one(room, submit, editor):
    submission_id = submit()
    advance(room.works)
    with room.db.write() as session:
        pausing.stop(session, session.get_one(Submission, submission_id), editor, NOW)
        assert session.get_one(StageRun, (submission_id, "diarize")).state == RunState.PAUSED
    assert advance(room.works) is None


def test_a_recording_half_heard_by_a_dead_worker_is_heard_on(room, room_with, submit):
    """At nine tenths the worker is gone without a word; the next one begins there."""
    speech = FakeSpeech(on_piece=lambda index: sys.exit(9) if index == 3 else None)
    submission_id = submit()
    with pytest.raises(SystemExit):
        advance(room_with(speech=speech).works)
    assert len(load(room.db, submission_id).pieces) == 3
    ledger.free_orphans(room.db)
    quick = FakeSpeech()
    advance(room_with(speech=quick).works)
    assert quick.heard == [3]
