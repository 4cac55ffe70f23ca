"""The JSON, clock and health doors; the settings; the command line."""

import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from automation import accounts, create_app
from automation.config import SETTINGS, Settings
from automation.errors import BadSetting
from automation.models import Role, Schedule, Status, Submission
from automation.pipeline.advance import advance
from automation.pipeline.review import approve
from tests.fakes import NOW, describe_cover, fake_tools, recording
from tests.sending import CLOCK_SECRET, Unread, bearer, send_file


def wav(tmp_path, seconds=5.0):
    return recording(tmp_path / "t.wav", seconds=seconds).read_bytes()


def post(app, key, data, name="talk.wav", **form):
    return send_file(app, "/api/v1/transcribe", key, data, name, **form)


def test_a_recording_is_accepted_and_can_be_followed(app, key, tmp_path):
    answer = post(app, key, wav(tmp_path), title="Мост")
    assert answer.status_code == 202
    task_id = answer.json["task_id"]
    room = app.extensions["polosa"]
    while advance(room.works):
        pass
    task = app.test_client().get(f"/api/v1/tasks/{task_id}", headers=bearer(key)).json
    assert (task["status"], task["stages"][0]["state"]) == ("review", "done")
    assert [stage["stage"] for stage in task["stages"]] == ["transcribe", "diarize", "draft", "cover"]
    article = app.test_client().get(f"/api/v1/tasks/{task_id}/article", headers=bearer(key)).json
    assert (article["version"], article["url"]) == (1, None)
    assert "> Мост откроют в марте." in article["body"]
    transcript = app.test_client().get(f"/api/v1/tasks/{task_id}/transcript", headers=bearer(key)).json
    assert transcript["segments"][0]["text"] == "Когда откроют мост?"
    assert list(room.storage.incoming_dir.iterdir()) == []


def test_a_task_is_cancelled_and_resumed(app, key, tmp_path):
    task_id = post(app, key, wav(tmp_path)).json["task_id"]
    address, room = f"/api/v1/tasks/{task_id}", app.extensions["polosa"]
    client = app.test_client()
    assert client.post(f"{address}/cancel").status_code == 401
    stopped = client.post(f"{address}/cancel", headers=bearer(key))
    assert (stopped.status_code, stopped.json["stages"][0]["state"]) == (200, "paused")
    assert advance(room.works) is None
    assert client.post(f"{address}/cancel", headers=bearer(key)).json["error"]["code"] == "wrong_state"
    assert client.post(f"{address}/resume", headers=bearer(key)).json["stages"][0]["state"] == "todo"
    assert advance(room.works) is not None


def test_the_same_bytes_give_the_same_task(app, key, tmp_path):
    data = wav(tmp_path)
    first, second = post(app, key, data), post(app, key, data)
    assert second.json["task_id"] == first.json["task_id"]
    assert second.json["duplicate"] is True


def test_who_asks_is_known_before_the_body_is_read(app, tmp_path):
    answer = app.test_client().post(
        "/api/v1/transcribe",
        input_stream=Unread(),
        content_length=10**6,
        content_type="multipart/form-data; boundary=x",
    )
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("data", "name", "status", "says"),
    [
        (b"", "empty.mp3", 422, "empty.mp3 is empty"),
        (b"only words " * 999, "talk.mp3", 422, "talk.mp3 is not a sound or video file"),
        (b"x" * 3_000_000, "big.wav", 413, "larger than 1 MB"),
    ],
)
def test_each_bad_file_has_its_own_message(app, key, data, name, status, says):
    answer = post(app, key, data, name)
    assert answer.status_code == status
    assert says in answer.json["error"]["message"]
    assert list(app.extensions["polosa"].storage.incoming_dir.iterdir()) == []


def test_a_request_without_a_file_says_where_to_put_it(app, key):
    answer = app.test_client().post("/api/v1/transcribe", headers=bearer(key), data={"title": "x"})
    assert answer.status_code == 422
    assert "multipart field “file”" in answer.json["error"]["message"]


def test_an_unknown_task_is_404(app, key):
    assert app.test_client().get("/api/v1/tasks/nothing", headers=bearer(key)).status_code == 404


def test_a_viewer_may_not_submit(app, tmp_path):
    with app.extensions["polosa"].db.write() as session:
        user = accounts.create_account(session, "v@example.org", "V", "long password", Role.VIEWER, NOW)
        key = accounts.new_api_key(session, user, NOW)
    assert post(app, key, wav(tmp_path)).status_code == 403


def test_an_error_of_the_api_is_json_even_for_an_unknown_address(app, key):
    answer = app.test_client().get("/api/v1/nothing", headers=bearer(key))
    assert answer.status_code == 404
    assert answer.json["error"]["message"]


