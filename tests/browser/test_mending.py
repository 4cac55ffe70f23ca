"""A flagged quote is put right by a click, while one reads and while one writes."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.steps import by, make_the_first_account, open_from_the_desk

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
CUT = "На линии будут работать восемь новых."  # «… трамваев»
WRONG = "На линии будут работать девять новых трамваев"
BODY = f"О *вагонах*.\n\n> {CUT} [0:50](#s{{idx}})\n\nИнженер: «{WRONG}», — и всё.\n"


def test_a_click_puts_the_ellipsis_and_the_words_as_they_were_said(page, service):
    make_the_first_account(page, service.setup_url)
    open_from_the_desk(page, "interview.mp3")
    by(page, "mode-write").click()
    body = by(page, "body")
    idx = by(page, "line").filter(has_text="будут работать восемь").get_attribute("data-idx")
    text = BODY.format(idx=idx)
    body.fill(text)
    expect(by(page, "save-state")).to_contain_text("Saved at")
    expect(by(page, "heard-wanted")).to_contain_text("2")
    expect(by(page, "flag").first).to_contain_text("The sentence goes on where the quote ends")

    # nothing is unsaved: the open text takes the change in
    by(page, "mend-ellipsis-do").click()
    expect(by(page, "flag")).to_have_count(1)
    expect(by(page, "heard-wanted")).to_contain_text("1")
    first = text.replace(CUT, CUT[:-1] + "…")
    expect(body).to_have_value(first)
    expect(by(page, "quote").first).to_have_attribute("data-grade", re.compile("exact|cleaned"))

    # what is being typed is saved first, and both stand
    by(page, "mend-said-open").click()
    expect(by(page, "mend-change").locator("del")).to_have_text("девять")
    page.evaluate(  # the pane as it comes when anything in it has changed
        """() => { const pane = document.getElementById("checks");
        return htmx.ajax("GET", pane.dataset.url, { source: pane, target: pane, swap: "outerMorph" }); }"""
    )
    expect(by(page, "mend-said-do")).to_be_visible()
    body.press("Control+End")
    body.press_sequentially("Дописано.")
    by(page, "mend-said-do").click()
    expect(by(page, "flag")).to_have_count(0)
    expect(by(page, "heard-wanted")).to_have_count(0)
    expect(by(page, "mend-said")).to_have_count(0)
    second = first.replace("девять новых трамваев", "восемь новых трамваев…")  # «с низким полом»
    expect(body).to_have_value(re.compile(r"Дописано\."))
    assert body.input_value().replace("Дописано.", "") == second
    expect(by(page, "save-state")).to_contain_text("Saved at")
    page.reload()
    expect(by(page, "body")).to_have_value(re.compile(r"Дописано\."))
    assert by(page, "body").input_value().replace("Дописано.", "") == second
    expect(by(page, "preview")).to_contain_text("восемь новых…")
    assert page.said == []


def test_what_is_typed_while_a_quote_is_put_right_is_kept_beside_it(page, service):
    """The answer is held back, as on a slow line; the next save meets a newer version and shows both."""
    body = by(page, "body")
    text = body.input_value()
    body.fill(text.replace("восемь новых…", "восемь новых."))
    expect(by(page, "mend-ellipsis-do")).to_have_count(1)
    page.evaluate(
        """() => { const post = polosa.post; polosa.post = async (url, ...more) => {
            const answer = await post(url, ...more);
            if (url.endsWith("/quotes/mend")) await new Promise((done) => setTimeout(done, 1500));
            return answer; }; }"""
    )
    by(page, "mend-ellipsis-do").click()
    body.press("Control+End")
    body.press_sequentially("Ещё.")
    expect(by(page, "conflict")).to_be_visible()
    expect(body).to_have_value(re.compile(r"Ещё\.$"))
    expect(page.locator("[data-conflict-body]")).to_have_value(re.compile("восемь новых…"))
    by(page, "take-theirs").click()
    expect(body).to_have_value(text)
    assert all("409" in line for line in page.said)
