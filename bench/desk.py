"""How long the desk takes with 10,000 submissions, beside an empty desk in the same run.

The database is filled as a busy newsroom's would be: most articles published, a few hundred in review with
their transcripts, drafts and covers, some at work, some in trouble. Requests go through the whole application
(login, language, access rules, templates) without a network between; the two desks take turns, so both see
the same machine. "First" is a page's first request, which checks the quotes of the drafts it shows.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, insert, select

from automation import accounts, create_app
from automation.models import Cover, Draft, Role, RunState, SegmentRow, StageRun, Status, Submission
from automation.newsroom import Newsroom
from automation.pipeline import STAGES
from automation.pipeline.advance import advance
from automation.supervisor import submit_sample
from bench.machine import p95, report

PAGES = ("/", "/?queue=review", "/?queue=published&page=100", "/?q=трамвай", "/desk/list")
NOW = datetime.now(UTC)
# Where the submissions stand, in parts of a thousand.
MIX = (
    (Status.PUBLISHED, 880),
    (Status.ARCHIVED, 60),
    (Status.REVIEW, 25),
    (Status.APPROVED, 15),
    (Status.DRAFTED, 8),
    (Status.ATTRIBUTED, 6),
    (Status.RECEIVED, 6),
)
OFFLINE = {
    "SAMPLE_INTERVIEW": "0",
    "DIARIZATION_BACKENDS": "baseline",
    "DRAFTING_BACKENDS": "extractive",
    "COVER_BACKENDS": "placeholder",
    "LOG_LEVEL": "ERROR",
}


def fill(room: Newsroom, count: int) -> None:
    """Copies one finished sample `count` times, each copy at a place of MIX."""
    submit_sample(room)
    while advance(room.works):
        pass
    with room.db.write() as session:
        model = session.scalars(select(Submission)).one()
        segments = [_values(row) for row in session.scalars(select(SegmentRow))]
        draft = _values(session.scalars(select(Draft)).one())
        cover = _values(session.scalars(select(Cover)).one())
        whole = _values(model)
        ladder = [status for status, parts in MIX for _ in range(parts)]
        rows: dict[type, list[dict[str, Any]]] = {
            Submission: [],
            StageRun: [],
            Draft: [],
            Cover: [],
            SegmentRow: [],
        }
        for number in range(2, count + 1):
            status = ladder[number * 7919 % len(ladder)]
            at = NOW - timedelta(minutes=30 * number)
            rows[Submission].append(_submission(whole, number, status, at))
            rows[StageRun] += _runs(number, status, at)
            rows[Draft].append({**draft, "submission_id": number})
            rows[Cover].append({**cover, "submission_id": number})
            if status in (Status.REVIEW, Status.APPROVED):
                rows[SegmentRow] += [{**segment, "submission_id": number} for segment in segments]
        for table, values in rows.items():
            session.execute(insert(table), values)


def _values(row: Any) -> dict[str, Any]:
    return {c.key: getattr(row, c.key) for c in row.__table__.columns if c.key != "id"}


def _submission(whole: dict[str, Any], number: int, status: Status, at: datetime) -> dict[str, Any]:
    is_public = status == Status.PUBLISHED
    return {
        **whole,
        "id": number,
        "task_id": f"{number:016x}",
        "media_sha256": f"{number:064x}",
        "title": f"{whole['title']} – {number}",
        "is_demo": False,
        "status": status,
        "slug": f"article-{number}" if is_public else None,
        "published_at": at if is_public else None,
        "created_at": at,
        "updated_at": at,
    }


def _runs(number: int, status: Status, at: datetime) -> list[dict[str, Any]]:
    order = list(Status)
    runs = []
    for stage in STAGES:
        is_done = order.index(stage.gives) <= order.index(status) and status != Status.ARCHIVED
        if not (is_done or stage.takes == status):
            continue
        in_trouble = not is_done and number % 3 == 0
        error = {"template": "%(who)s is out of credit.", "params": {"who": "The vendor"}, "class": "billing"}
        runs.append(
            {
                "submission_id": number,
                "stage": stage.name,
                "weight": stage.weight,
                "state": RunState.DONE if is_done else RunState.HALTED if in_trouble else RunState.TODO,
                "run_at": at,
                "attempt": 5 if in_trouble else 0,
                "error": {**error, "waiting": False, "at": at.isoformat()} if in_trouble else None,
            }
        )
    return runs


def logged_in(app: Flask) -> FlaskClient:
    room: Newsroom = app.extensions["polosa"]
    with room.db.write() as session:
        user = accounts.create_account(session, "desk@example.org", "Desk", "long password", Role.EDITOR, NOW)
        user_id = user.get_id()
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = user_id, True
    return client


def ask(client: FlaskClient, page: str) -> float:
    begun = time.perf_counter()
    answer = client.get(page)
    body = answer.get_data()
    seconds = time.perf_counter() - begun
    if answer.status_code != 200 or len(body) < 200:
        raise SystemExit(f"{page} answered {answer.status_code}")
    return seconds


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--submissions", type=int, default=10_000)
    asked.add_argument("--requests", type=int, default=200)
    args = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        apps = [create_app({**OFFLINE, "POLOSA_DATA": f"{folder}/{name}"}) for name in ("empty", "full")]
        fill(apps[1].extensions["polosa"], args.submissions)
        with apps[1].extensions["polosa"].db.read() as session:
            count = session.scalar(select(func.count()).select_from(Submission))
        empty, full = map(logged_in, apps)
        ask(empty, "/")  # compiles the templates
        rows = []
        for page in PAGES:
            first = ask(full, page)
            ask(empty, page)
            times = [(ask(empty, page), ask(full, page)) for _ in range(args.requests)]
            bare, busy = ([pair[n] for pair in times] for n in (0, 1))
            rows.append(
                (
                    f"`{page}`",
                    f"{p95(bare) * 1000:.1f} ms",
                    f"{statistics.median(busy) * 1000:.1f} ms",
                    f"{p95(busy) * 1000:.1f} ms",
                    f"{p95(busy) / p95(bare):.1f} ×",
                    f"{first * 1000:.0f} ms",
                )
            )
        for app in apps:
            app.extensions["polosa"].db.close()
    report(
        f"The desk with {count:,} submissions on SQLite, {args.requests} requests a page",
        ("page", "p95, empty desk", "median", "p95", "p95 of empty", "first"),
        rows,
    )


if __name__ == "__main__":
    main()
