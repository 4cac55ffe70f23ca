"""The chain: order, one second try, one neutral try, and a gate before the vendors only."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from providers.chain import Chain, fingerprint
from providers.errors import BackendFailed, Cancelled, ChainExhausted, InputRejected, Unavailable
from providers.gate import Visit


class Backend:
    """Answers what stands in `answers`, one after the other."""

    def __init__(self, name, *answers, vendor="Vendor"):
        self.name, self.vendor, self.model = name, vendor, f"{name}-1"
        self.answers, self.asked = list(answers), []

    def serve(self, request):
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class NotingGate:
    """Allows one second try after everything, and writes down what it saw."""

    def __init__(self, closed=()):
        self.closed, self.seen, self.slept = closed, [], []

    @contextmanager
    def visit(self, key, vendor, *, again):
        if key in self.closed:
            raise Unavailable("%(service)s cools.", error_class="timeout", service=vendor)
        visit = Visit()
        try:
            yield visit
        except BackendFailed as error:
            visit.pause_s = None if again or error.error_class == "auth" else 3.0
            self.seen.append((key, error.error_class, again))
            raise
        except BaseException as error:
            self.seen.append((key, type(error).__name__, again))
            raise
        self.seen.append((key, "served", again))

    def sleep(self, seconds):
        self.slept.append(seconds)


def failed(kind="overloaded"):
    return BackendFailed("It broke.", error_class=kind)


def chain(*backends):
    return Chain([(b.name, lambda b=b: b) for b in backends], capability="covers")


def ask(backend):
    return backend.serve("own")


def run(gate, *backends, **more):
    return chain(*backends).run(ask, gate=gate, **more)


def outcomes(outcome):
    return [(a.backend, a.outcome, a.error_class) for a in outcome.attempts]


def test_a_failure_that_heals_costs_a_second_try():
    gate = NotingGate()
    outcome = run(gate, Backend("one", failed(), "picture"))
    assert outcome.value == "picture"
    assert outcomes(outcome) == [("one", "failed", "overloaded"), ("one", "served", None)]
    assert gate.seen == [("covers.one", "overloaded", False), ("covers.one", "served", True)]
    assert gate.slept == [3.0]


def test_there_is_no_third_try():
    gate = NotingGate()
    outcome = run(gate, Backend("one", failed(), failed()), Backend("two", "picture"))
    assert [a.backend for a in outcome.attempts] == ["one", "one", "two"]


def test_what_the_gate_does_not_retry_goes_to_the_next():
    gate = NotingGate()
    assert run(gate, Backend("one", failed("auth")), Backend("two", 2)).backend == "two"
    assert gate.slept == []


def test_a_closed_gate_is_a_skipped_attempt_with_its_reason():
    one = Backend("one", "never")
    outcome = run(NotingGate(closed=["covers.one"]), one, Backend("two", 2))
    assert outcomes(outcome) == [("one", "skipped", "timeout"), ("two", "served", None)]
    assert (outcome.attempts[0].message, one.asked) == ("Vendor cools.", [])


def test_before_a_backend_of_this_machine_stands_no_gate():
    gate = NotingGate(closed=["covers.own"])
    assert run(gate, Backend("own", "typeset", vendor="")).value == "typeset"
    assert gate.seen == []
    with pytest.raises(ChainExhausted):
        run(gate, Backend("own", failed(), vendor=""))
    assert gate.slept == []


def test_refused_content_is_asked_elsewhere_with_a_neutral_brief_and_says_so():
    one, two = Backend("one", failed("moderation"), vendor="OpenAI"), Backend("two", "picture")
    three = Backend("three", "typeset", vendor="")
    gate = NotingGate()
    gate.visit = lambda key, vendor, again: NoRetry()
    outcome = run(gate, one, two, three, neutral=lambda backend: backend.serve("neutral"))
    assert (one.asked, two.asked) == (["own"], ["neutral"])
    assert outcome.attempts[1].message == (
        "Asked with a neutral brief, because OpenAI refused the article's own."
    )
    assert outcome.attempts[1].error_class is None


class NoRetry:
    def __enter__(self):
        return Visit()

    def __exit__(self, *_):
        return None


def test_without_a_neutral_brief_the_next_is_asked_the_same():
    two = Backend("two", "article")
    gate = NotingGate()
    gate.visit = lambda key, vendor, again: NoRetry()
    assert run(gate, Backend("one", failed("moderation")), two).attempts[1].template == ""
    assert two.asked == ["own"]


@pytest.mark.parametrize("flying", [InputRejected("No."), Cancelled("Stop."), ZeroDivisionError()])
def test_other_errors_pass_through_the_gate_and_fly(flying):
    gate = NotingGate()
    with pytest.raises(type(flying)):
        run(gate, Backend("one", flying), Backend("two", "never"))
    assert gate.seen == [("covers.one", type(flying).__name__, False)]


def test_what_was_paid_for_is_kept_before_the_gate_is_told():
    order, gate = [], NotingGate()
    gate.seen = order
    run(gate, Backend("one", "picture"), record=lambda attempt, value: order.append(value))
    assert order == ["picture", ("covers.one", "served", False)]


def test_a_fingerprint_changes_with_the_settings_and_tells_none():
    table = {"openai": "providers.covers.openai_images:OpenAIImages"}
    one = fingerprint(table, "openai", {"OPENAI_API_KEY": "sk-secret"})
    assert one == fingerprint(table, "openai", {"OPENAI_API_KEY": " sk-secret ", "HOME": "/x"})
    assert one != fingerprint(table, "openai", {"OPENAI_API_KEY": "sk-other"})
    assert len(one) == 16
    writer = {"openai_compatible": "providers.drafting.openai_compatible:OpenAICompatible"}
    prints = [fingerprint(writer, "openai_compatible", {"OPENAI_API_KEY": key}) for key in "ab"]
    assert prints[0] != prints[1]
