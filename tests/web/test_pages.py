"""The pages themselves: safe to open, in three languages, and saying what is there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from sqlalchemy import select

from automation.models import Role, RunState, StageRun, Status, Submission
from automation.pipeline import intake
from automation.web.headers import CSP
from tests.fakes import NOW, recording


class Inline(HTMLParser):
    """Collects what a strict content policy would refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag, attrs) -> None:
        names = dict(attrs)
        self.found += [
            f"{tag}[{name}]" for name in names if name == "style" or name.startswith(("on", "hx-on"))
        ]
        self.found += [
            name for name in names if (names[name] or "").strip().lower().startswith(("javascript:", "js:"))
        ]
        if tag == "style" or (tag == "script" and not names.get("src")):
            self.found.append(tag)
        if "id" in names:
            self.ids.append(names["id"])


def pages(task_id: str, slug: str = "nothing") -> list[str]:
    base = f"/submissions/{task_id}"
    return [
        "/",
        "/?queue=problems",
        "/?q=zzz",
        "/desk/list",
        base,
        f"{base}/live",
        f"{base}/transcript",
        f"{base}/article",
        f"{base}/checks",
        f"{base}/versions/1",
        f"{base}/lines/1",
        f"{base}/lines/1/edit",
        f"{base}/lines/1/speaker",
        "/schedule",
        "/providers",
        "/providers/states",
        "/people",
        "/profile",
        "/login",
        "/articles/",
        f"/articles/{slug}",
        "/nowhere",
    ]


@pytest.mark.parametrize("language", ["en", "ru", "uk"])
def test_every_page_is_free_of_inline_code(people, browser, reviewed, language) -> None:
    admin = browser("admin")
    admin.get(f"/lang/{language}")
    for path in pages(reviewed):
        answer = admin.get(path)
        assert answer.headers["Content-Security-Policy"] == CSP, path
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        parser = Inline()
        parser.feed(answer.text)
        assert not parser.found, (path, parser.found)
        assert len(parser.ids) == len(set(parser.ids)), path
        if answer.status_code != 302 and answer.text.startswith("<!doctype"):
            assert f'<html lang="{language}">' in answer.text


def test_feeds_and_pictures_carry_the_policy_too(browser, published) -> None:
    for path in ("/feed.xml", "/feed.json", f"/articles/{published}/cover.jpg", f"/articles/{published}"):
        assert browser().get(path).headers["Content-Security-Policy"] == CSP


def test_the_desk_shows_status_badge_and_cover(people, browser, reviewed) -> None:
    text = browser("viewer").get("/").text
    assert "Мост откроют в марте" in text
    assert 'data-status="review"' in text
    assert "1✓" in text
    assert "/covers/1" in text
    assert 'data-testid="dropzone"' not in text  # a viewer submits nothing


def test_an_empty_desk_says_what_to_do(people, browser) -> None:
    assert "Drop an interview above" in browser("author").get("/").text


def test_problems_stand_in_their_queue_with_the_reason(house, people, browser, tmp_path) -> None:
    author = browser("author")
    path = recording(tmp_path / "a.wav", 7)
    answer = author.client.post(
        "/upload?filename=a.wav&language=ru", data=path.read_bytes(), headers={"X-CSRFToken": author.token}
    )
    assert answer.status_code == 201
    with house.db.write() as session:
        run = session.scalars(select(StageRun)).one()
        run.state, run.attempt = RunState.HALTED, 5
        run.error = {
            "template": "There is no backend called %(name)s; choose from %(known)s.",
            "params": {"name": "x", "known": "y"},
        }
    text = author.get("/?queue=problems").text
    assert "There is no backend called x; choose from y." in text
    assert "stopped: a person is needed" in text
    task_id = answer.get_json()["task_id"]
    assert 'data-testid="retry"' in author.get(f"/submissions/{task_id}").text
    assert author.post(f"/submissions/{task_id}/retry").status_code == 302
    assert "There is no backend" not in author.get("/?queue=problems").text


def test_upload_answers_in_the_page(people, browser, tmp_path) -> None:
    author = browser("author")
    headers = {"X-CSRFToken": author.token, "Accept": "application/json"}
    body = recording(tmp_path / "a.wav", 3).read_bytes()
    first = author.client.post("/upload?filename=a.wav&title=Мост", data=body, headers=headers)
    assert first.status_code == 201
    again = author.client.post("/upload?filename=b.wav", data=body, headers=headers)
    assert again.status_code == 200
    assert again.get_json()["duplicate"] is True
    bad = author.client.post("/upload?filename=a.txt", data=b"not sound at all", headers=headers)
    assert bad.status_code == 422
    assert "a.txt" in bad.get_json()["message"]
    language = author.client.post("/upload?filename=a.wav&language=xx", data=body, headers=headers)
    assert language.status_code == 422


