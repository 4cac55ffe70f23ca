"""The newsroom's tests run on SQLite and on PostgreSQL."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from tests.postgres import database


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def env(request: pytest.FixtureRequest, tmp_path) -> Iterator[dict[str, str]]:
    basic = {"POLOSA_DATA": str(tmp_path / "data"), "SAMPLE_INTERVIEW": "0", "POLL_S": "0.05"}
    if request.param == "sqlite":
        yield basic
        return
    with database(request.getfixturevalue("postgres"), f"t_{secrets.token_hex(6)}") as url:
        yield {**basic, "DATABASE_URL": url}
