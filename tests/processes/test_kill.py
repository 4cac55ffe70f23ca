"""kill -9, twenty times in every stage, and of the whole service at once: nothing is lost or done twice.

Real processes, the demonstration model, the vendors' SDKs against a local server, SQLite and PostgreSQL.
"""

from __future__ import annotations

import itertools
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import func, select

from automation import accounts
from automation.models import AttemptRow, Event, PieceRow, Role, RunState, StageRun, Status, Submission
from automation.newsroom import Newsroom, open_newsroom
from automation.pipeline import intake
from automation.pipeline.review import approve
from automation.toolbox import DEMO_ENV, DEMO_INTERVIEW
from providers.audio import stream
from tests.fake_vendors import FakeVendors
from tests.fakes import NOW, describe_cover
from tests.postgres import free_port
from tests.wav import write_wav

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

BATCH = 10
KILLS = 20
MACHINE_STAGES = ("transcribe", "diarize", "draft", "cover")
LEASE_S = 2
PATIENCE_S = 300


@pytest.fixture
def service_env(request, stored: dict[str, str]) -> Iterator[dict[str, str]]:
    with FakeVendors() as vendors:
        vendors.delay_s = 0.3
        env = {
            **DEMO_ENV, **stored, "POLL_S": "0.05",
            "LEASE_S": str(LEASE_S), "HF_HUB_DISABLE_TELEMETRY": "1", "LOG_LEVEL": "WARNING",
            "PORT": str(free_port()), "DIARIZATION_BACKENDS": "baseline",
            "WRITER_BASE_URL": f"{vendors.url}/v1", "WRITER_API_KEY": "test",
            "DRAFTING_BACKENDS": "openai_compatible", "COVER_BACKENDS": "openai",
            "OPENAI_API_KEY": "test", "OPENAI_BASE_URL": f"{vendors.url}/v1",
        }  # fmt: skip
        request.node.vendors = vendors
        yield env


class Service:
    """A worker, or the whole service, in processes of its own."""

    def __init__(self, env: dict[str, str], *command: str) -> None:
        self.env, self.command = env, command
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "automation", *self.command], env=self.env, start_new_session=True
        )

    def kill(self) -> None:
        """SIGKILL for the process and everything it started."""
        for pid in [self.process.pid, *children_of(self.process.pid)]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()


