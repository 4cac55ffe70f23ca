"""Many covers, two worker processes that are killed again and again, two vendors that misbehave.

The vendors live in the calling process and write down every call. The first has blips, outages and, in the
end, no credit; the second has blips and a budget; after them the typeset cover, which never fails.
Cool-downs are short here (0.5 → 1 → 2 → 4 s), so that a run of half a minute sees many of them.
"""

from __future__ import annotations

import io
import itertools
import logging
import os
import random
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from PIL import Image as Pillow
from sqlalchemy import func, select

from automation.models import (
    AttemptRow,
    BackendSpend,
    Cover,
    Draft,
    StageRun,
    Status,
    Submission,
)
from automation.newsroom import Newsroom, open_newsroom
from automation.pipeline.advance import advance
from providers.budgets import MICRO, parse_budgets, parse_prices
from providers.chain import Chain
from providers.errors import BackendFailed
from providers.gate import Rules
from providers.types import CoverBrief, Image
from tests.fakes import fake_tools

THREADS = 4  # in each of the two workers
LEASE_S = 3.0
RULES = Rules(
    budgets=parse_budgets("beta=$2/day, beta=250/day"),
    prices=parse_prices("alpha=0.001, beta=0.01"),
    retry_within_s=5.0,
    pause_s={"network": 0.05, "timeout": 0.05, "overloaded": 0.1, "rate_limit": 0.1, "loading": 0.1},
    ladder_s=(0.5, 1.0, 2.0, 4.0),
    probe_s=2.0,
)
BETA_LIMIT_USD = 2.0
TIMEOUT_S = 0.3
BLIPS = (503, 500, 429, "page", "hang", "drop")
KINDS: dict[int, Any] = {402: "billing", 429: "rate_limit", 500: "overloaded", 503: "overloaded"}


@dataclass(frozen=True)
class Call:
    vendor: str
    begun: float
    ended: float
    answer: str  # "picture" or the fault


@dataclass
class Vendors:
    """Both have 6 % blips. Alpha has an outage after every `outage_every` pictures, and an end of credit."""

    outage_every: int
    credit: int
    outage_s: float = 3.0
    seed: int = 5
    calls: list[Call] = field(default_factory=list)
    outages: list[tuple[float, float]] = field(default_factory=list)
    drawn: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._chance, self._lock = random.Random(self.seed), threading.Lock()
        vendors = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                vendors.answer(self, self.path.strip("/"))

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request: BaseHTTPRequestHandler, vendor: str) -> None:
        begun = time.monotonic()
        request.rfile.read(int(request.headers.get("Content-Length", 0)))
        with self._lock:
            answer = self._choose(vendor, begun)
            delay_s = 2 * TIMEOUT_S if answer == "hang" else self._chance.uniform(0.01, 0.05)
        time.sleep(delay_s)
        try:
            if answer != "drop":
                body = picture() if answer == "picture" else b"<html>Welcome to the hotel Wi-Fi</html>"
                request.send_response(answer if isinstance(answer, int) else 200)
                request.send_header("Content-Length", str(len(body)))
                request.end_headers()
                request.wfile.write(body)
        except OSError:
            pass  # the worker was killed, or waits no longer
        with self._lock:
            self.calls.append(Call(vendor, begun, time.monotonic(), str(answer)))

    def _choose(self, vendor: str, now: float) -> int | str:
        if vendor == "alpha":
            if self.drawn["alpha"] >= self.credit:
                return 402
            if self.outages and now < self.outages[-1][1]:
                return 503
            if self.drawn["alpha"] >= self.outage_every * (len(self.outages) + 1):
                self.outages.append((now, now + self.outage_s))
                return 503
        if self._chance.random() < 0.06:
            return self._chance.choice(BLIPS)
        self.drawn[vendor] += 1
        return "picture"


def picture() -> bytes:
    data = io.BytesIO()
    # Another one each time, in every process: what another article has is refused.
    noise = Pillow.frombytes("L", (24, 13), os.urandom(24 * 13))
    noise.resize((1200, 630)).convert("RGB").save(data, "JPEG", quality=40)
    return data.getvalue()


