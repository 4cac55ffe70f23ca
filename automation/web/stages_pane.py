"""The strip of stages: how far each is, what may be done about it, and who served or did not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import object_session

from automation.backends import STAGE_OF
from automation.models import AttemptRow, BackendState, RunState, StageRun, Status, Submission
from automation.pipeline import STAGES, pace
from automation.web.language import say_template
from automation.web.names import CLASSES
from automation.web.progress import parts
from automation.web.shown import may, seconds, trouble
from providers.budgets import dollars


@dataclass(frozen=True)
class Step:
    """One stage in the strip at the top of the page."""

    name: str
    state: str  # done, doing, todo, waiting, paused, halted, later
    percent: int = 0
    told: tuple[str, ...] = ()  # how far it is, in words
    trouble: dict[str, Any] | None = None


class StagesPane:
    """Needs a session that stays open while the page is made."""

    def __init__(self, submission: Submission, now: datetime) -> None:
        self.sub = submission
        self.now = now

    @cached_property
    def steps(self) -> list[Step]:
        runs = {run.stage: run for run in self.sub.runs}
        reached = list(Status).index(Status(self.sub.status))
        steps = []
        for stage in STAGES:
            if stage.name == "publish":
                steps.append(self._review_step(reached))
            passed = reached >= list(Status).index(stage.gives) and self.sub.status != Status.ARCHIVED
            run = runs.get(stage.name)
            # Done once more, for a cover or a format an editor wished for: it leads where the submission is.
            repeated = passed and run is not None and run.state != RunState.DONE
            takes = Status(self.sub.status) if repeated else stage.takes
            steps.append(self._step(stage.name, takes, run, passed and not repeated))
        return steps

    def _review_step(self, reached: int) -> Step:
        passed = reached > list(Status).index(Status.REVIEW) and self.sub.status != Status.ARCHIVED
        here = self.sub.status == Status.REVIEW
        return Step("review", "done" if passed else "doing" if here else "later")

    def _step(self, name: str, takes: Status, run: StageRun | None, passed: bool) -> Step:
        if passed:
            return Step(name, "done", 100)
        if run is None or takes != self.sub.status or run.state == RunState.DONE:
            return Step(name, "later")
        told = trouble(run.state, run.error, run.run_at)
        state = {RunState.TODO: "todo"}.get(RunState(run.state), str(run.state))
        if state == "todo" and run.attempt:
            state = "waiting"
        words = tuple(parts(run, self.sub.duration_s, self.now))
        return Step(name, state, round(run.progress * 100), words, told)

    @cached_property
    def ready(self) -> str:
        """Ready for review in about 6 min; empty where nobody can tell, or where one stage is left."""
        session = object_session(self.sub)
        if session is None or not any(step.state == "doing" for step in self.steps[:-3]):
            return ""
        seconds = pace.ready_in_s(self.sub, pace.expected(session), self.now)
        if seconds is None:
            return ""
        return str(gettext("ready for review in %(minutes)d min", minutes=max(round(seconds / 60), 1)))

    @property
    def is_busy(self) -> bool:
        """Something is being worked on or due: the page looks again soon."""
        return any(
            run.state == RunState.DOING or (run.state == RunState.TODO and run.run_at <= self.now)
            for run in self.sub.runs
        )

    @property
    def can_retry(self) -> bool:
        return may("author") and any(step.state in ("waiting", "halted") for step in self.steps)

    @property
    def can_stop(self) -> bool:
        stoppable = ("todo", "doing", "waiting")
        machine = (step for step in self.steps if step.name not in ("review", "publish"))
        return may("author") and any(step.state in stoppable for step in machine)

    @property
    def is_paused(self) -> bool:
        return any(step.state == "paused" for step in self.steps)

    @property
    def can_resume(self) -> bool:
        return may("author") and self.is_paused

    # --- who did what ---

    @cached_property
    def strip(self) -> list[dict[str, Any]]:
        """Who did what: for each stage the latest request in a sentence, and every attempt."""
        parts = []
        for stage in STAGES:
            rows = [row for row in self.sub.attempts if row.stage == stage.name]
            if rows:
                latest = [row for row in rows if row.request_key == rows[-1].request_key]
                parts.append(
                    {
                        "stage": stage.name,
                        "words": "; ".join(self._worded(row) for row in latest),
                        "attempts": [told_attempt(row, self._vendor(row)) for row in rows],
                    }
                )
        return parts

    def _worded(self, row: AttemptRow) -> str:
        """Hugging Face: out of credit until 1 December · OpenAI: served in 41 s, $0.02."""
        who, why = self._vendor(row), say_template(row.template, row.params)
        if row.outcome == "served":
            price = f", {dollars(row.cost_micro_usd)}" if row.cost_micro_usd else ""
            return str(gettext("%(who)s: served in %(time)s", who=who, time=seconds(row.ms))) + price
        if row.outcome == "failed":
            kind = CLASSES.get(row.error_class or "unknown", row.error_class)
            words = {"who": who, "time": seconds(row.ms), "kind": kind}
            return str(gettext("%(who)s: failed after %(time)s (%(kind)s)", **words))
        return why.rstrip(".") if why.startswith(who) else f"{who}: {why.rstrip('.')}"

    def _vendor(self, row: AttemptRow) -> str:
        """The name people know a backend by; a backend of this machine has its own only."""
        return self._vendors.get((row.stage, row.backend), row.backend)

    @cached_property
    def _vendors(self) -> dict[tuple[str, str], str]:
        session = object_session(self.sub)
        if session is None:
            return {}
        found = session.execute(select(BackendState.backend, BackendState.vendor).distinct())
        keys = ((key.partition("."), vendor) for key, vendor in found if vendor)
        return {(STAGE_OF.get(capability, ""), name): vendor for (capability, _, name), vendor in keys}


def told_attempt(row: AttemptRow, who: str) -> dict[str, Any]:
    return {
        "who": who,
        "model": row.model,
        "outcome": row.outcome,
        "took": seconds(row.ms),
        "price": dollars(row.cost_micro_usd) if row.cost_micro_usd else "",
        "why": say_template(row.template, row.params),
        "at": row.at,
    }
