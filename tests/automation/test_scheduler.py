"""Slots fire once; what is due goes out; what is late is said aloud."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from automation.errors import InvalidSubmission
from automation.models import Event, Schedule, StageRun, Status, Submission
from automation.pipeline.advance import advance, load
from automation.pipeline.review import approve
from automation.scheduler import check_cron, newest_tick, next_tick, tick
from tests.fakes import NOW


@pytest.fixture
def slot(room):
    """A schedule that is due every hour."""
    with room.db.write() as session:
        session.add(Schedule(name="hourly", cron="0 * * * *", timezone="UTC", enabled=True))


def approved(room, in_review, editor, *seeds, publish_at=None):
    ids = [in_review(seed) for seed in seeds]
    for n, submission_id in enumerate(ids):
        with room.db.write() as session:
            approve(
                session,
                session.get_one(Submission, submission_id),
                editor,
                NOW + timedelta(seconds=n),
                publish_at=publish_at,
            )
    return ids


def statuses(room, ids):
    with room.db.read() as session:
        return [session.get_one(Submission, i).status for i in ids]


def test_a_slot_publishes_at_most_three_articles(room, in_review, editor, slot):
    ids = approved(room, in_review, editor, 1, 2, 3, 4)
    report = tick(room, datetime.now(UTC), budget_s=60)
    assert len(report.slots[0]["published"]) == 3
    assert statuses(room, ids) == [Status.PUBLISHED] * 3 + [Status.APPROVED]


def test_the_same_slot_triggered_five_times_at_once_does_the_work_once(room, in_review, editor, slot):
    ids = approved(room, in_review, editor, 1, 2, 3, 4, 5)
    now, reports, start = datetime.now(UTC), [], threading.Barrier(5)

    def trigger():
        start.wait()
        reports.append(tick(room, now, budget_s=60))

    threads = [threading.Thread(target=trigger) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(len(report.slots) for report in reports) == 1
    assert statuses(room, ids).count(Status.PUBLISHED) == 3
    with room.db.read() as session:
        published = session.scalar(
            select(func.count())
            .select_from(Event)
            .where(Event.kind == "stage_done", Event.detail["stage"].as_string() == "publish")
        )
    assert published == 3
    assert {skip["why"] for report in reports for skip in report.skipped if "slot" in skip} <= {
        "this slot was done already",
        "another call took this slot",
    }


def test_the_next_slot_takes_the_rest(room, in_review, editor, slot):
    ids = approved(room, in_review, editor, 1, 2, 3, 4)
    now = datetime.now(UTC)
    tick(room, now, budget_s=60)
    tick(room, now + timedelta(hours=1), budget_s=60)
    assert statuses(room, ids) == [Status.PUBLISHED] * 4


def test_an_article_with_a_time_goes_out_at_its_time_without_a_slot(room, in_review, editor):
    now = datetime.now(UTC)
    ids = approved(room, in_review, editor, 1, publish_at=now + timedelta(hours=2))
    tick(room, now, budget_s=60)
    assert statuses(room, ids) == [Status.APPROVED]
    with room.db.write() as session:
        session.get_one(StageRun, (ids[0], "publish")).run_at = now
    tick(room, datetime.now(UTC), budget_s=60)
    assert statuses(room, ids) == [Status.PUBLISHED]


def test_a_call_with_a_budget_drafts_what_waits_but_leaves_speech_to_a_worker(env, room, submit, slot):
    ids = [submit(seed) for seed in (1, 2, 3, 4, 5)]
    for _ in ids[:4]:
        advance(room.works, weights=("heavy",))
    for _ in ids[:4]:
        advance(room.works, weights=("heavy",))
    with room.db.read() as session:
        ready = session.scalars(select(Submission.id).where(Submission.status == Status.ATTRIBUTED)).all()
    report = tick(room, datetime.now(UTC), budget_s=60)
    moved = {move["submission"] for move in report.moved}
    assert len(moved) == min(3, len(ready))
    assert all(load(room.db, i).status == Status.REVIEW for i in moved)
    assert any("worker" in skip["why"] for skip in report.skipped)


def test_a_spent_budget_is_said(room, in_review, editor, slot):
    ids = approved(room, in_review, editor, 1, 2)
    times = iter([0.0, 0.0, 0.0] + [100.0] * 50)
    report = tick(room, datetime.now(UTC), budget_s=60, clock=lambda: next(times))
    assert [skip["why"] for skip in report.skipped].count("the time budget is spent") >= 1
    assert Status.APPROVED in statuses(room, ids)


def test_overdue_work_is_said_once(room, submit):
    submit()
    now = datetime.now(UTC)
    assert len(tick(room, now).overdue) == 1
    tick(room, now + timedelta(minutes=1))
    with room.db.read() as session:
        assert session.scalar(select(func.count()).select_from(Event).where(Event.kind == "overdue")) == 1


def test_a_backlog_is_one_slot(room):
    with room.db.write() as session:
        session.add(
            Schedule(
                name="hourly", cron="0 * * * *", timezone="UTC", enabled=True, last=NOW - timedelta(days=3)
            )
        )
    assert len(tick(room, NOW).slots) == 1


@pytest.mark.parametrize(
    ("cron", "zone", "newest", "following"),
    [
        ("0 9 * * *", "UTC", "2026-11-02T09:00:00+00:00", "2026-11-03T09:00:00+00:00"),
        ("30 10 * * *", "Europe/Kyiv", "2026-11-02T10:30:00+02:00", "2026-11-03T10:30:00+02:00"),
        ("0 5 1 * *", "UTC", "2026-11-01T05:00:00+00:00", "2026-12-01T05:00:00+00:00"),
    ],
)
def test_ticks_are_computed_in_the_zone_of_the_schedule(cron, zone, newest, following):
    now = NOW + timedelta(seconds=1)
    assert newest_tick(cron, zone, now) == datetime.fromisoformat(newest)
    assert next_tick(cron, zone, now) == datetime.fromisoformat(following)


def test_a_wrong_cron_line_is_refused():
    with pytest.raises(InvalidSubmission, match="five fields"):
        check_cron("every day")
