"""The gate's policy: pure functions of class, history and time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from providers.budgets import (
    Limit,
    dollars,
    highest_price,
    limits_of,
    parse_budgets,
    parse_prices,
    price,
    window_end,
)
from providers.errors import ErrorClass
from providers.gate import (
    BLAMELESS,
    FOREVER,
    PAUSE_S,
    History,
    Rules,
    cool_until,
    cooling,
    out_of_budget,
    retry_pause_s,
    verdict,
)

NOW = datetime(2026, 11, 21, 14, 5, tzinfo=UTC)
RULES = Rules()


def minutes(until):
    return None if until is None else (until - NOW).total_seconds() / 60


@pytest.mark.parametrize("kind", ["rate_limit", "timeout", "overloaded", "loading", "network"])
def test_what_can_heal_is_retried_and_cools_longer_each_time(kind):
    assert retry_pause_s(kind, None, 60, RULES) == PAUSE_S[kind]
    cooled = [minutes(cool_until(kind, n, None, NOW, RULES)) for n in range(1, 7)]
    assert cooled == [1, 5, 25, 60, 60, 60]


@pytest.mark.parametrize("kind", sorted(set(get_args(ErrorClass)) - set(PAUSE_S)))
def test_nothing_else_is_retried(kind):
    assert retry_pause_s(kind, 1, 60, RULES) is None


def test_the_vendors_wish_is_honoured_inside_the_stages_time():
    assert retry_pause_s("rate_limit", 7, 60, RULES) == 7
    assert retry_pause_s("rate_limit", 61, 60, RULES) is None
    assert retry_pause_s("overloaded", None, 1.5, RULES) is None
    assert minutes(cool_until("rate_limit", 1, 600, NOW, RULES)) == 10
    assert minutes(cool_until("rate_limit", 1, 1e12, NOW, RULES)) == 24 * 60


def test_money_keys_and_models_have_times_of_their_own():
    assert cool_until("billing", 1, None, NOW, RULES) == datetime(2026, 12, 1, tzinfo=UTC)
    assert cool_until("auth", 1, None, NOW, RULES) == FOREVER
    assert minutes(cool_until("gone", 1, None, NOW, RULES)) == 24 * 60


@pytest.mark.parametrize("kind", ["format", "unknown"])
def test_one_odd_answer_in_a_row_is_forgiven(kind):
    assert [minutes(cool_until(kind, n, None, NOW, RULES)) for n in (1, 2, 3)] == [None, 1, 5]


def test_every_class_is_decided():
    for kind in get_args(ErrorClass):
        assert (kind in BLAMELESS) or cool_until(kind, 2, None, NOW, RULES) is not None


def test_one_probe_heals():
    ago, ahead = NOW - timedelta(seconds=1), NOW + timedelta(seconds=1)
    assert verdict(History(), NOW) == "open"
    assert verdict(History(1), NOW) == "open"
    assert verdict(History(1, "timeout", ahead), NOW) == "cooling"
    assert verdict(History(1, "timeout", ago), NOW) == "probe"
    assert verdict(History(1, "timeout", ago, ahead), NOW) == "cooling"
    assert verdict(History(1, "timeout", ago, ago), NOW) == "probe", "the prober died"


def test_the_editor_reads_why_and_until_when():
    december = datetime(2026, 12, 1, tzinfo=UTC)
    money = cooling("Hugging Face", History(1, "billing", december), NOW)
    assert str(money) == "Hugging Face: out of credit until 2026-12-01."
    assert (money.error_class, money.retry_after_s) == ("billing", 3600)
    soon = cooling("OpenAI", History(3, "timeout", NOW + timedelta(minutes=25)), NOW)
    assert str(soon) == "OpenAI has failed (3 in a row); it is asked again after 2026-11-21 14:30 UTC."
    assert soon.retry_after_s == 25 * 60
    assert "settings change" in str(cooling("OpenAI", History(1, "auth", FOREVER), NOW))
    assert "another worker" in str(cooling("OpenAI", History(1, "timeout", NOW), NOW))
    spent = out_of_budget("OpenAI", Limit("openai", 2_000_000, True, "day"), NOW)
    assert str(spent).startswith("OpenAI: the budget of $2.00/day is used up until 2026-11-22.")


def test_budgets_are_read():
    read = parse_budgets("huggingface=$0.10/month, covers.openai = 100/day,openai=$2.5/day,")
    assert [(n.backend, n.amount, n.is_money, n.window) for n in read] == [
        ("huggingface", 100_000, True, "month"),
        ("covers.openai", 100, False, "day"),
        ("openai", 2_500_000, True, "day"),
    ]
    assert len(limits_of("covers.openai", read)) == 2
    assert limits_of("drafting.openai_compatible", read) == ()
    assert parse_budgets("") == ()


@pytest.mark.parametrize("text", ["openai", "openai=5", "openai=$5/week", "openai=-1/day", "=5/day"])
def test_a_wrong_budget_says_what_would_be_right(text):
    with pytest.raises(ValueError, match=r"\$0\.10/month"):
        parse_budgets(text)


def test_prices_by_model_and_backend():
    prices = parse_prices("openai=0.02, openai/gpt-image-2.5-sunburst=0.08, huggingface=$0.0012")
    assert price("covers.openai", "gpt-image-2.5-flare", prices) == 20_000
    assert price("covers.openai", "gpt-image-2.5-sunburst", prices) == 80_000
    assert highest_price("covers.openai", prices) == 80_000
    assert (highest_price("speech.x", prices), price("speech.x", "m", prices)) == (0, 0)
    with pytest.raises(ValueError, match="dollars a request"):
        parse_prices("openai")


def test_money_is_shown_to_the_last_digit():
    assert [dollars(n) for n in (0, 1200, 100_000, 2_500_000)] == ["$0.00", "$0.0012", "$0.10", "$2.50"]


def test_a_month_ends_on_the_first():
    assert window_end("month", datetime(2026, 12, 31, 23, 59, tzinfo=UTC)) == datetime(2027, 1, 1, tzinfo=UTC)
    assert window_end("day", NOW) == datetime(2026, 11, 22, tzinfo=UTC)
