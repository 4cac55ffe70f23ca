"""Each vendor's backend × each failure of the fake vendors, through the real SDKs and the real line.

A row says what the chain makes of it: the class, how often it asked, how long it leaves the backend alone,
and the words the editor reads. The next backend of the chain always serves.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from automation.config import Settings
from automation.gates import KeptGate
from automation.models import AttemptRow, BackendState, Cover, Status
from automation.pipeline.advance import advance, load
from automation.toolbox import build
from providers.budgets import window_end
from providers.chain import Chain
from providers.covers import NEUTRAL_PROMPT
from providers.errors import Unavailable
from providers.gate import FOREVER, PAUSE_S
from tests.fake_vendors import FakeVendors
from tests.fakes import FakeCovers
from tests.postgres import free_port

MIN = timedelta(minutes=1)
DAY = timedelta(days=1)
MONTH, PERSON, NOT = "the month's end", "a person", None  # besides a length of time: until when it cools
LOADING = {"error": "Model x/y is currently loading", "estimated_time": 20.0}
QUOTA = {"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}}
BLOCKED = {"error": {"message": "Rejected by the safety system", "code": "moderation_blocked"}}


@dataclass(frozen=True)
class Place:
    """Where a backend stands, and what the fake calls its route."""

    capability: str
    route: str
    next: str
    stage: str
    env: dict[str, str]


PLACES = {
    "huggingface": Place(
        "covers", "hf_image", "placeholder", "cover",
        {"HF_TOKEN": "hf", "HF_IMAGE_ENDPOINT": "{url}/hf-inference/models/x/y", "HF_IMAGE_TIMEOUT_S": "1"},
    ),
    "openai": Place(
        "covers", "openai_images", "placeholder", "cover",
        {"OPENAI_API_KEY": "sk-test", "OPENAI_BASE_URL": "{url}/v1", "OPENAI_IMAGE_TIMEOUT_S": "1"},
    ),
    "openai_compatible": Place(
        "drafting", "openai_chat", "extractive", "draft",
        {"WRITER_API_KEY": "k", "WRITER_BASE_URL": "{url}/v1", "WRITER_TIMEOUT_S": "1"},
    ),
}  # fmt: skip
ALL = tuple(PLACES)
HF, OPENAI, WRITER = ALL

# which backends · the fault · class · calls made · left alone for
MATRIX: list[tuple[tuple[str, ...], str, dict[str, Any], str, int, Any]] = [
    (ALL, "401", {"status": 401}, "auth", 1, PERSON),
    (ALL, "403", {"status": 403}, "auth", 1, PERSON),
    (ALL, "402", {"status": 402}, "billing", 1, MONTH),
    ((OPENAI, WRITER), "429 quota", {"status": 429, "body": QUOTA}, "billing", 1, MONTH),
    (ALL, "404", {"status": 404}, "gone", 1, DAY),
    (ALL, "410", {"status": 410}, "gone", 1, DAY),
    (ALL, "429", {"status": 429}, "rate_limit", 2, MIN),
    (ALL, "429 wait 1", {"status": 429, "headers": {"Retry-After": "1"}}, "rate_limit", 2, MIN),
    (ALL, "429 wait 600", {"status": 429, "headers": {"Retry-After": "600"}}, "rate_limit", 1, 10 * MIN),
    (ALL, "408", {"status": 408}, "timeout", 2, MIN),
    (ALL, "500", {"status": 500}, "overloaded", 2, MIN),
    (ALL, "502 page", {"status": 502, "body": "<html>Bad gateway</html>"}, "overloaded", 2, MIN),
    (ALL, "503", {"status": 503}, "overloaded", 2, MIN),
    ((HF,), "503 loading", {"status": 503, "body": LOADING}, "loading", 2, MIN),
    ((HF,), "504", {"status": 504}, "timeout", 2, MIN),
    ((OPENAI, WRITER), "504", {"status": 504}, "overloaded", 2, MIN),
    (ALL, "hangs", {"delay_s": 1.5}, "timeout", 2, MIN),
    ((HF, OPENAI), "drips", {"drip_s": 2.5}, "timeout", 2, MIN),
    (ALL, "to a page", {"redirect": "page"}, "format", 1, NOT),
    (ALL, "for ever", {"redirect": "itself"}, "network", 2, MIN),
    (ALL, "elsewhere", {"redirect": "elsewhere"}, "network", 2, MIN),
    (ALL, "wrong type", {"wrong_type": True}, "format", 1, NOT),
    (ALL, "200 page", {"html": True}, "format", 1, NOT),
    ((HF, OPENAI), "half", {"half": True}, "network", 2, MIN),
    (ALL, "400", {"status": 400, "body": {"error": {"message": "no"}}}, "unknown", 1, NOT),
    ((OPENAI, WRITER), "moderation", {"status": 400, "body": BLOCKED}, "moderation", 1, NOT),
]
CASES = [pytest.param(name, *row, id=f"{name}-{fault}") for names, fault, *row in MATRIX for name in names]


@pytest.fixture(scope="session")
def running_vendors():
    with FakeVendors() as vendors:
        yield vendors


@pytest.fixture
def vendors(running_vendors):
    running_vendors.reset()
    return running_vendors


@pytest.fixture
def house_with(room_with):
    """house_with(url, names) → a newsroom whose covers or articles come from these backends."""
    opened = []

    def make(url, *names):
        place = PLACES[names[0]]
        env = {k: v.format(url=url) for name in names for k, v in PLACES[name].env.items()}
        drawing = [name for name in names if name != WRITER]
        settings = {
            "COVER_BACKENDS": ",".join([*drawing, "placeholder"]),
            "DRAFTING_BACKENDS": f"{WRITER},extractive",
        }
        tools = build(Settings.from_env({**env, **settings}))
        chain: Chain[Any] = tools.by_capability[place.capability]
        opened.append(chain)
        house = room_with(**{place.capability: chain})
        rules = replace(tools.rules, pause_s=dict.fromkeys(PAUSE_S, 0.01))
        return replace(house, tools=replace(house.tools, rules=rules))

    yield make
    for chain in opened:
        for name in chain.names:
            closing = getattr(chain.backend(name), "close", None)
            if closing:
                closing()


def rows(house, stage):
    with house.db.read() as session:
        return session.scalars(
            select(AttemptRow).where(AttemptRow.stage == stage).order_by(AttemptRow.id)
        ).all()


def memory(house):
    with house.db.read() as session:
        return session.scalars(select(BackendState)).one()


def work(house):
    while advance(house.works):
        pass


def check_cooling(state, cools):
    if cools is NOT:
        assert state.until is None
    elif cools is PERSON:
        assert state.until == FOREVER
    elif cools is MONTH:
        assert state.until == window_end("month", state.last_error_at)
    else:
        assert abs(state.until - state.last_error_at - cools) < timedelta(seconds=1)


@pytest.mark.parametrize(("name", "fault", "kind", "calls", "cools"), CASES)
def test_failure(vendors, house_with, submit, name, fault, kind, calls, cools):
    place = PLACES[name]
    vendors.fail_next(place.route, times=9, **fault)
    house = house_with(vendors.url, name)
    submission_id = submit()
    work(house)

    kept = rows(house, place.stage)
    assert [(r.backend, r.outcome, r.error_class) for r in kept] == [
        *[(name, "failed", kind)] * calls,
        (place.next, "served", None),
    ]
    assert vendors.calls[place.route] == calls
    assert load(house.db, submission_id).status == Status.REVIEW
    assert len(kept[0].template % kept[0].params) > 20
    state = memory(house)
    assert (state.error_class, state.template) == (kind, kept[0].template)
    check_cooling(state, cools)

    gate = KeptGate(house.db, house.tools.rules, house.works.now)
    if cools is NOT:
        return
    with pytest.raises(Unavailable, match=state.vendor), gate.visit(state.backend, state.vendor, again=False):
        pass


@pytest.mark.parametrize("name", ALL)
def test_nobody_there(house_with, submit, name):
    house = house_with(f"http://127.0.0.1:{free_port()}", name)
    submit()
    work(house)
    kept = rows(house, PLACES[name].stage)
    assert [r.error_class for r in kept] == ["network", "network", None]
    check_cooling(memory(house), MIN)


@pytest.mark.parametrize("name", ALL)
def test_a_blip_is_got_over(vendors, house_with, submit, name):
    place = PLACES[name]
    vendors.fail_next(place.route, status=503)
    house = house_with(vendors.url, name)
    submit()
    work(house)
    assert [(r.backend, r.outcome) for r in rows(house, place.stage)] == [(name, "failed"), (name, "served")]
    assert (memory(house).failures, memory(house).until) == (0, None)


def test_refused_content_goes_to_the_other_vendor_with_a_neutral_brief(vendors, house_with, submit):
    vendors.fail_next("openai_images", status=400, body=BLOCKED)
    house = house_with(vendors.url, "openai", "huggingface")
    submit()
    work(house)
    refused, served = rows(house, "cover")
    assert (refused.error_class, served.backend) == ("moderation", "huggingface")
    assert served.template % served.params == (
        "Asked with a neutral brief, because OpenAI refused the article's own."
    )
    assert vendors.seen("hf_image")[0].json["inputs"] == NEUTRAL_PROMPT
    with house.db.read() as session:
        assert session.scalars(select(Cover)).one().prompt == NEUTRAL_PROMPT


def test_the_editor_reads_why_nobody_was_asked(vendors, house_with, submit):
    """The second article does not knock at a door that is known to be shut."""
    vendors.fail_next("hf_image", status=402)
    house = house_with(vendors.url, "huggingface")
    submit(1)
    submit(2)
    work(house)
    first, _, second, _ = rows(house, "cover")
    assert (first.outcome, second.outcome, second.error_class) == ("failed", "skipped", "billing")
    assert (second.template % second.params).startswith("Hugging Face: out of credit until ")
    assert vendors.calls["hf_image"] == 1


def test_the_price_stands_on_the_row(vendors, house_with, submit):
    house = house_with(vendors.url, "openai")
    submit()
    work(house)
    assert [r.cost_micro_usd for r in rows(house, "cover")] == [20_000]


def test_fakes_without_a_vendor_meet_no_gate(room_with, submit):
    house = room_with(covers=FakeCovers())
    submit()
    work(house)
    with house.db.read() as session:
        assert session.scalars(select(BackendState)).all() == []