class Far:
    """A vendor's backend without an SDK."""

    model = "m"

    def __init__(self, name: str, url: str) -> None:
        self.name, self.vendor, self._url = name, name.title(), f"{url}/{name}"

    def generate(self, brief: CoverBrief) -> Image:
        try:
            with urllib.request.urlopen(self._url, data=b"{}", timeout=TIMEOUT_S) as answer:
                data = answer.read()
        except urllib.error.HTTPError as error:
            error.close()
            raise BackendFailed(
                "It said %(status)d.", error_class=KINDS[error.code], status=error.code
            ) from error
        except TimeoutError as error:
            raise BackendFailed("It did not answer in time.", error_class="timeout") from error
        except OSError as error:
            raise BackendFailed("It could not be reached.", error_class="network") from error
        if not data.startswith(b"\xff\xd8"):
            raise BackendFailed("That is no picture.", error_class="format")
        return Image(data, "image/jpeg", brief.width_px, brief.height_px, brief.prompt)


class Typeset:
    name, model = "typeset", "none"

    def generate(self, brief: CoverBrief) -> Image:
        time.sleep(0.05)  # the true one takes about that
        return Image(picture(), "image/jpeg", brief.width_px, brief.height_px, is_placeholder=True)


def open_house(env: Mapping[str, str], url: str) -> Newsroom:
    backends = [Far("alpha", url), Far("beta", url), Typeset()]
    covers: Chain[Any] = Chain([(b.name, lambda b=b: b) for b in backends], capability="covers")
    return open_newsroom(env, replace(fake_tools(covers=covers), rules=RULES))


def fill(room: Newsroom, count: int) -> None:
    """Articles that wait for their cover."""
    now = datetime.now(UTC)
    with room.db.write() as session:
        for n in range(1, count + 1):
            submission = Submission(
                id=n, task_id=f"{n:032x}", status=Status.DRAFTED, title=f"Talk {n}", filename="talk.wav",
                media_key="media/talk.wav", media_sha256=f"{n:064x}", media_mime="audio/wav", size_bytes=1,
                duration_s=1.0, created_at=now, updated_at=now,
            )  # fmt: skip
            session.add(submission)
            session.flush()
            session.add(
                Draft(submission_id=n, rev=1, kind="machine", title=f"Talk {n}", body="Text.", at=now)
            )
            session.add(StageRun(submission_id=n, stage="cover", weight="light", run_at=now))


class Worker:
    """One of the two processes."""

    def __init__(self, env: Mapping[str, str], url: str) -> None:
        self._command = [sys.executable, "-m", "tests.processes.covers_under_fire", url]
        self._env = dict(env)
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, env=self._env)

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()


@dataclass(frozen=True)
class Figures:
    """What came of a run."""

    covers: int
    kills: int
    seconds: float
    chosen: dict[int, int]  # submission → chosen covers
    by_backend: dict[str, int]
    attempts: dict[str, int]  # outcome → rows
    retries: int
    calls: dict[str, int]
    beta_requests: int
    beta_spent_usd: float
    beta_billed_usd: float  # pictures the vendor drew, at their price
    outages: int
    outage_calls: list[int]  # to alpha, in each outage, after its first second
    outage_at_once: int  # the most of them at one time
    calls_without_credit: int

    def rows(self) -> list[tuple[str, str]]:
        return [
            ("covers", f"{self.covers}, each chosen once: {set(self.chosen.values()) == {1}}"),
            ("seconds", f"{self.seconds:.0f}"),
            ("workers killed and started again", str(self.kills)),
            ("drawn by", ", ".join(f"{k} {v}" for k, v in sorted(self.by_backend.items()))),
            ("attempts", ", ".join(f"{k} {v}" for k, v in sorted(self.attempts.items()))),
            ("second tries that served", str(self.retries)),
            ("calls the vendors saw", ", ".join(f"{k} {v}" for k, v in sorted(self.calls.items()))),
            ("beta's budget", f"${self.beta_spent_usd:.2f} of ${BETA_LIMIT_USD:.2f}, "
                              f"{self.beta_requests} of 250 requests"),
            ("what beta would bill", f"${self.beta_billed_usd:.2f}"),
            ("alpha's outages of 3 s", f"{self.outages}; calls after the first second: {self.outage_calls}"),
            ("calls at once in them", str(self.outage_at_once)),
            ("calls after the credit's end", str(self.calls_without_credit)),
        ]  # fmt: skip


