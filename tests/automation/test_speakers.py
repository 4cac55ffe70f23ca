"""Who takes part and who speaks when: at every door, in the ledger, for the writer."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from automation.errors import InvalidSubmission
from automation.models import Status, Submission
from automation.pipeline import intake
from automation.pipeline.advance import advance
from providers.chain import Chain
from providers.diarization.pyannote import Pyannote
from providers.hub import Hub
from providers.types import WritingBrief
from tests.fakes import NOW, FakeDiarization, FakeDrafting, chain, fake_tools, recording
from tests.providers.hub_server import FakeHub, serving
from tests.providers.voices import FEMALE, MALE, conversation
from tests.sending import Unread, bearer, send_file

ROOT = Path(__file__).parents[2]


@dataclass
class Listening(FakeDiarization):
    """Remembers what it was asked."""

    asked: list[dict[str, Any]] = field(default_factory=list)

    def turns(self, media: Path, **wish: Any) -> Any:
        self.asked.append({name: wish[name] for name in ("min_speakers", "max_speakers")})
        return super().turns(media)


@dataclass
class Guessing(FakeDiarization):
    name: str = "guess"
    is_weaker: bool = True


@dataclass
class Reading(FakeDrafting):
    """Remembers its brief."""

    briefs: list[WritingBrief] = field(default_factory=list)

    def write(self, brief: WritingBrief, *more: Any) -> Any:
        self.briefs.append(brief)
        return super().write(brief, *more)


def work_off(room: Any) -> None:
    while advance(room.works):
        pass


def load(room: Any, submission_id: int) -> Submission:
    with room.db.read() as session:
        found = session.get_one(Submission, submission_id)
        session.refresh(found, ["turns", "runs"])
        return found


# What is known of the people reaches who needs it.


def test_participants_and_the_wish_reach_the_writer(room_with, submit):
    writer, listener = Reading(), Listening()
    number = submit(participants=["Анна Белова, Иван Орлов", "Анна Белова"], hint="О мосте, коротко.")
    room = room_with(drafting=writer, diarization=listener)
    work_off(room)
    assert load(room, number).participants == ["Анна Белова", "Иван Орлов"]
    assert writer.briefs[0].participants == ("Анна Белова", "Иван Орлов")
    assert writer.briefs[0].notes == "О мосте, коротко."
    assert listener.asked == [{"min_speakers": None, "max_speakers": 2}], "as many as take part, at most"


@pytest.mark.parametrize(
    ("wish", "asked"),
    [
        ({"participants": ["Анна"]}, (None, None)),
        ({"participants": ["Анна", "Иван"], "max_speakers": 4}, (None, 4)),
        ({"participants": ["Анна", "Иван"], "min_speakers": 3}, (3, None)),
    ],
)
def test_a_given_number_counts_more_than_the_names(room_with, submit, wish, asked):
    listener = Listening()
    submit(**wish)
    work_off(room_with(diarization=listener))
    assert listener.asked == [dict(zip(("min_speakers", "max_speakers"), asked, strict=True))]


@pytest.mark.parametrize(
    "wish",
    [{"participants": ["x" * 81]}, {"participants": [f"n{n}" for n in range(21)]}, {"hint": "x" * 2001}],
)
def test_too_much_is_refused(submit, wish):
    with pytest.raises(InvalidSubmission):
        submit(**wish)


def test_a_guess_is_marked(room_with, submit):
    number = submit()
    room = room_with(diarization=Guessing())
    work_off(room)
    assert load(room, number).provenance["diarize"]["weaker"] is True


# A recording sent for its turns alone.


def test_the_turns_alone(room_with, submit):
    number = submit(only_speakers=True)
    room = room_with()
    work_off(room)
    done = load(room, number)
    assert (done.status, [run.stage for run in done.runs]) == (Status.ANSWERED, ["speakers"])
    assert done.turns[0] == [0.0, 0.6, "SPEAKER_00"]


@pytest.mark.parametrize("first_ends", [True, False])
def test_it_goes_the_whole_way_when_an_article_is_wanted_later(room, submit, first_ends):
    number = submit(only_speakers=True)
    if first_ends:
        work_off(room)
    assert submit(title="Мост", participants=["Анна"]) == number
    work_off(room)
    done = load(room, number)
    assert (done.status, done.participants) == (Status.REVIEW, ["Анна"])
    assert submit(only_speakers=True) == number
    assert load(room, number).status == Status.REVIEW, "the turns of an article are there already"


def test_a_claimed_run_of_it_records_nothing_once_an_article_is_wanted(room, submit):
    from automation.pipeline import ledger
    from automation.pipeline.advance import record
    from automation.pipeline.stage import Result

    number = submit(only_speakers=True)
    held = ledger.claim(room.db, NOW, 30.0)
    submit()
    assert record(room.works, held, Result(changes={"turns": []})) is False
    assert load(room, number).status == Status.RECEIVED


# The five ways in which the Hub says no.

WAYS = {
    "no token": (None, None, "HF_TOKEN is not set"),
    "bad token": ("hf_x", (401, {"X-Error-Message": "Invalid credentials in Authorization header"}),
                  "refused the token"),
    "terms": ("hf_x", (403, {"X-Error-Code": "GatedRepo"}), "accept the terms"),
    "no such model": ("hf_x", (404, {"X-Error-Code": "RepoNotFound"}), "There is no model"),
    "no network": ("hf_x", "down", "can't be reached"),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_without_pyannote_the_line_goes_on_and_says_why(room_with, submit, tmp_path, way):
    token, refusal, says = WAYS[way]
    number = submit()

    def build(url: str) -> Any:
        if token is None:
            pytest.importorskip("pyannote.audio")
            return Pyannote.from_env({"HF_HUB_CACHE": str(tmp_path / "hub")})
        return Pyannote("pyannote/x", hub=Hub(url, tmp_path / "hub", token))

    answer = refusal if isinstance(refusal, tuple) else None
    with serving(FakeHub("pyannote/x", {}, answer)) as server:
        url = "http://127.0.0.1:9" if refusal == "down" else server.url
        entries = [("pyannote", lambda: build(url)), ("guess", Guessing)]
        room = room_with(diarization=Chain(entries))
        work_off(room)
    done = load(room, number)
    assert done.status == Status.REVIEW
    assert done.provenance["diarize"]["backend"] == "guess"
    with room.db.read() as session:
        rows = session.get_one(Submission, number).attempts
        why = [row.template % row.params for row in rows if row.backend == "pyannote"]
    assert len(why) == 1
    assert says in why[0]
    assert "http" in why[0], "the remedy has an address"
    others = [text for name, (_, _, text) in WAYS.items() if name != way]
    assert not any(text in why[0] for text in others)


# The doors.


def post(app, key, path, tmp_path, **form):
    data = recording(tmp_path / "t.wav", seconds=5.0).read_bytes()
    return send_file(app, path, key, data, "t.wav", field="audioFile", **form)


@pytest.mark.parametrize("path", ["/api/diarize", "/api/v1/diarize"])
def test_the_api_answers_who_speaks_when(app, key, tmp_path, path):
    sent = post(
        app, key, path, tmp_path, minSpeakers="2", maxSpeakers="4", participants="Анна, Иван", prompt="x"
    )
    assert sent.status_code == 202
    ask = {"headers": bearer(key)}
    client, url = app.test_client(), sent.json["speakers_url"]
    assert client.get(url, **ask).json["complete"] is False
    assert client.get(url + "?format=rttm", **ask).status_code == 404
    work_off(app.extensions["polosa"])
    told = client.get(url, **ask).json
    assert (told["complete"], told["backend"], told["weaker"]) == (True, "fake", False)
    assert told["turns"][1] == {"start": 0.6, "end": 2.4, "speaker": "SPEAKER_01"}
    assert told["participants"] == ["Анна", "Иван"]
    assert [s["seconds"] for s in told["speakers"]] == [1.2, 7.8]
    rttm = client.get(url + "?format=rttm", **ask).text.splitlines()
    assert rttm[1] == f"SPEAKER {sent.json['task_id']} 1 0.600 1.800 <NA> <NA> SPEAKER_01 <NA> <NA>"
    task = client.get(sent.json["status_url"], **ask).json
    assert (task["status"], [stage["stage"] for stage in task["stages"]]) == ("answered", ["speakers"])
    with app.extensions["polosa"].db.read() as session:
        kept = session.query(Submission).one()
        assert (kept.min_speakers, kept.max_speakers, kept.hint) == (2, 4, "x")


@pytest.mark.parametrize(
    "form", [{"minSpeakers": "two"}, {"minSpeakers": "3", "maxSpeakers": "2"}, {"maxSpeakers": "21"}]
)
def test_an_impossible_number_is_refused(app, key, tmp_path, form):
    assert post(app, key, "/api/diarize", tmp_path, **form).status_code == 422
    assert list(app.extensions["polosa"].storage.incoming_dir.iterdir()) == []


@pytest.mark.parametrize("path", ["/api/diarize", "/api/v1/diarize"])
def test_who_asks_is_known_before_the_body_is_read(app, path):
    answer = app.test_client().post(
        path, input_stream=Unread(), content_length=10**6, content_type="multipart/form-data; boundary=x"
    )
    assert answer.status_code == 401
    assert answer.json["error"]["code"] == "unauthenticated"


def test_an_article_has_turns_too(app, key, tmp_path):
    room = app.extensions["polosa"]
    sent = recording(tmp_path / "a.wav")
    with sent.open("rb") as stream:
        task = intake.submit(room, stream, "a.wav", by=None, now=NOW).task_id
    work_off(room)
    url = f"/api/v1/tasks/{task}/speakers"
    told = app.test_client().get(url, headers=bearer(key)).json
    assert (told["complete"], len(told["turns"])) == (True, 4)
    wrong = app.test_client().get(url + "?format=xml", headers=bearer(key))
    assert wrong.status_code == 422


@pytest.fixture(scope="module")
def dialogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("talk") / "the talk.wav"
    conversation(path, [MALE, FEMALE, MALE, FEMALE])
    return path


def polosa(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "automation", "diarize", *arguments], capture_output=True, text=True,
        check=False, env={"DIARIZATION_BACKENDS": "onnx_speakers,baseline", "PATH": "/usr/bin:/bin", **env},
        cwd=ROOT,
    )  # fmt: skip


def test_the_command_line_answers_at_once(dialogue, tmp_path):
    bare = {"POLOSA_DATA": str(tmp_path)}
    ran = polosa(str(dialogue), "--min-speakers", "2", **bare)
    assert ran.returncode == 0, ran.stderr
    assert "2 speakers" in ran.stdout
    assert "by baseline" in ran.stdout
    assert "polosa models download" in ran.stderr, "why the better one did not serve"
    assert "guess without a model" in ran.stderr
    told = json.loads(
        polosa(str(dialogue), "--participant", "Анна", "--participant", "Иван", "--json", **bare).stdout
    )
    assert (told["weaker"], told["participants"]) == (True, ["Анна", "Иван"])
    pair = {**bare, "ONNX_SPEAKERS_DIR": str(ROOT / "demo" / "speakers")}
    lines = polosa(str(dialogue), "--rttm", **pair).stdout.splitlines()
    assert all(line.startswith("SPEAKER the_talk 1 ") and len(line.split()) == 10 for line in lines)


def test_the_command_line_refuses_by_name(dialogue, tmp_path):
    ran = polosa(str(dialogue), "--min-speakers", "5", "--max-speakers", "2", POLOSA_DATA=str(tmp_path))
    assert ran.returncode == 1
    assert "least number of speakers is greater" in ran.stderr


def test_submit_takes_names_and_a_wish(env, tmp_path):
    path = recording(tmp_path / "r.wav")
    subprocess.run(
        [sys.executable, "-m", "automation", "submit", str(path), "--participant", "Анна", "--prompt",
         "коротко"],
        env=env, check=True, capture_output=True, cwd=ROOT,
    )  # fmt: skip
    from automation.newsroom import open_newsroom

    room = open_newsroom(env, fake_tools(diarization=chain(FakeDiarization())))
    try:
        assert (load(room, 1).participants, load(room, 1).hint) == (["Анна"], "коротко")
    finally:
        room.db.close()
