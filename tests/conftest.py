"""A real newsroom in a temporary folder, with fakes only where the outside begins.

Variables of the developer's shell don't reach a test, and sockets beyond loopback are refused.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from automation import accounts
from automation.models import Role, Status, Submission
from automation.newsroom import Newsroom, open_newsroom
from automation.pipeline import intake
from automation.pipeline.advance import advance
from tests.fakes import NOW, describe_cover, fake_tools, recording
from tests.postgres import server

KEPT_VARIABLES = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "CI",
    "VIRTUAL_ENV",
    "PYTHONPATH",
    "SSL_CERT_FILE",
)
LOOPBACK = ("127.", "::1", "localhost")


def pytest_configure() -> None:
    for name in [name for name in os.environ if name not in KEPT_VARIABLES and not name.startswith("PYTEST")]:
        del os.environ[name]
    os.environ.update(
        HF_HUB_DISABLE_TELEMETRY="1", PYANNOTE_METRICS_ENABLED="0", HF_HUB_DISABLE_PROGRESS_BARS="1"
    )


@pytest.fixture(autouse=True, scope="session")
def _only_loopback() -> Iterator[None]:
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and not str(address[0]).startswith(LOOPBACK):
            raise ConnectionRefusedError(f"tests stay on this machine: {address[0]}")
        connect(self, address)

    socket.socket.connect = guarded
    yield
    socket.socket.connect = connect


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {"POLOSA_DATA": str(tmp_path / "data"), "SAMPLE_INTERVIEW": "0", "POLL_S": "0.05"}


@pytest.fixture
def room(env: dict[str, str]) -> Iterator[Newsroom]:
    opened = open_newsroom(env, fake_tools())
    yield opened
    opened.db.close()


@pytest.fixture
def room_with(env: dict[str, str], room: Newsroom):
    """room_with(speech=…) → another process's view of the same newsroom, with other tools."""
    opened = []

    def make(**tools: Any) -> Newsroom:
        opened.append(open_newsroom(env, fake_tools(**tools)))
        return opened[-1]

    yield make
    for other in opened:
        other.db.close()


@pytest.fixture
def submit(room: Newsroom, tmp_path: Path):
    """submit(seed) → the id of a new submission of a made recording."""

    def submit_one(seed: int = 1, **wish: Any) -> int:
        path = recording(tmp_path / f"interview{seed}.wav", seed)
        with path.open("rb") as stream:
            return intake.submit(room, stream, path.name, by=None, now=NOW, **wish).submission_id

    return submit_one


@pytest.fixture
def in_review(room: Newsroom, submit):
    """in_review(seed) → the id of a submission the machine has finished with, its cover described."""

    def make(seed: int = 1) -> int:
        submission_id: int = submit(seed)
        while advance(room.works):
            pass
        with room.db.write() as session:
            submission = session.get_one(Submission, submission_id)
            assert submission.status == Status.REVIEW
            describe_cover(submission, NOW)
        return submission_id

    return make


@pytest.fixture
def editor(room: Newsroom):
    """An account of the role editor."""
    with room.db.write() as session:
        return accounts.create_account(
            session, "editor@example.org", "Olena", "long password", Role.EDITOR, NOW
        )


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with server() as address:
        yield address
