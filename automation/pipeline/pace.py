"""How long a stage takes: learned from past runs on this machine, corrected by the run's own pace.

A run is measured in units of work: seconds of audio where the time grows with the recording, else 1.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from automation.models import PastRun, RunState, Submission
from automation.pipeline import STAGES

KEPT = 20  # past runs of a stage with the same machine, backend and model
# What has been learned counts as much as this many seconds of the recording at hand.
PRIOR_S = 120.0
# Without past runs a run is asked for its own pace when it has done this much of it.
ENOUGH_UNITS, ENOUGH_S = 10.0, 3.0
MACHINE_STAGES = tuple((stage.name, stage.weight == "heavy") for stage in STAGES if stage.name != "publish")


@dataclass
class Stopwatch:
    """One run at work. Moments are seconds of a monotonic clock; downloads don't count."""

    units: float  # the whole work
    past: float | None  # seconds a unit took so far on this machine; None: not known
    first: float  # share that was done before this run
    seen: float
    share: float = 0.0
    worked_s: float = 0.0
    is_fetching: bool = False

    def __post_init__(self) -> None:
        self.share = max(self.share, self.first)

    def note(self, share: float, at: float, *, is_fetching: bool = False) -> None:
        """The share of the work that is done at a moment, and whether bytes arrive from now on."""
        if not self.is_fetching:
            self.worked_s += at - self.seen
        self.share, self.seen, self.is_fetching = share, at, is_fetching

    @property
    def done(self) -> float:
        """Units of work of this run."""
        return (self.share - self.first) * self.units

    def left_s(self) -> float | None:
        """Seconds until the work is over; None: not known."""
        left = (1.0 - self.share) * self.units
        if self.is_fetching:
            return None
        if self.done <= 0:
            return max(left * self.past - self.worked_s, 0.0) if self.past is not None else None
        own = self.worked_s / self.done
        if self.past is None:
            return left * own if self.done >= ENOUGH_UNITS and self.worked_s >= ENOUGH_S else None
        weight = self.done / (self.done + PRIOR_S)
        return left * (weight * own + (1 - weight) * self.past)


def learned(session: Session, stage: str, backend: str, model: str) -> float | None:
    """Seconds a unit of work took on this machine; None before the first run."""
    wanted = select(PastRun.units, PastRun.seconds).where(*_alike(stage, machine(), backend, model))
    return typical((units, seconds) for units, seconds in session.execute(wanted))


def expected(session: Session) -> dict[str, float]:
    """For each stage the seconds a unit took where, and with what, it ran last."""
    runs: dict[tuple[str, ...], list[tuple[float, float]]] = {}
    latest: dict[str, tuple[str, ...]] = {}
    for run in session.scalars(select(PastRun).order_by(PastRun.id)):
        key = (run.stage, run.machine, run.backend, run.model)
        runs.setdefault(key, []).append((run.units, run.seconds))
        latest[run.stage] = key
    known = {stage: typical(runs[key]) for stage, key in latest.items()}
    return {stage: pace for stage, pace in known.items() if pace is not None}


def typical(runs: Iterable[tuple[float, float]]) -> float | None:
    """The median of seconds per unit, in which a long run counts for more than a short one."""
    paces = sorted((seconds / units, units) for units, seconds in runs if units > 0)
    half = sum(units for _, units in paces) / 2
    for pace, units in paces:
        half -= units
        if half <= 0:
            return pace
    return None


def keep(session: Session, run: PastRun) -> None:
    """Adds a run that was done; the oldest of its kind go."""
    session.add(run)
    session.flush()
    alike = _alike(run.stage, run.machine, run.backend, run.model)
    newest = select(PastRun.id).where(*alike).order_by(PastRun.id.desc()).offset(KEPT - 1).limit(1)
    oldest = session.scalar(newest)
    if oldest is not None:
        session.execute(delete(PastRun).where(*alike, PastRun.id < oldest))


def _alike(stage: str, where: str, backend: str, model: str) -> tuple[Any, ...]:
    return (
        PastRun.stage == stage,
        PastRun.machine == where,
        PastRun.backend == backend,
        PastRun.model == model[:120],
    )


def left_s(eta_at: datetime | None, now: datetime) -> float | None:
    """Seconds to an estimated end; None where there is none, or it has passed."""
    seconds = (eta_at - now).total_seconds() if eta_at else 0.0
    return seconds if seconds > 0 else None


def ready_in_s(submission: Submission, known: Mapping[str, float], now: datetime) -> float | None:
    """Seconds until a person is next: the stage at work and those after it. None: one of them is unknown."""
    runs, seconds = {run.stage: run for run in submission.runs}, 0.0
    for name, is_heavy in MACHINE_STAGES:
        run = runs.get(name)
        if run is not None and run.state == RunState.DONE:
            continue
        left = left_s(run.eta_at, now) if run is not None and run.state == RunState.DOING else None
        if left is None and name in known:
            left = known[name] * (submission.duration_s if is_heavy else 1.0)
        if left is None:
            return None
        seconds += left
    return seconds


def worded(seconds: float) -> tuple[str, Mapping[str, int]]:
    """A time that is left, as a template and its parameters: nobody believes in seconds."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return "less than a minute left", {}
    if minutes < 90:
        return "about %(minutes)d min left", {"minutes": minutes}
    return "about %(hours)d h %(minutes)d min left", {"hours": minutes // 60, "minutes": minutes % 60}


@lru_cache
def machine() -> str:
    """What the speed depends on: the processor, its cores, a graphics card. Not the host's name, which a
    container changes with every start."""
    parts = [f"{_first('/proc/cpuinfo', 'model name') or 'processor'} × {len(os.sched_getaffinity(0))}"]
    cards = sorted(Path("/proc/driver/nvidia/gpus").glob("*/information"))
    parts += [card for card in (_first(path, "Model") for path in cards) if card]
    return ", ".join(parts)[:200]


def _first(path: str | Path, name: str) -> str:
    """The value of the first line `name : value` of a file."""
    try:
        lines = Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    found = (line.partition(":") for line in lines)
    return next((value.strip() for key, _, value in found if key.strip() == name), "")
