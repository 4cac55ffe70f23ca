"""What a person sees of the backends, and may do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from automation.backends import clear, list_backends, try_now
from automation.errors import NotFound
from automation.models import AttemptRow, Event, RunState, StageRun, Submission
from automation.pipeline.advance import advance
from providers.budgets import parse_budgets
from providers.chain import Chain
from providers.errors import BackendFailed, Unavailable
from providers.gate import Rules
from tests.fakes import FakeCovers, FakeDrafting

KEY = "covers.far"


class Far(FakeCovers):
    """A vendor's backend that fails with `error` while there is one."""

    name, vendor, error = "far", "Far Pictures", None

    def generate(self, brief):
        if self.error:
            raise self.error
        return super().generate(brief)


class FarWriter(FakeDrafting):
    name, vendor = "far", "Far Words"


def no_key():
    raise Unavailable("Set FAR_KEY.", error_class="missing_key")


@pytest.fixture
def far():
    return Far()


@pytest.fixture
def house(room_with, far):
    covers = Chain([("keyless", no_key), ("far", lambda: far)], capability="covers")
    drafting = Chain([("far", FarWriter)], capability="drafting")
    made = room_with(covers=covers, drafting=drafting)
    rules = Rules(budgets=parse_budgets("covers.far=3/day"), prices={"far": 20_000})
    return replace(made, tools=replace(made.tools, rules=rules))


def line(house, key=KEY):
    found = list_backends(house.db, house.tools, house.works.now())
    return next(known for known in found if known.key == key)


def rows(house):
    with house.db.read() as session:
        return session.scalars(select(AttemptRow).where(AttemptRow.stage == "cover")).all()


def finish(house):
    while advance(house.works):
        pass


def test_ready_missing_and_at_home(house):
    assert (line(house).state, line(house).vendor) == ("ready", "Far Pictures")
    keyless = line(house, "covers.keyless")
    assert (keyless.state, str(keyless.why)) == ("missing", "Set FAR_KEY.")
    at_home = next(k for k in list_backends(house.db, house.tools, house.works.now()) if not k.vendor)
    assert at_home.meters == ()


def test_a_served_cover_is_counted_and_priced(house, submit):
    submit()
    finish(house)
    assert [(r.backend, r.outcome, r.cost_micro_usd) for r in rows(house)] == [
        ("keyless", "skipped", 0),
        ("far", "served", 20_000),
    ]
    day = line(house).meters[0]
    assert (day.requests, day.micro_usd, day.used(day.limits[0])) == (1, 20_000, pytest.approx(1 / 3))
    assert line(house).memory.last_ok_at is not None


def test_a_cooling_backend_says_why_and_the_stage_waits(house, far, submit, editor):
    far.error = BackendFailed("No money.", error_class="billing")
    submission_id = submit()
    finish(house)
    known = line(house)
    assert (known.state, known.until.day, known.memory.template) == ("cooling", 1, "No money.")
    with house.db.write() as session:
        run = session.get_one(StageRun, (submission_id, "cover"))
        run.run_at = house.works.now()
    finish(house)
    skipped = rows(house)[-1]
    assert (skipped.outcome, skipped.error_class) == ("skipped", "billing")
    assert (skipped.template % skipped.params).startswith("Far Pictures: out of credit until ")

    far.error = None
    with house.db.write() as session:
        clear(session, KEY, editor, house.works.now())
    finish(house)
    with house.db.read() as session:
        assert session.get_one(StageRun, (submission_id, "cover")).state == RunState.DONE
        event = session.scalars(select(Event).where(Event.kind == "backend_cleared")).one()
        assert (event.by_id, event.detail) == (editor.id, {"backend": KEY})
        assert session.get_one(Submission, submission_id).status == "review"


def test_try_now_heals_or_tells(house, far):
    far.error = BackendFailed("The key is wrong.", error_class="auth")
    assert try_now(house.works, KEY).message == "The key is wrong."
    assert line(house).state == "cooling"
    far.error = None
    attempt = try_now(house.works, KEY)
    assert (attempt.outcome, attempt.cost_micro_usd) == ("served", 20_000)
    assert line(house).state == "ready"
    assert try_now(house.works, "drafting.far").outcome == "served"


def test_trying_counts_against_the_budget(house):
    for _ in range(3):
        try_now(house.works, KEY)
    assert try_now(house.works, KEY).outcome == "skipped"
    known = line(house)
    assert (known.state, known.why.params["limit"]) == ("spent", "3/day")


@pytest.mark.parametrize("key", ["covers.nobody", "nothing.far", "speech.fake"])
def test_nobody_is_not_found(house, key):
    with pytest.raises(NotFound):
        try_now(house.works, key)
    with pytest.raises(NotFound), house.db.write() as session:
        clear(session, key, None, house.works.now())
