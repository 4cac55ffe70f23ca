"""From submit to review: the bundled interview through a real worker process, without any key or network.

Recognised by the demonstration model, written by `extractive`, illustrated by `placeholder`, as at the first
`make run`.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import select

from automation.models import StageRun, Status, Submission
from automation.newsroom import Newsroom, open_newsroom
from automation.pipeline import STAGES
from automation.supervisor import submit_sample
from bench.machine import report

ROOT = Path(__file__).parent.parent
PATIENCE_S = 300
KEPT = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH")


def once() -> dict[str, float]:
    """Seconds: worker's start, submitting, each stage, and from submit to review."""
    with tempfile.TemporaryDirectory() as folder:
        env = {name: os.environ[name] for name in KEPT if name in os.environ}
        env |= {"POLOSA_DATA": folder, "SAMPLE_INTERVIEW": "0", "HF_HUB_DISABLE_TELEMETRY": "1"}
        env |= {"DIARIZATION_BACKENDS": "baseline", "DRAFTING_BACKENDS": "extractive"}
        env |= {"COVER_BACKENDS": "placeholder", "LOG_LEVEL": "INFO"}
        room = open_newsroom(env)
        begun = time.perf_counter()
        command = [sys.executable, "-m", "automation", "worker"]
        log = Path(folder) / "worker.log"
        with log.open("w") as out:
            worker = subprocess.Popen(command, env=env, cwd=ROOT, stderr=out)
        try:
            _until(lambda: "worker started" in log.read_text(), worker)
            ready = time.perf_counter()
            submitted = submit_sample(room)
            taken = time.perf_counter()
            _until(lambda: _status(room, submitted.submission_id) == Status.REVIEW, worker)
            done = time.perf_counter()
        finally:
            worker.send_signal(signal.SIGTERM)
            worker.wait(30)
        times = {"worker starts": ready - begun, "submit": taken - ready, **_stages(room)}
        room.db.close()
    return {**times, "from submit to review": done - ready}


def _until(reached, worker: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not reached():
        if worker.poll() is not None or time.monotonic() > until:
            raise SystemExit("the worker did not get there")
        time.sleep(0.02)


def _status(room: Newsroom, number: int) -> str:
    with room.db.read() as session:
        return session.scalars(select(Submission.status).where(Submission.id == number)).one()


def _stages(room: Newsroom) -> dict[str, float]:
    with room.db.read() as session:
        runs = {run.stage: run for run in session.scalars(select(StageRun))}
    return {
        stage.name: (runs[stage.name].finished_at - runs[stage.name].started_at).total_seconds()
        for stage in STAGES
        if stage.name in runs
    }


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--runs", type=int, default=5)
    args = asked.parse_args()
    runs = [once() for _ in range(args.runs)]
    rows = [
        (part, f"{statistics.median(r[part] for r in runs):.2f} s", f"{max(r[part] for r in runs):.2f} s")
        for part in runs[0]
    ]
    report(
        f"The bundled interview (93 s), fresh worker each time, {args.runs} runs",
        ("part", "median", "worst"),
        rows,
    )


if __name__ == "__main__":
    main()
