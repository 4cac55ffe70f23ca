"""How long it takes: learned from past runs, corrected by the run's own pace."""

import sys
from datetime import timedelta

import pytest
from sqlalchemy import select

from automation.models import PastRun, RunState, StageRun, Submission
from automation.pipeline import ledger, line, pace
from automation.pipeline.advance import advance
from automation.pipeline.pace import KEPT, Stopwatch, typical, worded
from providers.notes import downloading
from tests.fakes import NOW, FakeSpeech


def watch(past, first=0.0):
    return Stopwatch(units=3600, past=past, first=first, seen=100.0)


def test_the_first_second_knows_what_past_runs_took():
    assert watch(past=0.1).left_s() == pytest.approx(360)
    assert watch(past=None).left_s() is None


def test_a_run_that_goes_on_has_less_left():
    assert watch(past=0.1, first=0.9).left_s() == pytest.approx(36)


def test_the_runs_own_pace_takes_over():
    half = watch(past=0.1)
    half.note(0.5, 100.0 + 360)  # 0.2 s a second: twice as slow as ever before
    assert 320 < half.left_s() < 360
    alone = watch(past=None)
    alone.note(0.5, 100.0 + 360)
    assert alone.left_s() == pytest.approx(360)


def test_a_little_of_an_own_pace_says_nothing_yet():
    begun = watch(past=None)
    begun.note(0.001, 100.5)
    assert begun.left_s() is None


def test_a_download_is_no_work():
    run = watch(past=0.1)
    run.note(0.0, 101.0, is_fetching=True)
    assert run.left_s() is None
    run.note(0.0, 701.0)
    run.note(0.5, 701.0 + 180)
    assert run.worked_s == pytest.approx(181)
    assert run.left_s() == pytest.approx(180, rel=0.02)


def test_a_long_run_counts_for_more_than_many_short_ones():
    short, long = [(10.0, 10.0)] * 3, [(3600.0, 360.0)]
    assert typical([*short, *long]) == pytest.approx(0.1)
    assert typical([]) is None


@pytest.mark.parametrize(
    ("seconds", "says"),
    [(10, "less than a minute left"), (240, "about 4 min left"), (7500, "about 2 h 5 min left")],
)
def test_in_words(seconds, says):
    template, params = worded(seconds)
    assert template % params == says


def test_a_run_is_remembered_and_the_next_one_knows_it_from_its_start(room, room_with, submit):
    first = submit(1)
    while advance(room.works):
        pass
    with room.db.read() as session:
        runs = {run.stage: run for run in session.scalars(select(PastRun))}
        duration_s = session.get_one(Submission, first).duration_s
    assert set(runs) == {"transcribe", "diarize", "draft", "cover"}
    assert runs["transcribe"].units == pytest.approx(duration_s)
    assert runs["cover"].units == 1
    assert (runs["draft"].backend, runs["draft"].model) == ("fake", "fake-writer")
    assert runs["draft"].machine == pace.machine()

    with room.db.write() as session:
        session.scalars(select(PastRun).where(PastRun.stage == "transcribe")).one().seconds = 3600.0
    seen = []

    def look(_index):
        with room.db.read() as session:
            run = session.get_one(StageRun, (second, "transcribe"))
            left_s = pace.left_s(run.eta_at, room.works.now())
            seen.append((left_s, pace.ready_in_s(run.submission, pace.expected(session), room.works.now())))

    second = submit(2)
    advance(room_with(speech=FakeSpeech(on_piece=look)).works)
    left_s, ready_s = seen[0]
    assert 3000 < left_s <= 3600
    assert ready_s >= left_s
    assert seen[-1][0] < left_s
    with room.db.read() as session:
        assert session.get_one(StageRun, (second, "transcribe")).eta_at is None


def test_only_the_newest_runs_are_kept(room):
    for n in range(KEPT + 5):
        with room.db.write() as session:
            pace.keep(session, past_run(n, "m"))
    with room.db.write() as session:
        pace.keep(session, past_run(1, "another"))
    with room.db.read() as session:
        kept = session.scalars(select(PastRun.seconds).where(PastRun.model == "m").order_by(PastRun.id)).all()
        assert kept == [float(n) for n in range(5, KEPT + 5)]
        assert pace.learned(session, "draft", "b", "another") == 1
        assert pace.learned(session, "draft", "b", "unknown") is None


def past_run(seconds, model):
    return PastRun(
        stage="draft", machine=pace.machine(), backend="b", model=model, units=1.0, seconds=seconds, at=NOW
    )


def test_nobody_can_tell_when_a_stage_never_ran(room, submit):
    submission_id = submit()
    with room.db.read() as session:
        submission = session.get_one(Submission, submission_id)
        assert pace.ready_in_s(submission, {"transcribe": 0.1}, NOW) is None
        known = {"transcribe": 0.1, "diarize": 0.1, "draft": 5.0, "cover": 5.0}
        assert pace.ready_in_s(submission, known, NOW) == pytest.approx(10 + 0.2 * submission.duration_s)
        submission.runs[0].state, submission.runs[0].eta_at = RunState.DOING, NOW + timedelta(seconds=7)
        assert pace.ready_in_s(submission, known, NOW) == pytest.approx(17 + 0.1 * submission.duration_s)


class Fetching(FakeSpeech):
    """Downloads; `look` sees what the ledger says meanwhile."""

    def __init__(self, look):
        super().__init__()
        self.look = look

    def prepare(self, progress):
        progress(0.5, downloading("toy", 3e6, 6e6))
        self.look()


def test_a_note_is_kept_as_a_template_and_its_parameters(room, room_with, submit, monkeypatch):
    submission_id, told = submit(), []

    def look():
        with room.db.read() as session:
            run = session.get_one(StageRun, (submission_id, "transcribe"))
            told.append((run.progress_note, run.progress_params, run.eta_at))

    fetching = room_with(speech=Fetching(look))
    monkeypatch.setattr(line, "PROGRESS_EVERY_S", 0.0)
    advance(fetching.works)
    template, params, eta_at = told[0]
    assert template % params == "Downloading toy: 3 of 6 MB"
    assert eta_at is None
    assert downloading("toy", 3e6, 0) == "Downloading toy: 3 MB"


def test_a_recording_that_is_heard_on_shows_how_far_it_was(room, room_with, submit):
    submission_id, seen = submit(), []
    with pytest.raises(SystemExit):
        advance(room_with(speech=FakeSpeech(on_piece=lambda n: sys.exit(9) if n == 3 else None)).works)
    ledger.free_orphans(room.db)

    def look():
        with room.db.read() as session:
            seen.append(session.get_one(StageRun, (submission_id, "transcribe")).progress)

    advance(room_with(speech=Fetching(look)).works)
    assert seen[0] == pytest.approx(3 / 12, abs=0.01)
