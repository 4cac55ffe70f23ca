"""The benchmark's goals, on every made interview."""

from collections import Counter

import pytest

from bench.guard import FAIR, article_ms, guard, wrong_per_kind
from bench.guard_quotes import KINDS, load

Result = tuple[Counter[str], Counter[str]]


@pytest.fixture(scope="module", params=["dev", "heldout", "fresh"])
def result(request: pytest.FixtureRequest) -> Result:
    total, wrong = wrong_per_kind(request.param, 1, {"guard": guard(request.param)})
    return total, wrong["guard"]


def test_it_is_big_and_wide_enough(result: Result) -> None:
    total, _ = result
    languages = Counter(interview.language for interview in load("fresh"))
    assert min(languages[language] for language in ("ru", "uk", "en")) >= 2
    assert sum(total.values()) >= 600
    assert sum(not fair for _, fair, _ in KINDS) >= 15
    assert all(total[kind] for kind, _, _ in KINDS)


def test_no_changed_quote_is_accepted(result: Result) -> None:
    _, wrong = result
    assert {kind: count for kind, count in wrong.items() if kind not in FAIR} == {}


def test_hardly_a_fair_quote_is_flagged(result: Result) -> None:
    total, wrong = result
    flagged, fair = sum(wrong[kind] for kind in FAIR), sum(total[kind] for kind in FAIR)
    assert flagged <= 0.02 * fair


def test_the_article_of_the_stopwatch_has_its_hundred_quotes() -> None:
    assert article_ms(runs=1)["quotes"] >= 100
