"""Correcting and deciding, as the page does it."""

from __future__ import annotations

import io
import re
from html import unescape

from PIL import Image
from sqlalchemy import select

from automation.models import Draft, Edit, PieceRow, Submission
from automation.pipeline import intake
from automation.pipeline.advance import advance
from tests.fakes import NOW, FakeSpeech, recording

TEXT = {"title": "Мост", "dek": "", "body": "Текст.\n", "tags": "мост, город", "description": ""}


def save(person, task_id: str, **changes):
    return person.post(f"/submissions/{task_id}/draft", {**TEXT, "base_rev": "1", **changes},
                       headers={"Accept": "application/json"})  # fmt: skip


def test_a_save_is_a_version_with_preview_and_quotes(house, people, browser, reviewed) -> None:
    answer = save(browser("author"), reviewed, body="> Мост откроют в марте.\n\n<script>x</script>\n")
    data = answer.get_json()
    assert data["rev"] == 2
    assert "<script>" not in data["preview"]
    assert 'data-grade="exact"' in data["quotes"]
    with house.db.read() as session:
        draft = session.scalars(select(Draft).order_by(Draft.rev.desc())).first()
        assert (draft.kind, draft.tags) == ("human", ["мост", "город"])


def test_the_editors_page_says_of_each_sentence_what_it_stands_on(people, browser, reviewed) -> None:
    """Whoever may read it hovers; only who writes needs the map for the caret; an old version has neither."""
    body = "Мост в марте. Ни слова больше. [0:00](#s1-2)\n"
    shown = unescape(save(browser("author"), reviewed, body=body).get_json()["preview"])
    assert re.findall(r'data-sentence="([\d.]+)" data-sources="([\d ]*)"', shown) == [
        ("0.0", "2"),
        ("0.1", "1 2"),
    ]
    places = '[0, 44, [[0, "2"], [14, "1 2"]]]'
    assert f'"length": 45, "blocks": [{places}]' in shown
    page = f"/submissions/{reviewed}"
    assert places in unescape(browser("author").get(page).text)
    read = unescape(browser("viewer").get(page).text)
    assert 'data-sentence="0.1"' in read
    assert "data-typed" not in read
    assert "data-sentence" not in browser("author").get(f"{page}/versions/2").text


def test_two_people_never_overwrite_each_other(people, browser, reviewed) -> None:
    assert save(browser("author"), reviewed, dek="Первый").status_code == 200
    late = save(browser("editor"), reviewed, dek="Второй")
    assert late.status_code == 409
    theirs = late.get_json()["theirs"]
    assert (theirs["rev"], theirs["dek"], theirs["by"]) == (2, "Первый", "Author")
    assert save(browser("editor"), reviewed, dek="Второй", base_rev="2").get_json()["rev"] == 3


def test_a_sentence_is_corrected_and_the_correction_undone(house, people, browser, reviewed) -> None:
    author = browser("author")
    path = f"/submissions/{reviewed}/lines/2"
    answer = author.post(path, {"text": "Мост откроют в мае."})
    assert 'data-testid="edited"' in answer.text
    assert answer.text.count('class="w"') == 4
    assert author.post(path, {"text": "  "}).status_code == 422
    assert 'data-testid="edited"' not in author.post(f"{path}/undo").text
    assert author.post(f"/submissions/{reviewed}/lines/999", {"text": "x"}).status_code == 404
    with house.db.read() as session:
        assert all(edit.undone for edit in session.scalars(select(Edit)))


def test_a_voice_gets_a_name_everywhere(people, browser, reviewed) -> None:
    author = browser("author")
    assert "Speaker 2" in author.get(f"/submissions/{reviewed}").text
    path = f"/submissions/{reviewed}/lines/2/speaker"
    text = author.post(path, {"act": "rename", "label": "SPEAKER_01", "name": "Анна"}).text
    assert "Анна" in text
    assert "Speaker 2" not in text
    assert "Анна" in author.get(f"/submissions/{reviewed}/article").text
    text = author.post(path, {"act": "reassign", "speaker": "SPEAKER_00"}).text
    assert text.count("Speaker 1") > 1


