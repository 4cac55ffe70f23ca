"""The contact sheet: candidates, another one on a wish, the choice; and who did what in words."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import select

from automation.models import AttemptRow, BackendState, Cover, RunState, StageRun, Submission
from automation.pipeline.advance import advance
from automation.web.shown import now


@pytest.fixture
def sheet(people, browser, reviewed):
    """An editor's browser, and what it sees of the checks pane."""
    return Sheet(browser("editor"), f"/submissions/{reviewed}")


class Sheet:
    def __init__(self, browser, base):
        self.browser, self.base = browser, base

    def text(self) -> str:
        return self.browser.get(f"{self.base}/checks").text

    def draw(self, **form):
        return self.browser.post(f"{self.base}/covers", form)

    def ids(self) -> list[int]:
        return [int(number) for number in re.findall(r'data-testid="candidate" data-id="(\d+)"', self.text())]

    def chosen(self) -> int:
        return int(re.findall(r'data-id="(\d+)" data-chosen', self.text())[0])


def work(house):
    while advance(house.works):
        pass


def covers(house):
    with house.db.read() as session:
        return session.scalars(select(Cover).order_by(Cover.id)).all()


def test_a_candidate_tells_who_how_long_and_from_what(sheet, house):
    with house.db.write() as session:
        cover = session.scalars(select(Cover)).one()
        cover.ms, cover.cost_micro_usd, cover.seed = 41_000, 20_000, 77
    text = sheet.text()
    assert sheet.ids() == [1]
    for words in ("41 s", "$0.02", "fake-painter", "a bridge", "Seed 77", "1200 × 630"):
        assert words in text, words


def test_another_one_is_drawn_while_the_review_goes_on(sheet, house):
    before = re.findall(r'data-checks="([^"]+)"', sheet.browser.get(f"{sheet.base}/live").text)
    assert sheet.draw(act="again").status_code == 302
    assert 'data-testid="drawing"' in sheet.text()
    live = sheet.browser.get(f"{sheet.base}/live").text
    assert 'data-status="review"' in live
    assert 'data-testid="step-cover" data-state="todo"' in live
    assert "every 2s" in live
    assert re.findall(r'data-checks="([^"]+)"', live) != before  # so the pane is fetched anew
    work(house)
    assert sheet.ids() == [2, 1]
    assert sheet.chosen() == 2
    assert 'data-testid="drawing"' not in sheet.text()
    assert 'data-testid="step-cover" data-state="done"' in sheet.browser.get(f"{sheet.base}/live").text


def test_vary_keeps_the_prompt_of_the_chosen_one(sheet, house):
    sheet.draw(act="prompt", prompt="two trams")
    work(house)
    sheet.draw(act="vary")
    work(house)
    sheet.draw(act="again")
    work(house)
    subjects = [cover.prompt.split(",")[0] for cover in covers(house)]
    assert subjects == ["a bridge", "two trams", "two trams", "a bridge"]


def test_a_fragment_for_the_page_that_stays(sheet):
    answer = sheet.browser.post(f"{sheet.base}/covers", {"act": "again"}, headers={"HX-Request": "true"})
    assert answer.text.lstrip().startswith('<aside id="checks"')


def test_a_cover_is_chosen_from_the_sheet(sheet, house):
    sheet.draw(act="again")
    work(house)
    assert sheet.browser.post(f"{sheet.base}/covers/1/choose").status_code == 302
    assert sheet.chosen() == 1
    assert [cover.chosen for cover in covers(house)] == [True, False]
    assert sheet.browser.post(f"{sheet.base}/covers/99/choose").status_code == 404


def test_a_wish_nobody_fulfilled_is_told_and_the_cover_stays(sheet, house):
    failed = {"template": "No key for Hugging Face: set HF_TOKEN.", "params": {}}
    with house.db.write() as session:
        session.scalars(select(Submission)).one().cover_wish = {"number": 2, "prompt": "", "failed": failed}
    text = sheet.text()
    assert 'data-testid="not-drawn"' in text
    assert "set HF_TOKEN" in text
    assert sheet.chosen() == 1


def test_a_broken_redraw_is_told_on_the_desk_and_can_be_tried_again(sheet, house):
    sheet.draw(act="again")
    with house.db.write() as session:
        run = session.scalars(select(StageRun).where(StageRun.stage == "cover")).one()
        run.state, run.attempt, run.error = RunState.HALTED, 5, {"template": "It broke.", "params": {}}
    assert "It broke." in sheet.browser.get("/?queue=problems").text
    assert 'data-testid="retry"' in sheet.browser.get(f"{sheet.base}/live").text
    sheet.browser.post(f"{sheet.base}/retry")
    work(house)
    assert sheet.chosen() == 2


def test_an_unknown_backend_and_a_long_prompt_are_refused(sheet):
    assert sheet.draw(act="again", backend="nobody").status_code == 422
    assert sheet.draw(act="prompt", prompt="x" * 2001).status_code == 422


