"""The Providers page: what it says of each backend, what an editor may do there, the log and its filters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from automation import create_app
from automation.models import AttemptRow, BackendSpend, BackendState, Submission
from automation.toolbox import Toolbox
from automation.web.shown import now
from providers.budgets import parse_budgets, window_start
from providers.chain import Chain
from providers.covers.huggingface_models import ModelState
from providers.errors import BackendFailed, Unavailable
from providers.gate import FOREVER, Rules
from tests.fakes import FakeCovers, FakeDiarization, FakeDrafting, FakeSpeech


class Far(FakeCovers):
    name, vendor, error = "far", "Far Pictures", None

    def model_states(self):
        return [ModelState("auto", "nscale", "team/one", "live"), ModelState("x", "", "team/two", "gone")]

    def generate(self, brief):
        if self.error:
            raise self.error
        return super().generate(brief)


def no_key():
    raise Unavailable("No key: set %(variable)s.", error_class="missing_key", variable="FAR_KEY")


@pytest.fixture
def far() -> Far:
    return Far()


@pytest.fixture
def app(env, far) -> Iterator[Flask]:
    tools = Toolbox(
        speech=Chain([("fake", FakeSpeech)], capability="speech"),
        demo_speech=Chain([("fake", FakeSpeech)]),
        diarization=Chain([("fake", FakeDiarization)], capability="diarization"),
        drafting=Chain([("fake", FakeDrafting)], capability="drafting"),
        covers=Chain(
            [("keyless", no_key), ("far", lambda: far), ("typeset", lambda: FakeCovers("typeset"))],
            capability="covers",
        ),
        rules=Rules(
            budgets=parse_budgets("far=$0.10/day, far=100/month"),
            prices={"far": 20_000},
            pause_s={},  # no second try
        ),
    )
    made = create_app({**env, "PUBLIC_URL": "http://news.example", "TIMEZONE": "Europe/Kyiv"}, tools)
    made.testing = True
    made.config["PROPAGATE_EXCEPTIONS"] = True
    yield made
    made.extensions["polosa"].db.close()


@pytest.fixture
def remember(house):
    """remember(class, until=…) → what is known of the backend "far"."""

    def write(error_class: str, **known) -> None:
        with house.db.write() as session:
            session.add(
                BackendState(
                    backend="covers.far", settings="", vendor="Far Pictures", failures=1, params={},
                    error_class=error_class, template="It broke.", last_error_at=now(), **known,
                )
            )  # fmt: skip

    return write


@pytest.fixture
def log(house):
    """log(backend, outcome, …) → a row of the log of attempts."""

    def write(backend: str, outcome: str, **more) -> None:
        row = {"stage": "cover", "params": {}, "ms": 1500, "at": now(), **more}
        with house.db.write() as session:
            session.add(AttemptRow(backend=backend, outcome=outcome, **row))

    return write


def card(text: str, key: str = "covers.far") -> str:
    return text.split(f'data-key="{key}"')[1].split("</li>")[0]


def test_ready_and_no_key_with_its_variable(people, browser):
    text = browser("viewer").get("/providers").text
    assert 'data-state="ready"' in card(text)
    assert "$0.02 a request" in card(text)
    assert 'data-state="missing"' in card(text, "covers.keyless")
    assert "no key" in card(text, "covers.keyless")
    assert "No key: set FAR_KEY." in card(text, "covers.keyless")
    assert "on this machine" in card(text, "speech.fake")


def test_backends_stand_in_the_order_of_the_chain(people, browser):
    text = browser("viewer").get("/providers").text
    places = [text.index(f'data-key="covers.{name}"') for name in ("keyless", "far", "typeset")]
    assert places == sorted(places)


def test_cooling_until_a_time_in_the_zone_of_the_site(people, browser, remember):
    until = now() + timedelta(minutes=5)
    remember("overloaded", until=until)
    text = card(browser("viewer").get("/providers").text)
    assert 'data-state="cooling"' in text
    assert "left alone · until" in text
    assert "overloaded" in text
    assert (until + timedelta(hours=2)).strftime("%H:%M") in text or (until + timedelta(hours=3)).strftime(
        "%H:%M"
    ) in text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Far Pictures: out of credit until 1 December."),
        ("ru", "до 1 декабря"),
        ("uk", "до 1 грудня"),
    ],
)
def test_out_of_money_until_a_date_in_the_readers_words(people, browser, remember, language, words):
    remember("billing", until=now().replace(2099, 12, 1, 0, 0, 0, 0))
    viewer = browser("viewer")
    viewer.get(f"/lang/{language}")
    text = card(viewer.get("/providers").text)
    assert words in text
    assert "chip-failed" in text


def test_a_refused_key_has_no_end(people, browser, remember):
    remember("auth", until=FOREVER)
    text = card(browser("viewer").get("/providers").text)
    assert "9999" not in text
    assert "refused the key" in text


def test_spending_is_a_meter(house, people, browser):
    with house.db.write() as session:
        for window in ("day", "month"):
            row = {"backend": "covers.far", "window": window_start(window, now())}
            session.add(BackendSpend(**row, requests=4, micro_usd=85_000))
    text = card(browser("viewer").get("/providers").text)
    assert "4 requests, $0.085" in text
    assert "$0.085 of $0.10" in text
    assert 'value="85"' in text
    assert "is-near" in text
    assert "4 of 100" in text
    assert 'data-state="spent"' in text  # another one would not fit


def test_an_editor_clears_a_cool_down(house, people, browser, remember):
    remember("billing", until=now() + timedelta(days=9))
    editor = browser("editor")
    assert 'data-testid="clear"' in editor.get("/providers").text
    assert editor.post("/providers/covers.far/clear").status_code == 302
    page = editor.get("/providers").text
    assert "far is asked again from now on" in page
    assert 'data-state="ready"' in card(page)
    assert editor.post("/providers/covers.nobody/clear").status_code == 404


def test_a_viewer_sees_no_buttons(people, browser, remember):
    remember("billing", until=now() + timedelta(days=9))
    text = browser("viewer").get("/providers").text
    assert "data-backend-act" not in text


@pytest.mark.parametrize(
    ("error", "words", "outcome"),
    [
        (None, "Far Pictures", "served"),
        (BackendFailed("It is down.", error_class="overloaded"), "It is down.", "failed"),
    ],
)
def test_a_trial_is_kept_in_the_log_of_no_submission(house, people, browser, far, error, words, outcome):
    far.error = error
    editor = browser("editor")
    answer = editor.client.post(
        "/providers/covers.far/try",
        headers={"Accept": "application/json", "X-CSRFToken": editor.token},
    )
    assert answer.status_code == 200
    assert ("did not serve: It is down." in answer.json["message"]) == (error is not None)
    with house.db.read() as session:
        row = session.scalars(select(AttemptRow)).one()
    assert (row.submission_id, row.stage, row.outcome) == (None, "cover", outcome)
    page = editor.get("/providers").text
    assert words in page
    assert "a trial" in page


def test_what_cannot_be_tried_is_a_missing_page(people, browser):
    assert browser("editor").post("/providers/speech.fake/try").status_code == 404


def test_the_log_is_filtered(people, browser, log):
    log("far", "failed", error_class="timeout", template="Too slow.")
    log("far", "served")
    log("writer", "failed", stage="draft", error_class="billing", template="No money.")
    viewer = browser("viewer")

    def rows(query: str) -> int:
        return viewer.get(f"/providers?{query}").text.count('data-testid="log-row"')

    assert rows("") == 3
    assert rows("backend=far") == 2
    assert rows("outcome=failed") == 2
    assert rows("class=billing") == 1
    assert rows("capability=covers") == 2
    assert rows("capability=covers&outcome=failed&class=timeout&backend=far") == 1
    assert rows("capability=nonsense") == 0
    assert rows("class='%20or%201=1") == 0


def test_the_log_is_short_and_links_to_submissions(house, people, browser, log, reviewed):
    for _ in range(120):
        log("far", "skipped")
    text = browser("viewer").get("/providers").text
    assert text.count('data-testid="log-row"') == 100
    text = browser("viewer").get("/providers?outcome=served").text
    assert f'href="/submissions/{reviewed}"' in text
    with house.db.read() as session:
        assert session.scalars(select(Submission.title)).one() in text


def test_a_backend_of_this_machine_shows_its_last_success(people, browser, reviewed):
    assert "Last success" in card(browser("viewer").get("/providers").text, "speech.fake")


def test_everybody_who_is_logged_in_finds_the_page(people, browser):
    assert 'data-testid="providers-link"' in browser("viewer").get("/").text
    assert "providers-link" not in browser().get("/articles/").text


def test_an_editor_asks_which_models_are_live(people, browser):
    editor = browser("editor")
    assert editor.get("/providers").text.count('data-testid="which-live"') == 1, "only one can tell"
    told = editor.get("/providers/covers.far/models").text
    assert told.index("team/one") < told.index("team/two")
    assert 'data-standing="gone"' in told
    assert editor.get("/providers/covers.typeset/models").status_code == 404
    assert 'data-testid="which-live"' not in browser("viewer").get("/providers").text


def test_a_model_that_is_gone_stands_above_every_page_of_an_editor(people, browser, remember):
    remember("gone", until=now() + timedelta(hours=20))
    assert "Far Pictures no longer had the model" in browser("editor").get("/").text
    assert 'data-testid="alarm"' not in browser("viewer").get("/").text
    providers = browser("editor").get("/providers").text
    assert 'data-testid="alarm"' not in providers, "it stands on its card there"


def test_what_heals_by_itself_is_no_alarm(people, browser, remember):
    remember("overloaded", until=now() + timedelta(minutes=5))
    assert 'data-testid="alarm"' not in browser("editor").get("/").text