def test_sending_back_needs_a_reason(house, people, browser, reviewed) -> None:
    editor = browser("editor")
    assert editor.post(f"/submissions/{reviewed}/send-back", {"reason": " "}).status_code == 422
    assert editor.post(f"/submissions/{reviewed}/send-back", {"reason": "Короче"}).status_code == 302
    text = editor.get(f"/submissions/{reviewed}").text
    assert "Sent back: Короче" in text


def test_a_time_is_read_in_the_sites_zone(house, people, browser, reviewed) -> None:
    editor = browser("editor")
    url = f"/submissions/{reviewed}/approve"
    assert editor.post(url, {"publish_at": "tomorrow"}).status_code == 422
    assert editor.post(url, {"publish_at": "2030-01-15T12:00"}).status_code == 302
    with house.db.read() as session:
        at = session.scalars(select(Submission)).one().publish_at
    assert at.isoformat() == "2030-01-15T10:00:00+00:00"  # Kyiv is two hours ahead in winter
    text = editor.get(f"/submissions/{reviewed}").text
    assert "15 Jan 2030, 12:00" in text
    assert "Europe/Kyiv" in text
    assert editor.post(f"/submissions/{reviewed}/unschedule").status_code == 302
    assert editor.post(f"/submissions/{reviewed}/unschedule").status_code == 409


def test_a_decision_for_a_script_is_json(people, browser, reviewed) -> None:
    editor = browser("editor")
    refused = editor.post(f"/submissions/{reviewed}/unpublish", headers={"Accept": "application/json"})
    assert refused.status_code == 409
    assert "In review" not in refused.get_json().get("url", "")
    done = editor.post(f"/submissions/{reviewed}/approve", headers={"Accept": "application/json"})
    assert done.get_json()["url"] == f"/submissions/{reviewed}"


def test_an_own_cover_needs_a_description_before_approval(people, browser, reviewed) -> None:
    editor = browser("editor")
    picture = io.BytesIO()
    Image.radial_gradient("L").resize((1600, 1600)).convert("RGB").save(picture, "PNG")
    headers = {"X-CSRFToken": editor.token, "Accept": "application/json"}
    url = f"/submissions/{reviewed}/cover"
    assert editor.client.post(url, data=picture.getvalue(), headers=headers).status_code == 200
    assert editor.client.post(url, data=b"no picture", headers=headers).status_code == 422
    assert editor.post(f"/submissions/{reviewed}/approve").status_code == 409
    assert editor.post(f"/submissions/{reviewed}/alt", {"alt": "Мост на рассвете"}).status_code == 302
    assert editor.post(f"/submissions/{reviewed}/approve").status_code == 302


def test_a_cover_that_is_too_large_is_refused(people, browser, reviewed) -> None:
    editor = browser("editor")
    headers = {"X-CSRFToken": editor.token, "Accept": "application/json"}
    big = editor.client.post(f"/submissions/{reviewed}/cover", data=b"x" * (21 * 1024**2), headers=headers)
    assert big.status_code == 413


def test_earlier_versions_can_be_read(people, browser, reviewed) -> None:
    author = browser("author")
    save(author, reviewed, title="Другой заголовок")
    assert "Мост откроют в марте" in author.get(f"/submissions/{reviewed}/versions/1").text
    assert author.get(f"/submissions/{reviewed}/versions/9").status_code == 404


