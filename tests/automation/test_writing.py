"""What is kept of the writing: every request with its price, on the attempt, within the budget."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from automation.models import AttemptRow, BackendSpend, Desk, Draft, Status, Submission, WriterCall
from automation.pipeline.advance import advance
from providers.budgets import parse_budgets
from providers.chain import Chain
from providers.drafting.extractive import Extractive
from providers.drafting.openai_compatible import OpenAICompatible
from providers.drafting.server import Server
from providers.gate import Rules
from tests.fake_vendors import FakeVendors
from tests.fake_writers import answer
from tests.fakes import NOW


@pytest.fixture
def vendors():
    with FakeVendors(chat=answer) as server:
        yield server


@pytest.fixture
def house(room_with, vendors):
    """A newsroom whose writer is a model at one dollar per thousand tokens; then the extractive one."""

    def make(**rules):
        writer = OpenAICompatible(Server("sk-secret", f"{vendors.url}/v1", price=(1000.0, 1000.0)))
        chain = Chain(
            [("openai_compatible", lambda: writer), ("extractive", Extractive)], capability="drafting"
        )
        quick = {"pause_s": {}, **rules}
        return room_with(drafting=chain, rules=Rules(**quick))

    return make


def work(house):
    while advance(house.works):
        pass


def test_every_request_stands_beside_its_draft(house, submit, vendors):
    made = submit()
    room = house()
    work(room)

    with room.db.read() as session:
        draft = session.scalars(select(Draft)).one()
        (call,) = session.scalars(select(WriterCall))
        attempts = session.scalars(select(AttemptRow).where(AttemptRow.stage == "draft")).all()
        spend = session.scalars(select(BackendSpend)).all()
        assert session.get_one(Submission, made).status == Status.REVIEW
    assert draft.request == call.request
    assert (call.step, call.backend, call.prompt_version) == ("article", "openai_compatible", 2)
    assert (call.prompt_tokens, call.completion_tokens) == (900, 300)
    assert "<recording>" in call.messages[1]["content"]
    assert call.cost_micro_usd == 1_200_000
    assert [attempt.cost_micro_usd for attempt in attempts] == [1_200_000]
    assert {row.micro_usd for row in spend} == {1_200_000}  # what was reserved and not spent went back
    assert {row.requests for row in spend} == {1}
    assert "sk-secret" not in repr([call.messages, call.answer])


def test_a_request_that_would_break_the_budget_is_not_sent(house, submit, vendors):
    submit()
    room = house(budgets=parse_budgets("openai_compatible=$1/day"))
    work(room)

    with room.db.read() as session:
        served = session.scalars(select(Draft)).one()
        (skipped, extractive) = session.scalars(
            select(AttemptRow).where(AttemptRow.stage == "draft").order_by(AttemptRow.id)
        )
    assert vendors.calls["openai_chat"] == 0
    assert (skipped.outcome, skipped.error_class) == ("skipped", "billing")
    assert extractive.backend == "extractive"
    assert served.title


def test_a_failure_is_kept_and_the_next_writer_serves(house, submit, vendors):
    vendors.fail_next("openai_chat", times=9, status=503)
    submit()
    room = house()
    work(room)

    with room.db.read() as session:
        (call,) = session.scalars(select(WriterCall))
        assert session.scalars(select(Draft)).one().title
    assert "out of order" in call.failure
    assert call.answer == ""


def test_the_house_style_of_the_desk_is_in_the_prompt(house, submit, vendors):
    made = submit()
    room = house()
    with room.db.write() as session:
        desk = session.get_one(Submission, made).desk or Desk(name="Город", created_at=NOW)
        desk.house_style = "Пишем коротко. Никаких восклицательных знаков."
        session.get_one(Submission, made).desk = desk
    work(room)

    rules = vendors.seen("openai_chat")[0].json["messages"][0]["content"]
    assert "House style of this desk:\nПишем коротко." in rules


def test_a_stage_that_died_pays_for_no_answer_twice(house, submit, vendors):
    """The process dies between the answer and the record: the second run finds the answer in the notebook."""
    submit()
    room = house()
    with room.db.read() as session:
        assert session.scalars(select(Draft)).first() is None
    work(room)
    with room.db.write() as session:  # as if the attempt and the draft had never been recorded
        made = session.scalars(select(Submission)).one()
        session.delete(session.scalars(select(Draft)).one())
        made.title = made.filename
        for row in session.scalars(select(AttemptRow).where(AttemptRow.stage == "draft")):
            session.delete(row)
        run = next(run for run in made.runs if run.stage == "draft")
        run.state, run.run_at = "todo", made.created_at
    work(room)

    assert vendors.calls["openai_chat"] == 1
    with room.db.read() as session:
        assert session.scalars(select(Draft)).one().title
        costs = session.scalars(select(AttemptRow.cost_micro_usd).where(AttemptRow.stage == "draft")).all()
    assert costs == [0]
