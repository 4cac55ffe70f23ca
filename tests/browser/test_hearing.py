"""An editor listens: a doubtful quote is played, its tick appears by itself, and the approval keeps it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.steps import by, make_the_first_account, open_from_the_desk

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def test_a_quote_is_heard_ticked_counted_approved_and_recorded(page, service):
    make_the_first_account(page, service.setup_url)
    open_from_the_desk(page, "interview.mp3")

    # a word nobody said makes the first quote doubtful; a name nobody named is underlined
    by(page, "mode-write").click()
    body = by(page, "body")
    quote = re.search(r"^> (\S+)(.*)$", body.input_value(), re.MULTILINE)
    assert quote
    doubtful = f"> {quote[1]} обязательно{quote[2]}"
    body.fill(f"Смету нашёл Денис Рогов.\n\n{doubtful}\n")
    expect(by(page, "save-state")).to_contain_text("Saved at")
    by(page, "mode-read").click()
    expect(page.locator("#preview u.unsaid")).to_have_text("Денис Рогов")
    expect(by(page, "facts-missing")).to_contain_text("Денис Рогов")
    expect(by(page, "chip")).to_contain_text("wording differs")
    expect(by(page, "heard-count")).to_have_text("0 of 1 quotes heard")
    by(page, "save-alt").click()
    expect(by(page, "alt-state")).to_contain_text("Accepted")
    by(page, "approve").click()
    expect(by(page, "refused")).to_contain_text("has to be heard before you sign")

    # its sentences are lit in the transcript and in the waveform, and a jump into its end ticks nothing
    by(page, "chip-play").focus()
    expect(page.locator(".line.is-lit").first).to_be_visible()
    assert page.locator("#wave-lit rect").count() == page.locator(".line.is-lit").count()
    begins, ends = (float(by(page, "chip-play").get_attribute(name)) for name in ("data-play", "data-until"))
    page.evaluate("([at]) => { player.currentTime = at; return player.play(); }", [ends - 0.5])
    page.wait_for_timeout(1500)
    page.evaluate("player.pause()")
    expect(by(page, "heard")).not_to_be_checked()

    by(page, "chip-play").click()
    expect(by(page, "heard")).to_be_checked(timeout=round((ends - begins + 20) * 1000))
    expect(by(page, "heard-in-list")).to_be_checked()
    expect(by(page, "heard-count")).to_have_text("1 of 1 quotes heard")
    expect(by(page, "heard-wanted")).to_have_count(0)
    by(page, "approve").click()
    expect(by(page, "provenance-file")).to_be_visible()
    address = by(page, "provenance-file").get_attribute("href")
    record = page.request.get(service.url + address).json()
    (told,) = record["quotes"]
    assert (told["grade"], told["heard_by"]) == ("edited", "Олена Ковальчук")
    assert told["played_s"] == pytest.approx(ends - begins, abs=0.1)
    assert [fact["text"] for fact in record["facts"] if fact["status"] == "missing"] == ["Денис Рогов"]
    unexpected = [text for text in page.said if not re.search(r"status of 409", text)]
    assert unexpected == []
