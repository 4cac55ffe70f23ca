"""A newsroom with its HTML door, people of every role, and a submission that waits for review."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from automation import accounts, create_app
from automation.models import Role, Submission
from automation.newsroom import Newsroom
from automation.pipeline import intake
from automation.pipeline.advance import advance
from tests.fakes import NOW, describe_cover, fake_tools, recording

PASSWORD = "correct horse battery"


@pytest.fixture
def app(env: dict[str, str]) -> Iterator[Flask]:
    made = create_app({**env, "PUBLIC_URL": "http://news.example", "TIMEZONE": "Europe/Kyiv"}, fake_tools())
    made.testing = True
    made.config["PROPAGATE_EXCEPTIONS"] = True
    yield made
    made.extensions["polosa"].db.close()


@pytest.fixture
def house(app: Flask) -> Newsroom:
    room: Newsroom = app.extensions["polosa"]
    return room


@pytest.fixture
def people(house: Newsroom) -> dict[str, int]:
    """An account of every role: role → id."""
    with house.db.write() as session:
        return {
            role.value: accounts.create_account(
                session, f"{role.value}@example.org", role.value.title(), PASSWORD, role, NOW
            ).id
            for role in Role
        }


class Browser:
    """A client that keeps the CSRF token of the last page, as a browser's form would."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.token = ""

    def get(self, path: str, **how):
        answer = self.client.get(path, buffered=True, **how)
        found = (
            re.search(r'name="csrf_token" value="([^"]+)"', answer.get_data(as_text=True))
            if (answer.mimetype == "text/html")
            else None
        )
        self.token = found[1] if found else self.token
        return answer

    def post(self, path: str, data: dict | None = None, **how):
        return self.client.post(path, data={"csrf_token": self.token, **(data or {})}, **how)

    def log_in(self, email: str, password: str = PASSWORD, path: str = "/login"):
        self.get(path)
        return self.post(path, {"email": email, "password": password})


@pytest.fixture
def browser(app: Flask) -> Callable[..., Browser]:
    """browser("editor") → a browser in which that person is logged in; browser() → nobody."""

    def open_one(role: str | None = None) -> Browser:
        made = Browser(app.test_client())
        if role:
            assert made.log_in(f"{role}@example.org").status_code == 302
            made.get("/profile")
        return made

    return open_one


@pytest.fixture
def reviewed(house: Newsroom, tmp_path: Path) -> str:
    """The task id of a submission the machine has finished with."""
    path = recording(tmp_path / "Мост.wav")
    with path.open("rb") as stream:
        task_id = intake.submit(house, stream, path.name, by=None, now=NOW).task_id
    while advance(house.works):
        pass
    with house.db.write() as session:
        describe_cover(session.scalars(select(Submission).where(Submission.task_id == task_id)).one(), NOW)
    return task_id


@pytest.fixture
def published(house: Newsroom, reviewed: str, people, browser) -> str:
    """The slug of a published article."""
    editor = browser("editor")
    assert editor.post(f"/submissions/{reviewed}/publish").status_code == 302
    while advance(house.works):
        pass
    with house.db.read() as session:
        slug = session.query(Submission).filter_by(task_id=reviewed).one().slug
    assert slug
    return slug
