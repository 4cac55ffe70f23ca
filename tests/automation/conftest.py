"""The newsroom's tests run on SQLite and on PostgreSQL; so do those of its doors."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
from flask import Flask

from automation import accounts, create_app
from automation.models import Role
from tests.fakes import NOW, fake_tools
from tests.postgres import database
from tests.sending import CLOCK_SECRET


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def env(request: pytest.FixtureRequest, tmp_path) -> Iterator[dict[str, str]]:
    basic = {"POLOSA_DATA": str(tmp_path / "data"), "SAMPLE_INTERVIEW": "0", "POLL_S": "0.05"}
    if request.param == "sqlite":
        yield basic
        return
    with database(request.getfixturevalue("postgres"), f"t_{secrets.token_hex(6)}") as url:
        yield {**basic, "DATABASE_URL": url}


@pytest.fixture
def app(env: dict[str, str]) -> Iterator[Flask]:
    made = create_app({**env, "CRON_SECRET": CLOCK_SECRET, "MAX_UPLOAD_MB": "1"}, fake_tools())
    made.testing = True
    yield made
    made.extensions["polosa"].db.close()


@pytest.fixture
def key(app: Flask) -> str:
    """An author's API key."""
    with app.extensions["polosa"].db.write() as session:
        user = accounts.create_account(session, "a@example.org", "A", "long password", Role.AUTHOR, NOW)
        return accounts.new_api_key(session, user, NOW)
