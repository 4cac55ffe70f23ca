"""`polosa run`: a child that dies is started again; Ctrl-C ends everything; a second worker is refused."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.postgres import free_port
from tests.processes.test_kill import children_of

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def service(tmp_path):
    port, log = free_port(), tmp_path / "log"
    env = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ["HOME"],
        "POLOSA_DATA": str(tmp_path / "data"),
        "PORT": str(port),
        "SAMPLE_INTERVIEW": "0",
    }
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "automation", "run"], env=env, stdout=output, stderr=subprocess.STDOUT
        )
    wait_for(lambda: is_up(port), log)
    yield process, port, log, env
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def is_up(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1):
            return True
    except OSError:
        return False


def wait_for(condition, log: Path):
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until, log.read_text()
        time.sleep(0.1)


def command_of(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def child(process, word):
    return next((pid for pid in children_of(process.pid) if word in command_of(pid)), None)


@pytest.mark.parametrize("word", ["automation worker", "automation web"])
def test_a_child_that_dies_is_started_again(service, word):
    process, port, log, _ = service
    wait_for(lambda: child(process, word), log)
    killed = child(process, word)
    for pid in [killed, *children_of(killed)]:
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: child(process, word) not in (None, killed), log)
    wait_for(lambda: is_up(port), log)
    assert "started again" in log.read_text()
    assert process.poll() is None


def test_ctrl_c_ends_everything(service):
    process, port, log, _ = service
    children = children_of(process.pid)
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0, log.read_text()
    assert not is_up(port)
    assert not any("automation" in command_of(pid) for pid in children)


def test_the_children_do_not_outlive_a_killed_supervisor(service):
    process, port, log, _ = service
    wait_for(lambda: child(process, "automation worker"), log)
    children = children_of(process.pid)
    process.kill()
    process.wait()
    wait_for(lambda: not any("automation" in command_of(pid) for pid in children), log)
    assert not is_up(port)


def test_a_second_worker_in_the_same_folder_is_refused(service):
    _, _, log, env = service
    wait_for(lambda: "worker started" in log.read_text(), log)
    second = subprocess.run(
        [sys.executable, "-m", "automation", "worker"],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert second.returncode != 0
    assert "Another worker already works" in second.stderr


def test_a_taken_port_is_said(service):
    _, port, _, env = service
    ran = subprocess.run(
        [sys.executable, "-m", "automation", "run"],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode != 0
    assert f"already listens on http://127.0.0.1:{port}" in ran.stderr
