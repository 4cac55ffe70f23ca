"""Who speaks, on the pages: names to choose from, a guess that says so, recordings sent for turns alone."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from sqlalchemy import select

from automation.models import Submission
from automation.newsroom import Newsroom
from automation.pipeline import intake
from automation.pipeline.advance import advance
from tests.fakes import NOW, recording


def work_off(house: Newsroom) -> None:
    while advance(house.works):
        pass


def kept(house: Newsroom, task_id: str) -> Submission:
    with house.db.read() as session:
        return session.scalars(select(Submission).where(Submission.task_id == task_id)).one()


@pytest.fixture
def sent(house: Newsroom, tmp_path: Path):
    def send(**wish: object) -> str:
        with recording(tmp_path / "a.wav").open("rb") as stream:
            task_id = intake.submit(house, stream, "a.wav", by=None, now=NOW, **wish).task_id
        work_off(house)
        return task_id

    return send


def test_the_upload_takes_numbers_names_and_a_wish(house, people, browser, tmp_path) -> None:
    author = browser("author")
    query = "filename=a.wav&min_speakers=2&max_speakers=3&participants=Anna,%20Ivan&prompt=short"
    data = recording(tmp_path / "a.wav").read_bytes()
    answer = author.client.post(
        f"/upload?{query}", input_stream=io.BytesIO(data), content_length=len(data),
        headers={"X-CSRFToken": author.token, "Accept": "application/json"},
    )  # fmt: skip
    assert answer.status_code == 201
    row = kept(house, answer.json["task_id"])
    assert (row.min_speakers, row.max_speakers) == (2, 3)
    assert (row.participants, row.hint) == (["Anna", "Ivan"], "short")


@pytest.mark.parametrize("query", ["min_speakers=two", "min_speakers=4&max_speakers=3", "max_speakers=21"])
def test_an_impossible_number_is_refused(house, people, browser, query) -> None:
    author = browser("author")
    answer = author.client.post(
        f"/upload?filename=a.wav&{query}", input_stream=io.BytesIO(b"x"), content_length=1,
        headers={"X-CSRFToken": author.token, "Accept": "application/json"},
    )  # fmt: skip
    assert answer.status_code == 422


def test_a_participant_is_one_click_away(people, browser, sent) -> None:
    task_id = sent(participants=["Анна Белова", "Иван Орлов"])
    author = browser("author")
    url = f"/submissions/{task_id}/lines/1/speaker"
    assert author.get(url).text.count('data-testid="participant"') == 2
    pressed = author.post(url, {"label": "SPEAKER_00", "name": "", "participant": "Анна Белова"})
    assert "Анна Белова" in pressed.text
    form = author.get(url).text
    assert form.count('data-testid="participant"') == 1, "a name that is given is not offered again"
    assert "Иван Орлов" in form


def test_nobody_guesses_which_voice_is_whose(people, browser, sent) -> None:
    page = browser("author").get(f"/submissions/{sent(participants=['Анна Белова'])}").text
    assert "Анна Белова" not in page
    assert "Speaker 1" in page


def test_a_guess_says_so(house, people, browser, sent) -> None:
    task_id = sent()
    viewer = browser("viewer")
    assert 'data-testid="speakers-weaker"' not in viewer.get(f"/submissions/{task_id}").text
    with house.db.write() as session:
        row = session.scalars(select(Submission)).one()
        row.provenance = {**row.provenance, "diarize": {"backend": "x", "model": "", "weaker": True}}
    assert 'data-testid="speakers-weaker"' in viewer.get(f"/submissions/{task_id}").text


def test_turns_alone_do_not_stand_on_the_desk(people, browser, sent) -> None:
    task_id = sent(only_speakers=True)
    viewer = browser("viewer")
    assert task_id not in viewer.get("/").text
    assert viewer.get(f"/submissions/{task_id}").status_code == 200
