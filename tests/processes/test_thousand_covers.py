"""1,000 covers under fire: each ends with one cover, no budget is exceeded, nobody stampedes."""

from __future__ import annotations

import pytest

from tests.processes.covers_under_fire import BETA_LIMIT_USD, THREADS, run

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

COVERS = 1000


def test_a_thousand_covers(stored):
    figures = run({**stored, "LOG_LEVEL": "ERROR"}, COVERS)
    print("\n" + "\n".join(f"{name:<34} {value}" for name, value in figures.rows()))
    assert figures.chosen == dict.fromkeys(range(1, COVERS + 1), 1)
    assert figures.covers == COVERS
    assert figures.kills >= 3

    assert figures.beta_spent_usd <= BETA_LIMIT_USD
    assert figures.beta_requests <= 250
    assert figures.beta_billed_usd <= figures.beta_spent_usd, "what was drawn had been reserved"
    assert figures.calls["beta"] <= figures.beta_requests

    assert figures.outages >= 2
    assert figures.outage_at_once <= 1, "one probe at a time"
    assert all(calls <= 8 for calls in figures.outage_calls), "0.5 + 1 + 2 + 4 s, and probes of the killed"
    in_flight = 2 * THREADS
    assert 1 <= figures.calls_without_credit <= in_flight, "nobody asks an empty account again"
    assert figures.retries > 0
