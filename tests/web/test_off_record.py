"""A marker sentence off the record is behind no door: pages, exports, feeds, search, vendors, rows, logs."""

from __future__ import annotations

import json
import logging
import re

import pytest
from sqlalchemy import select

from automation import accounts
from automation.models import (
    AttemptRow,
    Draft,
    Edit,
    SegmentRow,
    Submission,
    TermSuggestion,
    User,
    WriterCall,
)
from automation.pipeline.advance import advance
from automation.toolbox import Toolbox
from providers.chain import Chain
from providers.covers.openai_images import OpenAIImages
from providers.drafting.openai_compatible import OpenAICompatible
from providers.drafting.server import Server
from tests.fake_vendors import FakeVendors
from tests.fake_writers import answer
from tests.fakes import NOW

MARKER = "Тайный фургон Кукушкиндзе привозил шестьсот семнадцать ящиков ночью."
TRACES = ("Кукушкиндзе", "шестьсот семнадцать", "617", "фургон", "ящиков")


def clean(text: str) -> None:
    for trace in TRACES:
        assert trace.lower() not in text.lower(), trace


def marker_line(house) -> int:
    """Puts the marker into the machine's transcript, as said in its third sentence."""
    with house.db.write() as session:
        row = session.scalars(select(SegmentRow).order_by(SegmentRow.idx)).all()[2]
        words, step = MARKER.split(), (row.end_s - row.start_s) / len(MARKER.split())
        row.text = MARKER
        row.words = [
            [w, row.start_s + n * step, row.start_s + (n + 1) * step, 0.9] for n, w in enumerate(words)
        ]
        return row.idx


def test_a_viewer_sees_that_something_was_said_and_not_what(house, people, browser, reviewed) -> None:
    idx, author, viewer = marker_line(house), browser("author"), browser("viewer")
    path = f"/submissions/{reviewed}"
    assert "фургон" in viewer.get(path).text
    assert viewer.get(f"/media/{reviewed}").status_code == 200
    answer = author.post(f"{path}/off-record", {"from": str(idx), "to": str(idx)})
    assert answer.status_code == 200
    assert 'data-testid="off-mark"' in answer.text
    assert "Author" in re.search(r'data-testid="off-mark".*?</p>', answer.text, re.S)[0]
    assert "фургон" in answer.text
    for door in (path, f"{path}/transcript", f"{path}/lines/{idx}", f"{path}/article", f"{path}/checks"):
        clean(viewer.get(door).text)
    assert "off the record" in viewer.get(path).text
    assert viewer.get(f"/media/{reviewed}").status_code == 403
    assert author.get(f"/media/{reviewed}").status_code == 200
    assert viewer.get(f"{path}/lines/{idx}/off-record").status_code == 403
    number = re.search(r"/off-record/(\d+)/undo", answer.text)[1]
    undone = author.post(f"{path}/off-record/{number}/undo")
    assert 'data-testid="off-mark"' not in undone.text
    assert "фургон" in viewer.get(path).text


def test_a_selection_may_run_over_lines_and_a_form_names_seconds(house, people, browser, reviewed) -> None:
    author, path = browser("author"), f"/submissions/{reviewed}"
    shown = author.post(f"{path}/off-record", {"from": "2.2", "to": "3.0"}).text
    assert shown.count('data-testid="off-mark"') == 2
    assert len(re.findall(r'class="w off"', shown)) == 3
    form = author.get(f"{path}/lines/4/off-record").text
    times = re.findall(r'option value="([\d.]+)"', form)
    again = author.post(f"{path}/off-record", {"start": times[0], "end": times[0]})
    assert again.status_code == 422
    with house.db.read() as session:
        end = session.scalars(select(SegmentRow).where(SegmentRow.idx == 4)).one().words[-1][2]
    assert author.post(f"{path}/off-record", {"start": times[0], "end": str(end)}).status_code == 200
    assert author.post(f"{path}/off-record", {"from": "2.9", "to": "3.0"}).status_code == 422
    assert author.post(f"{path}/off-record", {"from": "x", "to": "3"}).status_code == 422
    assert author.post(f"{path}/off-record/999/undo").status_code == 404


def test_the_page_warns_as_soon_as_a_version_repeats_it(house, people, browser, reviewed) -> None:
    idx, editor, path = marker_line(house), browser("editor"), f"/submissions/{reviewed}"
    told = editor.post(f"{path}/off-record", {"from": str(idx), "to": str(idx)}).text
    assert 'data-testid="off-checked"' in told
    text = {
        "title": "Мост",
        "dek": "",
        "body": f"> {MARKER}\n",
        "tags": "",
        "description": "",
        "base_rev": "1",
    }
    saved = editor.post(f"{path}/draft", text, headers={"Accept": "application/json"}).get_json()
    assert 'data-testid="reuse"' in saved["quotes"]
    assert "This was said off the record" in saved["quotes"]
    refused = editor.post(f"{path}/approve", headers={"Accept": "application/json"})
    assert refused.status_code == 409
    assert "фургон" in refused.get_json()["message"]
    for door in (path, f"{path}/article", f"{path}/checks", f"{path}/versions/2", f"{path}/article.md", "/"):
        clean(browser("viewer").get(door).text)
    number = editor.post(f"{path}/off-record", {"from": "1", "to": "1"}).text
    assert 'data-testid="reuses"' in number


