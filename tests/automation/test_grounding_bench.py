"""The benchmark's goals, on the interviews the rules were not written on."""

from collections import Counter

import pytest

from bench.guard import FAIR, article_ms, guard, wrong_per_kind
from bench.guard_quotes import KINDS, load

LIMIT_MS = 50
BUSY_MACHINE = 4  # other tests run beside this one; the figure itself is bench.guard's to print


@pytest.fixture(scope="module")
def result() -> tuple[Counter[str], Counter[str]]:
    total, wrong = wrong_per_kind("heldout", 1, {"guard": guard("heldout")})
    return total, wrong["guard"]


def test_it_is_big_and_wide_enough(result) -> None:
    total, _ = result
    assert Counter(interview.language for interview in load("heldout")) == {"ru": 2, "uk": 2, "en": 2}
    assert sum(total.values()) >= 600
    assert sum(not fair for _, fair, _ in KINDS) >= 15
    assert min(total[kind] for kind, _, _ in KINDS) >= 10


def test_no_changed_quote_is_accepted(result) -> None:
    _, wrong = result
    assert {kind: count for kind, count in wrong.items() if kind not in FAIR} == {}


def test_hardly_a_fair_quote_is_flagged(result) -> None:
    total, wrong = result
    flagged, fair = sum(wrong[kind] for kind in FAIR), sum(total[kind] for kind in FAIR)
    assert flagged <= 0.02 * fair


def test_a_hundred_quotes_are_judged_at_once() -> None:
    assert article_ms("heldout", runs=3)["usual"] < LIMIT_MS * BUSY_MACHINE
