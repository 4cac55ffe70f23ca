"""Claims, leases and fences: recorded once, whoever dies."""

import threading
from datetime import UTC, datetime, timedelta

from automation.models import RunState, StageRun, Status
from automation.pipeline import ledger
from automation.pipeline.advance import load, record, work_off
from automation.pipeline.stage import Result
from tests.fakes import NOW

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
