"""The gate in the database: shared by processes, healed by one probe, never overspent."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select

from automation import gates
from automation.config import Settings
from automation.errors import BadSetting
from automation.gates import KeptGate
from automation.models import BackendSpend, BackendState, Base
from automation.toolbox import build
from providers.budgets import parse_budgets, parse_prices
from providers.chain import vendor_of
from providers.errors import BackendFailed, Cancelled, Unavailable
from providers.gate import FOREVER, Rules

NOW = datetime(2026, 11, 21, 14, 5, tzinfo=UTC)
KEY = "covers.openai"


class Clock:
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now

    def forward(self, **time):
        self.now += timedelta(**time)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def gate_with(room, clock):
    def make(**rules):
        return KeptGate(room.db, Rules(**rules), clock)

    return make


@pytest.fixture
def gate(gate_with):
    return gate_with()


def fail(gate, kind="overloaded", *, again=True, retry_after_s=None):
    """A visit that ends in a failure; the pause offered."""
    with pytest.raises(BackendFailed), gate.visit(KEY, "OpenAI", again=again) as visit:
        raise BackendFailed("It broke (%(status)d).", error_class=kind, retry_after_s=retry_after_s, status=5)
    return visit.pause_s


def serve(gate, model="m"):
    with gate.visit(KEY, "OpenAI", again=False) as visit:
        return visit.cost_micro_usd(model)


def refused(gate):
    with pytest.raises(Unavailable) as caught, gate.visit(KEY, "OpenAI", again=False):
        pytest.fail("the gate should be closed")
    return caught.value


def state(room):
    with room.db.read() as session:
        return session.scalars(select(BackendState)).one()


def spend(room):
    with room.db.read() as session:
        return {row.window: (row.requests, row.micro_usd) for row in session.scalars(select(BackendSpend))}


def test_models_and_migrations_agree(room):
    with room.db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = compare_metadata(context, Base.metadata)
    # SQLite takes a foreign key of a new column only inline, and SQLAlchemy doesn't read ON DELETE there:
    # tests/automation/test_desks.py removes a desk and looks.
    inline = {("remove_fk", ("desk_id",)), ("add_fk", ("desk_id",))} if room.db.is_sqlite else set()
    assert not [one for one in found if isinstance(one, list)], found
    keys = [(one[0], tuple(getattr(one[1], "column_keys", ()))) if len(one) > 1 else one for one in found]
    assert [key for key in keys if key not in inline] == []


def test_the_first_failure_offers_a_second_try_and_does_not_cool(gate, room):
    assert fail(gate, again=False) == 2.0
    assert (state(room).failures, state(room).until) == (0, None)
    assert fail(gate, again=True) is None
    assert state(room).until == NOW + timedelta(minutes=1)


def test_no_second_try_when_the_stages_time_is_over(gate_with, room):
    assert fail(gate_with(retry_within_s=30), "rate_limit", again=False, retry_after_s=31) is None
    assert state(room).failures == 1


def test_cool_downs_grow_and_end_with_a_success(gate, room, clock):
    for minutes in (1, 5, 25, 60, 60):
        fail(gate)
        assert state(room).until == clock.now + timedelta(minutes=minutes)
        assert refused(gate).error_class == "overloaded"
        clock.forward(minutes=minutes)
    serve(gate)
    assert (state(room).failures, state(room).until, state(room).last_ok_at) == (0, None, clock.now)
    assert state(room).error_class == "overloaded", "the last error stays to be read"
    fail(gate)
    assert state(room).until == clock.now + timedelta(minutes=1)


def test_a_failing_probe_is_not_repeated(gate, clock):
    fail(gate)
    clock.forward(minutes=1)
    assert fail(gate, again=False) is None


def test_another_process_knows(gate, room_with, clock):
    fail(gate, "billing")
    other = KeptGate(room_with().db, Rules(), clock)
    assert str(refused(other)) == "OpenAI: out of credit until 2026-12-01."
    clock.now = datetime(2026, 12, 1, tzinfo=UTC)
    serve(other)
    serve(gate)


def test_other_settings_start_afresh(gate_with, room):
    old, new = (gate_with(fingerprint=lambda key, n=n: n) for n in ("old", "new"))
    fail(old, "auth")
    assert refused(old).error_class == "auth"
    serve(new)
    assert refused(old).error_class == "auth", "a machine with the old key does not lift it"


@pytest.mark.parametrize("kind", ["moderation", "input"])
def test_refused_content_does_not_cool(gate, room, kind):
    fail(gate, kind)
    assert (state(room).failures, state(room).until) == (0, None)
    serve(gate)


def test_a_late_answer_neither_cools_again_nor_heals(gate, room, clock):
    """Eight calls were under way when the vendor fell over: one step of the ladder, not eight."""
    visits = [gate.visit(KEY, "OpenAI", again=True) for _ in range(8)]
    for visit in visits:
        visit.__enter__()
    for visit in visits[:-1]:
        error = BackendFailed("It broke.", error_class="overloaded")
        with pytest.raises(BackendFailed):
            visit.gen.throw(error)
    assert (state(room).failures, state(room).until) == (1, NOW + timedelta(minutes=1))
    visits[-1].__exit__(None, None, None)
    assert state(room).failures == 1


def test_one_probe_of_many_workers(gate, room, clock):
    fail(gate)
    clock.forward(minutes=1)
    start, inside, asked, turned_away = threading.Barrier(8), threading.Event(), [], []

    def work():
        start.wait()
        try:
            with gate.visit(KEY, "OpenAI", again=False):
                asked.append(1)
                inside.wait(10)
        except Unavailable as error:
            turned_away.append(str(error))
            if len(turned_away) == 7:
                inside.set()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(asked), len(turned_away)) == (1, 7)
    assert set(turned_away) == {"OpenAI is being tried by another worker after a failure."}
    serve(gate)


def test_the_probe_of_a_dead_worker_runs_out(gate, clock):
    fail(gate)
    clock.forward(minutes=1)
    dying = gate.visit(KEY, "OpenAI", again=False)
    dying.__enter__()
    assert refused(gate)
    clock.forward(minutes=10, seconds=1)
    serve(gate)
    dying.gen.close()  # what it would still say comes too late
    serve(gate)


def test_a_probe_that_is_called_off_frees_the_way(gate, clock):
    fail(gate)
    clock.forward(minutes=1)
    with pytest.raises(Cancelled), gate.visit(KEY, "OpenAI", again=False):
        raise Cancelled("Stop.")
    serve(gate)


def test_requests_are_counted_in_both_windows(gate, room):
    serve(gate)
    fail(gate)
    assert spend(room) == {"2026-11-21": (2, 0), "2026-11": (2, 0)}


def test_what_was_reserved_and_not_spent_is_given_back(gate_with, room, clock):
    gate = gate_with(prices=parse_prices("openai=0.02, openai/dear=0.08"))
    assert serve(gate, "cheap") == 20_000
    assert serve(gate, "dear") == 80_000
    fail(gate, "overloaded")
    assert spend(room)["2026-11"] == (3, 100_000)
    clock.forward(minutes=1)
    fail(gate, "timeout")
    assert spend(room)["2026-11"] == (4, 180_000), "it may have been drawn and billed"


def test_at_the_limit_it_stops_and_says_so(gate_with, room, clock):
    gate = gate_with(budgets=parse_budgets("openai=$0.05/day,openai=9/month"), prices={"openai": 20_000})
    serve(gate)
    serve(gate)
    told = refused(gate)
    assert (told.error_class, told.params["limit"]) == ("billing", "$0.05/day")
    assert spend(room) == {"2026-11-21": (2, 40_000), "2026-11": (2, 40_000)}, "a refusal counts nowhere"
    assert state(room).until is None, "it is no cool-down: a raised budget counts at once"
    clock.forward(days=1)
    serve(gate)


def test_a_month_that_is_full_takes_back_the_day(gate_with, room):
    gate = gate_with(budgets=parse_budgets("openai=1/month"))
    serve(gate)
    assert refused(gate).params["limit"] == "1/month"
    assert spend(room)["2026-11-21"] == (1, 0)


def test_it_warns_once_at_eighty_percent(gate_with, caplog):
    gate = gate_with(budgets=parse_budgets("openai=10/day"))
    for _ in range(10):
        serve(gate)
    assert [r.limit for r in caplog.records if getattr(r, "action", "") == "budget_near"] == ["10/day"]


def test_workers_at_once_do_not_overspend(gate_with, room):
    gate = gate_with(budgets=parse_budgets("openai=$0.50/month"), prices={"openai": 20_000})
    start, paid = threading.Barrier(8), []

    def work():
        start.wait()
        for _ in range(5):
            with suppress(Unavailable):
                paid.append(serve(gate))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(paid) == 25
    assert spend(room)["2026-11"] == (25, 500_000)


def test_the_toolbox_reads_the_rules_from_the_settings():
    rules = build(Settings.from_env({"RETRY_WITHIN_S": "9", "OPENAI_API_KEY": "k"})).rules
    assert [str(limit) for limit in rules.budgets] == ["$0.10/month"]
    assert rules.prices == {"covers.huggingface": 1200, "covers.openai": 20_000}
    assert rules.retry_within_s == 9
    assert rules.fingerprint(KEY) != build(Settings.from_env({})).rules.fingerprint(KEY)


@pytest.mark.parametrize("variable", ["BACKEND_BUDGETS=dalle=5/day", "BACKEND_PRICES=dalle=5"])
def test_a_budget_of_nobody_stops_the_start(variable):
    name, _, value = variable.partition("=")
    with pytest.raises(BadSetting, match=f"{name} is “dalle”"):
        build(Settings.from_env({name: value}))


def test_forever_is_kept_by_the_database(gate, room):
    fail(gate, "auth")
    assert state(room).until == FOREVER
    assert gates.history_of(state(room)).error_class == "auth"


def test_who_asks_somebody_else_stands_behind_the_gate():
    """A backend that forgot its `vendor` would be retried by nobody and paid for without a budget."""
    keys = {"HF_TOKEN": "k", "OPENAI_API_KEY": "k"}
    names = {"SPEECH_BACKENDS": "openai_compatible"}
    tools = build(Settings.from_env({**keys, **names}))
    chains = tools.by_capability
    vendors = {
        chain.key(name): vendor_of(chain.backend(name))
        for chain in (chains["speech"], chains["drafting"], chains["covers"])
        for name in chain.names
    }
    for capability in ("speech", "drafting"):
        chains[capability].backend("openai_compatible").close()
    assert vendors == {
        "speech.openai_compatible": "api.openai.com",
        "drafting.openai_compatible": "api.openai.com",
        "drafting.extractive": "",
        "covers.huggingface": "Hugging Face",
        "covers.openai": "OpenAI",
        "covers.placeholder": "",
    }