@pytest.mark.parametrize("method", ["get", "post"])
def test_cron_does_a_tick_and_says_what_it_did(app, method):
    room = app.extensions["polosa"]
    with room.db.write() as session:
        session.add(Schedule(name="hourly", cron="0 * * * *", timezone="UTC", enabled=True))
    report = getattr(app.test_client(), method)("/api/cron/trigger", headers=bearer(CLOCK_SECRET)).json
    assert report["slots"][0]["slot"] == "hourly"
    again = getattr(app.test_client(), method)("/api/cron/trigger", headers=bearer(CLOCK_SECRET)).json
    assert again["skipped"][0]["why"] == "this slot was done already"


@pytest.mark.parametrize("header", [{}, bearer("wrong"), {"Authorization": CLOCK_SECRET}, bearer("")])
def test_cron_refuses_a_wrong_secret(app, header):
    assert app.test_client().get("/api/cron/trigger", headers=header).status_code == 401


def test_cron_is_closed_without_a_secret(env):
    app = create_app(env, fake_tools())
    assert app.test_client().get("/api/cron/trigger", headers=bearer("")).status_code == 403
    app.extensions["polosa"].db.close()


def test_cron_publishes_what_waits_for_a_slot(app, key, tmp_path):
    post(app, key, wav(tmp_path))
    room = app.extensions["polosa"]
    while advance(room.works):
        pass
    with room.db.write() as session:
        session.add(Schedule(name="hourly", cron="0 * * * *", timezone="UTC", enabled=True))
        submission = session.scalars(select(Submission)).one()
        user = accounts.create_account(session, "e@example.org", "E", "long password", Role.EDITOR, NOW)
        describe_cover(submission, NOW)
        approve(session, submission, user, datetime.now(UTC))
    report = app.test_client().get("/api/cron/trigger", headers=bearer(CLOCK_SECRET)).json
    assert report["moved"][0]["stage"] == "publish"
    with room.db.read() as session:
        assert session.scalars(select(Submission)).one().status == Status.PUBLISHED


def test_health_answers_without_an_account(app):
    assert app.test_client().get("/health").json["status"] == "ok"


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PORT", "http", "PORT is “http”; it must be a number from 0 to 65535."),
        ("SITE_LANGUAGE", "de", "SITE_LANGUAGE is “de”; it must be one of en, ru, uk."),
        (
            "TIMEZONE",
            "Mars/Base",
            "TIMEZONE is “Mars/Base”; it must be a time zone name such as Europe/Kyiv.",
        ),
        ("CRON_SECRET", "short", "CRON_SECRET has 5 characters; give it 16 or more."),
        ("PUBLIC_URL", "polosa.example", "it must be an address that begins with http:// or https://."),
    ],
)
def test_a_wrong_setting_stops_the_start_by_name(name, value, says):
    with pytest.raises(BadSetting) as stopped:
        Settings.from_env({name: value})
    assert says in str(stopped.value)


def test_every_setting_has_a_default_that_can_be_read():
    values = Settings.from_env({}).values
    assert set(values) == {setting.name.lower() for setting in SETTINGS}


def polosa(env, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "automation", *arguments], env=env, capture_output=True, text=True, check=False
    )


def test_the_command_line_submits_and_refuses_by_name(env, tmp_path):
    good, bad = recording(tmp_path / "good.wav"), tmp_path / "bad.mp3"
    bad.write_bytes(b"")
    ran = polosa(env, "submit", str(good), str(bad))
    assert ran.returncode == 1
    assert "good.wav" in ran.stdout
    assert "bad.mp3 is empty" in ran.stderr
    assert "received" in polosa(env, "status").stdout


def test_the_command_line_stops_and_goes_on(env, room, submit):
    submit()
    with room.db.read() as session:
        task_id = session.scalars(select(Submission.task_id)).one()
    assert "goes on from there" in polosa(env, "cancel", task_id).stdout
    assert polosa(env, "cancel", task_id).returncode == 1
    assert polosa(env, "resume", task_id).returncode == 0
    assert "no submission" in polosa(env, "resume", "nobody").stderr


def test_the_command_line_explains_itself(env):
    ran = polosa(env, "--help")
    assert all(
        command in ran.stdout for command in ("run", "worker", "submit", "demo", "doctor", "setup-link")
    )
    assert "drafting: extractive: ready" in polosa(env, "doctor").stdout


def test_a_tick_from_the_command_line_is_json(env):
    assert json.loads(polosa(env, "tick").stdout)["slots"] == []
