"""A person stops the work of a real worker: the ledger says so at once, the worker is free within moments."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from automation.models import RunState, StageRun, Status, Submission
from automation.newsroom import Newsroom
from automation.pipeline import intake, pausing
from tests.fakes import NOW, recording
from tests.processes.slow_worker import PIECE_S

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture
def env(stored: dict[str, str]) -> dict[str, str]:
    return {**stored, "POLL_S": "0.05"}


@pytest.fixture
def worker(env, room) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-m", "tests.processes.slow_worker"], env=env)
    yield process
    process.kill()
    process.wait()


def send(room: Newsroom, folder, seed: int, seconds: float) -> int:
    path = recording(folder / f"talk{seed}.wav", seed, seconds)
    with path.open("rb") as stream:
        return intake.submit(room, stream, path.name, by=None, now=NOW).submission_id


def wait_until(condition, what: str) -> None:
    until = time.monotonic() + 90
    while not condition():
        assert time.monotonic() < until, f"waited too long for {what}"
        time.sleep(0.05)


def pieces(room: Newsroom, submission_id: int) -> int:
    with room.db.read() as session:
        return len(session.get_one(Submission, submission_id).pieces)


def status(room: Newsroom, submission_id: int) -> str:
    with room.db.read() as session:
        return session.get_one(Submission, submission_id).status


def test_stop_frees_the_worker_and_continue_goes_on(env, room, worker, tmp_path):
    long = send(room, tmp_path, 1, 40.0)
    wait_until(lambda: pieces(room, long) == 2, "two pieces")
    time.sleep(0.5)  # into the third
    began = time.monotonic()
    with room.db.write() as session:
        pausing.stop(session, session.get_one(Submission, long), None, NOW)
    with room.db.read() as session:
        assert session.get_one(StageRun, (long, "transcribe")).state == RunState.PAUSED
    short = send(room, tmp_path, 2, 3.0)  # the only heavy thread takes it on
    wait_until(lambda: status(room, short) == Status.REVIEW, "the other recording")
    took = time.monotonic() - began
    assert took < PIECE_S - 1, "the stage ended before the piece it was at"
    print(f"another recording was through {took:.1f} s after the stop")
    assert pieces(room, long) == 2
    worker.kill()
    worker.wait()
    with room.db.write() as session:
        pausing.resume(session, session.get_one(Submission, long), None, NOW)
        first = [piece.words for piece in session.get_one(Submission, long).pieces]
    with subprocess.Popen([sys.executable, "-m", "tests.processes.slow_worker"], env=env) as again:
        wait_until(lambda: pieces(room, long) > 2, "the third piece")
        again.kill()
    with room.db.read() as session:
        kept = session.get_one(Submission, long).pieces
        assert [piece.words for piece in kept[:2]] == first
        assert [piece.idx for piece in kept] == list(range(len(kept)))
