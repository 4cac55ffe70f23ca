"""Real processes on real databases: each test once on SQLite, once on PostgreSQL."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.postgres import database


@pytest.fixture(params=["sqlite", "postgresql"])
def stored(request: pytest.FixtureRequest, tmp_path) -> Iterator[dict[str, str]]:
    """The environment of a process that finds its programs, and a database and a folder of its own."""
    env = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
    env |= {"POLOSA_DATA": str(tmp_path / "data"), "SAMPLE_INTERVIEW": "0"}
    with ExitStack() as stack:
        if request.param == "postgresql":
            address = request.getfixturevalue("postgres")
            env["DATABASE_URL"] = stack.enter_context(database(address, f"t_{secrets.token_hex(6)}"))
        yield env
