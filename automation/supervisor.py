"""`polosa run`: the web server and the worker as two child processes that live and end together."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import click
from dotenv import load_dotenv
from sqlalchemy import select

from automation import accounts, logs
from automation.errors import PolosaError
from automation.models import Submission
from automation.newsroom import Newsroom, open_newsroom
from automation.pipeline import intake
from automation.queue import Worker
from automation.scheduler import add_first_schedule
from automation.toolbox import DEMO_INTERVIEW

log = logging.getLogger(__name__)

ROOT = Path(__file__).parent.parent  # where wsgi.py is
RESTART_PAUSE_S = 1.0  # a child that dies is started again after this pause …
RESTARTS_PER_MIN = 5  # … but not more often than this: then everything ends with an error
GRACE_S = 15.0  # how long children may take to end


def run(env: Mapping[str, str]) -> None:
    """Starts everything and stays until Ctrl-C (or SIGTERM)."""
    load_dotenv()
    room = open_or_exit(os.environ)
    prepare(room)
    address = f"http://{room.settings.host}:{room.settings.port}"
    if not _port_is_free(room.settings.host, room.settings.port):
        sys.exit(f"Something already listens on {address}. Stop it, or choose another PORT.")
    commands = {name: [sys.executable, "-m", "automation", name] for name in ("web", "worker")}
    _announce(room)
    room.db.close()
    _keep_alive(commands)


def run_worker(env: Mapping[str, str]) -> None:
    """A worker in this process until SIGINT or SIGTERM, or until the process that started it is gone."""
    load_dotenv()
    room = open_or_exit(os.environ)
    prepare(room)
    worker = Worker(room)
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: over.set())
    try:
        worker.start()
    except PolosaError as error:
        sys.exit(str(error))
    while not over.wait(1.0) and not is_orphan():
        pass
    worker.stop()


def open_or_exit(env: Mapping[str, str]) -> Newsroom:
    try:
        room = open_newsroom(env)
    except PolosaError as error:
        sys.exit(str(error))
    logs.set_up(room.settings.log_level, room.settings.log_format)
    return room


def prepare(room: Newsroom) -> None:
    """The first schedule, and the sample interview on an empty database."""
    with room.db.write() as session:
        add_first_schedule(session, room.settings)
        empty = session.scalar(select(Submission.id).limit(1)) is None
    if empty and room.settings.sample_interview and DEMO_INTERVIEW.is_file():
        submit_sample(room)


def submit_sample(room: Newsroom) -> intake.Submitted:
    """The bundled interview; the demonstration model recognises it, and every page says so."""
    with DEMO_INTERVIEW.open("rb") as stream:
        return intake.submit(room, stream, DEMO_INTERVIEW.name, by=None, now=datetime.now(UTC), is_demo=True)


def run_web(env: Mapping[str, str]) -> None:
    """The web server in this process: gunicorn, with threads, because uploads and media are slow."""
    from gunicorn.app.wsgiapp import run as run_gunicorn

    load_dotenv()
    settings = open_or_exit(os.environ).settings
    sys.argv = [
        "gunicorn", "wsgi:app", "--bind", f"{settings.host}:{settings.port}",
        "--workers", str(settings.web_workers), "--threads", str(settings.web_threads), "--timeout", "120",
        "--graceful-timeout", "5", "--worker-class", "gthread", "--log-level", "warning",
        "--forwarded-allow-ips", "127.0.0.1,::1", "--chdir", str(ROOT),
    ]  # fmt: skip
    if supervisor_pid():
        threading.Thread(target=_end_with_supervisor, daemon=True).start()
    run_gunicorn()


def supervisor_pid() -> int:
    """The process of `polosa run` that started this one; 0 where nobody did."""
    return int(os.environ.get("POLOSA_CHILD") or 0)


def is_orphan() -> bool:
    """Whether the supervisor was killed: its children don't stay behind with its port and its lock."""
    return supervisor_pid() not in (0, os.getppid())


def _end_with_supervisor() -> None:
    while not is_orphan():
        time.sleep(1.0)
    os.kill(os.getpid(), signal.SIGTERM)


def _announce(room: Newsroom) -> None:
    address = room.settings.public_url
    token = accounts.setup_token(room.db)
    click.echo(f"\n  Polosa runs at {address}")
    if token is not None:
        click.echo(f"  Make the first account: {address}/setup/{token}")
    click.echo("  Ctrl-C stops it.\n")


def _port_is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _keep_alive(commands: Mapping[str, list[str]]) -> None:
    """Starts the children, restarts one that dies, ends all on a signal."""
    over = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        over.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    children = {name: _start(command) for name, command in commands.items()}
    deaths: list[float] = []
    try:
        while not over.wait(0.3):
            for name, child in list(children.items()):
                if child.poll() is None:
                    continue
                deaths = [at for at in deaths if at > time.monotonic() - 60] + [time.monotonic()]
                if len(deaths) > RESTARTS_PER_MIN:
                    sys.exit(f"The {name} process ends again and again (exit status {child.returncode}).")
                log.error(
                    "a process died and is started again",
                    extra={"action": "restart", "child": name, "exit_status": child.returncode},
                )
                over.wait(RESTART_PAUSE_S)
                if not over.is_set():
                    children[name] = _start(commands[name])
    finally:
        _end(children)


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    """A child in a process group of its own, so that Ctrl-C reaches it once, through us."""
    return subprocess.Popen(
        command, env={**os.environ, "POLOSA_CHILD": str(os.getpid())}, start_new_session=True
    )


def _end(children: Mapping[str, subprocess.Popen[bytes]]) -> None:
    for child in children.values():
        if child.poll() is None:
            child.terminate()
    until = time.monotonic() + GRACE_S
    for child in children.values():
        try:
            child.wait(max(until - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