def test_ten_thousand_submissions_are_a_quick_page(house, people, browser) -> None:

    with house.db.write() as session:
        session.bulk_insert_mappings(
            Submission,
            [
                {
                    "task_id": f"{n:032}",
                    "status": [Status.PUBLISHED, Status.ARCHIVED, Status.REVIEW][n % 3],
                    "title": f"Интервью {n}",
                    "filename": f"{n}.mp3",
                    "media_key": "x",
                    "media_sha256": f"{n:064}",
                    "media_mime": "audio/mpeg",
                    "size_bytes": 1,
                    "duration_s": 1.0,
                    "language": "ru",
                    "is_demo": False,
                    "note": "",
                    "round": 0,
                    "created_at": NOW,
                    "updated_at": NOW,
                    "provenance": {},
                }
                for n in range(10_000)
            ],
        )
    viewer = browser("viewer")
    queries = []
    from sqlalchemy import event

    event.listen(house.db.engine, "before_cursor_execute", lambda *args: queries.append(args[2]))
    text = viewer.get("/?page=3").text
    assert text.count('data-testid="row"') == 50
    assert len(queries) < 20
    assert "интервью 7778<" in viewer.get("/?q=интервью 7778").text.lower()


def test_media_is_served_in_ranges_to_people_only(people, browser, reviewed) -> None:
    assert browser().get(f"/media/{reviewed}").status_code == 302
    viewer = browser("viewer")
    part = viewer.get(f"/media/{reviewed}", headers={"Range": "bytes=0-3"})
    assert part.status_code == 206
    assert part.data == b"RIFF"
    assert part.mimetype.startswith("audio/")
    assert part.headers["Content-Disposition"].startswith("inline")
    assert part.headers["X-Content-Type-Options"] == "nosniff"


def test_media_that_is_no_media_is_only_downloaded(house, people, browser, reviewed) -> None:
    with house.db.write() as session:
        session.scalars(select(Submission)).one().media_mime = "text/html"
    answer = browser("viewer").get(f"/media/{reviewed}")
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_a_hostile_title_is_text(house, people, browser, reviewed) -> None:
    evil = "<script>alert(1)</script>"
    with house.db.write() as session:
        session.scalars(select(Submission)).one().title = evil
    for path in ("/", f"/submissions/{reviewed}"):
        assert evil not in browser("viewer").get(path).text


def test_the_desk_polls_quickly_only_while_something_runs(house, people, browser, reviewed) -> None:
    assert 'hx-trigger="every 15s' in browser("viewer").get("/").text
    with house.db.write() as session:
        session.scalars(select(StageRun)).first().state = RunState.DOING
    assert 'hx-trigger="every 2s' in browser("viewer").get("/").text


def test_errors_are_the_same_sentence_in_html_and_json(people, browser) -> None:
    viewer = browser("viewer")
    page = viewer.get("/submissions/none")
    data = viewer.get("/submissions/none", headers={"Accept": "application/json"})
    assert page.status_code == data.status_code == 404
    assert data.get_json()["message"] in page.text


def test_a_fragment_sends_a_logged_out_person_to_the_login(people, browser) -> None:
    answer = browser().get("/desk/list", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/login"


def test_roles_see_only_what_they_may_do(people, browser, reviewed) -> None:
    page = f"/submissions/{reviewed}"
    for role in Role:
        text = browser(role.value).get(page).text
        assert ('data-testid="approve"' in text) == role.may(Role.EDITOR)
        assert ('data-testid="draft-form"' in text) == role.may(Role.AUTHOR)
        assert ('data-testid="edit-line"' in text) == role.may(Role.AUTHOR)


def test_a_schedule_is_changed_by_administrators(house, people, browser) -> None:
    from automation.models import Schedule
    from automation.scheduler import add_first_schedule

    with house.db.write() as session:
        add_first_schedule(session, house.settings)
    admin = browser("admin")
    number = 1
    good = {"cron": "0 9,18 * * *", "timezone": "Europe/Kyiv", "enabled": "1"}
    assert admin.post(f"/schedule/{number}", good).status_code == 302
    with house.db.read() as session:
        assert session.get_one(Schedule, number).cron == "0 9,18 * * *"
    assert admin.post(f"/schedule/{number}", {**good, "cron": "every day"}).status_code == 422
    assert admin.post(f"/schedule/{number}", {**good, "timezone": "Kyiv/Moon"}).status_code == 422
    assert admin.post("/schedule/99", good).status_code == 404


def test_how_far_a_recording_is_heard_and_what_is_left(house, people, browser, tmp_path) -> None:
    path = recording(tmp_path / "long.wav", 9, 10.0)
    with path.open("rb") as stream:
        task_id = intake.submit(house, stream, path.name, by=None, now=NOW).task_id
    with house.db.write() as session:
        run = session.scalars(select(StageRun)).one()
        run.state, run.progress = RunState.DOING, 0.5
        run.progress_note = "Downloading %(what)s: %(done)d of %(total)d MB"
        run.progress_params = {"what": "GigaAM", "done": 20, "total": 240}
        run.eta_at = datetime.now(UTC) + timedelta(seconds=245)
    reader = browser("viewer")
    for address in (f"/submissions/{task_id}/live", "/desk/list"):
        text = reader.get(address).text
        assert "0:05 of 0:10 heard" in text
        assert "Downloading GigaAM: 20 of 240 MB" in text
        assert "about 4 min left" in text


def test_an_old_session_does_not_bring_the_old_language_back(people, browser) -> None:
    """A poll on its way when the language is chosen answers with the session of before."""
    viewer = browser("viewer")
    before = viewer.client.get_cookie("polosa").value
    viewer.get("/lang/uk")
    viewer.client.set_cookie("polosa", before)
    assert 'lang="uk"' in viewer.get("/").text