def test_an_earlier_version_is_compared_and_taken_again(house, people, browser, reviewed) -> None:
    author = browser("author")
    save(author, reviewed, title="Мост откроют", body="Текст <b>здесь</b>.\n")
    save(author, reviewed, title="Мост закроют", body="Текст <b>здесь</b> и там.\n", base_rev="2")
    page = author.get(f"/submissions/{reviewed}/versions/2").text
    assert "<del>откроют</del><ins>закроют</ins>" in page
    assert "<b>здесь</b>" not in page
    assert "Take this version again" in page
    assert "Take this version again" not in browser("viewer").get(f"/submissions/{reviewed}/versions/2").text
    assert "Take this version again" not in author.get(f"/submissions/{reviewed}/versions/3").text
    late = author.post(f"/submissions/{reviewed}/versions/2", {"base_rev": "2"})
    assert late.status_code == 409
    taken = author.post(f"/submissions/{reviewed}/versions/2", {"base_rev": "3"})
    assert taken.status_code == 302
    with house.db.read() as session:
        newest = session.scalars(select(Draft).order_by(Draft.rev.desc())).first()
        assert (newest.rev, newest.title, newest.tags) == (4, "Мост откроют", ["мост", "город"])
    assert author.post(f"/submissions/{reviewed}/versions/9", {"base_rev": "4"}).status_code == 404
    assert author.post(f"/submissions/{reviewed}/versions/2", {}).status_code == 422


def test_work_is_stopped_and_goes_on_from_the_page(house, people, browser, tmp_path) -> None:
    path = recording(tmp_path / "later.wav", 7)
    with path.open("rb") as stream:
        task_id = intake.submit(house, stream, path.name, by=None, now=NOW).task_id
    author = browser("author")
    assert 'data-testid="stop"' in author.get(f"/submissions/{task_id}").text
    strip = author.post(f"/submissions/{task_id}/stop", headers={"HX-Request": "true"}).text
    assert 'data-testid="resume"' in strip
    assert 'data-state="paused"' in strip
    assert 'data-testid="stop"' not in strip
    assert author.post(f"/submissions/{task_id}/stop").status_code == 409
    assert "Stopped the work" in author.get(f"/submissions/{task_id}/checks").text
    assert 'data-testid="resume"' not in browser("viewer").get(f"/submissions/{task_id}/live").text
    assert "Transcript · stopped" in author.get("/desk/list").text
    assert advance(house.works) is None
    assert author.post(f"/submissions/{task_id}/resume").status_code == 302
    assert advance(house.works) is not None


def words(html: str) -> str:
    return re.sub("<[^>]+>", "", html)


def test_what_is_heard_is_corrected_before_the_rest_is(house, people, browser, tmp_path) -> None:
    path = recording(tmp_path / "later.wav", 8)
    with path.open("rb") as stream:
        task_id = intake.submit(house, stream, path.name, by=None, now=NOW).task_id
    author, page = browser("author"), f"/submissions/{task_id}/transcript"
    assert "edit-line" not in author.get(page).text
    with house.db.write() as session:
        submission = session.scalars(select(Submission)).one()
        for piece in list(FakeSpeech().recognise(path))[:2]:
            said = [[w.text, w.start_s, w.end_s, w.confidence] for w in piece.words]
            session.add(PieceRow(submission_id=submission.id, idx=piece.index, start_s=piece.start_s,
                                 end_s=piece.end_s, words=said))  # fmt: skip
    shown = author.get(page).text
    assert 'data-testid="speaker"' not in shown
    form = unescape(re.findall(r'hx-get="([^"]+/edit\?[^"]+)"', shown)[1])
    opened = author.get(form).text
    assert ">Мост откроют в марте.</textarea>" in opened
    save = unescape(re.search(r'hx-post="([^"]+)"', opened)[1])
    assert 'data-testid="edited"' in author.post(save, {"text": "Мост откроют в мае."}).text
    assert author.post(save.replace("start=", "start=nan&was="), {"text": "x"}).status_code == 422
    assert "в мае." in words(author.get(page).text)
    while advance(house.works):
        pass
    assert "Мост откроют в мае." in words(author.get(page).text)
    assert "Corrected what is said at 0:00" in author.get(f"/submissions/{task_id}/checks").text
    late = author.post(save, {"text": "Мост откроют в июне."})
    assert "в июне." in words(late.text)
    assert "в марте." in words(author.post(save.replace("?", "/undo?"), {}).text)