def test_an_author_looks_and_an_editor_draws(people, browser, reviewed):
    author = browser("author")
    text = author.get(f"/submissions/{reviewed}/checks").text
    assert 'data-testid="sheet"' in text
    assert 'data-testid="draw-again"' not in text


def test_the_safe_areas_need_no_script(sheet):
    text = sheet.text()
    assert text.count('name="safe-area"') == 4
    assert "style=" not in text


def test_who_did_what_in_one_sentence(sheet, house):
    at = now()
    with house.db.write() as session:
        of = session.scalars(select(Submission.id)).one()
        for key, vendor in (("covers.far", "Far Pictures"), ("covers.near", "Near")):
            session.add(BackendState(backend=key, settings="", vendor=vendor, params={}))
        rows = (
            ("far", "skipped", "%(service)s: out of credit until %(until)s.",
             {"service": "Far Pictures", "until": "2026-12-01"}, "billing", 0, 0),
            ("slow", "failed", "No answer.", {}, "timeout", 3000, 0),
            ("near", "served", "", {}, None, 41_000, 20_000),
        )  # fmt: skip
        for number, (backend, outcome, template, params, kind, ms, cost) in enumerate(rows):
            session.add(
                AttemptRow(
                    submission_id=of, stage="cover", backend=backend, outcome=outcome, template=template,
                    params=params, error_class=kind, ms=ms, cost_micro_usd=cost, request_key="cover 0.2",
                    at=at + timedelta(seconds=number),
                )
            )  # fmt: skip
    strip = sheet.text().split('data-testid="strip-cover"')[1].split("</p>")[0]
    assert (
        "Far Pictures: out of credit until 1 December; slow: failed after 3.0 s (no answer in time); "
        "Near: served in 41 s, $0.02." in strip
    )


def test_parameters_are_read_from_the_form(people, browser, reviewed, house) -> None:
    editor = browser("editor")
    url = f"/submissions/{reviewed}/covers"
    form = {
        "act": "prompt",
        "prompt": "a bridge",
        "steps": "30",
        "guidance": "6,5",
        "size": "1024×576",
        "seed": "7",
    }
    assert editor.post(url, form).status_code == 302
    with house.db.read() as session:
        wish = session.scalars(select(Submission)).one().cover_wish
    assert wish["drawing"] == {"steps": 30, "guidance": 6.5, "seed": 7, "size_px": [1024, 576]}
    for wrong in ({"steps": "9"}, {"guidance": "much"}, {"size": "wide"}, {"seed": "-1"}, {"style": "x"}):
        assert editor.post(url, {**form, **wrong}).status_code == 422, wrong


def test_hints_for_a_prompt_that_will_be_read_otherwise(people, browser, reviewed) -> None:
    editor = browser("editor")
    url = f"/submissions/{reviewed}/covers/hints"
    assert "prompt-hint" not in editor.post(url, {"prompt": "a bridge at dawn"}).text
    assert "read English" in editor.post(url, {"prompt": "мост на рассвете"}).text
    assert "tokens" in editor.post(url, {"prompt": "a long wide bridge " * 30}).text


def test_the_cover_in_other_shapes_and_types(people, browser, reviewed, house) -> None:
    editor = browser("editor")
    picture = io.BytesIO()
    Image.effect_noise((1600, 1600), 60).convert("RGB").save(picture, "PNG")
    headers = {"X-CSRFToken": editor.token, "Accept": "application/json"}
    assert editor.client.post(
        f"/submissions/{reviewed}/cover", data=picture.getvalue(), headers=headers
    ).status_code == 200  # fmt: skip
    with house.db.read() as session:
        number = session.scalars(select(Cover.id).where(Cover.chosen)).one()
    sizes = {}
    for asked in ("", "?shape=square", "?shape=whole", "?as=png", "?as=webp&shape=square"):
        answer = editor.client.get(f"/covers/{number}{asked}")
        sizes[asked] = (answer.mimetype, Image.open(io.BytesIO(answer.data)).size)
    assert sizes == {
        "": ("image/jpeg", (1200, 630)),
        "?shape=square": ("image/jpeg", (1080, 1080)),
        "?shape=whole": ("image/jpeg", (1600, 1600)),
        "?as=png": ("image/png", (1200, 630)),
        "?as=webp&shape=square": ("image/webp", (1080, 1080)),
    }
    assert editor.client.get(f"/covers/{number}?shape=round").status_code == 404
    assert editor.client.get(f"/covers/{number}?as=gif").status_code == 422
    cut = editor.post(f"/submissions/{reviewed}/covers/{number}/crop", {"x": "10", "y": "90", "zoom": "200"})
    assert cut.status_code == 302
    with house.db.read() as session:
        assert session.get_one(Cover, number).crop == {"x": 0.1, "y": 0.9, "zoom": 2.0}
