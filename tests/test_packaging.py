"""What is installed where: the web tier's list, the version, Vercel's file, the servers' files."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from automation.config import Settings
from automation.version import VERSION

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
HEAVY = [
    "torch",
    "onnxruntime",
    "onnx_asr",
    "transformers",
    "diffusers",
    "sklearn",
    "scipy",
    "pyannote",
    "gigaam",
]
SLOW_TO_LOAD = ("huggingface_hub", "openai", "pymorphy3", "rustworkx")


def _requirements(name: str) -> list[str]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def test_requirements_and_pyproject_list_the_same():
    assert _requirements("requirements.txt") == PROJECT["project"]["dependencies"]


def test_the_web_tier_needs_nothing_heavy():
    names = {
        re.split(r"[\[<>=]", line)[0].lower().replace("-", "_") for line in _requirements("requirements.txt")
    }
    assert names.isdisjoint({*HEAVY, "scikit_learn", "pyannote.audio"})


def test_the_changelog_begins_with_this_version():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    heading = re.search(r"^## (\S+) - (\d{4}-\d\d-\d\d)$", text, re.MULTILINE)
    assert heading is not None
    assert heading.group(1) == VERSION


def test_the_licence_is_the_one_the_metadata_names():
    assert PROJECT["project"]["license"] == "MIT"
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("MIT License")


def test_importing_wsgi_loads_nothing_heavy(tmp_path: Path):
    """In a fresh process, as a serverless host starts it."""
    program = f"""
import json, sys
import wsgi
names = {[*HEAVY, *SLOW_TO_LOAD]!r}
print(json.dumps({{"loaded": [n for n in names if n in sys.modules], "app": wsgi.app.name}}))
"""
    env = {"POLOSA_DATA": str(tmp_path), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"loaded": [], "app": "automation"}


def test_vercel_file_has_the_shape_its_builder_reads():
    vercel = json.loads((ROOT / "vercel.json").read_text(encoding="utf-8"))
    assert vercel["framework"] == "flask"
    assert PROJECT["tool"]["vercel"]["entrypoint"] == "wsgi:app"
    function = vercel["functions"]["wsgi.py"]
    assert function["maxDuration"] == 300
    assert float(Settings.from_env({}).tick_budget_s) < function["maxDuration"]
    assert len(function["excludeFiles"]) <= 256
    assert "memory" not in function  # set in Vercel's dashboard; the build warns
    assert not {"rewrites", "routes", "builds"} & set(vercel)  # they change the path that Flask sees
    # Once a day and no more: a finer schedule fails the deployment on the free plan.
    assert [job["path"] for job in vercel["crons"]] == ["/api/cron/trigger"]
    assert all(re.fullmatch(r"\d{1,2} \d{1,2} \* \* \*", job["schedule"]) for job in vercel["crons"])


def test_vercel_is_not_told_of_another_entry_point_or_python():
    """It looks for app, index, server, main before wsgi, and can't build for Python 3.11."""
    assert not [n for n in ("app", "index", "server", "main", "asgi") if (ROOT / f"{n}.py").exists()]
    assert not (ROOT / ".python-version").exists()
    assert PROJECT["project"]["requires-python"] == ">=3.11,<3.13"


def test_what_flask_reads_is_not_left_out_of_the_bundle():
    vercel = json.loads((ROOT / "vercel.json").read_text(encoding="utf-8"))
    left_out = set(re.findall(r"[\w.*-]+(?=/\*\*|[,}])", vercel["functions"]["wsgi.py"]["excludeFiles"]))
    ignored = set((ROOT / ".vercelignore").read_text(encoding="utf-8").split())
    assert not {"automation", "providers", "static", "wsgi.py", "requirements.txt"} & (left_out | ignored)
    assert {"tests", "docs", "deploy", "bench", "demo"} <= left_out & (ignored | left_out)


def test_the_space_runs_as_a_plain_user_on_its_port():
    docker = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    space = (ROOT / "deploy/space-README.md").read_text(encoding="utf-8")
    assert "--uid 1000 user" in docker
    assert "USER user" in docker
    assert "ca-certificates" in docker
    assert ".[worker]" in docker
    assert re.search(r"PORT=7860\b", docker)
    assert "sdk: docker\napp_port: 7860\n" in space


def test_units_are_hardened_and_come_back():
    for name in ("web", "worker"):
        unit = (ROOT / f"deploy/polosa-{name}.service").read_text(encoding="utf-8").splitlines()
        for line in ("NoNewPrivileges=yes", "ProtectSystem=strict", "Restart=always", "User=polosa"):
            assert line in unit
        assert any(line.startswith("ReadWritePaths=/var/lib/polosa") for line in unit)
        assert "EnvironmentFile=/opt/polosa/.env" in unit
        assert "Environment=HF_HUB_DISABLE_TELEMETRY=1" in unit
    assert "Environment=PYANNOTE_METRICS_ENABLED=0" in unit


def test_nginx_takes_the_largest_recording():
    text = (ROOT / "deploy/nginx.conf").read_text(encoding="utf-8")
    size_mb = re.search(r"client_max_body_size (\d+)m;", text)
    assert size_mb is not None
    assert int(size_mb.group(1)) > Settings.from_env({}).max_upload_mb
    assert "proxy_request_buffering off;" in text


@pytest.mark.skipif(shutil.which("nginx", path="/usr/sbin:/usr/bin") is None, reason="nginx is not installed")
def test_nginx_accepts_its_file(tmp_path: Path):
    """The listening ports are made high ones: a test need not be root."""
    site = (ROOT / "deploy/nginx.conf").read_text(encoding="utf-8")
    site = site.replace("listen 80;", "listen 127.0.0.1:48080;").replace("listen [::]:80;", "")
    (tmp_path / "site.conf").write_text(site, encoding="utf-8")
    temporary = "".join(
        f"{name}_temp_path {tmp_path}/{name}; "
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid; error_log {tmp_path}/error.log; events {{}}\n"
        f"http {{ access_log off; {temporary} include {tmp_path}/site.conf; }}\n",
        encoding="utf-8",
    )
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin")
    done = subprocess.run([nginx, "-t", "-c", str(tmp_path / "nginx.conf")], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