def run(env: Mapping[str, str], count: int, *, kill_every_s: float = 2.5, patience_s: float = 300) -> Figures:
    """Draws `count` covers; a worker is killed every few seconds until the last quarter."""
    vendors = Vendors(outage_every=count // 20, credit=count // 9)
    room = open_house(env, vendors.url)
    fill(room, count)
    begun, kills, chance = time.monotonic(), 0, random.Random(3)
    workers = [Worker(env, vendors.url), Worker(env, vendors.url)]
    try:
        while (done := _done(room)) < count:
            if time.monotonic() - begun > patience_s:
                raise TimeoutError(f"only {done} of {count} covers after {patience_s} s")
            time.sleep(chance.uniform(0.5, 1.5) * kill_every_s if done < count * 3 // 4 else 0.3)
            if _done(room) < count * 3 // 4:
                worker = chance.choice(workers)
                worker.kill()
                worker.start()
                kills += 1
    finally:
        for worker in workers:
            worker.kill()
        vendors.stop()
    seconds = time.monotonic() - begun
    figures = _figures(room, vendors, kills, seconds)
    room.db.close()
    return figures


def _done(room: Newsroom) -> int:
    with room.db.read() as session:
        wanted = select(func.count()).select_from(Submission).where(Submission.status == Status.REVIEW)
        return int(session.scalar(wanted) or 0)


def _figures(room: Newsroom, vendors: Vendors, kills: int, seconds: float) -> Figures:
    with room.db.read() as session:
        covers = session.execute(select(Cover.submission_id, Cover.backend, Cover.chosen)).all()
        rows = session.execute(
            select(AttemptRow.submission_id, AttemptRow.backend, AttemptRow.outcome).order_by(AttemptRow.id)
        ).all()
        spent = session.scalars(select(BackendSpend).where(BackendSpend.backend == "covers.beta")).first()
    settled = [
        [c for c in vendors.calls if c.vendor == "alpha" and a + 1.0 <= c.begun < b]
        for a, b in vendors.outages
    ]
    retries = sum(
        a[:2] == b[:2] and (a[2], b[2]) == ("failed", "served")
        for _, group in itertools.groupby(sorted(rows, key=lambda r: r[0]), key=lambda r: r[0])
        for a, b in itertools.pairwise(group)
    )
    return Figures(
        covers=len(covers),
        kills=kills,
        seconds=seconds,
        chosen=dict(Counter(c.submission_id for c in covers if c.chosen)),
        by_backend=dict(Counter(c.backend for c in covers)),
        attempts=dict(Counter(row.outcome for row in rows)),
        retries=retries,
        calls=dict(Counter(call.vendor for call in vendors.calls)),
        beta_requests=spent.requests if spent else 0,
        beta_spent_usd=spent.micro_usd / MICRO if spent else 0.0,
        beta_billed_usd=vendors.drawn["beta"] * 0.01,
        outages=len(vendors.outages),
        outage_calls=[len(calls) for calls in settled],
        outage_at_once=max((_most_at_once(calls) for calls in settled), default=0),
        calls_without_credit=sum(c.answer == "402" for c in vendors.calls),
    )


def _most_at_once(calls: list[Call]) -> int:
    moments = sorted([(c.begun, 1) for c in calls] + [(c.ended, -1) for c in calls])
    return max(itertools.accumulate(step for _, step in moments), default=0)


def work(url: str) -> None:
    """A worker process: until it is killed."""
    logging.disable()
    room = open_house(os.environ, url)
    works = replace(room.works, lease_s=LEASE_S)

    def draw() -> None:
        while True:
            if advance(works, weights=("light",)) is None:
                time.sleep(0.1)

    threads = [threading.Thread(target=draw) for _ in range(THREADS)]
    for thread in threads:
        thread.start()


if __name__ == "__main__":
    work(sys.argv[1])