def children_of(pid: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            child = int(status.parent.name)
            found += [child, *children_of(child)]
    return found


def submit_batch(room: Newsroom, folder: Path) -> list[int]:
    """Ten recordings of two to three pieces each: stretches of the sample, cut in different places."""
    sound = np.concatenate(list(stream(DEMO_INTERVIEW)))
    ids = []
    for n in range(BATCH):
        path = write_wav(folder / f"talk{n}.wav", sound[n * 16_000 : n * 16_000 + 50 * 16_000])
        with path.open("rb") as file:
            ids.append(intake.submit(room, file, path.name, by=None, now=NOW).submission_id)
    return ids


def wait_until(condition: Callable[[], bool], what: str, every_s: float = 0.02) -> None:
    until = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < until, f"waited too long for {what}"
        time.sleep(every_s)


def runs_at(room: Newsroom, stage: str, *states: RunState) -> int:
    with room.db.read() as session:
        return session.scalar(
            select(func.count())
            .select_from(StageRun)
            .where(StageRun.stage == stage, StageRun.state.in_(states))
        )


def count_at(room: Newsroom, status: Status) -> int:
    with room.db.read() as session:
        return session.scalar(select(func.count()).select_from(Submission).where(Submission.status == status))


def done_stages(room: Newsroom) -> Counter[tuple[int, str]]:
    with room.db.read() as session:
        events = session.scalars(select(Event).where(Event.kind == "stage_done"))
        return Counter((event.submission_id, event.detail["stage"]) for event in events)


def pieces(room: Newsroom) -> dict[tuple[int, int], list]:
    with room.db.read() as session:
        return {(p.submission_id, p.idx): p.words for p in session.scalars(select(PieceRow))}


def served(room: Newsroom) -> Counter[tuple[int, str]]:
    with room.db.read() as session:
        rows = session.scalars(select(AttemptRow).where(AttemptRow.outcome == "served"))
        return Counter((row.submission_id, row.stage) for row in rows)


@pytest.fixture
def room(service_env) -> Iterator[Newsroom]:
    opened = open_newsroom(service_env)
    yield opened
    opened.db.close()


def kill_in_every_stage(room: Newsroom, worker: Service) -> tuple[Counter[str], int]:
    """Kills the worker in each stage until each has had its share; (kills by stage, paid calls in flight)."""
    chance, hit, in_flight = random.Random(7), Counter(), 0
    while hit.total() < KILLS and count_at(room, Status.REVIEW) < BATCH:
        wanted = [s for s in MACHINE_STAGES if hit[s] < KILLS / 4 and runs_at(room, s, RunState.DOING)]
        if not wanted:
            time.sleep(0.01)
            continue
        paid = {"draft", "cover"} & set(
            wanted
        )  # importing the SDK takes a second: reach into the call itself
        time.sleep(chance.uniform(0, 1.5 if paid else 0.15))
        before, saved = done_stages(room), pieces(room)
        in_flight += sum(runs_at(room, stage, RunState.DOING) for stage in ("draft", "cover"))
        at_work = [stage for stage in wanted if runs_at(room, stage, RunState.DOING)]
        worker.kill()
        hit.update(at_work[:1])
        assert all(pieces(room)[key] == words for key, words in saved.items()), "a saved piece was done again"
        assert before <= done_stages(room), "a recorded stage was forgotten"
        worker.start()
    worker.kill()
    return hit, in_flight


def test_nothing_is_lost_or_done_twice(service_env, room, tmp_path, request):
    vendors = request.node.vendors
    submit_batch(room, tmp_path)
    hit, in_flight = kill_in_every_stage(room, Service(service_env, "worker"))
    assert hit == dict.fromkeys(MACHINE_STAGES, KILLS / 4), f"every stage was hit five times: {hit}"

    whole = Service(service_env, "run")  # the whole service at once: supervisor, web and worker
    time.sleep(2.5)
    whole.kill()
    whole.start()
    try:
        wait_until(lambda: count_at(room, Status.REVIEW) == BATCH, "all submissions to be in review", 0.2)
        with room.db.write() as session:
            editor = accounts.create_account(session, "e@example.org", "E", "long password", Role.EDITOR, NOW)
        for submission_id in range(1, BATCH + 1):
            with room.db.write() as session:
                submission = session.get_one(Submission, submission_id)
                describe_cover(submission, NOW)
                approve(session, submission, editor, NOW, publish_at=NOW)
            if submission_id in (3, 6):
                whole.kill()
                whole.start()
        wait_until(lambda: count_at(room, Status.PUBLISHED) == BATCH, "all articles to be public", 0.2)
    finally:
        whole.kill()

    every = {(n, stage) for n in range(1, BATCH + 1) for stage in (*MACHINE_STAGES, "publish")}
    assert done_stages(room) == Counter(every), "each stage of each submission is recorded exactly once"
    answers = served(room)
    assert all(answers[(n, s)] == 1 for n in range(1, BATCH + 1) for s in ("draft", "cover")), "paid twice"
    calls = vendors.calls["openai_chat"] + vendors.calls["openai_images"]
    assert calls - 2 * BATCH <= in_flight, "an answer that had arrived was asked for again"
    with room.db.read() as session:
        for submission in session.scalars(select(Submission)):
            spans = [(p.start_s, p.end_s) for p in submission.pieces]
            assert spans[0][0] == 0
            assert all(a[1] == b[0] for a, b in itertools.pairwise(spans)), "the pieces tile the recording"
            assert spans[-1][1] == pytest.approx(submission.duration_s, abs=0.1)
            assert (len(submission.drafts), len(submission.covers)) == (1, 1)
    print(f"kills: {dict(hit)}; {calls} paid calls for {2 * BATCH} answers, {in_flight} were in flight")


def test_an_answer_that_was_recorded_is_not_paid_for_again(service_env, room, tmp_path, request):
    """The worker dies between the answer and the record of the stage, on purpose."""
    vendors = request.node.vendors
    sound = np.concatenate(list(stream(DEMO_INTERVIEW)))[: 20 * 16_000]
    with write_wav(tmp_path / "talk.wav", sound).open("rb") as file:
        intake.submit(room, file, "talk.wav", by=None, now=NOW)
    for _ in range(2):  # once after the article came, once after the picture came
        subprocess.run(
            [sys.executable, "-m", "tests.processes.dies_before_recording"], env=service_env, check=False
        )
        time.sleep(LEASE_S + 0.5)
    assert (vendors.calls["openai_chat"], vendors.calls["openai_images"]) == (1, 1)
    assert count_at(room, Status.DRAFTED) == 1
    worker = Service(service_env, "worker")
    try:
        wait_until(lambda: count_at(room, Status.REVIEW) == 1, "review", 0.1)
    finally:
        worker.kill()
    assert (vendors.calls["openai_chat"], vendors.calls["openai_images"]) == (1, 1)