def test_a_name_put_right_off_the_record_is_not_learned(house, people, browser, reviewed) -> None:
    idx, author, path = marker_line(house), browser("author"), f"/submissions/{reviewed}"
    fixed = MARKER.replace("Кукушкиндзе", "Кукушкинидзе")
    assert author.post(f"{path}/lines/{idx}", {"text": fixed}).status_code == 200
    with house.db.read() as session:
        taught = len(session.scalars(select(TermSuggestion)).all())
    assert taught
    author.post(f"{path}/off-record", {"from": str(idx), "to": str(idx)})
    with house.db.read() as session:
        assert session.scalars(select(TermSuggestion)).all() == []
    author.post(f"{path}/lines/{idx}", {"text": MARKER.replace("Кукушкиндзе", "Кукушкинадзе")})
    with house.db.read() as session:
        assert session.scalars(select(TermSuggestion)).all() == []


@pytest.fixture
def vendors():
    with FakeVendors(chat=answer) as server:
        yield server


def test_the_marker_is_behind_no_door(house, people, browser, reviewed, vendors, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    idx, editor, path = marker_line(house), browser("editor"), f"/submissions/{reviewed}"
    editor.post(f"{path}/off-record", {"from": str(idx), "to": str(idx)})
    with house.db.read() as session:
        last = [session.scalar(select(kind.id).order_by(kind.id.desc())) or 0 for kind in (Draft, AttemptRow)]
        viewer_id = session.scalars(select(User).where(User.email == "viewer@example.org")).one().id
    writer = OpenAICompatible(Server("sk-secret", f"{vendors.url}/v1"))
    painter = OpenAIImages("sk-secret", base_url=f"{vendors.url}/v1")
    chains = {name: getattr(house.tools, name) for name in Toolbox.__dataclass_fields__}
    object.__setattr__(house, "tools", Toolbox(**{
        **chains,
        "drafting": Chain([("openai_compatible", lambda: writer)], capability="drafting"),
        "covers": Chain([("openai_images", lambda: painter)], capability="covers"),
    }))  # fmt: skip
    assert editor.post(f"{path}/send-back", {"reason": "Короче, пожалуйста"}).status_code == 302
    while advance(house.works):
        pass
    assert editor.post(f"{path}/covers", {"act": "again"}).status_code == 302
    while advance(house.works):
        pass
    assert vendors.received
    assert any(call.route == "chat" or "messages" in call.json for call in vendors.received)
    clean(json.dumps([[call.json, call.form] for call in vendors.received], ensure_ascii=False))
    with house.db.read() as session:
        drafts = session.scalars(select(Draft).where(Draft.id > last[0])).all()
        assert drafts
        clean(repr([[d.title, d.dek, d.body, d.tags, d.social, d.image_prompt] for d in drafts]))
        clean(
            repr(
                [
                    [a.answer, a.params]
                    for a in session.scalars(select(AttemptRow).where(AttemptRow.id > last[1]))
                ]
            )
        )
        calls = session.scalars(select(WriterCall)).all()
        assert calls
        clean(repr([[call.messages, call.answer] for call in calls]))
        submission = session.scalars(select(Submission)).one()
        clean(json.dumps(submission.provenance, ensure_ascii=False))
        edit = session.scalars(select(Edit).where(Edit.op == "off_record")).one()
        clean(repr(edit.payload))
    with house.db.write() as session:
        key = accounts.new_api_key(session, session.get_one(User, viewer_id), NOW)
    api = {"Authorization": f"Bearer {key}"}
    viewer, public = browser("viewer"), browser()
    for door in ("", "/transcript", "/article", "/writing"):
        told = public.get(f"/api/v1/tasks/{reviewed}{door}", headers=api)
        assert told.status_code == 200, door
        clean(json.dumps(told.get_json(), ensure_ascii=False))
    lines = public.get(f"/api/v1/tasks/{reviewed}/transcript", headers=api).get_json()["segments"]
    assert [line["id"] for line in lines if line["off_record"]] == [idx]
    doors = [
        "",
        "/live",
        "/transcript",
        "/article",
        "/checks",
        f"/lines/{idx}",
        "/writing",
        "/writing/export",
    ]
    doors += ["/article.md", "/compare", "/versions/1"]
    for door in doors:
        page = viewer.get(f"{path}{door}")
        assert page.status_code == 200, door
        clean(page.text)
    for trace in TRACES:
        assert 'data-testid="row"' not in viewer.get("/desk/list", query_string={"q": trace}).text
    editor.post(f"{path}/alt", {"alt": "Мост"})
    assert editor.post(f"{path}/publish").status_code == 302
    while advance(house.works):
        pass
    with house.db.read() as session:
        slug = session.scalars(select(Submission)).one().slug
    assert slug
    for door in ("/articles/", f"/articles/{slug}", "/feed.xml", "/feed.json", "/health"):
        page = public.get(door)
        assert page.status_code == 200, door
        clean(page.get_data(as_text=True))
    clean(caplog.text)
    own = {
        **logging.makeLogRecord({}).__dict__,
        "asctime": "",
    }  # times and addresses are numbers of their own
    clean(repr([[v for name, v in record.__dict__.items() if name not in own] for record in caplog.records]))
